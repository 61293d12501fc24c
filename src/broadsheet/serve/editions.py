"""The front page, an edition, a section of it. Knows the library and the form of its editions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from broadsheet.categories import name
from broadsheet.errors import NotFoundError
from broadsheet.ids import PaperId
from broadsheet.library import Edition, Entry, leave_out
from broadsheet.library.editions import UNSORTED
from broadsheet.library.people import Scope
from broadsheet.model import FollowKind, Paper
from broadsheet.serve import away, following, foryou, markdown, parameters, view
from broadsheet.serve.door import visitor_of
from broadsheet.serve.site import Site
from broadsheet.store.people import Role

# A front page names this many papers and headed sections; the rest is one step away.
CARDS = 64
SECTIONS = 20
BRIEFS = 8  # cross-lists and replacements, each
SECTION_PAGE = 40
# Letters of an abstract beside the gist, for the first lead and the others.
ROOM = (760, 360, 440, 440)

CROSSED, REVISED = "cross", "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section as the front page shows it: the first papers, and how many there are in all."""

    key: str
    title: str
    cards: list[view.Card]
    total: int
    url: str

    @property
    def cut(self) -> bool:
        """Whether some papers are only on the section's own page."""
        return len(self.cards) < self.total


def latest(site: Site, request: Request) -> Response:
    """The newest edition, or how to get one."""
    day = site.library.latest()
    if day is None:
        return site.press.page(request, "welcome.html", {})
    return _edition_page(site, request, site.library.edition(day), front=True)


def edition(site: Site, request: Request) -> Response:
    """The edition of a day; on a day without one, why."""
    found = site.library.edition(parameters.day(request.path_params["day"]))
    return _edition_page(site, request, found, front=False)


