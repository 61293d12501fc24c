"""Where formulas begin and end in running text, and where a dollar is money. Knows no formulas."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class MathSpan(NamedTuple):
    """A formula at ``start:end`` of a text, its inside at ``inner:outer``."""

    start: int
    end: int
    inner: int
    outer: int


_OPENING = re.compile(r"\\\\|\\\$|\$\$?|\\\(|\\\[")
_CLOSING = {"$$": "$$", "$": "$", r"\(": r"\)", r"\[": r"\]"}
_LONGEST = 600
# Arguments of text commands are prose that belongs into a formula.
_TEXT_ARGUMENT = re.compile(
    r"\\(?:text\w*|math(?:rm|it|sf|tt|bf)|mbox|hbox|operatorname|rm|emph|begin|end)\*?\s*\{[^{}]*\}|\{\s*\\(?:rm|it|bf|sf|tt|text)\b[^{}]*\}"
)
_PROSE = re.compile(
    r"(?<![\\A-Za-z])[A-Za-z]{2,}(?:[,;:]?\s+[A-Za-z]{2,}){2}|(?<![\\A-Za-z])(?:and|the|with|for|of|is)\s"
)
_MATHEMATICAL = re.compile(r"[\\^_=<>+|]")


# One text is asked about at each step of its reading.
@lru_cache(maxsize=4)
def math_spans(text: str) -> tuple[MathSpan, ...]:
    r"""The formulas of a text, in order.

    A dollar that opens nothing, or whose partner would swallow prose, is a dollar.

    >>> [text[s.inner:s.outer] for text in [r"for $5 of $x^2$ and \(y\)"] for s in math_spans(text)]
    ['x^2', 'y']
    """
    spans: list[MathSpan] = []
    if "$" not in text and r"\(" not in text and r"\[" not in text:
        return ()
    at = 0
    while match := _OPENING.search(text, at):
        opening = match[0]
        at = match.end()
        if opening not in _CLOSING:
            continue
        closing = _close(text, at, _CLOSING[opening])
        if closing < 0 and opening == "$$":
            # Two dollars in a row that no pair closes: perhaps an empty formula before another.
            continue
        if closing < 0 or not _is_formula(text, at, closing, opening):
            continue
        end = closing + len(_CLOSING[opening])
        spans.append(MathSpan(match.start(), end, at, closing))
        at = end
    return tuple(spans)


def _close(text: str, start: int, mark: str) -> int:
    """Where the closing mark stands, braces and escapes heeded; -1 where there is none near."""
    level = 0
    at = start
    limit = min(len(text), start + _LONGEST)
    fallback = -1
    while at < limit:
        char = text[at]
        if text.startswith(mark, at) and (mark != "$" or at > start):
            if level <= 0:
                return at
            if fallback < 0:
                fallback = at
        if char == "\\":
            at += 2
            continue
        level += (char == "{") - (char == "}")
        at += 1
    return fallback


def _is_formula(text: str, start: int, end: int, opening: str) -> bool:
    inside = text[start:end]
    if not inside.strip():
        return False
    if opening != "$":
        return True
    if _PROSE.search(_TEXT_ARGUMENT.sub(" ", inside)):
        return False
    spaced = inside[0].isspace() or inside[-1].isspace()
    if spaced and text[end + 1 : end + 2].isdigit() and not _MATHEMATICAL.search(inside):
        return False
    # "$5/$10", "US$300-$500": amounts side by side.
    amounts = inside[:1].isdigit() and text[end + 1 : end + 2].isdigit()
    return not (amounts and not _MATHEMATICAL.search(inside))
