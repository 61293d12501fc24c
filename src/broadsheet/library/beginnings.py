"""Where an empty desk begins: papers and fields of the last days to choose from, authors by name. Knows no page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from broadsheet.errors import NotFoundError, StaleIndexError
from broadsheet.library.archive import Library
from broadsheet.library.desk import Desk
from broadsheet.library.editions import section_title
from broadsheet.library.views import Entry
from broadsheet.model import Mark, MarkKind, author_key

DAYS: Final = 5  # the last days that papers and fields are taken from
SPREAD: Final = 12  # papers to choose from
CATEGORIES: Final = 24
AUTHORS: Final = 8  # authors of a name
OWN: Final = 200  # papers of one author


@dataclass(frozen=True, slots=True)
class NamedAuthor:
    """An author of a name that was looked for: how many papers are here, at most ``OWN``, and the newest one's title."""

    key: str
    name: str
    papers: int
    title: str


def spread(library: Library) -> list[Entry]:
    """Papers of the last days from as many sections as there are: leads first, then the first of each section."""
    found: dict[str, list[Entry]] = {}
    for count in library.days()[: -DAYS - 1 : -1]:
        edition = library.edition(count.day)
        for entry in (*edition.leads, *(s.entries[0] for s in edition.sections)):
            found.setdefault(entry.section, []).append(entry)
    rounds = max((len(entries) for entries in found.values()), default=0)
    turns = (entries[turn] for turn in range(rounds) for entries in found.values() if turn < len(entries))
    return list(dict.fromkeys(turns))[:SPREAD]


def categories(library: Library) -> list[tuple[str, str]]:
    """The categories that the last days' papers have, with their titles, the largest sections first."""
    sizes: dict[str, int] = {}
    for count in library.days()[: -DAYS - 1 : -1]:
        edition = library.edition(count.day)
        for entry in (*edition.leads, *(e for s in edition.sections for e in s.entries)):
            sizes[entry.section] = sizes.get(entry.section, 0) + 1
    codes = sorted((c for c in sizes if c != "other"), key=lambda c: (-sizes[c], c))
    return [(code, section_title(code)) for code in codes[:CATEGORIES]]


def authors_named(library: Library, wanted: str) -> list[NamedAuthor]:
    """Authors whose name is this or ends with it, those with the most papers first."""
    key = author_key(wanted)
    names = {key: wanted}
    try:
        quoted = wanted.replace('"', "")
        for hit in library.search(f'author:"{quoted}"', limit=50).hits:
            for author in hit.paper.record.authors:
                if author.key == key or author.key.endswith(f"-{key}"):
                    names.setdefault(author.key, author.name)
    except StaleIndexError:
        pass  # while there is no index, the name as it was given is all that is looked for
    found = []
    for one, label in names.items():
        if papers := library.author(one, limit=OWN):
            spelt = next(a.name for a in papers[0].record.authors if a.key == one)
            found.append(NamedAuthor(one, spelt or label, len(papers), papers[0].title))
    return sorted(found, key=lambda a: (-a.papers, a.key))[:AUTHORS]


def keep_works(library: Library, desk: Desk, author: str, *, now: datetime) -> tuple[int, int]:
    """Keep an author's papers, one's own perhaps: how many there are, and how many were not kept before.

    Raises NotFoundError.
    """
    key = author_key(author)
    papers = library.author(key, limit=OWN)
    if not papers:
        raise NotFoundError(f"no author {key!r} in this archive")
    return len(papers), desk.keep(Mark(paper.id, MarkKind.SAVED, now) for paper in papers)
