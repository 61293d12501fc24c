"""The metadata formats ``arXivRaw`` and ``arXiv`` of arXiv's OAI-PMH → records. Knows no requests.

Fields are those of http://arxiv.org/OAI/arXivRaw.xsd and http://arxiv.org/OAI/arXiv.xsd, described
at https://info.arxiv.org/help/oa/index.html. ``arXivRaw`` has the history: a ``version`` element for
each version with ``date``, ``size`` and ``source_type``, in which the letter I marks a withdrawal.
``arXiv`` has authors taken apart, but only the latest version, and dates without time.
"""

from __future__ import annotations

from datetime import date

from lxml import etree

from broadsheet.errors import RecordError
from broadsheet.model import Author, Record, Version
from broadsheet.source.arxiv.authors import authors, person
from broadsheet.source.arxiv.records import SOURCE, announcements, first_doi, identify, moment
from broadsheet.source.arxiv.schedule import id_month
from broadsheet.source.arxiv.xmltree import child, children, name, text
from broadsheet.source.withdrawal import is_withdrawn

_WITHDRAWAL = "I"


def record(metadata: etree._Element, *, where: str, datestamp: date | None = None) -> Record:
    """The record in a ``metadata`` element of either format. Raises RecordError."""
    for found in metadata:
        if name(found) == "arXivRaw":
            return raw_record(found, where=where, datestamp=datestamp)
        if name(found) == "arXiv":
            return plain_record(found, where=where)
    given = ", ".join(name(c) for c in metadata) or "nothing"
    raise RecordError(where, f"metadata in no format of arXiv: got {given}, wanted arXivRaw or arXiv")


def raw_record(element: etree._Element, *, where: str, datestamp: date | None = None) -> Record:
    """The record in an ``arXivRaw`` element, with its versions. Raises RecordError."""
    id, _ = identify(text(element, "id"), where=where)
    title, abstract, comment = _texts(element, where)
    versions = _versions(element)
    latest = versions[-1] if versions else None
    return Record(
        id=id,
        title=title,
        source=SOURCE,
        abstract=abstract,
        authors=authors(text(element, "authors")),
        categories=_categories(element),
        published=versions[0].submitted if versions and versions[0].number == 1 else None,
        updated=latest.submitted if latest else None,
        announcements=announcements(id, versions, datestamp=datestamp),
        versions=versions,
        version=latest.number if latest else None,
        withdrawn=(latest is not None and _WITHDRAWAL in (latest.source_type or ""))
        or is_withdrawn(comment, abstract),
        comment=comment or None,
        venue=text(element, "journal-ref") or None,
        doi=first_doi(text(element, "doi")),
        licence=text(element, "license") or None,
    )


def plain_record(element: etree._Element, *, where: str) -> Record:
    """The record in an ``arXiv`` element. Raises RecordError.

    Since 2025 ``created`` is the date of the latest version, so it is taken for the first one's only
    where the identifier's month does not contradict it.
    """
    id, _ = identify(text(element, "id"), where=where)
    title, abstract, comment = _texts(element, where)
    created, updated = moment(text(element, "created")), moment(text(element, "updated"))
    month = id_month(id)
    first = (
        created is not None
        and month is not None
        and (created.year, created.month) <= (month.year, month.month)
    )
    return Record(
        id=id,
        title=title,
        source=SOURCE,
        abstract=abstract,
        authors=_authors(element),
        categories=_categories(element),
        published=created if first else None,
        updated=updated or created,
        withdrawn=is_withdrawn(comment, abstract),
        comment=comment or None,
        venue=text(element, "journal-ref") or None,
        doi=first_doi(text(element, "doi")),
        licence=text(element, "license") or None,
    )


def _texts(element: etree._Element, where: str) -> tuple[str, str, str]:
    title = text(element, "title")
    if not title:
        raise RecordError(where, "no title")
    return title, text(element, "abstract"), text(element, "comments")


def _categories(element: etree._Element) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text(element, "categories").split()))


def _versions(element: etree._Element) -> tuple[Version, ...]:
    found = {}
    for version in children(element, "version"):
        number = (version.get("version") or "").removeprefix("v")
        if number.isascii() and number.isdecimal() and int(number[:6]) > 0:
            found[int(number[:6])] = Version(
                int(number[:6]),
                moment(text(version, "date")),
                text(version, "size") or None,
                text(version, "source_type") or None,
            )
    return tuple(found[number] for number in sorted(found))


def _authors(element: etree._Element) -> tuple[Author, ...]:
    given = child(element, "authors")
    if given is None:
        return ()
    found = []
    for author in children(given, "author"):
        parts = (text(author, part) for part in ("forenames", "keyname", "suffix"))
        places = "; ".join(filter(None, (person(text(a)) for a in children(author, "affiliation"))))
        if whole := person(" ".join(filter(None, parts))):
            found.append(Author(whole, places or None))
    return tuple(dict.fromkeys(found))
