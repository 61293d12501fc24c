"""Read RSS, Atom and JSON feeds: each entry is a paper, announced the day the feed dates it.

XML entities are refused, links are not followed. Knows no database; ``fetch`` gets feeds.
"""

from __future__ import annotations

import calendar
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import feedparser  # type: ignore[import-untyped]  # has no stubs

from broadsheet.errors import InputError, RecordError
from broadsheet.model import AnnounceKind, Announcement, Author, Record
from broadsheet.source import dates, identity
from broadsheet.source.contract import Item
from broadsheet.source.files import decode, read_bytes, suffix
from broadsheet.source.people import authors
from broadsheet.source.withdrawal import is_withdrawn

MAX_FEED = 64 << 20
_ROOT = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]")
_BLOCK = re.compile(r"</?(?:p|br|div|li|ul|ol|h[1-6]|tr|table|section|jats:\w+)\b[^<>]*>", re.IGNORECASE)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|cite|code|em|font|i|img|small|span|strong|sub|sup|td|th|tt|u)(?:\s[^<>=]*=[^<>]*|\s*/?)>",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HIDDEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
# What arXiv's feed puts before the abstract: https://info.arxiv.org/help/rss_specifications.html
_ARXIV_PREFIX = re.compile(r"^\s*arXiv:\S+\s+Announce Type:\s*\S+\s*(?:Abstract:\s*)?", re.IGNORECASE)
_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]{2,})?")
_KINDS = {kind.value: kind for kind in AnnounceKind}


@dataclass(frozen=True, slots=True)
class Feed:
    """Files of RSS 0.9–2.0, Atom and JSON Feed."""

    name: str = "feed"

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the file opens like a feed."""
        plain = head.replace(b"\0", b"")
        return (
            _ROOT.search(plain) is not None
            or b"jsonfeed.org/version" in plain
            or (suffix(path) in {".rss", ".atom"} and b"<" in plain)
        )

    def read(self, path: Path) -> Iterator[Item]:
        """The feed's entries in order; a RecordError for each that has no title."""
        yield from parse(read_bytes(path, limit=MAX_FEED), where=path.name, source=self.name)


def parse(data: bytes, *, where: str, source: str = "feed") -> Iterator[Item]:
    """The records of a feed. Raises InputError where it is none."""
    is_json = data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    entries = _json_entries(data, where=where) if is_json else _xml_entries(data, where=where)
    for number, entry in enumerate(entries, start=1):
        try:
            yield _record(entry, source=source)
        except InputError as error:
            yield RecordError(f"{where}: entry {number}", str(error), json.dumps(entry.raw, default=str))


def text_of(html: str) -> str:
    """HTML as plain text; what only looks like a tag (``a<b``) stays.

    >>> text_of("<p>Let $a<b$ &amp; <i>c</i>.</p><p>Then</p>")
    'Let $a<b$ & c. Then'
    """
    if "<" in html:
        html = _INLINE.sub("", _BLOCK.sub(" ", _HIDDEN.sub(" ", _without_comments(html))))
    return " ".join(unescape(html).split()) if "&" in html else " ".join(html.split())


def _without_comments(html: str) -> str:
    end = html.rfind("-->") + 3  # past it, each beginning would be looked through to the end
    return _COMMENT.sub("", html[:end]) + html[end:] if end > 2 else html


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An entry of any kind of feed."""

    title: str
    text: str
    people: tuple[Author, ...]
    names: tuple[str, ...]  # links and identifiers, surest first
    links: tuple[str, ...]
    terms: tuple[str, ...]
    published: datetime | None
    updated: datetime | None
    kind: str | None = None  # arXiv's announce_type
    licence: str | None = None
    venue: str | None = None
    comment: str | None = None
    raw: object = None


def _record(entry: _Entry, *, source: str) -> Record:
    title = text_of(entry.title)
    if not title:
        raise InputError("no title")
    arxiv, version = next(
        (found for n in entry.names if (found := identity.versioned_arxiv_id(n))[0]), (None, None)
    )
    doi = next((d for n in entry.names if (d := identity.doi(n))), None)
    id, also = identity.identify(
        [arxiv, doi],
        title=title,
        authors=entry.people,
        year=entry.published.year if entry.published else None,
    )
    abstract = _ARXIV_PREFIX.sub("", text_of(entry.text))
    return Record(
        id=id,
        also=also,
        title=title,
        source=source,
        abstract=abstract,
        authors=entry.people,
        categories=entry.terms if arxiv is None else tuple(t for t in entry.terms if _CATEGORY.fullmatch(t)),
        # arXiv's announcements carry the day of the edition, not of the submission.
        published=None if entry.kind else entry.published,
        updated=None if entry.kind else entry.updated,
        announcements=_announcements(entry, of_arxiv=arxiv is not None),
        version=version,
        withdrawn=is_withdrawn(entry.comment, abstract),
        comment=entry.comment,
        venue=entry.venue,
        doi=str(doi) if doi and doi != id else None,
        licence=entry.licence,
        links=() if arxiv or doi else entry.links[:1],
    )


def _announcements(entry: _Entry, *, of_arxiv: bool) -> tuple[Announcement, ...]:
    """The day the feed dates the entry; arXiv's search results date the submission and announce nothing."""
    if entry.published is None or (of_arxiv and entry.kind is None):
        return ()
    kind = _KINDS.get(entry.kind or "", AnnounceKind.NEW)
    return (Announcement(entry.published.date(), kind),)


