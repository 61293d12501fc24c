"""Ask bioRxiv and medRxiv for new preprints, by the API at https://api.biorxiv.org/details/biorxiv/help.

``GET /details/{server}/{from}/{to}/{cursor}/json`` answers up to 100 postings from number
``cursor`` on: every version posted in those days is one. ``docs/use/sources.md`` goes through
this module as the example of a source. Knows no database.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from broadsheet.errors import InputError, RecordError, SourceError
from broadsheet.ids import Scheme
from broadsheet.model import AnnounceKind, Announcement, Record, Version
from broadsheet.source import dates, identity
from broadsheet.source.contract import Batch, Item
from broadsheet.source.feed import text_of
from broadsheet.source.fetch import Fetched, Fetcher, listing
from broadsheet.source.people import authors

_ADDRESS = "https://api.biorxiv.org/details"
_TRIES = 3  # how often an empty page in the middle is asked for again


@dataclass(frozen=True, slots=True)
class Rxiv:
    """One of the two servers; ``name`` is what the API calls it.

    A harvest that begins goes ``days`` back. ``fetch`` gets an address; without it, a polite
    Fetcher of our own does, telling ``contact`` to the host.
    """

    name: str = "biorxiv"
    contact: str = ""
    days: int = 7
    fetch: Callable[[str], Fetched] | None = None
    today: Callable[[], date] = lambda: datetime.now(UTC).date()

    def harvest(self, cursor: str | None) -> Iterator[Batch]:
        """Pages of postings since ``cursor``.

        A cursor is ``from/to/number`` inside an interval and the last day asked for at its end;
        that day is asked for again, because more may be posted on it.
        """
        start, end, number = _stand(cursor, today=self.today(), days=self.days)
        with Fetcher(contact=self.contact) as fetcher:
            fetch = self.fetch or fetcher.get
            while True:
                page = self._page(fetch, start, end, number)
                items = tuple(self._item(posting) for posting in page.postings)
                number += len(items)
                if not items or number >= page.total:
                    yield Batch(items, cursor=end.isoformat(), total=page.total)
                    return
                yield Batch(items, cursor=f"{start}/{end}/{number}", total=page.total)

    def _page(self, fetch: Callable[[str], Fetched], start: date, end: date, number: int) -> _Page:
        url = f"{_ADDRESS}/{self.name}/{start}/{end}/{number}/json"
        for _ in range(_TRIES):
            page = _read_page(fetch(url).body, url=url)
            if page.postings or number >= page.total:
                return page
        raise SourceError(
            f"{url}: an empty page, though {page.total} postings were promised; try again later"
        )

    def _item(self, posting: object) -> Item:
        where = f"{self.name}: {posting.get('doi', '?') if isinstance(posting, dict) else '?'}"
        try:
            return _record(posting, server=self.name)
        except InputError as error:
            return RecordError(where, str(error), json.dumps(posting, ensure_ascii=False))


# What the entry points name.
biorxiv = Rxiv("biorxiv")
medrxiv = Rxiv("medrxiv")


@dataclass(frozen=True, slots=True)
class _Page:
    postings: tuple[object, ...]
    total: int


def _stand(cursor: str | None, *, today: date, days: int) -> tuple[date, date, int]:
    """First day, last day and number of the next posting."""
    if cursor is None:
        return today - timedelta(days=days), today, 0
    try:
        match cursor.split("/"):
            case [day]:
                return min(date.fromisoformat(day), today), today, 0
            case [start, end, number]:
                return date.fromisoformat(start), date.fromisoformat(end), int(number)
    except ValueError:
        pass
    raise InputError(
        f"not a cursor of this source: {cursor!r}; wanted '2026-03-01' or '2026-03-01/2026-03-08/100'"
    )


def _read_page(body: bytes, *, url: str) -> _Page:
    answer, postings = listing(body, "collection", url=url)
    messages = answer.get("messages")
    message = messages[0] if isinstance(messages, list) and messages and isinstance(messages[0], dict) else {}
    status = str(message.get("status", "ok"))
    if status != "ok" and "no posts found" not in status.lower():
        raise SourceError(f"{url}: the host says {status[:200]!r}")
    total = str(message.get("total", message.get("count", len(postings))))
    return _Page(tuple(postings), int(total) if total.isascii() and total.isdecimal() else len(postings))


def _record(posting: object, *, server: str) -> Record:
    if not isinstance(posting, dict):
        raise InputError(f"got {str(posting)[:40]!r}, wanted a posting")
    id = identity.doi(_text(posting, "doi"))
    if id is None or id.scheme is not Scheme.DOI:
        raise InputError(f"doi: got {posting.get('doi')!r}, wanted a DOI")
    title = text_of(_text(posting, "title"))
    if not title:
        raise InputError("no title")
    day = dates.day(_text(posting, "date"))
    if day is None:
        raise InputError(f"date: got {posting.get('date')!r}, wanted the day of posting")
    posted = datetime(day.year, day.month, day.day, tzinfo=UTC)
    version = _version(posting.get("version"))
    first = version in {1, None}
    published = identity.doi(_text(posting, "published"))
    category = "-".join(_text(posting, "category").lower().split())
    return Record(
        id=id,
        also=(published,) if published and published != id else (),
        title=title,
        source=server,
        abstract=text_of(_text(posting, "abstract")),
        # "Gomez Cuautle, D. D.; Rossi, A. R.": a comma never parts two people here.
        authors=authors(re.split(r"\s*;\s*", _text(posting, "authors").strip("; "))),
        categories=(f"{server}.{category}",) if category else (),
        published=posted if first else None,
        updated=posted,
        announcements=(Announcement(day, AnnounceKind.NEW if first else AnnounceKind.REPLACE),),
        versions=(Version(version, posted),) if version else (),
        version=version,
        withdrawn="withdraw" in _text(posting, "type").lower() or title.upper().startswith("WITHDRAWN"),
        doi=str(published) if published else str(id),
        licence=_text(posting, "license") or None,
    )


def _version(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 5 and int(text) else None


def _text(posting: Mapping[str, Any], key: str) -> str:
    """A field as text; the API says ``NA`` for nothing."""
    value = posting.get(key)
    return value.strip() if isinstance(value, str) and value.strip() != "NA" else ""