def section(site: Site, request: Request) -> Response:
    """All papers of one section of an edition, in pages."""
    day = parameters.day(request.path_params["day"])
    key = request.path_params["key"]
    found = site.library.edition(day)
    entries = _section_entries(found, key)
    if not entries:
        raise NotFoundError(f"the edition of {day} has no section {key!r}")
    put_away = away.of(site, request)
    left_out = away.left_out(put_away, (e.id for e in entries))
    entries = tuple(e for e in entries if e.id not in put_away.ids)
    number = parameters.page(request.query_params.get("page", ""))
    start = (number - 1) * SECTION_PAGE
    if number > 1 and start >= len(entries):
        raise NotFoundError(f"{section_title(key)} of {day} has no page {number}")
    shown = entries[start : start + SECTION_PAGE]
    papers = site.library.papers(e.id for e in shown)
    standings = site.desk(request).standings(papers)
    return site.press.page(
        request,
        "section.html",
        {
            "edition": found,
            "title": section_title(key),
            "key": key,
            "total": len(entries),
            "left_out": left_out,
            "followed": following.is_followed(site, request, FollowKind.CATEGORY, key),
            "can_follow": key not in {CROSSED, REVISED, UNSORTED},
            "cards": view.entry_cards(
                shown, papers, standings=standings, day=day, headed=key not in {CROSSED, REVISED}
            ),
            "texts": view.texts_of(papers.values()),
            "first": start + 1,
            "page": number,
            "pages": max(-(-len(entries) // SECTION_PAGE), 1),
            "sections": _index(found),
        },
    )


def allot(sizes: Sequence[int], *, room: int) -> list[int]:
    """How many of each to show so that about ``room`` are shown: one each, then by the root of the size.

    The seats go one by one to the largest quotient, as in D'Hondt's method, so that a field of 400
    papers shows more than one of 4 but not a hundred times as many.

    >>> allot([400, 100, 4, 1], room=16)
    [10, 4, 1, 1]
    """
    shown = [min(size, 1) for size in sizes]
    for _ in range(room - sum(shown)):
        open_ = [i for i, size in enumerate(sizes) if shown[i] < size]
        if not open_:
            break
        shown[max(open_, key=lambda i: (sizes[i] ** 0.5 / (shown[i] + 1), -i))] += 1
    return shown


def section_title(key: str) -> str:
    """The heading of a section's own page."""
    return {CROSSED: "Cross-lists", REVISED: "Replacements", "other": "No category given"}.get(key) or name(
        key
    )


def section_sizes(found: Edition) -> dict[str, int]:
    """Every section that has a page of its own, cross-lists and replacements too, and how many papers each has."""
    sizes = {key: total for key, _, total, _ in _index(found)}
    briefs = {CROSSED: len(found.crossed), REVISED: len(found.revised)}
    return sizes | {key: count for key, count in briefs.items() if count}


def _edition_page(site: Site, request: Request, found: Edition, *, front: bool) -> Response:
    day = found.day
    if found.empty is not None:
        return site.press.page(request, "empty.html", {"edition": found}, status=200)
    put_away = away.of(site, request)
    left_out = away.left_out(put_away, (e.id for e in found.entries))
    found = leave_out(found, put_away.ids)
    sections = found.sections[:SECTIONS]
    choices = foryou.on_front(site, site.desk(request), site.library.edition(day)) if front else ()
    counts = allot([len(s.entries) for s in sections], room=CARDS - len(found.leads) - len(choices))
    shown = [(s, s.entries[:count]) for s, count in zip(sections, counts, strict=True)]
    briefs = found.crossed[:BRIEFS] + found.revised[:BRIEFS]
    first = (entry for _, entries in shown for entry in entries)
    papers = site.library.papers(entry.id for entry in (*found.leads, *first, *briefs))
    standings = site.desk(request).standings(papers)
    led = Counter(entry.section for entry in found.leads)
    blocks = [
        Block(
            key=s.key,
            title=s.title,
            cards=(cards := view.entry_cards(entries, papers, standings=standings, day=day, headed=True)),
            total=len(s.entries) + led[s.key] if len(entries) < len(s.entries) else len(cards),
            url=f"/edition/{day}/{s.key}",
        )
        for s, entries in shown
    ]
    return site.press.page(
        request,
        "edition.html",
        {
            "edition": found,
            "front": front,
            "for_you": [view.card(c.paper, standings=standings, why=c.reason, day=day) for c in choices],
            "note": markdown.render(found.note) if found.note else "",
            "may_curate": visitor_of(request).may(Scope.CURATE, Role.CURATOR),
            "left_out": left_out,
            "leads": [
                view.lead_card(
                    e, papers[e.id], standings=standings, day=day, room=ROOM[min(i, len(ROOM) - 1)]
                )
                for i, e in enumerate(found.leads)
                if e.id in papers
            ],
            "blocks": [b for b in blocks if len(b.cards) > 2],
            "small": [b for b in blocks if len(b.cards) <= 2],
            "sections": _index(found),
            "crossed": _briefs(found.crossed, papers, CROSSED, day),
            "revised": _briefs(found.revised, papers, REVISED, day),
            "texts": view.texts_of(papers.values()),
        },
    )


def _briefs(entries: Sequence[Entry], papers: Mapping[PaperId, Paper], key: str, day: date) -> Block:
    return Block(
        key=key,
        title=section_title(key),
        cards=view.entry_cards(entries[:BRIEFS], papers, day=day),
        total=len(entries),
        url=f"/edition/{day}/{key}",
    )


def _section_entries(found: Edition, key: str) -> tuple[Entry, ...]:
    if key in {CROSSED, REVISED}:
        return found.crossed if key == CROSSED else found.revised
    rest = next((s.entries for s in found.sections if s.key == key), ())
    return tuple(e for e in found.leads if e.section == key) + rest


def _index(found: Edition) -> list[tuple[str, str, int, str]]:
    """Every section of an edition: key, title, number of papers, address; largest first."""
    sizes = Counter(entry.section for entry in found.leads)
    for s in found.sections:
        sizes[s.key] += len(s.entries)
    order = sorted(sizes, key=lambda key: (-sizes[key], key))
    return [(key, section_title(key), sizes[key], f"/edition/{found.day}/{key}") for key in order]
