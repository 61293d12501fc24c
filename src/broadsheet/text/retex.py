"""A bare formula written as TeX: its backslashes put back, what is lost from it noticed."""

from __future__ import annotations

from broadsheet.text.glued import (
    CLOSERS,
    GREEK,
    NAMES,
    RELATION_WORDS,
    ROMAN_FUNCTIONS,
    SIZES,
    SURE,
    Token,
    bracket_end,
    split_glued,
    takes_argument,
    text_at,
)

_SWITCHED = SIZES | {"bf", "rm", "cal"}  # what they change follows at once
_UNTYPED = frozenset([*SURE, *SIZES]) - {"circ", "cdot", "forall", "propto", "nabla", "infty", "sqrt"}


def write_tex(tokens: list[Token]) -> tuple[str, bool, bool]:
    """The formula with its backslashes; whether something is lost from it; whether backslashes were."""
    parts: list[str] = []
    lost = bare = braced = False
    closing: dict[int, str] = {}
    done: set[int] = set()
    for place, token in enumerate(tokens):
        text = token.text
        after = text_at(tokens, place + 1)
        before = text_at(tokens, place - 1)
        if place in done:
            continue
        if place in closing:
            parts.append(closing[place])
        elif text.isspace():
            # Spaces that somebody typed between words of a bare formula are kept.
            parts.append(r"\ " if _keeps_space(before, after) else "")
        elif text in ("^", "_") and (number := _script_number(tokens, place + 1)):
            parts.append(f"{text}{{{number}}}")
            done.update(range(place + 1, place + 1 + (2 if number[0] in "+-" else 1)))
        elif text in ("^", "_") and after == "(" and (close := bracket_end(tokens, place + 1)) > 0:
            # Outside of TeX people group a script with round brackets.
            parts.append(text + "{")
            done.add(place + 1)
            closing[close] = "}"
        elif (
            text in ("^", "_")
            and len(after) > 1
            and after.isalpha()
            and split_glued(after) == [after]
            and after not in NAMES
        ):
            parts.append(rf"{text}{{\mathrm{{{after}}}}}")
            done.add(place + 1)
        elif text == "log" and after == "10":
            parts.append(r"\log_{10}")
            done.add(place + 1)
        elif text == "+" and after in ("/", "-") and "-" in (after, text_at(tokens, place + 2)):
            parts.append(r"\pm ")
            done.update(range(place + 1, place + (3 if after == "/" else 2)))
        elif text[0].isalpha() and text.isascii():
            names = [text] if text in ROMAN_FUNCTIONS else split_glued(text, after)
            parts.append(_write_word(text, names))
            bare = bare or len(names) > 1 or any(name in _UNTYPED for name in names)
            braced = braced or any(name in GREEK for name in names)
        elif text == "{" and _follows_lost_command(tokens, place):
            lost = True
            close = bracket_end(tokens, place)
            if before.isdigit() and close == place + 2 and after.isdigit():
                parts[-1] = rf"\frac{{{before}}}{{"
                closing[close] = "}"
            else:
                parts.append(" " if before == "mathcal" else r"\ldots ")
                closing[close] = ""
        else:
            parts.append(text)
    # People do type "epsilon_0", but not "epsilon^{-1}".
    return "".join(parts).strip(), lost, bare or (braced and any(token.text == "{" for token in tokens))


def _write_word(word: str, names: list[str]) -> str:
    """A word as the commands and letters it is glued from, or upright where it is none."""
    in_words = len(names) == 1 and len(word) > 1 and word not in NAMES
    if in_words and (len(word) > 2 or word in ROMAN_FUNCTIONS) and not word.isupper():
        return rf"\mathrm{{{word}}}"
    return "".join(rf"\{name} " if len(name) > 1 and name in NAMES else name for name in names)


def _follows_lost_command(tokens: list[Token], place: int) -> bool:
    r"""Whether a group's command is gone.

    ``1{2}`` was ``\frac{1}{2}``; of ``nk{m}`` we only know that something stood between. A script letter is
    one letter, so the rest of ``mathcal{C/m}`` belonged to something else.
    """
    before = text_at(tokens, place - 1)
    if text_at(tokens, place + 1)[:1] == "\\":
        return False
    if before == "mathcal":
        return bracket_end(tokens, place) > place + 2
    if before == "]" and "sqrt" in [token.text for token in tokens[max(0, place - 4) : place]]:
        return False
    operand = before in (")", "]") or (before[:1].isalnum() and not takes_argument(split_glued(before)[-1]))
    return operand and text_at(tokens, place - 2) not in ("_", "^")


def _script_number(tokens: list[Token], place: int) -> str:
    """A signed number that stands bare as a script; empty where none does."""
    sign = text_at(tokens, place)
    if sign in ("+", "-"):
        digits = text_at(tokens, place + 1)
        return sign + digits if digits[:1].isdigit() else ""
    return sign if sign[:1].isdigit() else ""


def _keeps_space(before: str, after: str) -> bool:
    """Whether a typed space says something: not beside brackets, signs with space of their own, commands."""
    last = split_glued(before, "(")[-1]
    if before in CLOSERS or after in (")", "]", "}", ",") or takes_argument(before) or last in _SWITCHED:
        return False
    own = RELATION_WORDS | SIZES | {"=", "<", ">"}
    return last not in own and after not in own and split_glued(after, ")")[-1] not in own
