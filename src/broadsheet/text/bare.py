"""Formulas whose backslashes and dollars were lost, found in prose and written as TeX again.

A formula is found from what cannot be prose (``mathcal{``, ``x^2``, ``|_infty``) and grown over what
belongs to it. Knows nothing of other damage, nor of output forms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from broadsheet.text.formula import read_formula
from broadsheet.text.glued import (
    CLOSERS,
    GREEK,
    NAMES,
    RELATION_WORDS,
    ROMAN_FUNCTIONS,
    SIZES,
    SURE,
    SURE_PART,
    Token,
    bracket_end,
    split_glued,
    takes_argument,
    text_at,
)
from broadsheet.text.retex import write_tex
from broadsheet.text.symbols import ACCENTS, COMMANDS, FUNCTIONS, STYLES, word_list
from broadsheet.text.tree import UnreadableError

_TWO_LETTER_WORDS = frozenset(
    word_list("is in of to at on by we an as or if it be do no so up us my he me go am vs ie eg al ok")
)


_BARE_MARK = re.compile(r"[\^{]|_(?=[{A-Za-z0-9*]{1,8}\b|[{\\])")
_REACH = 120
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]+|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_BEFORE_PRODUCT = frozenset("+*=")
_RELATIONS = frozenset(["=", "<", ">", "+", "-", "/", "≤", "≥", "×", "±", "≫", "≪", "→", "∈", "∼"])
# O, o, Ω, Θ of something: where roots and tildes were lost, these became false statements.
_LANDAU = re.compile(
    r"(?:^|[^A-Za-z\\])(?:\\mathcal ?\{?)?[Oo]\}? ?(?:\\left|\\big)? ?\(|\\(?:Omega|Theta) ?(?:\\left|\\big)? ?\(|\\(?:wide)?tilde"
)
LOOKED_FOR = (*SURE, "left(", "left[", "big(", "Omega(", "Theta(")


def mend_formulas(text: str, words: Sequence[str] = LOOKED_FOR) -> list[tuple[str, bool]]:
    """The text in pieces, formulas among them in dollars; True marks those that may be incomplete.

    ``words`` are those of ``LOOKED_FOR`` that the text may hold.
    """
    written: list[tuple[int, int, str, bool, bool]] = []
    for start, end in _windows(text, words):
        tokens = [Token(m[0], m.start(), m.end()) for m in _TOKEN.finditer(text, start, end)]
        for low, high in _regions(tokens):
            tex, lost, bare = write_tex(tokens[low : high + 1])
            try:
                read_formula(tex)
            except UnreadableError:
                continue
            written.append((tokens[low].start, tokens[high].end, tex, lost, bare))
    damaged = any(bare or lost for *_, lost, bare in written)
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end, tex, lost, _ in written:
        pieces += [
            (text[at:start], False),
            (f"${tex}$", lost or (damaged and _LANDAU.search(tex) is not None)),
        ]
        at = end
    pieces.append((text[at:], False))
    return pieces


def _windows(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """The stretches of a text that may hold a bare formula, cut at white space."""
    places = [match.start() for match in _BARE_MARK.finditer(text)]
    for word in words:
        if word in text:
            places += [match.start() for match in re.finditer(re.escape(word), text)]
    windows: list[tuple[int, int]] = []
    for place in sorted(places):
        start = text.rfind(" ", 0, max(0, place - _REACH)) + 1
        end = text.find(" ", place + _REACH)
        end = len(text) if end < 0 else end
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return windows


def _regions(tokens: list[Token]) -> list[tuple[int, int]]:
    """Token ranges (both ends included) that are formulas."""
    regions: list[tuple[int, int]] = []
    for place, lexeme in enumerate(tokens):
        if regions and place <= regions[-1][1]:
            continue
        if lexeme.text not in ("^", "_", "{") and not (
            len(lexeme.text) > 2 and SURE_PART.search(lexeme.text)
        ):
            continue
        if not _is_anchor(tokens, place):
            continue
        floor = regions[-1][1] + 1 if regions else 0
        low, high = _grow_left(tokens, place, floor=floor), _grow_right(tokens, place)
        while low > floor and tokens[low - 1].text in ("(", "["):
            # The formula fills part of a bracket: the rest may belong to it too, as in O(n + m^2).
            close = bracket_end(tokens, low - 1)
            named = (
                low > floor + 1 and tokens[low - 2].text[-1].isalpha() and _is_mathematical(tokens, low - 2)
            )
            if not named or close <= high or not _all_mathematical(tokens, low, close - 1):
                break
            low, high = _grow_left(tokens, low - 1, floor=floor), _grow_right(tokens, close)
        low, high = _trim(tokens, low, high)
        if low > high:
            continue
        near = (
            regions
            and low - regions[-1][1] <= 2
            and all(t.text.isspace() for t in tokens[regions[-1][1] + 1 : low])
        )
        if near:
            regions[-1] = (regions[-1][0], high)
        else:
            regions.append((low, high))
    return regions


def _is_anchor(tokens: list[Token], place: int) -> bool:
    """Whether the lexeme cannot be prose."""
    lexeme = tokens[place].text
    after = text_at(tokens, place + 1)
    before = text_at(tokens, place - 1)
    if lexeme in ("^", "_"):
        return _is_base(tokens, place - 1, lexeme) and _is_script(tokens, place + 1, lexeme)
    if lexeme == "{":
        close = bracket_end(tokens, place)
        number = before.isdigit() and close == place + 2 and text_at(tokens, place + 1).isdigit()
        product = before.isalpha() and len(before) <= 2 and text_at(tokens, place - 2) in _BEFORE_PRODUCT
        inside = 0 < close - place <= 8 and _all_mathematical(tokens, place + 1, close - 1)
        return number or (product and inside and before not in _TWO_LETTER_WORDS)
    if lexeme in ("Omega", "Theta") and after in ("(", "big"):
        return True
    if lexeme.startswith("mathcal") and after.isspace() and len(text_at(tokens, place + 2)) == 1:
        return True
    if lexeme[:1].isalpha():
        names = split_glued(lexeme, after)
        if names[-1] in SIZES and after in CLOSERS:
            close = bracket_end(tokens, place + 1)
            return close > 0 and split_glued(text_at(tokens, close - 1), tokens[close].text)[-1] in SIZES
        if any(name in SURE for name in names):
            return lexeme not in ("circ", "textbf", "textit", "emph", "forall", "propto") or after in (
                "{",
                " ",
                "(",
            )
    return False


def _is_base(tokens: list[Token], place: int, mark: str) -> bool:
    text = text_at(tokens, place)
    if text == "}" and text_at(tokens, _bracket_start(tokens, place) + 1) in ("bf", "rm", "cal"):
        return True
    if text in (")", "]", "|", "}"):
        return mark == "^" or text_at(tokens, place + 2) == "{" or text in ")|"
    if text in GREEK or text in FUNCTIONS or text == "ell":
        return True
    if text[:1].isdigit():
        return mark == "^"
    if len(text) == 1 and text.isalpha():
        return not text_at(tokens, place - 1)[-1:].isalnum() and text_at(tokens, place - 1) not in ("_", "\\")
    return mark == "^" and len(text) == 2 and text.isalpha() and text_at(tokens, place + 2) in ("top", "{")


def _is_script(tokens: list[Token], place: int, mark: str) -> bool:
    text = text_at(tokens, place)
    after = text_at(tokens, place + 1)
    if text == "{":
        return 0 < bracket_end(tokens, place) - place < 40
    if text == "(" and mark == "^":
        close = bracket_end(tokens, place)
        return 0 < close - place < 12 and _all_mathematical(tokens, place + 1, close - 1)
    if text in ("*", "+", "-") and mark == "^":
        return True
    if text in GREEK or text in SURE or text in ("top", "ell"):
        return True
    if text[:1] == "\\" and len(text) > 1 and text[1:].isalpha():
        return text[1:] in COMMANDS
    return (text.isdigit() or (len(text) == 1 and text.isalpha())) and not (
        after[:1].isalnum() or after == "_"
    )


def _is_mathematical(tokens: list[Token], place: int) -> bool:
    """Whether a lexeme may stand in a formula."""
    text = text_at(tokens, place)
    if not text:
        return False
    if text.isspace() or text[0].isdigit() or not (text[0].isalpha() or text[0] == "\\"):
        return text not in '"`~@#%&$?:;.' or text == ":"
    if text[0] == "\\":
        name = text[1:]
        return (
            name in COMMANDS
            or name in FUNCTIONS
            or name in ACCENTS
            or name in STYLES
            or name in ("left", "right")
        )
    if len(text) == 1 or text in NAMES or text in ROMAN_FUNCTIONS:
        return True
    if len(text) == 2:
        return text.lower() not in _TWO_LETTER_WORDS
    return (len(text) == 3 and text.isupper()) or len(split_glued(text, text_at(tokens, place + 1))) > 1


def _bracket_start(tokens: list[Token], place: int) -> int:
    level = 0
    for at in range(place, max(-1, place - 120), -1):
        level += (tokens[at].text in (")", "]", "}")) - (tokens[at].text in CLOSERS)
        if level == 0:
            return at
    return -1


def _all_mathematical(tokens: list[Token], low: int, high: int) -> bool:
    """Whether a bracket's inside is a formula; scripts may hold words."""
    at = low
    while at <= high:
        if tokens[at].text == "{" and text_at(tokens, at - 1) in ("_", "^"):
            at = max(at, bracket_end(tokens, at)) + 1
            continue
        if not _is_mathematical(tokens, at):
            return False
        if tokens[at].text == "a" and text_at(tokens, at - 1).isspace() and text_at(tokens, at + 1).isspace():
            return False
        at += 1
    return True


