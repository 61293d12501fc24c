"""Read CSL-JSON, as Zotero, Crossref's DOI resolver and pandoc write it. Knows no database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from broadsheet.errors import InputError, RecordError
from broadsheet.model import Record
from broadsheet.source import dates, identity
from broadsheet.source.contract import Item
from broadsheet.source.files import read_text, suffix
from broadsheet.source.people import authors

# What a citation's title may hold: https://docs.citationstyles.org/en/stable/specification.html
_MARKUP = re.compile(r"</?(?:i|b|sc|sub|sup|span|em|strong|jats:\w+)\b[^<>]*>", re.IGNORECASE)
_OTHERS = (b"jsonfeed.org/version", b'"itemType"', b'"collections"', b"BetterBibTeX")
_ITEM = re.compile(rb'"(?:issued|author|container-title|DOI|URL|title)"\s*:')


@dataclass(frozen=True, slots=True)
class Csl:
    """A list of CSL items, one item, or an object whose ``items`` are such a list.

    Keywords become tags. The format has no place for Zotero's collections.
    """

    name: str = "csl"

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the file is a JSON list, or one object, of citation items."""
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if suffix(path) in {".jsonl", ".ndjson"} or any(mark in text for mark in _OTHERS):
            return False
        if text.startswith(b"["):
            return _ITEM.search(text) is not None or suffix(path) == ".json"
        return text.startswith(b"{") and (b'"items"' in text or b'"issued"' in text)

    def read(self, path: Path) -> Iterator[Item]:
        """The items in order; a RecordError for each that is none."""
        data = load(path)
        items = data.get("items", data) if isinstance(data, dict) else data
        if isinstance(items, dict):
            items = [items]
        if not isinstance(items, list):
            raise InputError(f"{path.name}: wanted a list of CSL items")
        for number, item in enumerate(items, start=1):
            try:
                yield _record(item, source=self.name)
            except InputError as error:
                raw = json.dumps(item, ensure_ascii=False)
                yield RecordError(f"{path.name}: item {number}", str(error), raw)


def load(path: Path) -> Any:
    """A JSON file's content. Raises InputError where it is not JSON."""
    try:
        return json.loads(read_text(path))
    except RecursionError as error:
        raise InputError(f"{path.name} is not JSON we can read: nested too deeply") from error
    except ValueError as error:
        raise InputError(f"{path.name} is not JSON: {error}") from error


def _record(item: object, *, source: str) -> Record:
    if not isinstance(item, dict):
        raise InputError(f"got {str(item)[:40]!r}, wanted an object with at least a title")
    title = plain_title(_text(item, "title"))
    if not title:
        raise InputError("no title")
    people = authors(item.get("author") or item.get("editor"))
    published = _moment(item.get("issued"))
    url, note = _text(item, "URL"), _text(item, "note")
    doi = identity.doi(_text(item, "DOI"))
    id, also = identity.identify(
        [
            doi,
            identity.arxiv_id(url),
            *(
                identity.arxiv_id(_text(item, k))
                for k in ("number", "note", "archive_location", "container-title")
            ),
            identity.doi(url) if "doi.org/" in url else None,
        ],
        title=title,
        authors=people,
        year=published.year if published else None,
    )
    venue = _text(item, "container-title") or _text(item, "event-title") or _text(item, "publisher")
    return Record(
        id=id,
        also=also,
        title=title,
        source=source,
        abstract=_text(item, "abstract"),
        authors=people,
        published=published,
        comment=note if note and not identity.arxiv_id(note) else None,
        venue=None if "arxiv" in venue.lower() else venue or None,
        doi=str(doi) if doi and doi != id else None,
        licence=_text(item, "license") or None,
        links=identity.links([url]),
        tags=_keywords(item.get("keyword")),
    )


def plain_title(text: str) -> str:
    """A title without the HTML-like markup that citation styles allow.

    >>> plain_title("A <i>sparse</i> H<sub>2</sub>O")
    'A sparse H2O'
    """
    return " ".join(_MARKUP.sub("", text).split())


def _text(item: Mapping[str, object], key: str) -> str:
    """A field as text; Crossref gives some as lists."""
    value = item.get(key)
    if isinstance(value, list):
        value = next((v for v in value if isinstance(v, str)), None)
    return value.strip() if isinstance(value, str) else ""


def _moment(value: object) -> datetime | None:
    """A CSL date: its parts, or the text it was made from."""
    if isinstance(value, str):
        return dates.moment(value)
    if not isinstance(value, dict):
        return None
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        numbers = [str(p).strip() for p in parts[0][:3] if p not in (None, "")]
        if numbers and (at := dates.moment("-".join([numbers[0], *(n.zfill(2) for n in numbers[1:])]))):
            return at
    return next(
        (at for k in ("raw", "literal") if isinstance(t := value.get(k), str) and (at := dates.moment(t))),
        None,
    )


def _keywords(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(v.strip() for v in value if isinstance(v, str) and v.strip())
    if not isinstance(value, str):
        return ()
    parts = value.split(";") if ";" in value else value.split(",")
    return tuple(dict.fromkeys(p for part in parts if (p := part.strip())))
