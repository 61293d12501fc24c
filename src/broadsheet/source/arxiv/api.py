"""arXiv's query API for single papers and small searches. Knows no database.

https://info.arxiv.org/help/api/user-manual.html: Atom; ``id_list`` needs ``max_results``, or stops at
ten; slices of at most 2,000 and 30,000 results in all; errors come as an *entry*; and, as every client
has found, pages come back empty at times though results are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Author, Record, Version
from broadsheet.source.arxiv.authors import person
from broadsheet.source.arxiv.client import Client, MalformedError, Reply, answer_of
from broadsheet.source.arxiv.records import SOURCE, announcements, first_doi, identify, moment
from broadsheet.source.arxiv.xmltree import children, parse, text
from broadsheet.source.contract import Item
from broadsheet.source.withdrawal import is_withdrawn

URL = "https://export.arxiv.org/api/query"
SLICE = 2000
MOST = 30_000

_IDS_AT_ONCE = 100  # keeps the address under 2 kB
_ASK_AGAIN = 3  # an answer without any result is believed the third time


@dataclass(frozen=True, slots=True)
class Results:
    """One slice of results. ``error`` is what the API reports in place of them."""

    items: tuple[Item, ...]
    total: int
    error: str | None = None


class Api:
    """Asks the query API."""

    def __init__(self, client: Client, *, url: str = URL) -> None:
        self._client = client
        self._url = url

    def fetch(self, ids: Iterable[PaperId]) -> Iterator[Item]:
        """The records of the latest versions of arXiv papers; a RecordError for each that arXiv does not know.

        Raises SourceError or ThrottledError where the host fails.
        """
        wanted = list(dict.fromkeys(ids))
        yield from (RecordError(str(i), "not an arXiv id") for i in wanted if i.scheme is not Scheme.ARXIV)
        wanted = [i for i in wanted if i.scheme is Scheme.ARXIV]
        for start in range(0, len(wanted), _IDS_AT_ONCE):
            yield from self._fetch(wanted[start : start + _IDS_AT_ONCE])

    def search(self, query: str, *, limit: int = 100, size: int = 500) -> Iterator[Item]:
        """The first ``limit`` results of a query in the API's language, by relevance.

        Raises InputError where ``limit`` is over 30,000 or the API calls the query wrong,
        SourceError or ThrottledError where the host fails.
        """
        if not 0 < limit <= MOST:
            raise InputError(
                f"arXiv's API gives 1 to {MOST:,} results, asked for {limit:,}; harvest more by OAI-PMH"
            )
        yield from self._pages({"search_query": query}, limit=limit, size=min(size, SLICE))

    def _fetch(self, ids: list[PaperId]) -> Iterator[Item]:
        request = {"id_list": ",".join(map(str, ids))}
        try:
            found = list(self._pages(request, limit=len(ids), size=len(ids)))
        except InputError as error:
            # One id that the API cannot read spoils the whole answer: look for it in the halves.
            if len(ids) == 1:
                yield RecordError(str(ids[0]), str(error))
                return
            yield from self._fetch(ids[: len(ids) // 2])
            yield from self._fetch(ids[len(ids) // 2 :])
            return
        yield from found
        known = {item.id for item in found if isinstance(item, Record)}
        failed = {error.where for error in found if isinstance(error, RecordError)}
        yield from (
            RecordError(str(i), "arXiv knows no such paper")
            for i in ids
            if i not in known and str(i) not in failed
        )

    def _pages(self, request: Mapping[str, str], *, limit: int, size: int) -> Iterator[Item]:
        start = 0
        while start < limit:
            window = {"start": str(start), "max_results": str(min(size, limit - start))}
            page = self._slice({**request, **window}, start)
            yield from page.items
            start += len(page.items)
            if start >= page.total:
                return

    def _slice(self, request: Mapping[str, str], start: int) -> Results:
        def read(reply: Reply) -> Results:
            page = answer_of(reply, read_results)
            if not page.items and page.error is None and (start or page.total):
                raise MalformedError("an empty page, though more results were promised")
            return page

        for _ in range(_ASK_AGAIN):
            page = self._client.fetch(self._url, request, read)
            if page.error is not None:
                raise InputError(f"arXiv's API answers: {page.error}")
            if page.items:
                break
        return page


def read_results(body: bytes) -> Results:
    """The results in an answer. Raises MalformedError where it is none."""
    root = parse(body, roots=("feed",))
    entries = children(root, "entry")
    if (error := next((e for e in entries if "/api/errors" in text(e, "id")), None)) is not None:
        return Results((), 0, text(error, "summary") or text(error, "title") or "an error without a reason")
    total = text(root, "totalResults")
    if not (total.isascii() and total.isdecimal() and len(total) < 12):
        raise MalformedError("the answer does not say how many results there are")
    return Results(tuple(map(_item, entries)), int(total))


def _item(entry: etree._Element) -> Item:
    link = text(entry, "id")
    where = link.rpartition("/abs/")[2] or "an entry without id"
    try:
        id, version = identify(link, where=where)
    except RecordError as error:
        return error
    title = text(entry, "title")
    if not title:
        return RecordError(where, "no title")
    published, updated = moment(text(entry, "published")), moment(text(entry, "updated"))
    comment, abstract = text(entry, "comment"), text(entry, "summary")
    history = [Version(1, published), *([Version(version, updated)] if version and version > 1 else [])]
    return Record(
        id=id,
        title=title,
        source=SOURCE,
        abstract=abstract,
        authors=_authors(entry),
        categories=_categories(entry),
        published=published,
        updated=updated,
        announcements=announcements(id, history),
        version=version,
        withdrawn=is_withdrawn(comment, abstract),
        comment=comment or None,
        venue=text(entry, "journal_ref") or None,
        doi=first_doi(text(entry, "doi")),
    )


def _authors(entry: etree._Element) -> tuple[Author, ...]:
    found = []
    for author in children(entry, "author"):
        places = "; ".join(filter(None, (person(text(a)) for a in children(author, "affiliation"))))
        if whole := person(text(author, "name")):
            found.append(Author(whole, places or None))
    return tuple(dict.fromkeys(found))


def _categories(entry: etree._Element) -> tuple[str, ...]:
    elements = [*children(entry, "primary_category"), *children(entry, "category")]
    return tuple(dict.fromkeys(c for e in elements if (c := e.get("term"))))
