"""Set the edition of a day: leads, sections, cross-lists, replacements. Knows no page and no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from broadsheet.categories import name
from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors
from broadsheet.library.views import Edition, Entry, Reason, Section
from broadsheet.model import AnnounceKind, DayCount, Paper
from broadsheet.rank.leads import Lead, centralities, choose_leads

# Gives the vectors of those ids that have one, and says which.
VectorsOf = Callable[[Sequence[PaperId]], tuple[tuple[PaperId, ...], Vectors]]

UNSORTED = "other"  # the section of papers whose source gives no category


def set_edition(
    day: date,
    papers: Sequence[Paper],
    *,
    previous: date | None,
    next: date | None,
    vectors_of: VectorsOf,
) -> Edition:
    """The edition of a day from everything announced that day."""
    by_kind: dict[AnnounceKind, list[Paper]] = {}
    for paper in papers:
        by_kind.setdefault(_kind(paper, day), []).append(paper)
    new = by_kind.get(AnnounceKind.NEW, [])
    crossed = by_kind.get(AnnounceKind.CROSS, [])
    revised = by_kind.get(AnnounceKind.REPLACE, []) + by_kind.get(AnnounceKind.REPLACE_CROSS, [])
    count = DayCount(
        day, len(new), len(crossed), len(revised), sum(p.record.featured is not None for p in papers)
    )
    if not papers:
        return Edition(
            day=day, count=count, previous=previous, next=next, empty=why_empty(day, previous, next)
        )

    groups: dict[str, list[Paper]] = {}
    for paper in new:
        groups.setdefault(section_of(paper), []).append(paper)
    centrality = _centralities(groups, vectors_of)
    votes = {p.id: p.votes for p in new if p.votes is not None}
    for members in groups.values():
        members.sort(key=lambda p: (-votes.get(p.id, 0), -centrality.get(p.id, 0.0), p.id))
    leads = choose_leads(
        {k: [p.id for p in v] for k, v in groups.items()}, votes=votes, centrality=centrality
    )
    known = {p.id: p for p in new}
    led = {lead.id for lead in leads}
    return Edition(
        day=day,
        count=count,
        leads=tuple(Entry(paper=known[lead.id], reason=_lead_reason(lead, known[lead.id])) for lead in leads),
        sections=tuple(
            Section(
                key=key,
                title=section_title(key),
                entries=tuple(Entry(paper=p, reason=_reason(p)) for p in groups[key] if p.id not in led),
            )
            for key in sorted(groups, key=lambda k: (k == UNSORTED, -len(groups[k]), k))
            if any(p.id not in led for p in groups[key])
        ),
        crossed=tuple(Entry(paper=p, reason=_crossed_reason(p)) for p in crossed),
        revised=tuple(Entry(paper=p, reason=_revised_reason(p)) for p in revised),
        previous=previous,
        next=next,
        sample=any(p.record.sample for p in papers),
    )


def _centralities(groups: Mapping[str, Sequence[Paper]], vectors_of: VectorsOf) -> dict[PaperId, float]:
    """How typical of its section each paper is."""
    ids, vectors = vectors_of([p.id for members in groups.values() for p in members])
    row = {id: number for number, id in enumerate(ids)}
    found: dict[PaperId, float] = {}
    for members in groups.values():
        known = [p.id for p in members if p.id in row]
        found |= centralities(known, vectors[[row[id] for id in known]])
    return found


def section_of(paper: Paper) -> str:
    """The section a paper belongs to: its primary category."""
    return paper.record.categories[0] if paper.record.categories else UNSORTED


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


def _kind(paper: Paper, day: date) -> AnnounceKind:
    kinds = {a.kind for a in paper.record.announcements if a.day == day}
    return next((kind for kind in AnnounceKind if kind in kinds), AnnounceKind.NEW)


def _lead_reason(lead: Lead, paper: Paper) -> Reason:
    if lead.votes is not None:
        return Reason("lead", _votes(paper))
    return Reason(
        "lead",
        f"closest to what the day’s {lead.stands_for} papers in {section_title(lead.section)} are about"
        if (lead.stands_for or 0) > 1
        else f"the day’s only paper in {section_title(lead.section)}",
    )


def _reason(paper: Paper) -> Reason:
    record = paper.record
    if record.featured is not None:
        votes = f", {_votes(paper)}" if paper.votes else ""
        return Reason("curated", f"on the curated list of {_short(record.featured)}{votes}")
    if paper.votes:
        return Reason("curated", _votes(paper))
    where = f" in {record.categories[0]}" if record.categories else ""
    return Reason("announced", f"announced{where}")


def _crossed_reason(paper: Paper) -> Reason:
    others = ", ".join(paper.record.categories[1:4])
    return Reason("announced", f"cross-listed to {others}" if others else "cross-listed")


def _revised_reason(paper: Paper) -> Reason:
    version = paper.record.version
    return Reason("announced", f"replaced by version {version}" if version else "replaced by a new version")


def _votes(paper: Paper) -> str:
    latest = max(paper.record.votes)
    return f"{latest.count} {'vote' if latest.count == 1 else 'votes'} by {_short(latest.at.date())}"


def _short(day: date) -> str:
    return f"{day.day} {day:%B}"


def _long(day: date | None) -> str:
    return f"{day.day} {day:%B} {day.year}" if day else ""
