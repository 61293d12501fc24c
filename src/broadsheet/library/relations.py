"""How a paper stands to others of the archive, by their own words: both ways. Knows the store's contract, no page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from broadsheet import titles
from broadsheet.ids import PaperId
from broadsheet.library.views import Relation
from broadsheet.model import Mention, Paper, RelationKind
from broadsheet.rank import relations as meaning
from broadsheet.store.contract import Store

_LOOKED: Final = 200  # papers that speak of one, or that answer to what one says
# What a page calls them: the paper itself says it, or the other one does.
LABELS: Final[Mapping[RelationKind, tuple[str, str]]] = {
    RelationKind.DISPUTES: ("Comments on or disputes", "Commented on or disputed by"),
    RelationKind.ANSWERS: ("Replies to", "Replied to by"),
    RelationKind.VERSION: ("A version of", "Another version"),
    RelationKind.EXTENDS: ("Extends", "Extended by"),
    RelationKind.SERIES: ("In one series with", "In one series with"),
    RelationKind.OVERLAPS: ("Noted to share text with", "Noted to share text with"),
}
_ORDER: Final = {kind: n for n, kind in enumerate(RelationKind)}


def relations(store: Store, paper: Paper) -> tuple[Relation, ...]:
    """What a paper says of others here and what they say of it, the most telling first, each paper once each way."""
    own = titles.keys(paper.title)
    whole = titles.whole(paper.title)
    sought = {mention.target for mention in paper.derived.mentions if titles.is_key(mention.target)}
    titled = store.titled(sought | {whole} if whole else sought, limit=_LOOKED)
    found: dict[tuple[object, bool], Relation] = {}
    for relation in (*_said(store, paper, titled), *_heard(store, paper, own)):
        key = relation.paper.id, relation.outward
        known = found.get(key)
        if known is None or _ORDER[relation.kind] < _ORDER[known.kind]:
            found[key] = relation
    for twin in meaning.twins(paper, titled.get(whole or "", ())):
        if not {(twin.id, True), (twin.id, False)} & found.keys():
            found[twin.id, True] = Relation(RelationKind.VERSION, twin, outward=True)
    # What both say of each other, such as two parts of a series, is shown once.
    told = [
        relation
        for (id, outward), relation in found.items()
        if outward or (id, True) not in found or found[id, True].kind is not relation.kind
    ]
    return tuple(sorted(told, key=_place))


def _place(relation: Relation) -> tuple[int, bool, int, PaperId]:
    """By kind, parts of a series by their numbers."""
    part = titles.series(relation.paper.title) if relation.kind is RelationKind.SERIES else None
    return _ORDER[relation.kind], not relation.outward, part[1] if part else 0, relation.paper.id


def label(relation: Relation) -> str:
    """What a relation is called before the other paper's title."""
    if not relation.says:
        return "Same title and authors"
    said, heard = LABELS[relation.kind]
    return said if relation.outward else heard


def _said(store: Store, paper: Paper, titled: Mapping[str, tuple[Paper, ...]]) -> Iterator[Relation]:
    ids = [PaperId.parse(m.target) for m in paper.derived.mentions if not titles.is_key(m.target)]
    named = {str(id): (other,) for id, other in store.get_many(ids).items()} if ids else {}
    for mention in paper.derived.mentions:
        candidates = (titled if titles.is_key(mention.target) else named).get(mention.target, ())
        for other in meaning.meant(paper, mention, candidates):
            yield _relation(mention, other, outward=True)


def _heard(store: Store, paper: Paper, own: tuple[str, ...]) -> Iterator[Relation]:
    names = {str(id) for id in (paper.id, *paper.aliases)}
    spoken = [
        (other, mention)
        for other in store.mentioning([*names, *own], limit=_LOOKED)
        for mention in other.derived.mentions
    ]
    # Whether a name is one paper's alone shows from all that have it.
    sought = {mention.target for _, mention in spoken}.intersection(own)
    titled = store.titled(sought, limit=_LOOKED) if sought else {}
    for other, mention in spoken:
        if mention.target in names or mention.target in titled:
            meant = meaning.meant(other, mention, titled.get(mention.target, (paper,)))
            if any(one.id == paper.id for one in meant):
                yield _relation(mention, paper=other, outward=False)


def _relation(mention: Mention, paper: Paper, *, outward: bool) -> Relation:
    return Relation(mention.kind, paper, outward=outward, says=mention.says, place=mention.place)
