"""Read Zotero's library with its collections: the JSON export of Better BibTeX for Zotero.

Zotero's own RIS, BibTeX and CSL-JSON exports keep tags but have no collections; this one has
both (https://retorque.re/zotero-better-bibtex/exporting/). Knows no database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from broadsheet.errors import InputError
from broadsheet.model import Record
from broadsheet.source import dates, identity
from broadsheet.source.citation import comment_among, compose
from broadsheet.source.contract import Item
from broadsheet.source.csl import load, numbered, plain_title, text
from broadsheet.source.files import suffix
from broadsheet.source.people import authors

_NOT_PAPERS = frozenset({"attachment", "note", "annotation"})
_VENUES = ("publicationTitle", "proceedingsTitle", "bookTitle", "conferenceName", "university", "publisher")
_MARK = re.compile(rb'Better ?BibTeX|"itemType"|"collections"\s*:\s*\{')
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Zotero:
    """Better BibTeX's JSON: items with tags, and the tree of collections they lie in."""

    name: str = "zotero"

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the file is an object that speaks Zotero's field names."""
        plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return (
            plain.startswith(b"{")
            and suffix(path) not in {".jsonl", ".ndjson"}
            and _MARK.search(plain) is not None
        )

    def read(self, path: Path) -> Iterator[Item]:
        """The library's papers in order; a RecordError for each that has no title."""
        data = load(path)
        if not isinstance(data, dict) or not isinstance(items := data.get("items"), list):
            raise InputError(f"{path.name}: wanted a Better BibTeX JSON export, an object with 'items'")
        places = _places(data.get("collections"))
        yield from numbered(
            items, name=path.name, record=lambda item: _record(item, places=places, source=self.name)
        )


def _record(
    item: Mapping[str, Any], *, places: Mapping[object, tuple[str, ...]], source: str
) -> Record | None:
    """The record of an item; None for what hangs on papers."""
    if text(item, "itemType") in _NOT_PAPERS:
        return None
    creators = item.get("creators")
    listed = [c for c in creators if isinstance(c, dict)] if isinstance(creators, list) else []
    url, extra = text(item, "url"), text(item, "extra")
    doi = identity.doi(text(item, "DOI")) or identity.doi(_extra(extra, "doi"))
    notes = _notes(item.get("notes"))
    return compose(
        source=source,
        title=plain_title(text(item, "title")),
        people=authors([c for c in listed if c.get("creatorType", "author") == "author"] or listed),
        published=dates.moment(text(item, "date")),
        doi=doi,
        names=[
            doi,
            identity.arxiv_id(url),
            *(
                identity.arxiv_id(text(item, k))
                for k in ("archiveID", "number", "reportNumber", "publicationTitle")
            ),
            identity.arxiv_id(extra),
            identity.doi(url) if "doi.org/" in url else None,
        ],
        abstract=text(item, "abstractNote"),
        comment=comment_among(notes),
        notes=notes,
        venue=next((v for k in _VENUES if (v := text(item, k))), ""),
        licence=text(item, "rights") or None,
        urls=[url],
        tags=_tags(item.get("tags")),
        collections=tuple(
            sorted({p for k in ("itemID", "key", "itemKey") for p in _placed(places, item.get(k))})
        ),
    )


def _places(collections: object) -> dict[object, tuple[str, ...]]:
    """Item → the paths of the collections it lies in, ``parent/child``.

    Collections are an object of ``key: {name, parent, items: [itemID]}``; the parent is a key, absent
    or false at the top.
    """
    if not isinstance(collections, dict):
        return {}
    known = {key: c for key, c in collections.items() if isinstance(c, dict)}
    places: dict[object, tuple[str, ...]] = {}
    for key, collection in known.items():
        items = collection.get("items")
        path = _path(known, key)
        for item in items if isinstance(items, list) else []:
            if isinstance(item, int | str):
                places[item] = (*places.get(item, ()), path)
    return places


def _path(collections: Mapping[str, Mapping[str, Any]], key: str) -> str:
    names: list[str] = []
    seen: set[str] = set()
    at: object = key
    while isinstance(at, str) and at in collections and at not in seen:
        seen.add(at)
        names.append(str(collections[at].get("name") or at))
        at = collections[at].get("parent")
    return "/".join(reversed(names))


def _placed(places: Mapping[object, tuple[str, ...]], item: object) -> tuple[str, ...]:
    return places.get(item, ()) if isinstance(item, int | str) else ()


def _tags(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    names = (t.get("tag") if isinstance(t, dict) else t for t in value)
    return tuple(dict.fromkeys(n.strip() for n in names if isinstance(n, str) and n.strip()))


def _notes(value: object) -> list[str]:
    """The texts of an item's notes, which are kept as HTML."""
    listed = value if isinstance(value, list) else []
    htmls = (note.get("note") if isinstance(note, dict) else note for note in listed)
    return [unescape(_TAG.sub("", html)) for html in htmls if isinstance(html, str)]


def _extra(extra: str, key: str) -> str:
    """A field that Zotero keeps in its free ``extra`` text, as ``DOI: 10.…``."""
    found = re.search(rf"^\s*{key}\s*:\s*(\S+)", extra, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else ""
