"""What a reader takes along and brings: everything on a desk as JSON lines, and back. Knows no file and no page.

The first line names the format. Each paper has a line that ``broadsheet import`` reads too, with the
reader's marks beside; what is followed and the settings have lines of their own. Private feeds' tokens
stay: whoever finds the file must not read along.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from broadsheet.errors import BroadsheetError, InputError
from broadsheet.ids import PaperId
from broadsheet.library.archive import Library
from broadsheet.library.desk import Desk
from broadsheet.model import Follow, FollowKind, Mark, MarkKind, Paper, Record
from broadsheet.store.readers import FEED

FORMAT: Final = "broadsheet desk"
VERSION: Final = 1

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What a reader brings to a desk: marks of papers, and what else was taken along."""

    marks: tuple[Mark, ...] = ()
    follows: tuple[Follow, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    papers: int = 0  # how many papers were read
    rejected: tuple[str, ...] = ()  # what could not be read, and why


class Intake(Protocol):
    """Takes a reader's own papers into the archive, and says what to put on the desk."""

    def from_file(self, name: str, body: bytes) -> Belongings:
        """What a library's file holds: Zotero, BibTeX, RIS, CSL-JSON, JSON lines, or a desk taken along.

        Raises InputError where it is none of these, or has more papers than are taken at once.
        """
        ...

    def from_orcid(self, orcid: str) -> Belongings:
        """The works that an ORCID iD's public list names. Raises InputError, SourceError, ThrottledError."""
        ...


def put_down(desk: Desk, brought: Belongings) -> int:
    """Put what a reader brought on the desk; how many marks are new. Raises InputError."""
    made = desk.keep(brought.marks)
    desk.resume(brought.follows, brought.settings)
    return made


def of_records(records: Iterable[Record], *, at: datetime, rejected: tuple[str, ...] = ()) -> Belongings:
    """What a library's records put on a desk: every paper saved, under its tags and collections."""
    marks: list[Mark] = []
    papers = 0
    for record in records:
        papers += 1
        marks.append(Mark(record.id, MarkKind.SAVED, at))
        for kind, names in ((MarkKind.TAG, record.tags), (MarkKind.COLLECTION, record.collections)):
            marks += [Mark(record.id, kind, at, text) for n in names if (text := " ".join(n.split())[:80])]
    return Belongings(marks=tuple(marks), papers=papers, rejected=rejected)


def pack(library: Library, desk: Desk, *, now: datetime) -> Iterator[str]:
    """Everything on the desk, a JSON object a line."""
    yield _line({"format": FORMAT, "version": VERSION, "exported": _stamp(now)})
    for follow in desk.follows():
        yield _line(
            {
                "follow": follow.kind.value,
                "value": follow.value,
                "label": follow.label,
                "alert": follow.alert,
                "at": _stamp(follow.at),
            }
        )
    for name, value in desk.preferences().items():
        if not name.startswith(FEED):
            yield _line({"setting": name, "value": value})
    said: dict[PaperId, list[Mark]] = {}
    for mark in desk.marks():
        said.setdefault(mark.paper, []).append(mark)
    ids = list(said)
    for start in range(0, len(ids), _BATCH):
        papers = library.papers(ids[start : start + _BATCH])
        for id in ids[start : start + _BATCH]:
            if id in papers:
                yield _line(_paper(papers[id]) | {"marks": [_mark(mark) for mark in said[id]]})


def is_packed(head: bytes) -> bool:
    """Whether a file that begins so was made by ``pack``."""
    return FORMAT.encode() in head.split(b"\n", 1)[0] and head.lstrip().startswith(b"{")


def unpack(lines: Iterable[bytes]) -> tuple[Belongings, tuple[tuple[int, bytes], ...]]:
    """What ``pack`` made, and the lines of papers with their numbers, for a source to read.

    Lines that cannot be read are named in ``rejected``. Raises InputError for another format or version.
    """
    marks: list[Mark] = []
    follows: list[Follow] = []
    settings: dict[str, str] = {}
    rejected: list[str] = []
    papers: list[tuple[int, bytes]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            if number == 1:
                _check(found)
            elif "follow" in found:
                follows.append(_follow(found))
            elif "setting" in found:
                if not str(found["setting"]).startswith(FEED):
                    settings[str(found["setting"])] = str(found["value"])
            else:
                marks += _marks(found)
                papers.append((number, line))
        except (
            ValueError,
            OverflowError,
            TypeError,
            KeyError,
            AttributeError,
            RecursionError,
            BroadsheetError,
        ) as error:
            if number == 1:
                raise InputError(f"not a desk that was taken along: {error}") from error
            rejected.append(f"line {number}: {error}")
    made = Belongings(
        marks=tuple(marks),
        follows=tuple(follows),
        settings=settings,
        papers=len(papers),
        rejected=tuple(rejected),
    )
    return made, tuple(papers)


def _check(found: Any) -> None:
    if found.get("format") != FORMAT:
        raise InputError(f"got the format {found.get('format')!r}, wanted {FORMAT!r}")
    if found.get("version") != VERSION:
        raise InputError(
            f"got version {found.get('version')!r}, which this Broadsheet cannot read; wanted {VERSION}"
        )


def _paper(paper: Paper) -> dict[str, Any]:
    """A paper in the fields of JSON lines, its text as its source gave it; what is empty is left out."""
    record = paper.record
    fields: dict[str, Any] = {
        "id": str(paper.id),
        "title": record.title,
        "abstract": record.abstract,
        "authors": [author.name for author in record.authors],
        "categories": list(record.categories),
        "published": _stamp(record.published) if record.published else None,
        "updated": _stamp(record.updated) if record.updated else None,
        "venue": record.venue,
        "doi": record.doi,
        "links": list(record.links),
        "sample": record.sample or None,
    }
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def _mark(mark: Mark) -> dict[str, str]:
    said = {"kind": mark.kind.value, "at": _stamp(mark.at)}
    return said | ({"text": mark.text} if mark.text else {})


def _marks(found: Mapping[str, Any]) -> list[Mark]:
    id = PaperId.parse(found["id"])
    return [Mark(id, MarkKind(m["kind"]), _moment(m["at"]), str(m.get("text", ""))) for m in found["marks"]]


def _follow(found: Mapping[str, Any]) -> Follow:
    return Follow(
        kind=FollowKind(found["follow"]),
        value=str(found["value"]),
        label=str(found["label"]),
        alert=bool(found.get("alert", True)),
        at=_moment(found["at"]),
    )


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