def _grow_right(tokens: list[Token], place: int) -> int:
    """The last lexeme that belongs to the formula around ``place``."""
    at = max(place, bracket_end(tokens, place)) if tokens[place].text in CLOSERS else place
    while True:
        after = text_at(tokens, at + 1)
        here = tokens[at].text
        if not after:
            return at
        if after in CLOSERS:
            close = bracket_end(tokens, at + 1)
            scripted = here in ("_", "^") or takes_argument(here)
            if close < 0 or not (scripted or _all_mathematical(tokens, at + 2, close - 1)):
                return at
            at = close
        elif after in (")", "]", "}", ",", ".", ";", ":", "!", "?") and here not in ("left", "right", "big"):
            return at
        elif after.isspace():
            following = text_at(tokens, at + 2)
            wanted = here in _RELATIONS or here in RELATION_WORDS or takes_argument(here) or here in FUNCTIONS
            wanted = wanted or any(name in RELATION_WORDS for name in split_glued(here)[-1:])
            relation = following in _RELATIONS or following in RELATION_WORDS - {"in"}
            if wanted and _is_operand(tokens, at + 2):
                at = max(at + 2, bracket_end(tokens, at + 2) if following in CLOSERS else -1)
            elif relation and (
                _is_operand(tokens, at + 4)
                or (text_at(tokens, at + 3).isalnum() and _is_operand(tokens, at + 3))
            ):
                at += 2
            else:
                return at
        elif (
            after == "-"
            and len(word := text_at(tokens, at + 2)) > 1
            and word[0].isalpha()
            and not _is_symbol(word)
        ):
            return at
        elif _is_mathematical(tokens, at + 1):
            at += 1
        else:
            return at


