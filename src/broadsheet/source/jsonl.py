"""Read JSON lines: one record a line, in the sample edition's form and in collectors' forms.

Knows no database; ``docs/use/sources.md`` lists the fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Announcement, Aspect, Author, PaperType, Record, VoteReading
from broadsheet.source import dates, identity
from broadsheet.source.contract import Item
from broadsheet.source.files import MAX_LINE, LineReader, decode, suffix
from broadsheet.source.people import authors
from broadsheet.source.withdrawal import is_withdrawn

_SUFFIXES = frozenset({".jsonl", ".ndjson", ".jsonlines"})
_OTHERS = (b'"items"', b'"issued"', b'"itemType"')  # marks of other formats' JSON
_TYPES = {kind.value: kind for kind in PaperType}
_ASPECTS = {aspect.value: aspect for aspect in Aspect}


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON object a line, plain or gzipped.

    ``sample``: every text was written for the sample edition, not by the papers' authors; a single
    record says so itself by ``"sample": true``.
    """

    name: str = "jsonl"
    sample: bool = False

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the file's name says so, or its first line is one object with a title."""
        if suffix(path) in _SUFFIXES:
            return True
        first, newline, _ = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
        if not first.startswith(b"{"):
            return False
        if any(mark in first for mark in _OTHERS) or b'"title"' not in first:
            return False
        try:
            return not newline or isinstance(json.loads(first), dict)
        except (ValueError, RecursionError):
            return False

    def read(self, path: Path) -> Iterator[Item]:
        """The file's records in order, a RecordError for each line that is none."""
        with LineReader(path) as reader:
            for number, line in reader.lines():
                try:
                    yield self.parse(line, where=f"{path.name}:{number}")
                except RecordError as error:
                    yield error

    def parse(self, line: bytes, *, where: str) -> Record:
        """The record of one line. Raises RecordError, saying what was got and wanted."""
        try:
            return _record(_object(line), name=self.name, sample=self.sample)
        except InputError as error:
            raise RecordError(where, str(error), decode(line)) from error


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise InputError(f"the line is longer than {MAX_LINE >> 20} MB")
    try:
        found = json.loads(line)
    except RecursionError as error:
        raise InputError("not JSON: nested too deeply") from error
    except ValueError as error:
        raise InputError(f"not JSON: {error}") from error
    if not isinstance(found, dict):
        raise InputError(f"got {_kind(found)}, wanted an object with at least a title")
    return found


def _record(fields: Mapping[str, Any], *, name: str, sample: bool) -> Record:
    get = fields.get
    title = get("title")
    if not isinstance(title, str) or not title.strip():
        raise InputError(f"title: got {_short(title)}, wanted a text")
    people = _people(get("authors", get("author")))
    published = _moment(get("published") or get("date"), "published")
    id, also = _id(fields, title=title, people=people, published=published)
    announced = _day(get("announced"), "announced")
    type_ = get("type")
    comment = _text(get("comment"), "comment")
    abstract = (
        _text(get("abstract"), "abstract")
        or _text(get("text"), "text")
        or _text(get("summary"), "summary")
        or ""
    )
    return Record(
        id=id,
        title=title,
        source=name,
        abstract=abstract,
        authors=people,
        categories=_texts(get("categories"), "categories"),
        published=published,
        updated=_moment(get("updated"), "updated"),
        announcements=(Announcement(announced),) if announced else (),
        withdrawn=get("withdrawn") is True or is_withdrawn(comment, abstract),
        comment=comment,
        venue=_text(get("venue") or get("journal"), "venue"),
        doi=_text(get("doi"), "doi"),
        licence=_text(get("licence") or get("license"), "licence"),
        links=_texts(get("links"), "links"),
        also=also,
        featured=_day(get("featured"), "featured"),
        readings=_votes(get("upvotes")),
        tags=_texts(get("tags"), "tags"),
        collections=_texts(get("collections"), "collections"),
        gist=_text(get("gist"), "gist"),
        aspects=_aspects(get("aspects")),
        keyphrases=_texts(get("keywords", get("keyphrases")), "keywords"),
        type=_TYPES.get(type_) if isinstance(type_, str) else None,
        sample=sample or get("sample") is True,
    )


