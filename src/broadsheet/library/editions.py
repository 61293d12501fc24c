"""Set the edition of a day: leads, sections, cross-lists, replacements. Knows no page and no database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from broadsheet.categories import name
from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors
from broadsheet.library.views import Edition, Entry, Reason, Section
from broadsheet.model import AnnounceKind, DayCount, VoteReading
from broadsheet.rank.leads import Lead, centralities, choose_leads
from broadsheet.store.contract import Outline

# Gives the vectors of those ids that have one, and says which.
VectorsOf = Callable[[Sequence[PaperId]], tuple[tuple[PaperId, ...], Vectors]]

UNSORTED = "other"  # the section of papers whose source gives no category


def set_edition(
    day: date,
    outlines: Sequence[Outline],
    *,
    previous: date | None,
    next: date | None,
    vectors_of: VectorsOf,
) -> Edition:
    """The edition of a day from everything announced that day."""
    by_kind: dict[AnnounceKind, list[Outline]] = {}
    for outline in outlines:
        by_kind.setdefault(outline.kind, []).append(outline)
    new = by_kind.get(AnnounceKind.NEW, [])
    crossed = by_kind.get(AnnounceKind.CROSS, [])
    revised = by_kind.get(AnnounceKind.REPLACE, []) + by_kind.get(AnnounceKind.REPLACE_CROSS, [])
    featured = sum(outline.featured is not None for outline in outlines)
    count = DayCount(day, len(new), len(crossed), len(revised), featured)
    if not outlines:
        return Edition(
            day=day, count=count, previous=previous, next=next, empty=why_empty(day, previous, next)
        )

    groups: dict[str, list[Outline]] = {}
    for outline in new:
        groups.setdefault(section_of(outline), []).append(outline)
    centrality = _centralities(groups, vectors_of)
    votes = {o.id: o.votes.count for o in new if o.votes is not None}
    for members in groups.values():
        members.sort(key=lambda o: (-o.votes.count if o.votes else 0, -centrality.get(o.id, 0.0), o.id))
    leads = choose_leads(
        {k: [o.id for o in v] for k, v in groups.items()}, votes=votes, centrality=centrality
    )
    led = {lead.id for lead in leads}
    known = {o.id: o for o in new if o.id in led}
    rest = {key: [o for o in members if o.id not in known] for key, members in groups.items()}
    return Edition(
        day=day,
        count=count,
        leads=tuple(_entry(known[lead.id], _lead_reason(lead, known[lead.id])) for lead in leads),
        sections=tuple(
            Section(
                key=key,
                title=section_title(key),
                entries=tuple(_entry(o, _reason(o)) for o in rest[key]),
            )
            for key in sorted(groups, key=lambda k: (k == UNSORTED, -len(groups[k]), k))
            if rest[key]
        ),
        crossed=tuple(_entry(o, _crossed_reason(o)) for o in crossed),
        revised=tuple(_entry(o, _revised_reason(o)) for o in revised),
        previous=previous,
        next=next,
        sample=any(o.sample for o in outlines),
    )


def leave_out(edition: Edition, ids: Collection[PaperId]) -> Edition:
    """The edition without these papers; a section that has nothing left is left out. The counts stay the day's."""
    if not ids:
        return edition

    def kept(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(entry for entry in entries if entry.id not in ids)

    sections = (replace(section, entries=kept(section.entries)) for section in edition.sections)
    return replace(
        edition,
        leads=kept(edition.leads),
        sections=tuple(section for section in sections if section.entries),
        crossed=kept(edition.crossed),
        revised=kept(edition.revised),
    )


def _entry(outline: Outline, reason: Reason) -> Entry:
    return Entry(id=outline.id, section=section_of(outline), reason=reason)


def _centralities(groups: Mapping[str, Sequence[Outline]], vectors_of: VectorsOf) -> dict[PaperId, float]:
    """How typical of its section each paper is."""
    ids, vectors = vectors_of([o.id for members in groups.values() for o in members])
    row = {id: number for number, id in enumerate(ids)}
    found: dict[PaperId, float] = {}
    for members in groups.values():
        known = [o.id for o in members if o.id in row]
        found |= centralities(known, vectors[[row[id] for id in known]])
    return found


def section_of(outline: Outline) -> str:
    """The section a paper belongs to: its primary category."""
    return outline.categories[0] if outline.categories else UNSORTED


def section_title(key: str) -> str:
    """The heading of a section."""
    return "No category given" if key == UNSORTED else name(key)


def why_empty(day: date, previous: date | None, next: date | None) -> str:
    """Why a day has no edition, in a sentence or two for the reader."""
    if previous is None and next is None:
        return "The archive holds no editions yet. `broadsheet sync` or `broadsheet import` brings papers in."
    if next is None:
        return f"This edition has not come in. The last one here is of {_long(previous)}; `broadsheet sync` asks for more."
    if previous is None:
        return f"The archive begins on {_long(next)}."
    if day.weekday() >= 5:
        return (
            "arXiv announces papers on the evenings of Sunday to Thursday, so there is no edition on a "
            f"{day:%A}. What was submitted since Friday afternoon is in the next one, of {_long(next)}."
        )
    return (
        "No source announced anything on this day: a holiday at arXiv, or a day that was not collected. "
        f"What would have come is in the next edition, of {_long(next)}."
    )


def _lead_reason(lead: Lead, outline: Outline) -> Reason:
    if outline.votes is not None and lead.votes is not None:
        return Reason("lead", _counted(outline.votes))
    return Reason(
        "lead",
        f"closest to what the day’s {lead.stands_for} papers in {section_title(lead.section)} are about"
        if (lead.stands_for or 0) > 1
        else f"the day’s only paper in {section_title(lead.section)}",
    )


def _reason(outline: Outline) -> Reason:
    votes = outline.votes
    if outline.featured is not None:
        counted = f", {_counted(votes)}" if votes and votes.count else ""
        return Reason("curated", f"on the curated list of {_short(outline.featured)}{counted}")
    if votes and votes.count:
        return Reason("curated", _counted(votes))
    return _announced(outline.categories[0] if outline.categories else None)


@lru_cache(maxsize=512)
def _announced(category: str | None) -> Reason:
    """One value for a whole section: editions are kept, and this is what most of their papers have."""
    return Reason("announced", f"announced in {category}" if category else "announced")


def _crossed_reason(outline: Outline) -> Reason:
    others = ", ".join(outline.categories[1:4])
    return Reason("announced", f"cross-listed to {others}" if others else "cross-listed")


def _revised_reason(outline: Outline) -> Reason:
    version = outline.version
    return Reason("announced", f"replaced by version {version}" if version else "replaced by a new version")


def _counted(votes: VoteReading) -> str:
    return f"{votes.count} {'vote' if votes.count == 1 else 'votes'} by {_short(votes.at.date())}"


def _short(day: date) -> str:
    return f"{day.day} {day:%B}"


def _long(day: date | None) -> str:
    return f"{day.day} {day:%B} {day.year}" if day else ""