def _grow_left(tokens: list[Token], place: int, *, floor: int) -> int:
    """The first lexeme that belongs to the formula around ``place``."""
    at = place
    while at > floor:
        before = text_at(tokens, at - 1)
        here = tokens[at].text
        if before in (")", "]", "}"):
            start = _bracket_start(tokens, at - 1)
            if start < floor or not (_all_mathematical(tokens, start + 1, at - 2) or before == "}"):
                return at
            at = start
        elif before in CLOSERS or before in (",", ".", ";", ":", "!", "?", "-"):
            return at
        elif before.isspace():
            operator = here in _RELATIONS or here in RELATION_WORDS or here in SIZES
            relation = text_at(tokens, at - 2) in _RELATIONS - {"-", "/"} or text_at(
                tokens, at - 2
            ) in RELATION_WORDS - {"in", "times"}
            if (operator and _is_operand(tokens, at - 2)) or (
                relation and (_is_operand(tokens, at - 4) or text_at(tokens, at - 4) in (")", "]"))
            ):
                at -= 2
            else:
                return at
        elif _is_mathematical(tokens, at - 1):
            at -= 1
        else:
            return at
    return at


def _is_operand(tokens: list[Token], place: int) -> bool:
    """Whether a lexeme can stand beside an operator: no article, no space, no punctuation."""
    text = text_at(tokens, place)
    if not text or text.isspace() or text in _TWO_LETTER_WORDS or text in (",", ".", ";", ":"):
        return False
    if text in (")", "]", "}"):
        return False
    if (
        text in ("a", "A", "I")
        and text_at(tokens, place + 1).isspace()
        and text_at(tokens, place + 2)[:1].islower()
    ):
        return len(text_at(tokens, place + 2)) == 1
    if text in CLOSERS:
        close = bracket_end(tokens, place)
        return close > 0 and _all_mathematical(tokens, place + 1, close - 1)
    return _is_mathematical(tokens, place)


def _trim(tokens: list[Token], low: int, high: int) -> tuple[int, int]:
    """The range without operators, spaces and brackets that lost their partner at its ends."""
    while low <= high and (
        tokens[low].text.isspace() or tokens[low].text in ("/", ",", "+", "=", ")", "]", "*")
    ):
        low += 1
    while low <= high and (
        tokens[high].text.isspace() or tokens[high].text in ("/", "-", "+", ",", "=", "<", "(", "[", "|")
    ):
        if tokens[high].text == "|" and sum(t.text == "|" for t in tokens[low : high + 1]) % 2 == 0:
            break
        if tokens[high].text in ("+", "-") and text_at(tokens, high - 1) == "^":
            break
        high -= 1
    return low, high


def _is_symbol(word: str) -> bool:
    return word in GREEK or word in FUNCTIONS or len(split_glued(word)) > 1
