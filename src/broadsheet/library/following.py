"""What is new in what a reader follows. Knows the library and the desk, no page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from broadsheet.errors import InputError, StaleIndexError
from broadsheet.index.contract import Filter
from broadsheet.library.archive import Library
from broadsheet.library.asking import SearchForm
from broadsheet.library.desk import Desk
from broadsheet.library.views import Reason
from broadsheet.model import Follow, FollowKind, Paper

# A paper announced longer ago than this before the reader's last visit is no news, whenever it came in.
_LATE: Final = timedelta(days=14)
# Who was never here is shown the news of a week.
_FIRST: Final = timedelta(days=7)
# Two looks within an hour are one visit.
_VISIT: Final = timedelta(hours=1)
_LOOKED: Final = 60  # so many papers of each thing followed are looked at

VISITS: Final = "following"  # the setting with the visits: the moment of the last but one, and of the last


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is new in one thing followed: newest first, each paper with the reason why it is there."""

    follow: Follow
    papers: tuple[tuple[Paper, Reason], ...] = ()
    more: bool = False  # there are more than were asked for


def seen_until(desk: Desk, *, now: datetime) -> datetime:
    """The reader's last visit: what came in after it is new."""
    before, _ = _visits(desk)
    return before or now - _FIRST


def visit(desk: Desk, *, now: datetime, done: bool = False) -> None:
    """Note that the reader looks at the news. ``done``: has seen all of it, so nothing before now is new."""
    before, last = _visits(desk)
    if done:
        before = now
    elif last is None or now - last >= _VISIT:
        before = last
    stamps = (before.isoformat() if before else "", now.isoformat())
    desk.prefer(VISITS, "|".join(stamps))


def news(library: Library, follow: Follow, *, since: datetime, limit: int) -> News:
    """What came in after a moment of one thing that is followed."""
    found = [
        (paper, reason)
        for paper, reason in recent(library, follow, since=(since - _LATE).date())
        if paper.added > since
    ]
    return News(follow=follow, papers=tuple(found[:limit]), more=len(found) > limit)


def recent(library: Library, follow: Follow, *, since: date) -> Sequence[tuple[Paper, Reason]]:
    """The papers of something followed since a day, newest first, each with why; at most sixty are looked at."""
    match follow.kind:
        case FollowKind.AUTHOR:
            reason = Reason("author", f"by {follow.label}")
            papers = library.author(follow.value, limit=_LOOKED)
            found = [(paper, reason) for paper in papers if dated(paper) >= since]
        case FollowKind.CATEGORY:
            wanted = Filter(categories=(follow.value,), since=since)
            results = library.search("", filter=wanted, limit=_LOOKED)
            found = [(hit.paper, Reason("announced", f"in {follow.value}")) for hit in results.hits]
        case FollowKind.SEARCH:
            form = SearchForm.parse(follow.value)
            found = answers(library, form.q, filter=form.filter(), since=since)
        case FollowKind.TOPIC:
            course = library.topic(follow.value, since=since)
            ids = [id for _, ids in course.days for id in ids][:_LOOKED] if course else []
            about = Reason("topic", f"on {course.name}") if course else None
            papers_of = library.papers(ids)
            found = [(papers_of[id], about) for id in ids if about and id in papers_of]
    return sorted(found, key=lambda one: (-dated(one[0]).toordinal(), one[0].id))


def answers(
    library: Library, query: str, *, filter: Filter, since: date, limit: int = _LOOKED
) -> list[tuple[Paper, Reason]]:
    """The papers since a day that answer a search, as far as its relevance goes, best first, each with why."""
    start = max(filter.since, since) if filter.since else since
    narrowed = filter.narrowed(Filter(since=start))
    results = library.search(query, filter=narrowed, limit=limit)
    return [(hit.paper, hit.reason) for hit in results.hits if hit.relevant is not False]


def all_news(library: Library, follows: Sequence[Follow], *, since: datetime, limit: int) -> list[News]:
    """The news of several things followed: those with news first, then by name.

    Something that cannot be asked, such as a search while there is no index, has no news.
    """
    found = []
    for follow in follows:
        try:
            found.append(news(library, follow, since=since, limit=limit))
        except (StaleIndexError, InputError):
            found.append(News(follow=follow))
    return sorted(found, key=lambda one: not one.papers)


def together(library: Library, desk: Desk, *, since: date, limit: int) -> list[tuple[Paper, Reason]]:
    """Everything new in what a reader follows as one list, newest first, each paper once."""
    found: dict[str, tuple[Paper, Reason]] = {}
    for follow in desk.follows():
        try:
            papers = recent(library, follow, since=since)
        except (StaleIndexError, InputError):
            continue
        for paper, reason in papers:
            found.setdefault(str(paper.id), (paper, reason))
    return sorted(found.values(), key=lambda one: (-dated(one[0]).toordinal(), one[0].id))[:limit]


def dated(paper: Paper) -> date:
    """The day a paper was announced, else published, else came here."""
    published = paper.record.published
    return paper.day or (published.date() if published else paper.added.date())


def _visits(desk: Desk) -> tuple[datetime | None, datetime | None]:
    before, _, last = desk.preferences().get(VISITS, "|").partition("|")
    try:
        moments = [datetime.fromisoformat(text).astimezone(UTC) if text else None for text in (before, last)]
    except ValueError:
        return None, None
    return moments[0], moments[1]
