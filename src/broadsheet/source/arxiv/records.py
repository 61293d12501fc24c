"""What arXiv says of one paper → a ``Record``, the same from every host. Knows no transport, no XML.

Text keeps its TeX; only line breaks are undone, since OAI-PMH wraps lines where the feed and the
API do not, and the same abstract must not look revised.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId, Scheme, parse_versioned
from broadsheet.model import AnnounceKind, Announcement, Version
from broadsheet.source.arxiv.schedule import announcement_day, edition_day

SOURCE = "arxiv"
# arXiv announces replacements only up to the fifth version (its feed's source says version < 6).
_LAST_ANNOUNCED = 5
_EARLIEST, _LATEST = 1985, 2100


def identify(text: str, *, where: str) -> tuple[PaperId, int | None]:
    """The arXiv id and version that a text names. Raises RecordError."""
    try:
        id, version = parse_versioned(text)
    except InputError as error:
        raise RecordError(where, str(error)) from error
    if id.scheme is not Scheme.ARXIV:
        raise RecordError(where, f"not an arXiv id: {text!r}")
    return id, version


def moment(text: str) -> datetime | None:
    """The moment that arXiv writes as ISO 8601, as a day or as in mail; None where it is none of these."""
    text = text.strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    if not _EARLIEST <= found.year <= _LATEST:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def announcements(
    id: PaperId,
    versions: Iterable[Version],
    *,
    datestamp: date | None = None,
) -> tuple[Announcement, ...]:
    """The editions that a paper's first and latest versions belong to, worked out by the schedule."""
    history = sorted(versions, key=lambda v: v.number)
    if not history:
        return ()
    found = []
    first, latest = history[0], history[-1]
    if first.number == 1 and first.submitted:
        day = edition_day(id, first.submitted, datestamp=datestamp, versions=latest.number)
        found.append(Announcement(day, AnnounceKind.NEW, stated=False))
    if 1 < latest.number <= _LAST_ANNOUNCED and latest.submitted:
        day = announcement_day(latest.submitted)
        found.append(Announcement(day, AnnounceKind.REPLACE, stated=False))
    return tuple(found)


def first_doi(text: str) -> str | None:
    """The first of the DOIs in arXiv's field, which parts several by spaces."""
    return next(iter(text.split()), None)