def _id(
    fields: Mapping[str, Any], *, title: str, people: tuple[Author, ...], published: datetime | None
) -> tuple[PaperId, tuple[PaperId, ...]]:
    """The id the line gives; without one, what its DOI or address names."""
    given = next(
        (v for k in ("id", "_id", "arxiv_id", "paper_id") if (v := fields.get(k)) not in (None, "")), None
    )
    doi = fields.get("doi")
    other = identity.doi(doi) if isinstance(doi, str) else None
    if given is not None:
        if isinstance(given, bool) or not isinstance(given, str | int):
            raise InputError(f"id: got {_short(given)}, wanted a text")
        id = PaperId.parse(str(given))
        return id, (other,) if other and other != id and id.scheme is not Scheme.DOI else ()
    url = fields.get("url")
    found = (other, *((identity.arxiv_id(url), identity.doi(url)) if isinstance(url, str) else ()))
    return identity.identify(found, title=title, authors=people, year=published.year if published else None)


def _people(value: object) -> tuple[Author, ...]:
    if type(value) is list:
        names = []
        for name in value:
            if type(name) is not str or not name or not _plain(name):
                return authors(value)
            names.append(Author(name))
        return tuple(names)
    return authors(value)


@lru_cache(maxsize=1 << 15)
def _plain(name: str) -> bool:
    """Whether a name needs no reading: ``First Last``, no TeX, no comma, no double space."""
    return not any(c in name for c in ",\\{}~$") and name == " ".join(name.split())


def _text(value: object, field: str) -> str | None:
    if value is None or type(value) is str:
        return value or None
    raise InputError(f"{field}: got {_short(value)}, wanted a text")


def _texts(value: object, field: str) -> tuple[str, ...]:
    """A list of texts, or one text of several: ``cs.CL cs.AI``."""
    if not value:
        return ()
    if type(value) is list and all(type(v) is str for v in value):
        return tuple(value)
    if isinstance(value, str):
        parts = value.split(";") if ";" in value else value.split(",") if "," in value else value.split()
        return tuple(p for part in parts if (p := part.strip()))
    raise InputError(f"{field}: got {_short(value)}, wanted a list of texts")


def _moment(value: object, field: str) -> datetime | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and (at := dates.moment(value)):
        return at
    if isinstance(value, int) and not isinstance(value, bool) and 1000 <= value <= 9999:
        return datetime(value, 1, 1, tzinfo=UTC)
    raise InputError(f"{field}: got {_short(value)}, wanted a date such as '2026-03-01'")


def _day(value: object, field: str) -> date | None:
    at = _moment(value, field)
    return at.date() if at else None


def _votes(value: object) -> tuple[VoteReading, ...]:
    """Readings ``[[time, count], …]``."""
    if not value:
        return ()
    if not isinstance(value, list):
        raise InputError(f"upvotes: got {_short(value)}, wanted [[time, count], …]")
    readings = []
    for reading in value:
        at = dates.moment(reading[0]) if _is_reading(reading) else None
        if at is None:
            raise InputError(f"upvotes: got {_short(reading)}, wanted [time, count]")
        readings.append(VoteReading(at, reading[1]))
    return tuple(readings)


def _is_reading(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and type(value[1]) is int
        and value[1] >= 0
    )


def _aspects(value: object) -> dict[Aspect, str]:
    if not value:
        return {}
    if not isinstance(value, dict):
        raise InputError(f"aspects: got {_short(value)}, wanted an object")
    found = {}
    for key, text in value.items():
        if not isinstance(text, str):
            raise InputError(f"aspects: got {_short(text)} for {key}, wanted a text")
        if key in _ASPECTS:
            found[_ASPECTS[key]] = text
    return found


def _kind(value: object) -> str:
    return {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}.get(
        type(value), "a number"
    )


def _short(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
