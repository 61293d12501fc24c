"""Read RIS, as publishers, EndNote and Zotero write it. Knows no database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import rispy  # type: ignore[import-untyped]  # has no stubs

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId
from broadsheet.model import Record
from broadsheet.source import dates, identity
from broadsheet.source.citation import comment_among, compose
from broadsheet.source.contract import Item
from broadsheet.source.files import read_text, suffix
from broadsheet.source.people import authors

_START = re.compile(rb"^\s*TY {1,2}- ", re.MULTILINE)
_VENUES = (
    "secondary_title",
    "journal_name",
    "alternate_title3",
    "alternate_title1",
    "custom3",
    "publisher",
)
_TAG = re.compile(r"([A-Z][A-Z0-9]) {0,2}-(?: |$)")


@dataclass(frozen=True, slots=True)
class Ris:
    """RIS files; keywords become tags. The format has no place for Zotero's collections."""

    name: str = "ris"

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the file is called ``.ris`` or has a line that opens a record."""
        return suffix(path) == ".ris" or _START.search(head.removeprefix(b"\xef\xbb\xbf")) is not None

    def read(self, path: Path) -> Iterator[Item]:
        """The records in order; a RecordError for each that has no end or no title."""
        yield from parse(read_text(path), name=path.name, source=self.name)


def parse(text: str, *, name: str, source: str = "ris") -> Iterator[Item]:
    """The records of a RIS text; ``name`` is its file's, for messages."""
    for number, lines in _blocks(text):
        where, raw = f"{name}:{number}", "\n".join(lines)
        if not lines[0].startswith("TY"):
            yield RecordError(where, f"got {lines[0][:40]!r}, wanted a record that begins with 'TY  - '", raw)
        elif not lines[-1].startswith("ER"):
            yield RecordError(where, "the record has no end: wanted a line 'ER  - '", raw)
        else:
            try:
                yield _record(_fields(raw), source=source)
            except InputError as error:
                yield RecordError(where, str(error), raw)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and lines of each record: from TY to ER, or to the next TY where ER is missing."""
    lines: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), start=1):
        tag = found[1] if (found := _TAG.match(line)) else None
        if tag == "TY" and lines:
            yield start, lines
            lines = []
        if not lines:
            if not line.strip():
                continue
            start = number
        # Some writers put one space where the format wants two.
        lines.append(f"{tag}  - {line[found.end() :]}" if found and tag else line)
        if tag == "ER":
            yield start, lines
            lines = []
    if lines:
        yield start, lines


def _fields(raw: str) -> Mapping[str, object]:
    try:
        records: list[dict[str, object]] = rispy.loads(raw)
    except (rispy.parser.ParseError, KeyError, AttributeError, TypeError) as error:
        raise InputError(f"cannot be read as RIS: {error!r}") from error
    if not records:
        raise InputError("an empty record")
    return records[0]


def _record(fields: Mapping[str, object], *, source: str) -> Record:
    title = _first(fields, "title", "primary_title", "translated_title")
    if not title:
        raise InputError("no title (TI or T1)")
    people = chain(_all(fields, "authors"), _all(fields, "first_authors"))
    urls = _all(fields, "urls")
    notes = _all(fields, "notes")
    return compose(
        source=source,
        title=title,
        people=authors([n for n in people if n.strip(" ,")]),
        published=dates.moment(_first(fields, "date", "year", "publication_year"))
        or dates.moment(_first(fields, "year", "publication_year")),
        doi=identity.doi(_first(fields, "doi")),
        own=identity.own(_first(fields, "accession_number"), prefix="broadsheet:"),
        names=_names(fields, urls=urls, notes=notes),
        abstract=_first(fields, "abstract", "notes_abstract"),
        comment=comment_among(notes),
        notes=notes,
        venue=_first(fields, *_VENUES),
        urls=urls,
        tags=tuple(
            dict.fromkeys(t for k in _all(fields, "keywords") for p in k.split(";") if (t := p.strip()))
        ),
    )


def _names(
    fields: Mapping[str, object], *, urls: Sequence[str], notes: Sequence[str]
) -> list[PaperId | None]:
    """What a record names itself by, surest first."""
    texts = ("number", "accession_number", "note", "secondary_title", "journal_name", "name_of_database")
    return [
        identity.doi(_first(fields, "doi")),
        *(identity.arxiv_id(u) for u in urls),
        *(identity.arxiv_id(_first(fields, k)) for k in texts),
        *(identity.arxiv_id(n) for n in notes if len(n) < 60),
        *(identity.doi(u) for u in urls if "doi.org/" in u),
    ]


def _first(fields: Mapping[str, object], *keys: str) -> str:
    """The first of these fields that says anything, as one line."""
    return next((t for k in keys for v in _all(fields, k) if (t := " ".join(v.split()))), "")


def _all(fields: Mapping[str, object], key: str) -> list[str]:
    value = fields.get(key)
    if isinstance(value, list):
        return [v for v in value if isinstance(v, str) and v]
    return [value] if isinstance(value, str) and value else []
