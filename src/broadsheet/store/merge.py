"""Merge what several records say of one work. Pure: knows no database and no clock."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from broadsheet.model import AnnounceKind, Announcement, Derived, Link, Mention, Place, Record

T = TypeVar("T")

# A title and an abstract with their white space normalised: what makes a text the same text.
Text = tuple[str, str]

# What the newer record says where it says anything, else the older one.
_FACTS = (
    "authors",
    "categories",
    "published",
    "updated",
    "versions",
    "version",
    "comment",
    "venue",
    "doi",
    "licence",
    "gist",
    "aspects",
    "keyphrases",
    "type",
)
_UNITED = ("links", "also", "tags", "collections")
# What is said of the kept one's text, and so not united where a work is known by two ids.
_OWN_FACTS = ("published", "updated", "version", "versions", "withdrawn", "comment", "licence")


@dataclass(frozen=True, slots=True)
class Content:
    """What is known of a work: the record, and what was derived from its text."""

    record: Record
    derived: Derived


def text_of(record: Record) -> Text:
    """The text of a record; two records with the same text differ in white space at most."""
    return " ".join(record.title.split()), " ".join(record.abstract.split())


def in_order(record: Record) -> Record:
    """A record with its announcements and readings sorted and each said once."""
    if len(record.announcements) < 2 and len(record.readings) < 2:
        return record
    return replace(
        record,
        announcements=_announcements(record.announcements),
        readings=tuple(sorted(set(record.readings))),
    )


def merge(held: Content, new: Content, *, former: AbstractSet[Text] = frozenset()) -> Content:
    """What is known after a record came in for a work we hold. Merging it again changes nothing.

    ``former`` are texts the work used to have: a record that brings one of them back without
    being dated later is an old record, met again.
    """
    record = new.record
    order = _order(record, held.record)
    if order < 0 or (order == 0 and text_of(record) in former):
        return _overlay(held, new, lists=_lists(held, new))
    merged = _overlay(new, held, lists=_lists(held, new), later=order > 0)
    before, after = text_of(held.record), text_of(merged.record)
    return replace(
        merged,
        record=replace(
            merged.record,
            id=held.record.id,
            # Another spacing is no other text.
            title=held.record.title if before[0] == after[0] else merged.record.title,
            abstract=held.record.abstract if before[1] == after[1] else merged.record.abstract,
        ),
    )


def unite(kept: Content, other: Content) -> Content:
    """What to show of a work known by two ids: the text and its dates are the kept one's."""
    shown = _overlay(kept, other, lists=_lists(kept, other))
    record = replace(shown.record, **{fact: getattr(kept.record, fact) for fact in _OWN_FACTS})
    derived = replace(shown.derived, mentions=kept.derived.mentions)
    return replace(shown, record=record, derived=derived)


def revises(before: Record, after: Record) -> bool:
    """Whether a title or abstract that was known has become another."""
    return any(old and old != new for old, new in zip(text_of(before), text_of(after), strict=True))


def _order(record: Record, held: Record) -> int:
    """Whether a record speaks of a later (1) or earlier (-1) state than what is held; 0: no telling."""
    if record.version and held.version and record.version != held.version:
        return 1 if record.version > held.version else -1
    if record.updated and held.updated and record.updated != held.updated:
        return 1 if record.updated > held.updated else -1
    # A reader's bibliography, which tells no version, does not overrule the archive, which does.
    return _is_dated(record) - _is_dated(held)


def _is_dated(record: Record) -> bool:
    return record.version is not None or record.updated is not None


def _overlay(newer: Content, older: Content, *, lists: dict[str, Any], later: bool = False) -> Content:
    """The newer content, its gaps filled from the older one. ``later``: surely of a later state."""
    new, old = newer.record, older.record
    record = replace(
        new,
        title=new.title if new.title.strip() else old.title,
        abstract=new.abstract if new.abstract.strip() else old.abstract,
        # One source may not tell withdrawals; only a later version takes one back.
        withdrawn=new.withdrawn or (old.withdrawn and not later),
        deleted=False,
        sample=new.sample if new.abstract.strip() else old.sample,
        **{fact: getattr(new, fact) or getattr(old, fact) for fact in _FACTS},
        **lists,
    )
    return Content(record, _derived(newer, older, record))


def _lists(first: Content, then: Content) -> dict[str, Any]:
    """The facts that add up, whichever record is the newer."""
    one, two = first.record, then.record
    return {
        "announcements": _announcements(one.announcements + two.announcements),
        "featured": min((day for day in (one.featured, two.featured) if day), default=None),
        "readings": tuple(sorted({*one.readings, *two.readings})),
        **{fact: _united(getattr(one, fact), getattr(two, fact)) for fact in _UNITED},
    }


def _derived(newer: Content, older: Content, record: Record) -> Derived:
    """What was derived, each part from the content that its text came from."""
    new, old = newer.derived, older.derived
    read = new if newer.record.abstract.strip() else old
    return replace(
        read,
        title=new.title if newer.record.title.strip() else old.title,
        gist=_stated(new.gist, old.gist, newer.record.gist, older.record.gist, read.gist),
        type=_stated(new.type, old.type, newer.record.type, older.record.type, read.type),
        keyphrases=_stated(
            new.keyphrases, old.keyphrases, newer.record.keyphrases, older.record.keyphrases, read.keyphrases
        ),
        links=_links(read.links, (*new.links, *old.links), record),
        mentions=_mentions(newer, older),
    )


def _mentions(newer: Content, older: Content) -> tuple[Mention, ...]:
    """What each text says of other papers, of the content that the text came from."""
    record = newer.record
    told = {
        Place.TITLE: bool(record.title.strip()),
        Place.ABSTRACT: bool(record.abstract.strip()),
        Place.COMMENT: bool(record.comment),
    }
    said = [m for m in newer.derived.mentions if told[m.place]]
    said += [m for m in older.derived.mentions if not told[m.place]]
    return tuple({m.target: m for m in reversed(said)}.values())[::-1]


def _stated(new: T, old: T, new_states: object, old_states: object, read: T) -> T:
    """What a source stated itself goes before what was read from the text."""
    return new if new_states else old if old_states else read


def _links(read: tuple[Link, ...], known: tuple[Link, ...], record: Record) -> tuple[Link, ...]:
    """The links of the text, and those that some source gave."""
    given = set(record.links)
    by_url = {link.url: link for link in read}
    for link in known:
        if link.url in given:
            by_url.setdefault(link.url, link)
    return tuple(by_url.values())


def _announcements(announcements: tuple[Announcement, ...]) -> tuple[Announcement, ...]:
    """Each place in an edition once, in order; stated where any source stated it.

    A paper is new on one day: once a source states that day, the days that were worked out are dropped.
    """
    if any(a.stated and a.kind is AnnounceKind.NEW for a in announcements):
        announcements = tuple(a for a in announcements if a.stated or a.kind is not AnnounceKind.NEW)
    places: dict[tuple[object, object], Announcement] = {}
    for announcement in announcements:
        place = (announcement.day, announcement.kind)
        if place not in places or announcement.stated:
            places[place] = announcement
    return tuple(sorted(places.values()))


def _united(held: tuple[T, ...], new: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(held + new)) if new else held
