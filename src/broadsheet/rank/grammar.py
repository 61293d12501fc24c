"""The structure of a typed query: words, phrases, fields, what joins them. Knows no meaning of fields.

Never raises: what has no place in the grammar is left out or taken for a word, and a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

FIELDS: Final = ("author", "cat", "date", "has", "id", "title", "type", "venue")

# Other names that people, arXiv's own search among them, have for the fields.
_SYNONYMS: Final = {
    "au": "author",
    "authors": "author",
    "categories": "cat",
    "category": "cat",
    "comment": "venue",
    "conference": "venue",
    "journal": "venue",
    "ti": "title",
}

# Every name that a field may be typed by.
NAMES: Final = (*FIELDS, *_SYNONYMS)

# Parentheses within parentheses go no deeper than this.
_DEEPEST: Final = 16

# Parentheses inside a word are part of it: O(n), f(g(x)).
_PIECE: Final = re.compile(
    r"""(?P<close>\))
      | (?P<minus>-+)?
        (?:(?P<field>[A-Za-z]+):)?
        (?:"(?P<quoted>[^"]*)"
         | (?P<open>\()
         | (?P<bare>[^\s"()](?:[^\s"()]|\((?:[^\s"()]|\([^\s"()]*\))*\))*))""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word, a phrase, or a field's value."""

    text: str
    kind: Literal["word", "phrase", "field"] = "word"
    field: str = ""  # as the grammar names it
    typed: str = ""  # the whole of it, as words


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be."""

    part: Tree


@dataclass(frozen=True, slots=True)
class And:
    """What must all be."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Of which one must be."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What stands side by side, nothing joining it."""

    parts: tuple[Tree, ...]


Tree = Leaf | Not | And | Or | Row


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query's structure; ``stray`` are operators that join nothing."""

    row: Row
    stray: tuple[str, ...]
    notes: tuple[str, ...]


def read(text: str) -> Parsed:
    """The structure of a query whose quotation marks are paired.

    >>> read("a OR -b").row
    Row(parts=(Or(parts=(Leaf(text='a', kind='word', field='', typed='a'), \
Not(part=Leaf(text='b', kind='word', field='', typed='b')))),))
    """
    notes: list[str] = []
    tokens = _paired(list(_tokens(text, notes)), notes)
    tokens, stray = _joined(tokens, notes)
    return Parsed(_Parser(tokens).row(""), tuple(stray), tuple(dict.fromkeys(notes)))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["leaf", "open", "close", "AND", "OR", "NOT"]
    leaf: Leaf = Leaf("")
    field: str = ""  # before an opening parenthesis
    typed: str = ""


def _tokens(text: str, notes: list[str]) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        piece = _PIECE.match(text, place)
        if piece is None:  # a space, or a sign before one
            place += 1
            continue
        place = piece.end()
        field = (piece["field"] or "").lower()
        field = _SYNONYMS.get(field, field)
        if piece["close"]:
            yield _Token("close")
        elif piece["open"]:
            if field and field not in FIELDS:
                yield from _leaf(Leaf(f"{piece['field']}:"), minus=bool(piece["minus"]), notes=notes)
                place -= 1  # the parenthesis stands alone
                continue
            if piece["minus"]:
                yield _Token("NOT", typed="-")
            yield _Token("open", field=field)
        elif piece.group() in ("AND", "OR", "NOT"):
            yield _Token(piece.group(), typed=piece.group())  # type: ignore[arg-type]  # one of the three
        else:
            yield from _leaf(_as_leaf(piece, field, notes), minus=bool(piece["minus"]), notes=notes)


def _as_leaf(piece: re.Match[str], field: str, notes: list[str]) -> Leaf:
    value = piece["quoted"] if piece["bare"] is None else piece["bare"]
    typed = piece.group().lstrip("-").replace('"', " ").strip()
    if field in FIELDS:
        return Leaf(value.strip(), "field", field, typed)
    if field:
        if not value.startswith("//"):
            notes.append(
                f"“{piece['field']}:” is not a field (there are {', '.join(f'{f}:' for f in FIELDS)}); "
                "searched as words."
            )
        return Leaf(typed, "word", "", typed)
    return Leaf(value.strip(), "word" if piece["quoted"] is None else "phrase", "", typed)


