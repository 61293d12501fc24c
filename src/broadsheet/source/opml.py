"""Read OPML, the list of feeds a feed reader exports: each feed is fetched and its entries are read.

A feed that cannot be read is reported and the others are read. Knows no database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lxml import etree

from broadsheet.errors import BroadsheetError, InputError, RecordError
from broadsheet.model import Record
from broadsheet.source import feed
from broadsheet.source.contract import Item
from broadsheet.source.fetch import Fetched, Fetcher
from broadsheet.source.files import read_bytes, suffix

MAX_OPML = 8 << 20


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed that an OPML file lists, and the folders it lies in, each with those above it: ``Science/Physics``."""

    url: str
    title: str = ""
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opml:
    """Lists of feeds; the folders a feed lies in become the collections of what it brings.

    ``fetch`` gets an address; without it, a polite Fetcher of our own does.
    """

    name: str = "opml"
    fetch: Callable[[str], Fetched] | None = None

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the file is called ``.opml`` or opens like one."""
        return suffix(path) == ".opml" or b"<opml" in head.replace(b"\0", b"").lower()

    def read(self, path: Path) -> Iterator[Item]:
        """The entries of every feed in the list; a RecordError, named by its address, for each feed that fails."""
        listed = subscriptions(read_bytes(path, limit=MAX_OPML), where=path.name)
        with Fetcher() as fetcher:
            fetch = self.fetch or fetcher.get
            for subscription in listed:
                try:
                    body = fetch(subscription.url).body
                    for item in feed.parse(body, where=subscription.url, source=self.name):
                        yield _filed(item, subscription.folders)
                except BroadsheetError as error:
                    reason = str(error).removeprefix(f"{subscription.url}").lstrip(": ")
                    yield RecordError(subscription.url, f"the feed cannot be read: {reason}")


def subscriptions(data: bytes, *, where: str) -> tuple[Subscription, ...]:
    """The feeds an OPML document lists, each address once, in order, and its folders in order.

    Raises InputError where it is no OPML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"{where} is not OPML: {error}") from error
    declared: Any = root.getroottree().docinfo.internalDTD  # the stubs do not know its entities
    if declared is not None and declared.entities():
        raise InputError(f"{where} declares XML entities, which no list of feeds needs; it is not read")
    if etree.QName(root).localname.lower() != "opml":
        raise InputError(f"{where} is not OPML: it begins with <{root.tag}>, wanted <opml>")
    found: dict[str, Subscription] = {}
    for outline in root.iter("{*}outline"):
        url = (outline.get("xmlUrl") or outline.get("xmlurl") or "").strip()
        if url:
            folders = [_label(a) for a in outline.iterancestors("{*}outline")]
            folder = "/".join(name for name in reversed(folders) if name)
            known = found.setdefault(url, Subscription(url, _label(outline)))
            if folder and folder not in known.folders:
                found[url] = replace(known, folders=(*known.folders, folder))
    return tuple(found.values())


def _filed(item: Item, folders: tuple[str, ...]) -> Item:
    return replace(item, collections=folders) if isinstance(item, Record) and folders else item


def _label(outline: etree._Element) -> str:
    return (outline.get("title") or outline.get("text") or "").strip()