# -- RSS and Atom


def _xml_entries(data: bytes, *, where: str) -> Iterator[_Entry]:
    # UTF-16 and UTF-32 hide a declaration behind zeros.
    if b"<!entity" in data.replace(b"\0", b"").lower():
        raise InputError(f"{where} declares XML entities, which no feed needs; it is not read")
    try:
        found = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise InputError(f"{where} cannot be read as a feed: {error!r}") from error
    if not found.get("version") and not found["entries"]:
        reason = found.get("bozo_exception", "no <rss> or <feed> in it")
        raise InputError(f"{where} is not an RSS or Atom feed: {reason}")
    for entry in found["entries"]:
        yield _xml_entry(entry)


def _xml_entry(parsed: Mapping[str, Any]) -> _Entry:
    entry = dict(parsed)  # feedparser's own mapping warns of keys it gives for others
    links = tuple(
        h
        for link in entry.get("links", ())
        if isinstance(h := link.get("href"), str) and link.get("rel") != "self"
    )
    keys = ("id", "prism_doi", "dc_identifier", "arxiv_doi", "link")
    bodies = [_str(c.get("value")) for c in entry.get("content", ()) if isinstance(c, dict)]
    names = [_str(a.get("name")) for a in entry.get("authors", ()) if isinstance(a, dict)]
    return _Entry(
        title=_str(entry.get("title")),
        text=max([_str(entry.get("summary")), *bodies], key=len),
        # dc:creator may hold one name or all of them.
        people=authors(names[0]) if len(names) == 1 else authors(names),
        names=tuple(filter(None, (*(_str(entry.get(k)) for k in keys), *links))),
        links=tuple(u for u in links if u.startswith("http")),
        terms=tuple(
            dict.fromkeys(t for tag in entry.get("tags", ()) if (t := _str(tag.get("term")).strip()))
        ),
        published=_utc(entry.get("published_parsed")) or _utc(entry.get("updated_parsed")),
        updated=_utc(entry.get("updated_parsed")),
        kind=_str(entry.get("arxiv_announce_type")).strip().lower() or None,
        licence=next(
            (_str(a.get("href")) for a in entry.get("links", ()) if a.get("rel") == "license"), None
        ),
        venue=_str(entry.get("arxiv_journal_ref") or entry.get("prism_publicationname")) or None,
        comment=_str(entry.get("arxiv_comment")) or None,
        raw=entry,
    )


def _utc(parsed: object) -> datetime | None:
    """A time as feedparser gives it, a tuple in UTC."""
    if not isinstance(parsed, tuple):
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


# -- JSON Feed: https://www.jsonfeed.org/version/1.1/


def _json_entries(data: bytes, *, where: str) -> Iterator[_Entry]:
    try:
        found = json.loads(decode(data))
    except RecursionError as error:
        raise InputError(f"{where} is not JSON we can read: nested too deeply") from error
    except ValueError as error:
        raise InputError(f"{where} is not JSON: {error}") from error
    items = found.get("items") if isinstance(found, dict) else None
    if not isinstance(items, list):
        raise InputError(f"{where} is not a JSON feed: wanted an object with a list 'items'")
    for item in items:
        yield _json_entry(item if isinstance(item, dict) else {})


def _json_entry(item: Mapping[str, Any]) -> _Entry:
    people = item.get("authors") or ([item["author"]] if isinstance(item.get("author"), dict) else [])
    names = [_str(p.get("name")) for p in people if isinstance(p, dict)] if isinstance(people, list) else []
    tags = item.get("tags")
    links = tuple(filter(None, (_str(item.get("external_url")), _str(item.get("url")))))
    bodies = [_str(item.get("content_html")), _str(item.get("content_text")), _str(item.get("summary"))]
    return _Entry(
        title=_str(item.get("title")),
        text=next(filter(None, bodies), ""),
        people=authors(names),
        names=tuple(filter(None, (str(item.get("id", "")), *links))),
        links=tuple(u for u in links if u.startswith("http")),
        terms=tuple(t for t in tags if isinstance(t, str)) if isinstance(tags, list) else (),
        published=dates.moment(_str(item.get("date_published"))),
        updated=dates.moment(_str(item.get("date_modified"))),
        raw=item,
    )


def _str(value: object) -> str:
    return value if isinstance(value, str) else ""