def _leaf(leaf: Leaf, *, minus: bool, notes: list[str]) -> Iterator[_Token]:
    """A leaf's token; none of what has neither letters nor digits to be found by."""
    if leaf.kind != "field" and not any(c.isalnum() for c in leaf.text):
        if leaf.kind == "word" and not leaf.text.isascii():
            notes.append(f"“{leaf.text}” has no letter and no digit; it was left out.")
        return
    if minus:
        yield _Token("NOT", typed="-")
    yield _Token("leaf", replace(leaf, typed=leaf.typed or leaf.text))


def _paired(tokens: Sequence[_Token], notes: list[str]) -> list[_Token]:
    """The tokens without parentheses that lack their partner or stand too deep."""
    opened: list[int] = []
    left_out: set[int] = set()
    for place, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(place)
        elif token.kind == "close":
            if not opened:
                left_out.add(place)
            elif len(opened) > _DEEPEST:
                left_out |= {opened.pop(), place}
            else:
                opened.pop()
    left_out |= set(opened)
    # In plain text, such as a title with "a)" in it, parentheses ask nothing anyway.
    if left_out and any(token.kind in ("AND", "OR", "NOT") or token.field for token in tokens):
        notes.append("A parenthesis that has no partner, or stands too deep in others, was left out.")
    return [token for place, token in enumerate(tokens) if place not in left_out]


def _joined(tokens: list[_Token], notes: list[str]) -> tuple[list[_Token], list[str]]:
    """The tokens without operators that lack a side, which are given apart, and without empty parentheses."""
    stray: list[str] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        before = tokens[place - 1].kind if place else "open"
        after = tokens[place + 1].kind if place + 1 < len(tokens) else "close"
        if token.kind == "open" and after == "close":
            del tokens[place : place + 2]
        elif (token.kind in ("AND", "OR", "NOT") and after in ("AND", "OR", "close")) or (
            token.kind in ("AND", "OR") and before in ("AND", "OR", "NOT", "open")
        ):
            del tokens[place]
            if token.typed != "-":
                stray.append(token.typed)
                notes.append(f"“{token.typed}” joins nothing here; it was searched as a word.")
        else:
            place += 1
            continue
        place = max(0, place - 2)  # what stood before may lack a side now
    return tokens, stray


class _Parser:
    """Reads tokens of which every parenthesis has its partner and every operator its sides.

    NOT binds tightest, then AND, then OR; what stands side by side is joined last.
    """

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def row(self, field: str) -> Row:
        parts = []
        while self._kind not in ("close", None):
            parts.append(self._or(field))
        return Row(tuple(parts))

    def _or(self, field: str) -> Tree:
        parts = [self._and(field)]
        while self._took("OR"):
            parts.append(self._and(field))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self, field: str) -> Tree:
        parts = [self._not(field)]
        while self._took("AND"):
            parts.append(self._not(field))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self, field: str) -> Tree:
        negated = False
        while self._took("NOT"):
            negated = not negated
        part = self._atom(field)
        return Not(part) if negated else part

    def _atom(self, field: str) -> Tree:
        token = self._tokens[self._place]
        self._place += 1
        if token.kind == "open":
            row = self.row(token.field or field)
            self._place += 1  # its closing partner
            return row.parts[0] if len(row.parts) == 1 else row
        leaf = token.leaf
        return replace(leaf, kind="field", field=field) if field and leaf.kind != "field" else leaf

    @property
    def _kind(self) -> str | None:
        return self._tokens[self._place].kind if self._place < len(self._tokens) else None

    def _took(self, kind: str) -> bool:
        if self._kind != kind:
            return False
        self._place += 1
        return True
