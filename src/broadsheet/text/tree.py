"""A formula as a tree: what readers of TeX make and writers of Unicode and MathML read. Values only."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from broadsheet.text.symbols import Role


class UnreadableError(Exception):
    """This formula cannot be read: an unknown command, or braces that do not match."""


class Atom(NamedTuple):
    """One symbol, number, name or piece of text. ``stretchy`` delimiters came with left and right."""

    text: str
    role: Role
    style: str = ""
    stretchy: bool = False


class Row(NamedTuple):
    """Things side by side."""

    items: tuple[Node, ...]


class Fraction(NamedTuple):
    """One over another; without a bar it is a binomial coefficient's inside."""

    over: Node
    under: Node
    bar: bool = True


class Root(NamedTuple):
    """A square root, or the root of a degree."""

    body: Node
    degree: Node | None = None


class Script(NamedTuple):
    """A base with what stands below and above it; ``limits`` puts them right under and over."""

    base: Node
    below: Node | None
    above: Node | None
    limits: bool = False


class Accent(NamedTuple):
    """A base under (or over) a mark: a combining character and the same standing alone."""

    base: Node
    combining: str
    mark: str
    under: bool


class Grid(NamedTuple):
    """Rows of cells: a matrix, cases, or stacked lines."""

    rows: tuple[tuple[Node, ...], ...]


Node: TypeAlias = Atom | Row | Fraction | Root | Script | Accent | Grid


def row_of(items: list[Node]) -> Node:
    """The items side by side; one alone is itself."""
    return items[0] if len(items) == 1 else Row(tuple(items))


def fenced(opening: str, body: Node, closing: str) -> Node:
    """The body between two delimiters that grow with it; an empty one is left out."""
    parts: list[Node] = [body]
    if opening:
        parts.insert(0, Atom(opening, Role.OPEN, stretchy=True))
    if closing:
        parts.append(Atom(closing, Role.CLOSE, stretchy=True))
    return row_of(parts)


def letters_of(node: Node) -> str:
    """The letters of a name such as operatorname's argument. Raises UnreadableError where it is more."""
    if isinstance(node, Atom):
        return node.text
    if isinstance(node, Row):
        return "".join(letters_of(item) for item in node.items)
    raise UnreadableError("operator's name is a formula")
