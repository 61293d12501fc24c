"""A paper as it lies on the desk, and a record on its way there. Knows no SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

from broadsheet.ids import PaperId
from broadsheet.model import Derived, Record
from broadsheet.store.merge import Content, in_order, unite
from broadsheet.store.rows import decode, encode, key_of

# What may have become of a paper.
SHOWN, FOLDED, GONE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record ready to be taken in: its JSON and a digest by which to know it again."""

    key: str
    names: tuple[str, ...]  # its id and other names
    content: Content
    body: str
    digest: bytes

    @staticmethod
    def of(record: Record, derived: Derived) -> Incoming:
        """What can be prepared before it is one's turn to write."""
        content = Content(in_order(record), derived)
        key = key_of(record.id)
        body = encode(content)
        digest = blake2b(f"{key}\n{body}".encode(), digest_size=16).digest()
        return Incoming(key, (key, *map(key_of, record.also)), content, body, digest)


@dataclass(slots=True, eq=False)
class Sheet:
    """A paper's row on the desk, decoded when first needed."""

    no: int
    id: PaperId
    state: int
    whole: int | None
    seq: int
    added: str
    revised: int
    digest: bytes | None
    body: str  # what readers see, as stored; "" for a new paper
    own: str | None  # what is the paper's own, where others are folded in
    stored_state: int | None = None  # None: not stored yet
    stored_revised: int = 0
    members: list[Sheet] = field(default_factory=list)
    changed: bool = False
    fresh: str | None = None  # the JSON of a new paper as it came in
    _content: Content | None = None
    _aliases: tuple[PaperId, ...] = ()

    @property
    def content(self) -> Content:
        """What is the paper's own."""
        if self._content is None:
            self._content, self._aliases = decode(self.id.value, self.own or self.body)
        return self._content

    @content.setter
    def content(self, content: Content) -> None:
        if self.body:
            _ = self.content  # so that the aliases are read before they would be forgotten
        self._content, self.changed, self.fresh = content, True, None

    @property
    def aliases(self) -> tuple[PaperId, ...]:
        """Other names that records gave this paper."""
        if self._content is None:
            _ = self.content
        return self._aliases

    @aliases.setter
    def aliases(self, aliases: tuple[PaperId, ...]) -> None:
        self._aliases, self.changed, self.fresh = aliases, True, None

    def own_names(self) -> tuple[PaperId, ...]:
        """The paper's own name and its aliases."""
        return (self.id, *self.aliases)

    def all_names(self) -> tuple[PaperId, ...]:
        """The names of the paper and of those folded into it."""
        return self.own_names() + tuple(name for member in self.members for name in member.own_names())

    def part(self, name: PaperId) -> Sheet:
        """The paper that a record of this name belongs to: this one, or one folded into it."""
        if not self.members:
            return self
        return next((sheet for sheet in (self, *self.members) if name in sheet.own_names()), self)

    def shown(self) -> Content:
        """What readers see: the paper's own, with what was folded into it."""
        content = self.content
        for member in sorted(self.members, key=lambda member: member.id):
            content = unite(content, member.content)
        return content
