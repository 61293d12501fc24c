"""A formula's tree in one line of Unicode: O(n√m), 10⁻³, ∑ᵢ₌₁ⁿ xᵢ. Knows nothing of TeX or HTML."""

from __future__ import annotations

import unicodedata

from broadsheet.text.symbols import SUBSCRIPTS, SUPERSCRIPTS, VULGAR, Role, styled
from broadsheet.text.tree import Accent, Atom, Fraction, Node, Root, Row, Script

_OPERAND = frozenset([Role.LETTER, Role.NUMBER, Role.FUNCTION, Role.LARGE, Role.TEXT, Role.OPEN])
_ENDS_OPERAND = frozenset([Role.LETTER, Role.NUMBER, Role.FUNCTION, Role.TEXT, Role.CLOSE, Role.FENCE])
_BRACKETS = frozenset([Role.OPEN, Role.CLOSE, Role.FENCE])
_WORD = frozenset([Role.LETTER, Role.NUMBER])
_NO_LEFT = frozenset([None, Role.OPEN, Role.RELATION, Role.COMMA])
_NO_RIGHT = frozenset([None, Role.RELATION, Role.COMMA, Role.CLOSE])
_WIDE = frozenset("±∓×÷∘•∪∩∖⊕⊗⊙⊖∧∨")
# Alphabets whose letters mean something else than the plain ones; bold and upright are left plain.
_KEPT_STYLES = frozenset(["bb", "cal", "frak"])
_RAISED = frozenset([*SUPERSCRIPTS.values(), *SUBSCRIPTS.values()])
_ROOTS = {"2": "√", "3": "∛", "4": "∜"}
_HIGH = {"∘": "°", "∗": "*", "⋆": "*"}


def linear(node: Node) -> str:
    """The formula in one line."""
    return " ".join(_write(node, tight=False).split())


def _write(node: Node, *, tight: bool) -> str:
    if isinstance(node, Atom):
        return styled(node.text, node.style) if node.style in _KEPT_STYLES else node.text
    if isinstance(node, Row):
        return _write_row(_flat(node), tight=tight)
    if isinstance(node, Script):
        return _write_script(node, tight=tight)
    if isinstance(node, Fraction):
        return _write_fraction(node)
    if isinstance(node, Root):
        body = _write(node.body, tight=True)
        degree = _write(node.degree, tight=True) if node.degree else "2"
        sign = _ROOTS.get(degree) or _raised(degree, SUPERSCRIPTS, "^").removeprefix("^") + "√"
        return sign + (body if _is_single(node.body, body) else f"({body})")
    if isinstance(node, Accent):
        return _write_accent(node)
    rows = ("  ".join(_write(cell, tight=tight) for cell in row) for row in node.rows)
    return "; ".join(rows)


def _write_row(items: list[Node], *, tight: bool) -> str:
    parts: list[str] = []
    before: Role | None = None
    for place, item in enumerate(items):
        role = _role(item)
        after = _role(items[place + 1]) if place + 1 < len(items) else None
        text = _write(item, tight=tight)
        if isinstance(item, Fraction) and item.bar and text not in _VULGARS:
            beside = (
                before in _ENDS_OPERAND or after in _OPERAND or isinstance(_at(items, place + 1), Fraction)
            )
            text = f"({text})" if beside else text
        if role is Role.BINARY and text == "−" and _after_word(items, place):
            text = "-"
        if (not tight and role is Role.RELATION and before not in _NO_LEFT and after not in _NO_RIGHT) or (
            not tight
            and role is Role.BINARY
            and text in _WIDE
            and before in _ENDS_OPERAND
            and after is not None
        ):
            text = f" {text} "
        elif role is Role.COMMA and not tight and after is not None:
            text += " "
        elif role in (Role.FUNCTION, Role.LARGE):
            text = (" " if before in _ENDS_OPERAND and before is not Role.FUNCTION else "") + text
            if after in (Role.LETTER, Role.NUMBER, Role.FUNCTION, Role.LARGE):
                text += " "
        elif role is Role.LETTER and place and _ends_in_word(items[place - 1], parts[-1]):
            text = f" {text}"
        elif _starts_unit(item) and place and isinstance(items[place - 1], Script):
            # TeX ignores the space in 10^{-3} \mathrm{yr}; one line needs it.
            text = f" {text}"
        parts.append(text)
        if role is not Role.SPACE:
            before = role
    return "".join(parts)


