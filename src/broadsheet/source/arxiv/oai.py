"""Harvest arXiv by OAI-PMH: backfill and catch-up, in batches with a cursor. Knows no database.

https://info.arxiv.org/help/oa/index.html and https://www.openarchives.org/OAI/openarchivesprotocol.html.
What matters of them: a record's datestamp is the day it last *changed*; lists come in ascending
datestamps; resumption tokens expire at the end of the day and promise no total; the next harvest
starts at the day of this one's last ``responseDate``, without ``until``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from lxml import etree

from broadsheet.errors import InputError, RecordError, SourceError
from broadsheet.model import Record
from broadsheet.source.arxiv.client import GOING_ON, Client, MalformedError, Reply, answer_of
from broadsheet.source.arxiv.formats import record
from broadsheet.source.arxiv.records import SOURCE, identify, moment
from broadsheet.source.arxiv.xmltree import child, children, parse, text
from broadsheet.source.contract import Batch, Item

URL = "https://oaipmh.arxiv.org/oai"
_FORMAT = "arXivRaw"  # the one with the history of versions and withdrawals
_MOST_RESTARTS = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a harvest stands.

    ``since`` is the listing's ``from``; ``token`` continues it; ``restart`` is the datestamp up to
    which everything has been seen, to start again from when the token no longer holds;
    ``ordered`` says whether datestamps have come in order, without which ``restart`` means nothing.
    """

    since: date | None = None
    token: str | None = None
    restart: date | None = None
    ordered: bool = True

    @staticmethod
    def parse(cursor: str) -> Place:
        """The place that a saved cursor names. Raises InputError."""
        try:
            saved = json.loads(cursor)
            return Place(
                since=_day(saved["from"]),
                token=saved["token"] if saved["token"] is None else str(saved["token"]),
                restart=_day(saved["restart"]),
                ordered=bool(saved["ordered"]),
            )
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"not a cursor of an arXiv harvest: {cursor!r}") from error

    def __str__(self) -> str:
        return json.dumps(
            {
                "from": self.since and self.since.isoformat(),
                "token": self.token,
                "restart": self.restart and self.restart.isoformat(),
                "ordered": self.ordered,
            }
        )

    def again(self) -> Place:
        """Where to start once the token is of no use."""
        return Place(since=(self.restart if self.ordered else None) or self.since)


class OaiSource:
    """One set of arXiv (``cs``, ``cs:cs:CL``, ``physics:hep-th``; empty: all), as a ``HostSource``.

    ``since`` is where a first harvest starts; None: at the beginning of arXiv.
    """

    def __init__(self, client: Client, *, set: str = "", since: date | None = None, url: str = URL) -> None:
        self.name = f"{SOURCE}:{set or 'all'}"
        self.set = set
        self._client = client
        self._since = since
        self._url = url

    def harvest(self, cursor: str | None) -> Iterator[Batch]:
        """Batches of one answer each (up to some thousand records), until nothing newer is left."""
        place = Place.parse(cursor) if cursor else Place(since=self._since)
        restarts = 0
        asked: set[str] = set()
        while True:
            reader = _Reader(place.token, frozenset(asked | {place.token or ""}))
            try:
                page = self._client.fetch(self._url, self._request(place), reader.read)
            except _ExpiredError as error:
                restarts = restarts + 1 if place.again().since == place.since else 1
                if restarts > _MOST_RESTARTS:
                    raise SourceError(
                        f"arXiv's OAI-PMH keeps refusing its own resumption tokens ({error}); {GOING_ON}"
                    ) from error
                place, asked = place.again(), set()
                continue
            asked.add(place.token or "")
            place = _after(place, page)
            yield Batch(page.items, str(place), page.total)
            if place.token is None:
                return

    def _request(self, place: Place) -> Mapping[str, str]:
        if place.token is not None:
            return {"verb": "ListRecords", "resumptionToken": place.token}
        request = {"verb": "ListRecords", "metadataPrefix": _FORMAT}
        if self.set:
            request["set"] = self.set
        if place.since:
            request["from"] = place.since.isoformat()
        return request


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer to ``ListRecords``."""

    items: tuple[Item, ...] = ()
    days: tuple[date, ...] = ()
    token: str | None = None
    answered: date | None = None
    total: int | None = None


def read_page(body: bytes) -> Page:
    """The records of an answer to ``ListRecords`` or ``GetRecord``.

    Raises MalformedError where the answer cannot be one, SourceError where it reports an error.
    ``noRecordsMatch`` is a page without records.
    """
    root = parse(body, roots=("OAI-PMH",))
    answered = moment(text(root, "responseDate"))
    day = answered.date() if answered else None
    for error in children(root, "error"):
        code = error.get("code") or "unknown error"
        if code == "noRecordsMatch":
            return Page(answered=day)
        if code == "badResumptionToken":
            raise _ExpiredError(text(error) or code)
        raise SourceError(f"arXiv's OAI-PMH answers {code}: {text(error) or 'no reason given'}")
    listing = child(root, "ListRecords")
    listing = child(root, "GetRecord") if listing is None else listing
    if listing is None:
        raise MalformedError("the answer has neither records nor an error")
    found = [_item(element) for element in children(listing, "record")]
    if not found:
        # arXiv's hosts send empty pages in the middle of a list; an empty list would be noRecordsMatch.
        raise MalformedError("the answer is a page without records")
    token = child(listing, "resumptionToken")
    return Page(
        items=tuple(item for item, _ in found),
        days=tuple(d for _, d in found if d),
        token=text(token) or None,
        answered=day,
        total=_number(token.get("completeListSize")) if token is not None else None,
    )


class _ExpiredError(SourceError):
    """The resumption token no longer holds."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the answer to one request, knowing what was asked and what came before."""

    token: str | None
    asked: frozenset[str]

    def read(self, reply: Reply) -> Page:
        page = answer_of(reply, read_page)
        if self.token is None:
            return page
        if not page.items:
            # A token is only given where more follows, so this is a token that lost its place.
            raise _ExpiredError("noRecordsMatch in the middle of a list")
        if page.token in self.asked:
            raise MalformedError("the answer is the former page once more")
        return page


def _after(place: Place, page: Page) -> Place:
    """The place once a page's records are saved."""
    days = page.days
    low = place.restart or place.since
    ordered = place.ordered and list(days) == sorted(days) and not (low and days and days[0] < low)
    if page.token is not None:
        restart = days[-1] if ordered and days else place.restart
        return replace(place, token=page.token, restart=restart, ordered=ordered)
    # Without a usable responseDate: whatever changed since the last record is asked for again.
    done = page.answered or (max(days) if days else None) or place.restart or place.since
    return Place(since=max(done, place.since) if done and place.since else done)


def _item(element: etree._Element) -> tuple[Item, date | None]:
    header = child(element, "header")
    identifier = text(header, "identifier")
    stamp = moment(text(header, "datestamp"))
    day = stamp.date() if stamp else None
    where = identifier or "a record without identifier"
    try:
        if header is not None and header.get("status") == "deleted":
            return _deleted(identifier, where), day
        metadata = child(element, "metadata")
        if metadata is None:
            raise RecordError(where, "no metadata")  # noqa: TRY301  # one way out for every bad record
        return record(metadata, where=where, datestamp=day), day
    except RecordError as error:
        return error, day


def _deleted(identifier: str, where: str) -> Record:
    id, _ = identify(identifier, where=where)
    return Record(id=id, title="", source=SOURCE, deleted=True)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 12 else None
