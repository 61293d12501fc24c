"""Ask ORCID which works somebody's public list names. Knows no database; the caller brings the fetcher.

``GET {host}/v3.0/{iD}/works`` with ``Accept: application/json`` gives ``group``, each with its
``work-summary`` entries: one work as told by several sources, the owner's preferred one first
(https://info.orcid.org/documentation/api-tutorials/api-tutorial-read-data-on-a-record/, the fields in
https://github.com/ORCID/orcid-model, record_3.0/work-3.0.xsd). The list has titles, venues, dates and ids, no
abstracts and no authors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from broadsheet.errors import InputError, RecordError, SourceError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Record
from broadsheet.source.contract import Item

PUBLIC: Final = "https://pub.orcid.org"
NAME: Final = "orcid"
_FORM = re.compile(r"(?:https?://)?(?:www\.)?(?:orcid\.org/)?(\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx])/?")

# The works that are papers: work-3.0.xsd names more, such as data sets, patents and lectures.
_PAPERS: Final = frozenset(
    """journal-article conference-paper preprint book-chapter working-paper dissertation-thesis review report
    book edited-book conference-poster conference-abstract other""".split()
)


def parse_orcid(text: str) -> str:
    """An ORCID iD as four groups of four, from the iD or its address.

    The last character checks the others (ISO 7064, mod 11-2). Raises InputError.

    >>> parse_orcid("https://orcid.org/0000-0002-1825-0097")
    '0000-0002-1825-0097'
    """
    found = _FORM.fullmatch(text.strip())
    digits = found[1].replace("-", "").upper() if found else ""
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if not digits or digits[-1] != ("X" if check == 10 else str(check)):
        raise InputError(f"not an ORCID iD: {text!r}; expected one such as 0000-0002-1825-0097")
    return "-".join(digits[at : at + 4] for at in range(0, 16, 4))


def works(orcid: str, *, get: Callable[[str], bytes], host: str = PUBLIC) -> Iterator[Item]:
    """The works of an iD's public list that have a DOI or an arXiv id, a RecordError for each that has neither.

    ``get`` gives what lies behind an address, asked for as JSON. Raises SourceError where the answer is none of ORCID's.
    """
    url = f"{host.rstrip('/')}/v3.0/{parse_orcid(orcid)}/works"
    try:
        groups = json.loads(get(url))["group"]
        for number, group in enumerate(groups, start=1):
            summary = group["work-summary"][0]
            if summary.get("type", "other") in _PAPERS:
                yield _item(group, summary, where=f"{orcid}, work {number}")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise SourceError(f"{url}: not an answer of ORCID's: {type(error).__name__}: {error}") from error


def _item(group: Mapping[str, Any], summary: Mapping[str, Any], *, where: str) -> Item:
    title = _value(summary.get("title"), "title")
    ids = list(_ids(group))
    if not title or not ids:
        return RecordError(where, f"{title or 'a work'!r} has no {'DOI or arXiv id' if title else 'title'}")
    # An arXiv id first: that is how papers are known here.
    ids.sort(key=lambda one: one.scheme is not Scheme.ARXIV)
    doi = next((str(id) for id in ids if id.scheme is Scheme.DOI), None)
    return Record(
        id=ids[0],
        also=tuple(dict.fromkeys(ids[1:])),
        title=title,
        source=NAME,
        published=_date(summary.get("publication-date")),
        venue=_value(summary, "journal-title"),
        doi=doi,
    )


def _ids(group: Mapping[str, Any]) -> Iterator[PaperId]:
    """The names of the work itself; those of the whole that it is a part of are another's."""
    seen: set[PaperId] = set()
    for summary in group["work-summary"]:
        for given in (summary.get("external-ids") or {}).get("external-id") or ():
            if given.get("external-id-type") not in {"doi", "arxiv"}:
                continue
            if given.get("external-id-relationship", "self") not in {"self", "version-of"}:
                continue
            try:
                id = PaperId.parse(str(given.get("external-id-value", "")))
            except InputError:
                continue
            if id.scheme is not Scheme.OWN and id not in seen:
                seen.add(id)
                yield id


def _value(holder: Mapping[str, Any] | None, name: str) -> str | None:
    """ORCID wraps texts: ``{"title": {"value": "…"}}``."""
    text = ((holder or {}).get(name) or {}).get("value")
    return " ".join(str(text).split()) or None if text is not None else None


def _date(given: Mapping[str, Any] | None) -> datetime | None:
    year, month, day = (_value(given, part) for part in ("year", "month", "day"))
    try:
        return datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC) if year else None
    except (ValueError, OverflowError):
        return None