def _flat(node: Row) -> list[Node]:
    """The row with rows inside it opened, so that neighbours see each other."""
    items: list[Node] = []
    for item in node.items:
        if isinstance(item, Row):
            items.extend(_flat(item))
        else:
            items.append(item)
    return items


def _role(node: Node) -> Role:
    if isinstance(node, Atom):
        return node.role
    if isinstance(node, Script):
        return _role(node.base)
    if isinstance(node, Row):
        return _role(node.items[0]) if len(node.items) == 1 else Role.LETTER
    return Role.LETTER


def _ends_in_word(node: Node, text: str) -> bool:
    """Whether a script that Unicode cannot lower would run into the next letter: Ω_DM h²."""
    return isinstance(node, Script) and "_" in text and text[-1:].isalnum() and text[-1] not in _RAISED


def _starts_unit(node: Node) -> bool:
    """Whether this begins an upright word."""
    base = node.base if isinstance(node, Script) else node
    if isinstance(base, Row) and base.items:
        base = base.items[0]
    return isinstance(base, Atom) and base.role is Role.LETTER and base.style == "rm"


def _at(items: list[Node], place: int) -> Node | None:
    return items[place] if place < len(items) else None


def _after_word(items: list[Node], place: int) -> bool:
    """Whether a minus joins words: CIFAR-10, not x-1."""
    word = items[max(0, place - 3) : place]
    return len(word) == 3 and all(
        isinstance(i, Atom) and i.role is Role.LETTER and i.text.isascii() for i in word
    )


def _write_script(node: Script, *, tight: bool) -> str:
    base = _write(node.base, tight=tight)
    if isinstance(node.base, Fraction) or (isinstance(node.base, Row) and not _is_unit(_flat(node.base))):
        base = f"({base})"
    below = "" if node.below is None else _raised(_write(node.below, tight=True), SUBSCRIPTS, "_")
    above = "" if node.above is None else _raised(_write(node.above, tight=True), SUPERSCRIPTS, "^")
    if node.limits and any(mark in above + below for mark in "⏞⏟⎴⎵"):
        return base
    return base + below + above


def _is_unit(items: list[Node]) -> bool:
    """Whether a row can carry a script as it is: bracketed, a single thing, or one upright word."""
    if len(items) <= 1:
        return not items or not isinstance(items[0], Fraction)
    if _role(items[0]) in _BRACKETS and _role(items[-1]) in _BRACKETS:
        return True
    return all(isinstance(i, Atom) and i.role in _WORD and i.style == "rm" for i in items)


def _raised(text: str, table: dict[str, str], mark: str) -> str:
    """A script in Unicode's raised or lowered characters where it has them, else after a mark."""
    text = " ".join(text.split())
    if text in _HIGH and mark == "^":
        return _HIGH[text]
    letters = sum(char.isalpha() for char in text)
    if letters <= 2 and all(char in table for char in text):
        return "".join(table[char] for char in text)
    if len(text) <= 1 or (text.isalnum() and not _RAISED.intersection(text)):
        return mark + text
    return f"{mark}({text})"


_VULGARS = frozenset(VULGAR.values())


def _write_fraction(node: Fraction) -> str:
    over, under = _write(node.over, tight=True), _write(node.under, tight=True)
    if not node.bar:
        return f"{over} choose {under}" if over and under else over + under
    if vulgar := VULGAR.get((over, under)):
        return vulgar
    over = over if _is_single(node.over, over, products=True) else f"({over})"
    under = under if _is_single(node.under, under) else f"({under})"
    return f"{over}/{under}"


def _is_single(node: Node, text: str, *, products: bool = False) -> bool:
    """Whether the text needs no brackets beside other things."""
    if isinstance(node, Atom | Accent | Root):
        return True
    if isinstance(node, Script):
        return _is_single(node.base, text)
    if isinstance(node, Row):
        items = _flat(node)
        if products and all(_role(i) in (Role.LETTER, Role.NUMBER, Role.OPEN, Role.CLOSE) for i in items):
            return not any(isinstance(i, Fraction) for i in items)
        return len(items) == 1 and _is_single(items[0], text)
    return len(text) == 1


def _write_accent(node: Accent) -> str:
    base = _write(node.base, tight=True)
    if not base:
        return node.mark
    if len(base) == 1 or node.combining in "\u0305\u0332":
        return unicodedata.normalize("NFC", "".join(char + node.combining for char in base))
    # Over several letters the mark sits on the first.
    first = base[0] + node.combining if base[0].isalpha() else node.mark + base[0]
    return unicodedata.normalize("NFC", first) + base[1:]
