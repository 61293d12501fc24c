"""arXiv's announcement feed of a day → what was announced, and how. Knows no database.

https://info.arxiv.org/help/rss.html and https://info.arxiv.org/help/rss_specifications.html: Atom or
RSS 2.0, made at midnight US Eastern, empty on days without announcement, at most 2,000 items.
The items bear the edition's date; whether that date is true the feed cannot tell (it may serve
yesterday's batch under today's), so the pipeline compares it with what OAI-PMH said.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from lxml import etree

from broadsheet.errors import RecordError, SourceError
from broadsheet.model import AnnounceKind, Announcement, Record
from broadsheet.source.arxiv.authors import authors
from broadsheet.source.arxiv.client import Client, MalformedError, answer_of
from broadsheet.source.arxiv.records import SOURCE, first_doi, identify, moment
from broadsheet.source.arxiv.schedule import EASTERN
from broadsheet.source.arxiv.xmltree import child, children, name, parse, text
from broadsheet.source.contract import Announced, Item
from broadsheet.source.withdrawal import is_withdrawn

URL = "https://rss.arxiv.org/atom/"
MAX_ITEMS = 2000

_PREFIX = re.compile(r"\s*arXiv:\S+\s+Announce\s+Type:\s*\S+\s+(?:Abstract:\s*)?", re.IGNORECASE)
_KINDS = {kind.value: kind for kind in AnnounceKind}
_PHYSICS = [
    "astro-ph",
    "cond-mat",
    "gr-qc",
    "hep-ex",
    "hep-lat",
    "hep-ph",
    "hep-th",
    "math-ph",
    "nlin",
    "nucl-ex",
    "nucl-th",
    "physics",
    "quant-ph",
]


class AnnouncementFeed:
    """The feed of one OAI-PMH set's subjects, as a ``FeedSource``."""

    def __init__(self, client: Client, *, set: str, url: str = URL) -> None:
        self.name = f"{SOURCE}:feed:{set}"
        self._client = client
        self._url = url + subjects(set)

    def today(self) -> Announced:
        """What the feed gives now. Raises SourceError or ThrottledError."""
        return self._client.fetch(self._url, {}, lambda reply: answer_of(reply, read_feed))


def subjects(set: str) -> str:
    """The feed's name for an OAI-PMH set.

    >>> subjects("cs"), subjects("cs:cs:CL"), subjects("physics:hep-th")
    ('cs', 'cs.CL', 'hep-th')
    """
    parts = set.split(":")
    if parts == ["physics"]:
        return "+".join(_PHYSICS)
    return ".".join(parts[1:]) if len(parts) > 2 else parts[-1]


def read_feed(body: bytes) -> Announced:
    """What a feed announces. Raises MalformedError where it is none, SourceError where it reports an error."""
    root = parse(body, roots=("feed", "rss"))
    channel = child(root, "channel") if name(root) == "rss" else root
    if channel is None:
        raise MalformedError("the feed has no channel")
    if text(channel, "title").startswith("Feed error"):
        reason = text(channel, "subtitle") or text(channel, "description")
        raise SourceError(f"arXiv's feed answers: {text(channel, 'title')}: {reason or 'no reason given'}")
    elements = children(channel, "entry") or children(channel, "item")
    days = [_day(_first(element, "published", "pubDate")) for element in elements]
    whole = _day(_first(channel, "pubDate", "updated", "lastBuildDate"))
    return Announced(
        day=_commonest(days) or whole,
        items=tuple(_item(e, d or whole) for e, d in zip(elements, days, strict=True)),
        capped=len(elements) >= MAX_ITEMS,
    )


def _item(element: etree._Element, day: date | None) -> Item:
    identifier = _first(element, "id", "guid")
    where = identifier or "a feed item without id"
    try:
        id, version = identify(identifier, where=where)
        title = text(element, "title")
        kind = _KINDS.get(text(element, "announce_type"))
        if not title or kind is None or day is None:
            missing = "title" if not title else "date" if day is None else "known announce_type"
            return RecordError(where, f"no {missing}")
    except RecordError as error:
        return error
    abstract = _PREFIX.sub("", _first(element, "summary", "description"), count=1)
    return Record(
        id=id,
        title=title,
        source=SOURCE,
        abstract=abstract,
        authors=authors(text(element, "creator")),
        categories=_categories(element),
        announcements=(Announcement(day, kind),),
        version=version,
        withdrawn=is_withdrawn("", abstract),
        venue=_first(element, "journal_reference", "journal_ref") or None,
        doi=first_doi(_first(element, "DOI", "doi")),
        licence=text(element, "rights") or None,
    )


def _categories(element: etree._Element) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c for e in children(element, "category") if (c := e.get("term") or text(e))))


def _first(element: etree._Element, *names: str) -> str:
    return next((found for wanted in names if (found := text(element, wanted))), "")


def _day(written: str) -> date | None:
    at = moment(written)
    return at.astimezone(EASTERN).date() if at else None


def _commonest(days: list[date | None]) -> date | None:
    counted = Counter(d for d in days if d)
    return min(counted, key=lambda d: (-counted[d], d)) if counted else None
