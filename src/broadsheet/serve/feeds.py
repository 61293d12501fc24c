"""Write lists of papers as Atom (RFC 4287) and JSON Feed 1.1. Pure: every address is handed in."""

from __future__ import annotations

import html
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import quote

from lxml import etree

from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Paper
from broadsheet.text.markup import parse, to_html

ATOM_TYPE = "application/atom+xml; charset=utf-8"
JSON_TYPE = "application/feed+json; charset=utf-8"

_ATOM = "http://www.w3.org/2005/Atom"
# What XML 1.0 cannot hold at all: https://www.w3.org/TR/xml/#charsets
_UNPRINTABLE = re.compile("[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\U00010000-\\U0010FFFF]")


@dataclass(frozen=True, slots=True)
class FeedItem:
    """A paper in a feed: its page here, and why it is in the list, where there is a reason."""

    paper: Paper
    url: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A list of papers and where it is: ``url`` is the feed's own address, ``home`` the page it is the feed of.

    ``updated`` counts only where there are no items; otherwise the newest of them does.
    """

    title: str
    url: str
    home: str
    updated: datetime
    items: tuple[FeedItem, ...] = ()
    subtitle: str | None = None
    author: str = "Broadsheet"  # a feed must name one where an entry does not
    hub: str = ""  # of WebSub, which is told when the feed changes; "": it has none


Render = Callable[[str], str]


def abstract_html(source: str) -> str:
    """The HTML of an abstract, formulas as MathML."""
    return to_html(parse(source))


def atom(feed: Feed, *, render: Render = abstract_html) -> bytes:
    """The feed as an Atom document in UTF-8. ``render`` makes HTML of an abstract's source."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item]  # the stubs miss None
    _add(root, "title", feed.title)
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle)
    _add(root, "id", feed.url)
    _add(root, "updated", _stamp(feed_updated(feed)))
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.url)
    _add(root, "link", rel="alternate", type="text/html", href=feed.home)
    if feed.hub:
        _add(root, "link", rel="hub", href=feed.hub)
    _add(_add(root, "author"), "name", feed.author)
    _add(root, "generator", "Broadsheet")
    for item in feed.items:
        _add_entry(root, item, render=render)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def json_feed(feed: Feed, *, render: Render = abstract_html) -> str:
    """The feed as a JSON Feed document. ``render`` makes HTML of an abstract's source."""
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.url,
        "description": feed.subtitle,
        "language": "en",
        "hubs": [{"type": "WebSub", "url": feed.hub}] if feed.hub else None,
        "items": [_json_item(item, render=render) for item in feed.items],
    }
    return json.dumps({k: v for k, v in document.items() if v is not None}, ensure_ascii=False)


def feed_updated(feed: Feed) -> datetime:
    """When the newest of a feed's papers changed; also its Last-Modified."""
    return max((_updated(item.paper) for item in feed.items), default=feed.updated)


def entry_id(id: PaperId) -> str:
    """The same name for the same paper in every feed, so that readers show it once."""
    if id.scheme is Scheme.ARXIV:
        return f"https://arxiv.org/abs/{id}"
    if id.scheme is Scheme.DOI:
        return f"https://doi.org/{quote(str(id), safe='/:;().-_')}"
    return uuid.uuid5(uuid.NAMESPACE_URL, f"broadsheet:{id}").urn


def _add_entry(root: etree._Element, item: FeedItem, *, render: Render) -> None:
    paper = item.paper
    entry = _add(root, "entry")
    _add(entry, "title", paper.title)
    _add(entry, "id", entry_id(paper.id))
    _add(entry, "updated", _stamp(_updated(paper)))
    if published := _published(paper):
        _add(entry, "published", _stamp(published))
    _add(entry, "link", rel="alternate", type="text/html", href=item.url)
    if (original := entry_id(paper.id)).startswith("https:"):
        _add(entry, "link", rel="related", type="text/html", href=original)
    for author in paper.record.authors:
        _add(_add(entry, "author"), "name", author.name)
    for category in paper.record.categories:
        _add(entry, "category", term=category)
    if summary := _summary(paper):
        _add(entry, "summary", summary, type="text")
    _add(entry, "content", _content(item, render=render), type="html")


def _json_item(item: FeedItem, *, render: Render) -> dict[str, Any]:
    paper = item.paper
    published = _published(paper)
    original = entry_id(paper.id)
    fields: dict[str, Any] = {
        "id": original,
        "url": item.url,
        "external_url": original if original.startswith("https:") else None,
        "title": paper.title,
        "content_html": _content(item, render=render),
        "summary": _summary(paper) or None,
        "date_published": _stamp(published) if published else None,
        "date_modified": _stamp(_updated(paper)),
        "authors": [{"name": a.name} for a in paper.record.authors] or None,
        "tags": list(paper.record.categories) or None,
    }
    return {k: v for k, v in fields.items() if v is not None}


def _summary(paper: Paper) -> str:
    return paper.derived.gist or paper.abstract


def _content(item: FeedItem, *, render: Render) -> str:
    """The abstract, and under it why it is here and what the reader should know of the text."""
    record = item.paper.record
    notes = [
        f"<em>{html.escape(item.reason)}</em>" if item.reason else "",
        "This paper has been withdrawn." if record.withdrawn else "",
        "A summary written for the sample edition; the authors’ abstract is at the source."
        if record.sample
        else "",
    ]
    body = render(record.abstract) if record.abstract else ""
    return "".join(f"<p>{part}</p>" for part in (body, *notes) if part)


def _updated(paper: Paper) -> datetime:
    """When the paper last changed, as its source says, or else when it came."""
    days = [a.day for a in paper.record.announcements]
    announced = datetime.combine(max(days), time(), UTC) if days else None
    known = [at for at in (paper.record.updated, announced, paper.record.published) if at is not None]
    return max(known, default=paper.added)


def _published(paper: Paper) -> datetime | None:
    return paper.record.published or (datetime.combine(paper.day, time(), UTC) if paper.day else None)


def _stamp(at: datetime) -> str:
    """RFC 3339, in UTC, to the second; what feed readers take without fail."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    made = etree.SubElement(parent, f"{{{_ATOM}}}{name}", {k: _sound(v) for k, v in attributes.items()})
    if text is not None:
        made.text = _sound(text)
    return made


def _sound(text: str) -> str:
    """The text without what XML cannot hold."""
    return text if text.isprintable() else _UNPRINTABLE.sub("\ufffd", text)
