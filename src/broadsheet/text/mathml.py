"""A formula's tree as MathML that browsers draw without script or fonts of ours. Knows nothing of TeX.

Keeps to MathML Core (https://www.w3.org/TR/mathml-core/): letters of other alphabets are Unicode
characters, never ``mathvariant``, which browsers ignore.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TypeGuard

from broadsheet.text.symbols import Role, styled
from broadsheet.text.tree import Accent, Atom, Fraction, Node, Root, Row, Script

_FENCES = frozenset([Role.OPEN, Role.CLOSE, Role.FENCE])
_OPERATORS = frozenset([Role.RELATION, Role.BINARY, Role.OPERATOR, Role.COMMA])
_THIN = '<mspace width="0.167em"></mspace>'

# What TeX leaves out between neighbours (The TeXbook, chapter 18), and browsers do not.
_NOT_BEFORE_A_SIGN = frozenset(
    [None, Role.RELATION, Role.BINARY, Role.OPEN, Role.COMMA, Role.LARGE, Role.FUNCTION]
)
_NOT_AFTER_A_SIGN = frozenset([None, Role.RELATION, Role.CLOSE, Role.COMMA])
_NOT_BEFORE_A_RELATION = frozenset([None, Role.RELATION, Role.OPEN])
_NOT_AFTER_A_RELATION = frozenset([None, Role.RELATION, Role.CLOSE, Role.COMMA])


def mathml(node: Node) -> str:
    """One ``<math>`` element, to stand in a line of text."""
    return f"<math>{_row(node)}</math>"


def _write(node: Node, *, small: bool = False) -> str:
    """Exactly one element; ``small``: as in scripts and fractions of a line, where TeX sets operators tight."""
    if isinstance(node, Atom):
        return _write_atom(node, ("", "") if not small else ("0", "0"))
    if isinstance(node, Row):
        inner = _row(node, small=small)
        return inner if inner.count("<") == 2 else f"<mrow>{inner}</mrow>"
    if isinstance(node, Script):
        return _write_script(node, small=small)
    if isinstance(node, Fraction):
        line = "" if node.bar else ' linethickness="0"'
        return f"<mfrac{line}>{_write(node.over, small=True)}{_write(node.under, small=True)}</mfrac>"
    if isinstance(node, Root):
        if node.degree is None:
            return f"<msqrt>{_row(node.body, small=small)}</msqrt>"
        return f"<mroot>{_write(node.body, small=small)}{_write(node.degree, small=True)}</mroot>"
    if isinstance(node, Accent):
        element, attribute = ("munder", "accentunder") if node.under else ("mover", "accent")
        stretchy = "" if isinstance(node.base, Row) else ' stretchy="false"'
        base = _write(node.base, small=small)
        return f'<{element} {attribute}="true">{base}<mo{stretchy}>{escape(node.mark)}</mo></{element}>'
    rows = "".join(
        "<mtr>" + "".join(f"<mtd>{_row(cell)}</mtd>" for cell in cells) + "</mtr>" for cells in node.rows
    )
    return f"<mtable>{rows}</mtable>"


def _row(node: Node, *, small: bool = False) -> str:
    """Any number of elements side by side."""
    items = node.items if isinstance(node, Row) else (node,)
    parts: list[str] = []
    word = ""
    for place, item in enumerate(items):
        if _is_upright_letter(item) and isinstance(node, Row):
            word += item.text if item.style == "rm" else styled(item.text, item.style)
            continue
        if word:
            parts.append(_name(word))
            word = ""
        if isinstance(item, Atom) and item.role in _OPERATORS:
            parts.append(_write_atom(item, _spaces(items, place, small=small)))
        else:
            parts.append(_write(item, small=small))
        if _is_function(item) and place + 1 < len(items) and not _opens(items[place + 1]):
            parts.append(_THIN)
    if word:
        parts.append(_name(word))
    return "".join(parts)


def _spaces(items: Sequence[Node], place: int, *, small: bool) -> tuple[str, str]:
    """An operator's spaces before and after it: none (0), or the browser's own ("")."""
    role = _role(items[place])
    before = next((r for i in reversed(items[:place]) if (r := _role(i)) is not Role.SPACE), None)
    after = next((r for i in items[place + 1 :] if (r := _role(i)) is not Role.SPACE), None)
    if small or role is Role.OPERATOR:
        return "0", "0"
    if role is Role.BINARY:
        tight = before in _NOT_BEFORE_A_SIGN or after in _NOT_AFTER_A_SIGN
        return ("0", "0") if tight else ("", "")
    if role is Role.RELATION:
        return "0" if before in _NOT_BEFORE_A_RELATION else "", "0" if after in _NOT_AFTER_A_RELATION else ""
    return "", "0" if after is None else ""


def _role(node: Node) -> Role:
    """How a part of a formula behaves beside others."""
    if isinstance(node, Atom):
        return node.role
    return _role(node.base) if isinstance(node, Script) else Role.LETTER


def _write_atom(atom: Atom, spaces: tuple[str, str]) -> str:
    text = escape(atom.text)
    if atom.role is Role.NUMBER:
        return f"<mn>{escape(''.join(styled(char, atom.style) for char in atom.text))}</mn>"
    if atom.role is Role.LETTER:
        if atom.style in ("rm", "tt", "sf"):
            return _name(atom.text)
        return f"<mi>{escape(styled(atom.text, atom.style))}</mi>"
    if atom.role is Role.FUNCTION:
        return _name(atom.text)
    if atom.role is Role.TEXT:
        # MathML trims the ends of text.
        return f"<mtext>{_hard_ends(text)}</mtext>"
    if atom.role is Role.SPACE:
        return _THIN if atom.text else "<mrow></mrow>"
    if atom.role in _FENCES:
        return f"<mo>{text}</mo>" if atom.stretchy else f'<mo stretchy="false">{text}</mo>'
    if atom.role in _OPERATORS:
        before, after = spaces
        lspace = f' lspace="{before}"' if before else ""
        rspace = f' rspace="{after}"' if after else ""
        return f"<mo{lspace}{rspace}>{text}</mo>"
    if atom.role is Role.LARGE:
        return f"<mo>{text}</mo>"
    return f"<mi>{text}</mi>"


def _write_script(node: Script, *, small: bool) -> str:
    base = _write(node.base, small=small) if node.base != Atom("", Role.LETTER) else "<mrow></mrow>"
    below = "" if node.below is None else _write(node.below, small=True)
    above = "" if node.above is None else _write(node.above, small=True)
    if node.limits:
        element = "munderover" if below and above else "munder" if below else "mover"
    else:
        element = "msubsup" if below and above else "msub" if below else "msup"
    return f"<{element}>{base}{below}{above}</{element}>"


def _name(text: str) -> str:
    """An upright name; one letter alone would be set in italics."""
    upright = ' mathvariant="normal"' if len(text) == 1 else ""
    return f"<mi{upright}>{escape(text)}</mi>"


def _hard_ends(text: str) -> str:
    start = "\u00a0" if text[:1].isspace() else ""
    end = "\u00a0" if text[-1:].isspace() and text.strip() else ""
    return start + text.strip() + end


def _is_upright_letter(node: Node) -> TypeGuard[Atom]:
    return isinstance(node, Atom) and node.role is Role.LETTER and node.style in ("rm", "tt", "sf")


def _is_function(node: Node) -> bool:
    base = node.base if isinstance(node, Script) else node
    return isinstance(base, Atom) and base.role is Role.FUNCTION


def _opens(node: Node) -> bool:
    if isinstance(node, Row):
        return not node.items or _opens(node.items[0])
    return isinstance(node, Atom) and node.role not in (Role.LETTER, Role.NUMBER, Role.FUNCTION, Role.LARGE)
