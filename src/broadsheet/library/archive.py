"""The Library: one archive, ready to be read. Knows the store's and the index's contracts, no backend."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np

from broadsheet.errors import NotFoundError, StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.index.contract import AnyOf, Encoder, Filter, Generation, Index, Named, Vectors, Without
from broadsheet.library import finding, neighbours, tokens, trends
from broadsheet.library.cache import Kept
from broadsheet.library.commons import Commons
from broadsheet.library.desk import Desk
from broadsheet.library.editions import UNSORTED, set_edition
from broadsheet.library.editorial import edited
from broadsheet.library.expectations import Expectations, Expected
from broadsheet.library.foryou import ForYou
from broadsheet.library.relations import relations as related
from broadsheet.library.repeats import Repeats
from broadsheet.library.topics import Course, TopicMap, Topics, course, without
from broadsheet.library.views import Changed, Edition, Entry, Hit, PaperView, Relation, Results, Trend
from broadsheet.model import Aspect, DayCount, Paper, Record
from broadsheet.rank.authors import MOST, Mending, Signed, people
from broadsheet.rank.expected import Interest
from broadsheet.rank.expected_file import shipped
from broadsheet.store.contract import Store, Taken
from broadsheet.store.counters import Told
from broadsheet.store.readers import FEED
from broadsheet.text.derive import derive
from broadsheet.text.keyphrases import extract

# Kept until the archive or the index changes, a large day is a quarter of a megabyte; a list of similar papers 75 kB.
_EDITIONS_KEPT = 64
_STRETCHES_KEPT = 8  # a month of a large archive is some megabytes
_LEADS_KEPT = 800  # three years of days, a few papers each
_LISTS_KEPT = 512
COURSE = timedelta(days=14)  # how far back a topic is followed: every edition more is one more to be grouped


class Library:
    """One archive, ready to be read. Safe to share between threads; searching never changes state.

    ``fast`` makes vectors at once, ``better`` (None: there is none) catches up in the background.
    ``interest`` is the model of expected interest; it is asked for when first needed.
    """

    def __init__(
        self,
        store: Store,
        index: Index,
        *,
        fast: Encoder,
        better: Encoder | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        interest: Callable[[], Interest] = shipped,
    ) -> None:
        self._store = store
        self._index = index
        self._fast = fast
        self._better = better
        self._now = now
        self.commons = Commons(store, now=now)
        self.repeats = Repeats(store.replies, now=now)
        self.for_you = ForYou(store, vectors_of=self.vectors_of, now=now)
        self._expectations = Expectations(store, interest)
        self._topics = Topics(store, index, fast=fast)
        self._kept_out: Kept[None, Mapping[PaperId, str]] = Kept(1)
        self._editions: Kept[date, Edition] = Kept(_EDITIONS_KEPT)
        self._leads: Kept[date, tuple[Entry, ...]] = Kept(_LEADS_KEPT)
        self._days: Kept[tuple[date | None, date | None], tuple[DayCount, ...]] = Kept(_LISTS_KEPT)
        self._namesakes: Kept[tuple[str, Mending], tuple[tuple[PaperId, ...], ...]] = Kept(_LISTS_KEPT)
        self._similar: Kept[tuple[PaperId, Aspect | None, int], tuple[Hit, ...]] = Kept(_LISTS_KEPT)
        self._precedents: Kept[tuple[PaperId, int], tuple[PaperId, ...]] = Kept(_LISTS_KEPT)
        self._stretches: Kept[tuple[date, date], trends.Stretch] = Kept(_STRETCHES_KEPT)
        self._trends: Kept[tuple[date, date], tuple[Trend, ...]] = Kept(_EDITIONS_KEPT)

    # -- reading

    def latest(self) -> date | None:
        """The day of the newest edition; None for an empty archive."""
        return self._store.neighbours(date.max)[0]

    def edition(self, day: date) -> Edition:
        """The edition of a day, as its editor made it; on a day without one, an Edition whose ``empty`` says why."""
        return self._edited(self._plain_edition(day))

    def leads(self, day: date) -> tuple[Entry, ...]:
        """The lead stories of a day's edition, which are kept much longer than the whole of it."""
        state = self.state()
        leads = self._leads.get(day, of=state)
        if leads is None:
            leads = self._leads.keep(day, self._plain_edition(day).leads, of=state)
        return self._edited(Edition(day=day, count=DayCount(day, 0), leads=leads)).leads

    def expected(self, day: date, *, reasons: int = 3, limit: int | None = None) -> tuple[Expected, ...]:
        """The papers of a day with how likely each comes onto the list of noted papers, likeliest first."""
        return self._expectations.of(day, hour=self.hour(), reasons=reasons, limit=limit)

    def days(self, start: date | None = None, end: date | None = None) -> tuple[DayCount, ...]:
        """Editions from ``start`` to ``end``, oldest first."""
        return self._days.made((start, end), lambda: self._store.days(start, end), of=self._store.last_seq())

    def state(self) -> tuple[int, int]:
        """What editions are made from: the last change of the archive, and the change the index stands at.

        Better vectors make new generations all the time; an edition needs only the fast ones.
        """
        generation = self.generation()
        return self._store.last_seq(), generation.seq if generation else -1

    def hour(self) -> datetime:
        """The hour it is: some answers are kept for as long."""
        return self._now().replace(minute=0, second=0, microsecond=0)

    def paper(self, id: PaperId) -> PaperView:
        """A paper with its history and its neighbours. Raises NotFoundError."""
        paper = self.known(id)
        try:
            similar = self.similar(paper.id, limit=8)
        except StaleIndexError:
            similar = ()  # the index is being made; the page need not wait for it
        return PaperView(
            paper=paper,
            history=self._store.history(paper.id) if paper.revised else (),
            similar=similar,
            relations=self.relations(paper),
            keyphrases=paper.derived.keyphrases or extract(paper.title, paper.abstract),
        )

    def relations(self, paper: Paper) -> tuple[Relation, ...]:
        """How a paper stands to others here by their own words, those kept out left out."""
        kept_out = self.kept_out()
        return tuple(one for one in related(self._store, paper) if one.paper.id not in kept_out)

    def known(self, id: PaperId) -> Paper:
        """The paper with this id or alias, without history and neighbours. Raises NotFoundError."""
        paper = self._store.get(id)
        if paper is None:
            raise NotFoundError(f"no paper {str(id)!r} in this archive")
        return paper

    def shown(self, id: PaperId) -> Paper:
        """The same, as everybody may see it. Raises NotFoundError, for what moderators keep out too."""
        paper = self.known(id)
        if paper.id in self.kept_out():
            raise NotFoundError(f"{paper.id} was taken out of this archive by a moderator")
        return paper

    def papers(self, ids: Iterable[PaperId]) -> Mapping[PaperId, Paper]:
        """The papers among ``ids``, keyed by the id asked for; those that have left are left out."""
        return self._store.get_many(ids)

    def author(self, key: str, *, limit: int = 50, offset: int = 0) -> tuple[Paper, ...]:
        """An author's papers, newest first."""
        papers = self._store.by_author(key, limit=limit, offset=offset)
        return tuple(paper for paper in papers if paper.id not in self.kept_out())

    def namesakes(self, key: str, mending: Mending | None = None) -> tuple[tuple[PaperId, ...], ...]:
        """The newest papers signed with a name, by person as far as they can be told apart, the busiest first.

        At most ``rank.authors.MOST`` papers are looked at; ``mending`` is what a reader knows better.
        """
        mending = mending or Mending()
        return self._namesakes.made((key, mending), lambda: self._told_apart(key, mending), of=self.state())

    def newest(self, *, before: tuple[date | None, PaperId] | None = None, limit: int) -> tuple[Paper, ...]:
        """Papers by first announcement day, newest first, after the one of this day and id; also those kept out."""
        return self._store.newest(before=before, limit=limit)

    def trending(self, start: date, end: date) -> tuple[Trend, ...]:
        """The papers of the editions from ``start`` to ``end`` that anybody did something with, most trending first."""
        now = self.hour()
        done = self.commons.state() + self._store.readers.turn()
        counters = tuple(told.counter for told in self.counters().values())
        among = self._stretches.made(
            (start, end),
            lambda: trends.stretch(self._store, start, end, counters=counters),
            of=(self._store.last_seq(), counters),
        )
        found = self._trends.made(
            (start, end),
            lambda: trends.trends(self._store, among, now=now),
            of=(self._store.last_seq() + done, counters, now),
        )
        kept_out = self.kept_out()
        return tuple(trend for trend in found if trend.id not in kept_out)

    def counters(self) -> Mapping[str, Told]:
        """Who outside counts, by name, and when each last did."""
        return self._store.counters.known()

    # -- following

    def identity(self) -> str:
        """A name that this archive keeps for life; one restored from another has another."""
        return self._store.identity()

    def changes(self, since: int, *, limit: int) -> tuple[Changed, ...]:
        """What changed after change number ``since``, in order, each paper at its last change."""
        lines = self._store.changes(since, limit=limit)
        papers = self._store.get_many(line.id for line in lines if not line.gone)
        found = ((line, papers.get(line.id)) for line in lines)
        # One that was folded into another meanwhile answers with that one's id.
        return tuple(
            Changed(seq=line.seq, id=line.id, paper=paper if paper and paper.id == line.id else None)
            for line, paper in found
        )

    # -- finding

    def search(
        self,
        query: str,
        *,
        filter: Filter | None = None,
        limit: int = 20,
        offset: int = 0,
        facets: bool = False,
    ) -> Results:
        """The papers that answer a query, best first. Fields in the query narrow the filter further.

        ``facets``: also count what the best of them are. Raises StaleIndexError where there is no index to ask.
        """
        return finding.search(
            query,
            snapshot=self._index.snapshot(),
            store=self._store,
            fast=self._fast,
            better=self._better,
            filter=self._admitted(filter or Filter()),
            today=self._now().date(),
            limit=limit,
            offset=offset,
            facets=facets,
        )

    def similar(self, id: PaperId, *, by: Aspect | None = None, limit: int = 10) -> tuple[Hit, ...]:
        """The papers most like one of ours, as wholes or in one aspect. Raises NotFoundError."""
        paper = self.known(id)
        snapshot = self._index.snapshot()
        # A new list where the archive changed, or where a good many papers more have better vectors.
        generation = snapshot.generation
        coverage = generation.encoders.get(self._better.name, 0) if self._better else 0
        state = generation.seq, 20 * coverage // max(generation.papers, 1), self.commons.editorial_state()

        def look() -> tuple[Hit, ...]:
            hits = neighbours.similar(
                paper,
                snapshot=snapshot,
                store=self._store,
                fast=self._fast,
                better=self._better,
                limit=limit,
                by=by,
            )
            return tuple(hit for hit in hits if hit.paper.id not in self.kept_out())

        return self._similar.made((paper.id, by, limit), look, of=state)

    def precedents(self, paper: Paper, *, among: int) -> tuple[Paper, ...]:
        """Of the ``among`` papers most like one those announced before it, likest first. Raises StaleIndexError.

        What is like it is looked up once an hour: it is of days that are over.
        """

        def look() -> tuple[PaperId, ...]:
            found = neighbours.earlier(
                paper,
                snapshot=self._index.snapshot(),
                store=self._store,
                fast=self._fast,
                better=self._better,
                among=among,
            )
            return tuple(each.id for each in found)

        ids = self._precedents.made((paper.id, among), look, of=self.hour())
        papers, kept_out = self._store.get_many(ids), self.kept_out()
        return tuple(papers[id] for id in ids if id in papers and papers[id].id not in kept_out)

    def topics(self, day: date) -> TopicMap:
        """The papers that were new on a day by topic. Raises StaleIndexError."""
        return without(self._topics.of_day(day), self.kept_out())

    def topic(self, key: str, *, since: date | None = None) -> Course | None:
        """A topic over the editions since a day, those of the last two weeks at most; None where none has it.

        Raises StaleIndexError.
        """
        last = self.latest()
        if last is None:
            return None
        first = max(since or date.min, last - COURSE + timedelta(days=1))
        days = [count.day for count in self._store.days(first, last) if count.new]
        return course(key, ((day, self.topics(day)) for day in sorted(days, reverse=True)))

    def topics_of(self, papers: Sequence[Paper]) -> TopicMap:
        """Some papers by topics of their own. Raises StaleIndexError."""
        return self._topics.of_papers(papers)

    def generation(self) -> Generation | None:
        """What the index stands on; None while there is none."""
        try:
            return self._index.snapshot().generation
        except StaleIndexError:
            return None

    def take_in(self, record: Record) -> Taken:
        """Take one record in, as a reader gave it. Raises InputError."""
        return self._store.put([(record, derive(record))], now=self._now())

    def count(self) -> int:
        """How many papers the archive holds."""
        return self._store.count()

    def vectors_of(self, ids: Sequence[PaperId]) -> tuple[tuple[PaperId, ...], Vectors]:
        """Those of ``ids`` that have fast vectors, and these, a row each; none while there is no index."""
        try:
            return self._index.snapshot().vectors_of(ids, encoder=self._fast.name)
        except StaleIndexError:
            return (), np.zeros((0, self._fast.dim), dtype=np.float32)

    # -- readers

    def desk(self, reader: str) -> Desk:
        """What a reader keeps, says of papers, follows and prefers."""
        return Desk(self._store, reader, now=self._now)

    def signing_key(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, made from the archive's secret (RFC 5869's expand step)."""
        return hmac.new(self._store.secret(), f"broadsheet {purpose}\x01".encode(), "sha256").digest()

    def kept_out(self) -> Mapping[PaperId, str]:
        """What moderators keep out of editions, lists and searches, and why."""
        state = self.commons.editorial_state()
        return self._kept_out.made(None, self.commons.kept_out, of=state)

    def feed_of(self, token: str) -> tuple[Desk, str]:
        """Whose private feed a token opens, and of what. Raises NotFoundError."""
        grant = tokens.read(token, secret=self._store.secret())
        if grant is not None:
            desk = self.desk(grant.reader)
            if tokens.is_current(grant, desk.preferences().get(FEED + grant.purpose)):
                return desk, grant.purpose
        raise NotFoundError("this feed's address is not valid, or was taken back by its reader")

    # -- within

    def _plain_edition(self, day: date) -> Edition:
        state = self.state()
        edition = self._editions.made(day, lambda: self._set_edition(day), of=state)
        self._leads.keep(day, edition.leads, of=state)
        return edition

    def _told_apart(self, key: str, mending: Mending) -> tuple[tuple[PaperId, ...], ...]:
        papers = self._store.by_author(key, limit=MOST)
        signed = [
            Signed(
                id=paper.id,
                others=frozenset(author.key for author in paper.record.authors) - {key},
                categories=paper.record.categories,
            )
            for paper in papers
        ]
        known, vectors = self.vectors_of([paper.id for paper in papers])
        return people(signed, dict(zip(known, vectors, strict=True)), mending=mending)

    def _edited(self, edition: Edition) -> Edition:
        if not self.commons.editorial_state():
            return edition
        curation = self.commons.curation(edition.day)
        pinned = self._store.get_many(pin.paper for pin in curation.pins)

        def section_of(id: PaperId) -> str:
            categories = pinned[id].record.categories if id in pinned else ()
            return categories[0] if categories else UNSORTED

        return edited(edition, curation, kept_out=self.kept_out(), section_of=section_of)

    def _admitted(self, filter: Filter) -> Filter:
        """The filter without what is kept out."""
        kept_out = self.kept_out()
        if not kept_out:
            return filter
        return filter.narrowed(Filter(where=Without(AnyOf(tuple(Named(id.value) for id in kept_out)))))

    def _set_edition(self, day: date) -> Edition:
        previous, following = self._store.neighbours(day)
        return set_edition(
            day, self._store.outline(day), previous=previous, next=following, vectors_of=self.vectors_of
        )
