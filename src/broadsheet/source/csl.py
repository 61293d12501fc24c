"""Read CSL-JSON, as Zotero, Crossref's DOI resolver and pandoc write it. Knows no database."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from broadsheet.errors import InputError, RecordError
from broadsheet.model import Record
from broadsheet.source import dates, identity
from broadsheet.source.citation import comment_of, compose
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
        plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if suffix(path) in {".jsonl", ".ndjson"} or any(mark in plain for mark in _OTHERS):
            return False
        if plain.startswith(b"["):
            return _ITEM.search(plain) is not None or suffix(path) == ".json"
        return plain.startswith(b"{") and (b'"items"' in plain or b'"issued"' in plain)

    def read(self, path: Path) -> Iterator[Item]:
        """The items in order; a RecordError for each that is none."""
        data = load(path)
        items = data.get("items", data) if isinstance(data, dict) else data
        if isinstance(items, dict):
            items = [items]
        if not isinstance(items, list):
            raise InputError(f"{path.name}: wanted a list of CSL items")
        yield from numbered(items, name=path.name, record=lambda item: _record(item, source=self.name))


def load(path: Path) -> Any:
    """A JSON file's content. Raises InputError where it is not JSON."""
    try:
        return json.loads(read_text(path))
    except RecursionError as error:
        raise InputError(f"{path.name} is not JSON we can read: nested too deeply") from error
    except ValueError as error:
        raise InputError(f"{path.name} is not JSON: {error}") from error


def numbered(
    items: Sequence[object], *, name: str, record: Callable[[Mapping[str, Any]], Record | None]
) -> Iterator[Item]:
    """What ``record`` makes of a file's items, None left out; a RecordError, with its number, for each it refuses."""
    for number, item in enumerate(items, start=1):
        try:
            made: Item | None = record(_object(item))
        except InputError as error:
            raw = json.dumps(item, ensure_ascii=False)
            made = RecordError(f"{name}: item {number}", str(error), raw)
        if made is not None:
            yield made


def text(item: Mapping[str, object], key: str) -> str:
    """A field of an item as text; Crossref gives some as lists."""
    value = item.get(key)
    if isinstance(value, list):
        value = next((v for v in value if isinstance(v, str)), None)
    return value.strip() if isinstance(value, str) else ""


def plain_title(title: str) -> str:
    """A title without the HTML-like markup that citation styles allow.

    >>> plain_title("A <i>sparse</i> H<sub>2</sub>O")
    'A sparse H2O'
    """
    return " ".join(_MARKUP.sub("", title).split())


def _object(item: object) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        raise InputError(f"got {str(item)[:40]!r}, wanted an object with at least a title")
    return item


def _record(item: Mapping[str, Any], *, source: str) -> Record:
    url, note = text(item, "URL"), text(item, "note")
    doi = identity.doi(text(item, "DOI"))
    custom = item.get("custom")
    return compose(
        source=source,
        title=plain_title(text(item, "title")),
        people=authors(item.get("author") or item.get("editor")),
        published=_moment(item.get("issued")),
        doi=doi,
        own=identity.own(custom.get("broadsheet-id")) if isinstance(custom, dict) else None,
        names=[
            doi,
            identity.arxiv_id(url),
            *(
                identity.arxiv_id(text(item, k))
                for k in ("number", "note", "archive_location", "container-title")
            ),
            identity.doi(url) if "doi.org/" in url else None,
        ],
        abstract=text(item, "abstract"),
        comment=comment_of(note),
        venue=text(item, "container-title") or text(item, "event-title") or text(item, "publisher"),
        licence=text(item, "license") or None,
        urls=[url],
        tags=_keywords(item.get("keyword")),
    )


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
