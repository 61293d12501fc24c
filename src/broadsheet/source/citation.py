"""From what a citation says to a record: the rules that all bibliographies share. Knows no format."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from broadsheet.errors import InputError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Author, Record
from broadsheet.source import identity
from broadsheet.source.withdrawal import is_withdrawn

_LABEL = re.compile(r"^\s*Comments?:\s*")


def compose(
    *,
    source: str,
    title: str,
    people: tuple[Author, ...],
    published: datetime | None,
    doi: PaperId | None,
    names: Iterable[PaperId | None],
    own: PaperId | None = None,
    abstract: str = "",
    categories: tuple[str, ...] = (),
    comment: str | None = None,
    notes: Iterable[str] = (),
    venue: str = "",
    licence: str | None = None,
    urls: Iterable[str] = (),
    tags: tuple[str, ...] = (),
    collections: tuple[str, ...] = (),
) -> Record:
    """The record of a citation. Raises InputError where it has no title.

    ``doi`` is what the citation's own field for it says; ``names`` are all that it names itself by, surest
    first. ``own`` is the id that a Broadsheet wrote into it: what it has beside that may lead elsewhere.
    ``notes`` are not kept, but one that opens by saying so marks the paper as withdrawn.
    """
    if not title:
        raise InputError("no title")
    year = published.year if published else None
    id, also = (
        identity.identify(names, title=title, authors=people, year=year)
        if own is None
        else (own, () if doi is None else (doi,))
    )
    return Record(
        id=id,
        also=also,
        title=title,
        source=source,
        abstract=abstract,
        authors=people,
        categories=categories,
        published=published,
        withdrawn=is_withdrawn(comment, abstract) or any(is_withdrawn(None, note) for note in notes),
        comment=comment,
        # Reference managers give arXiv as the journal of what has none.
        venue=None if "arxiv" in venue.lower() else venue or None,
        doi=str(doi) if doi and doi.scheme is Scheme.DOI and doi != id else None,
        licence=licence,
        # An id of our own names no address, so there every address says more.
        links=tuple(u for u in urls if u.startswith(("http://", "https://")))
        if own
        else identity.links(urls),
        tags=tags,
        collections=collections,
    )


def comment_of(note: str) -> str | None:
    """The note without its label, unless it only repeats the arXiv id.

    >>> comment_of("arXiv:1706.03762 [cs]"), comment_of("Comment: 15 pages")
    (None, '15 pages')
    """
    note = _LABEL.sub("", note)
    return None if not note or (len(note) < 40 and identity.arxiv_id(note)) else note


def comment_among(notes: Iterable[str]) -> str | None:
    """The first note that is arXiv's comment: Zotero keeps that as a note, ``Comment: 15 pages``.

    >>> comment_among(["read twice", "Comment: 15 pages"])
    '15 pages'
    """
    return next(
        (text for n in notes if _LABEL.match(n) and (text := " ".join(_LABEL.sub("", n).split()))), None
    )
