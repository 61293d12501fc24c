"""A formula's tree as MathML that browsers draw without script or fonts of ours. Knows nothing of TeX.

Keeps to MathML Core (https://www.w3.org/TR/mathml-core/): letters of other alphabets are Unicode
characters, never ``mathvariant``, which browsers ignore.
"""

from __future__ import annotations

from html import escape
from typing import TypeGuard

from broadsheet.text.symbols import Role, styled
from broadsheet.text.tree import Accent, Atom, Fraction, Node, Root, Row, Script

_FENCES = frozenset([Role.OPEN, Role.CLOSE, Role.FENCE])
_OPERATORS = frozenset([Role.RELATION, Role.BINARY, Role.OPERATOR, Role.COMMA])
_THIN = '<mspace width="0.167em"></mspace>'


def mathml(node: Node) -> str:
    """One ``<math>`` element, to stand in a line of text."""
    return f"<math>{_row(node)}</math>"


def _write(node: Node) -> str:
    """Exactly one element."""
    if isinstance(node, Atom):
        return _write_atom(node)
    if isinstance(node, Row):
        inner = _row(node)
        return inner if inner.count("<") == 2 else f"<mrow>{inner}</mrow>"
    if isinstance(node, Script):
        return _write_script(node)
    if isinstance(node, Fraction):
        line = "" if node.bar else ' linethickness="0"'
        return f"<mfrac{line}>{_write(node.over)}{_write(node.under)}</mfrac>"
    if isinstance(node, Root):
        if node.degree is None:
            return f"<msqrt>{_row(node.body)}</msqrt>"
        return f"<mroot>{_write(node.body)}{_write(node.degree)}</mroot>"
    if isinstance(node, Accent):
        element, attribute = ("munder", "accentunder") if node.under else ("mover", "accent")
        stretchy = "" if isinstance(node.base, Row) else ' stretchy="false"'
        return f'<{element} {attribute}="true">{_write(node.base)}<mo{stretchy}>{escape(node.mark)}</mo></{element}>'
    rows = "".join(
        "<mtr>" + "".join(f"<mtd>{_row(cell)}</mtd>" for cell in cells) + "</mtr>" for cells in node.rows
    )
    return f"<mtable>{rows}</mtable>"


def _row(node: Node) -> str:
    """Any number of elements side by side."""
    if not isinstance(node, Row):
        return _write(node)
    parts: list[str] = []
    word = ""
    for place, item in enumerate(node.items):
        if _is_upright_letter(item):
            word += item.text if item.style == "rm" else styled(item.text, item.style)
            continue
        if word:
            parts.append(_name(word))
            word = ""
        parts.append(_write(item))
        if _is_function(item) and place + 1 < len(node.items) and not _opens(node.items[place + 1]):
            parts.append(_THIN)
    if word:
        parts.append(_name(word))
    return "".join(parts)


def _write_atom(atom: Atom) -> str:
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
    if atom.role in _OPERATORS or atom.role is Role.LARGE:
        return f"<mo>{text}</mo>"
    return f"<mi>{text}</mi>"


def _write_script(node: Script) -> str:
    base = _write(node.base) if node.base != Atom("", Role.LETTER) else "<mrow></mrow>"
    below = "" if node.below is None else _write(node.below)
    above = "" if node.above is None else _write(node.above)
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
