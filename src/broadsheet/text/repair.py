r"""Mathematics whose backslashes and dollars were lost upstream, written as TeX again.

Some collectors strip ``\`` and ``$``: ``$\mathcal{O}(n)$`` arrives as ``mathcal{O}(n)``, ``$100\times$``
as ``100times``, and ``\frac{1}{2}`` as ``1{2}``. What is certain is put right; a formula that may have
lost more than we can see is reported as incomplete. Sound prose passes unchanged.
Knows nothing of output forms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from broadsheet.text.addresses import find_addresses
from broadsheet.text.bare import LOOKED_FOR, mend_formulas
from broadsheet.text.delimiters import math_spans


class Mended(NamedTuple):
    """A text after repair, and where its incomplete formulas begin."""

    text: str
    incomplete: frozenset[int]


# What any damage shows, cheapest to look for first; the patterns begin with letters for the same reason.
_MARKS = re.compile(r"[\^_{*~]")
_TRIGGERS = (
    "rightarrow", "eq ", "bullet ", "(rm ", "left(", "big(", "gg ", " ll ", "infty", "varepsilon", "state -of", "widetilde",
)  # fmt: skip
_RARE = (
    re.compile(r"times(?<=\dtimes)"),
    re.compile(r"sim(?=\d)(?<![A-Za-z]sim)"),
    re.compile(r"approx(?=\d)"),
    re.compile(r" times (?=\d+ [a-z]|[b-z] )"),
    re.compile(r"20\d\d[a-z]{3}"),
    re.compile(r"19\d\d[a-z]{3}"),
    re.compile(r",[a-z]{3}"),
    re.compile(
        r"\.(?:The|This|We|Our|In|It|To|However|Moreover|Furthermore|Experiments|Extensive|Code|For|Finally|Then|Here|As|By|With|These|Although|Recent)\s"
    ),
)
_COMMENT = re.compile(r"(?<!\S)%+(?=\s?[A-Za-z\\])")
_LATE_COMMENT = re.compile(r"(?<=[.!?] )%+(?=[A-Z][a-z]+[ ,])")
_BROKEN_OFF = re.compile(
    r"[^.!?]*?[a-z] (?=(?:Since|We|The|This|In|To|Our|Here|Thus|Hence) [a-z])|[^.!?]*[.!?]\s?"
)


def needs_mending(text: str) -> bool:
    """Whether ``mend`` may change a text. Cheap."""
    return _MARKS.search(text) is not None or shows_damage(text)


def shows_damage(text: str) -> bool:
    """Whether a text without any TeX sign holds words that damage leaves behind. Cheap."""
    for mark in _TRIGGERS:
        if mark in text:
            return True
    for pattern in _RARE:  # noqa: SIM110  # a generator costs a third of the time of this hot path
        if pattern.search(text):
            return True
    return False


def drop_comments(text: str) -> str:
    r"""The text without lines that TeX comments out.

    A comment is a per cent sign at the start of a line, or one in the line before a capital letter with
    nothing to count before it; per cent signs after numbers are prose.
    """
    lines = [line for line in text.split("\n") if not _COMMENT.match(line.lstrip())]
    text = "\n".join(lines)
    if " %" not in text:
        return text
    marks = [m.start() for m in _LATE_COMMENT.finditer(text)]
    for number in range(len(marks) - 1, -1, -1):
        start = marks[number]
        if number + 1 < len(marks) and marks[number + 1] <= len(text):
            # Comments follow line upon line, so one ends where the next begins.
            text = text[:start] + text[marks[number + 1] :]
            continue
        # The end of the line is lost: a sentence broken off by a capital, or its full stop, shows it.
        end = _BROKEN_OFF.match(text, start + 1)
        text = text[:start] + (text[end.end() :] if end else text[start:].lstrip("%"))
    return text


def mend(text: str) -> Mended:
    """The text with damage repaired: bare formulas in dollars and backslashes, glued signs apart."""
    parts: list[str] = []
    incomplete: list[int] = []
    length = 0
    # Looked for once in the whole text, not in each of its pieces.
    rules = [rule for rule in _WORD_RULES if rule[0] in text]
    words = [word for word in LOOKED_FOR if word in text]
    for piece, sound in _pieces(text):
        mended = [(piece, False)] if sound else mend_formulas(_mend_words(piece, rules), words)
        for formula, flawed in mended:
            if flawed:
                incomplete.append(length)
            parts.append(formula)
            length += len(formula)
    return Mended("".join(parts), frozenset(incomplete))


def _pieces(text: str) -> list[tuple[str, bool]]:
    """The text cut into prose (False) and what is not to be touched: formulas and addresses (True)."""
    spans = sorted(
        [(s.start, s.end) for s in math_spans(text)] + [(a.start, a.end) for a in find_addresses(text)]
    )
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in spans:
        if start < at:
            continue
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    pieces.append((text[at:], False))
    return [piece for piece in pieces if piece[0]]


# -- words: each rule is certain wherever it applies

_Rule: TypeAlias = tuple[str, re.Pattern[str], str]
# What the text must hold for a rule to matter, the rule, and what it writes.
_WORD_RULES: tuple[_Rule, ...] = tuple(
    (needle, re.compile(pattern), new)
    for needle, pattern, new in (
        ("times", r"(?<=\d)times(?=\d)|(?<=\d)times(?![A-Za-z])", "×"),
        (
            " times ",
            r"(?<![\w.])(\d+) times (\d+)(?= (?:resolution|pixel|image|grid|patch|matri|kernel))",
            r"\1 × \2",
        ),
        (
            " times ",
            r"(?<=[\s(])([b-z]) times ([b-z])(?= (?:size|matri|grid|dimension|tensor))",
            r"$\1 \\times \2$",
        ),
        ("sim", r"(?<![A-Za-z\d\\])sim(?=\d[\d.,]*(?![A-Za-z]|\.\d))", "∼"),
        ("approx", r"(?<![A-Za-z\d\\])approx(?=\d[\d.,]*(?![A-Za-z]|\.\d))", "≈"),
        ("leftrightarrow", r"(?<!\\)(?:long)?leftrightarrow(?![a-z])", "↔"),
        ("rightarrow", r"(?<!\\)(?<!left)(?<!Left)rightarrow", "→"),
        ("leq", r"(?<![\\A-Za-z])leq(?= ?\d)", "≤"),
        ("geq", r"(?<![\\A-Za-z])geq(?= ?\d)", "≥"),
        ("gg ", r"(?<=[\s(])([a-zA-Z])\s?gg (?=[a-zA-Z][\s).,;])", r"\1 ≫ "),
        (" ll ", r"(?<=[\s(])([a-zA-Z]) ll (?=[a-zA-Z][\s).,;])", r"\1 ≪ "),
        ("bullet ", r"(?<![^:.;] )(?<![^\s])bullet (?=[A-Z])", "• "),
        ("(rm ", r"(?<=\()rm (?=[A-Z])", ""),
        ("{", r"\{\s*(?:em|it|sl|bf|sc|tt) ([^{}]*)\}(?![_^])", r"\1"),
        ("~", r"(?<=[a-z])~[a-z]{2,}\d{2,4}[a-z_]*(?![\w@])", " […]"),
        ("20", r"(?<![\w@/.:-])[a-z]{3,}20\d\d[a-z]{3,}(?![\w@/-])", "[…]"),
        ("19", r"(?<![\w@/.:-])[a-z]{3,}19\d\d[a-z]{3,}(?![\w@/-])", "[…]"),
        (",", r",(?<=[a-z]{3},)(?=[a-z]{3,}[\s,.])", ", "),
        (
            ".",
            r"\.(?<=[a-z]{3}\.)(?=(?:The|This|These|We|Our|In|It|To|However|Moreover|Furthermore|Experiments|Extensive|Code|For|Finally|Then|Here|As|By|With|Although|Recent)\s)",
            ". ",
        ),
        ("*", r"(?<!\S)(\*\*?)(?=[A-Za-z])([^*\n]{1,80}?)(?<=[A-Za-z0-9.)])\1(?=[\s,.;:)]|$)", r"\2"),
        ("state -of", r"\bstate -of-the-art\b", "state-of-the-art"),
        ("R^{", r"(?<=[A-Z])in (?=R\^\{)", " ∈ "),
    )
)
_SIGNS = re.compile(r"(?<![A-Za-z])pm(?=\d)|(?<![A-Za-z])pm (?=i\b)")


def _mend_words(text: str, rules: Sequence[_Rule]) -> str:
    for needle, pattern, new in rules:
        if needle in text:
            text = pattern.sub(new, text)
    if re.search(r"\{\s*pm\s?[1i]", text):
        # A set of signed units: nobody writes an hour in braces.
        text = _SIGNS.sub("±", text)
        text = re.sub(r"(?<=[a-z])pm (?=i\b)", "±", text)
    return text
