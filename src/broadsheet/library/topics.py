"""The topics of an edition or a search, and their map. Knows the store's and the index's contracts, no page.

A day is grouped by the topics that stand (``rank.topics_standing``), those that came up earlier in
its week, and what neither covers. Standing topics are learnt from the weeks before some fixed days
and from nothing later, so a day of the past keeps its topics. Nothing is written down: all of it can
be worked out again from the store and the index, and what was worked out is kept in memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Final

import numpy as np

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, Index, Snapshot, Vectors
from broadsheet.index.sample import centred
from broadsheet.library.cache import Kept
from broadsheet.model import AnnounceKind, Paper
from broadsheet.rank.projection import lay_out
from broadsheet.rank.topics import Grouping, Labels
from broadsheet.rank.topics_file import shipped
from broadsheet.rank.topics_names import Vocabulary
from broadsheet.rank.topics_standing import Head, Standing, gather, is_new, learn, vocabulary_of
from broadsheet.store.contract import Store
from broadsheet.text.lexicon import Lexicon

# Standing topics are learnt from at most this many papers of this many days before.
_SAMPLE: Final = 2400
_WINDOW: Final = timedelta(days=56)
_ENOUGH: Final = 150  # papers; fewer teach nothing that lasts
# A young archive learns after a week and after eight; then at the beginning of each half-year.
_FIRST_LESSONS: Final = (timedelta(days=7), _WINDOW)
# Topics begin anew with every fourth year, so that working them out again takes a bounded time.
_ERA: Final = 4

# What a topic of n papers costs, for the root of n; chosen with ``bench/topics.py`` on days of 2025.
_COST: Final = 0.03
_KNOWN_COST: Final = 0.0
_REACH: Final = 0.43
_BEFORE: Final = timedelta(days=28)  # what a new topic is new against
_SEARCHED: Final = 0.6  # the largest share of a search's papers that may use the name of a known topic
# Of fewer papers than these two are a topic, not three; they need not lie as near to it on a day.
_FEW: Final = 100
_FEW_REACH: Final = 0.39

_STANDINGS_KEPT: Final = 24
_DAYS_KEPT: Final = 40
_MAPS_KEPT: Final = 48
_SEARCHES_KEPT: Final = 16  # whose maps are asked for again, with one topic after another lit
_PASTS_KEPT: Final = 4  # weeks; each is two megabytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Papers about one thing, those most about it first."""

    key: str  # of its name, for addresses
    name: str
    mark: int  # which of ``MARKS`` colours and shapes it is shown by
    new: bool  # far more papers than in the weeks before
    ids: tuple[PaperId, ...]
    example: PaperId  # the paper nearest to what they have in common


@dataclass(frozen=True, slots=True)
class Spot:
    """A paper's place on a map: ``x`` and ``y`` within 0…1."""

    id: PaperId
    x: float
    y: float
    topic: int | None  # which of the map's topics; None: of none


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMap:
    """Papers by topic, the largest first, and where each stands."""

    topics: tuple[Topic, ...] = ()
    various: tuple[PaperId, ...] = ()  # papers that fit no topic
    spots: tuple[Spot, ...] = ()  # papers with vectors alone

    @property
    def count(self) -> int:
        """How many papers there are."""
        return sum(len(topic.ids) for topic in self.topics) + len(self.various)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A topic over several editions: ``days`` newest first, each with its papers, those most about it first."""

    key: str
    name: str
    mark: int
    days: tuple[tuple[date, tuple[PaperId, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Day:
    """A day's grouping, and the topics that came up in its week so far."""

    ids: tuple[PaperId, ...]
    rows: Vectors
    found: Grouping
    heads: tuple[Head, ...]  # of each topic found
    risen: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """A day's map, the archive's state when it was last looked at, and what of the archive it was made from."""

    state: tuple[int, int]
    path: tuple[object, ...]
    map: TopicMap


_StandingKey = tuple[tuple[date, int], ...]


class Topics:
    """Topics of an archive's papers. Safe to share between threads; changes nothing."""

    def __init__(self, store: Store, index: Index, *, fast: Encoder) -> None:
        self._store = store
        self._index = index
        self._fast = fast
        self._lexicon = Lexicon()
        self._standings: Kept[_StandingKey, Standing] = Kept(_STANDINGS_KEPT)
        self._days: Kept[tuple[object, ...], _Day] = Kept(_DAYS_KEPT)
        self._maps: Kept[date, _Made] = Kept(_MAPS_KEPT)
        self._searches: Kept[tuple[object, ...], TopicMap] = Kept(_SEARCHES_KEPT)
        self._pasts: Kept[tuple[object, ...], Vectors] = Kept(_PASTS_KEPT)

    def of_day(self, day: date) -> TopicMap:
        """The papers that were new on a day. Raises StaleIndexError where there is no index."""
        snapshot = self._index.snapshot()
        state = self._state(snapshot)
        kept = self._maps.get(day)
        if kept is not None and kept.state == state:
            return kept.map
        announced = self._announced([day])
        if not announced:
            return TopicMap()
        standing, learnt = self._standing(day, snapshot)
        monday = day - timedelta(days=day.weekday())
        so_far: _Day | None = None
        path: tuple[object, ...] = (learnt,)
        for count in self._store.days(monday, day):
            ids = self._announced([count.day])
            known, vectors = snapshot.vectors_of(ids, encoder=self._fast.name)
            path = (*path, count.day, hash((known, vectors.tobytes())))
            risen = so_far.risen if so_far else ()
            so_far = self._days.made(path, partial(self._group, known, vectors, standing, risen))
        assert so_far is not None
        past = so_far.rows[:0]
        if standing is not None:
            counts = self._store.days(monday - _BEFORE, monday - timedelta(days=1))
            # Where the index lags behind, some of them have no vectors yet.
            lags = state if state[1] < state[0] else None
            before = (monday, learnt, tuple((count.day, count.new) for count in counts), lags)
            days = [count.day for count in counts]
            past = self._pasts.made(before, partial(self._past, days, standing, snapshot))
            path = (*path, before)
        path = (*path, hash(announced))
        if kept is not None and kept.path == path:  # what changed since does not concern this day
            made = kept.map
        else:
            drawn = _map(so_far.ids, so_far.rows, so_far.found, so_far.heads, past=past)
            made = _with_rest(drawn, set(announced) - set(so_far.ids))
        return self._maps.keep(day, _Made(state, path, made)).map

    def of_papers(self, papers: Sequence[Paper]) -> TopicMap:
        """Some papers, such as those that a search found, by topics of their own."""
        by_id = {paper.id: paper for paper in papers}
        known, vectors = self._index.snapshot().vectors_of(sorted(by_id), encoder=self._fast.name)
        seen = tuple((paper.id, paper.seq) for paper in papers)
        return self._searches.made(
            (seen, known, hash(vectors.tobytes())), partial(self._of_papers, by_id, known, vectors)
        )

    def _of_papers(
        self, by_id: Mapping[PaperId, Paper], known: Sequence[PaperId], vectors: Vectors
    ) -> TopicMap:
        if not known:
            return TopicMap(various=tuple(by_id))
        mean = vectors.mean(axis=0)
        rows = centred(vectors, mean)
        begun = self._begun(mean).heads
        vocabulary = vocabulary_of([by_id[id] for id in known], rows, begun, lexicon=self._lexicon)
        # What most of them are about is what was searched for, and tells them not apart.
        heads = [head for head in begun if vocabulary.users(head.key).mean() <= _SEARCHED]
        found, named = _gathered(rows, vocabulary, heads, reach=_FEW_REACH)
        return _with_rest(_map(known, rows, found, named, past=rows[:0]), set(by_id) - set(known))

    def _state(self, snapshot: Snapshot) -> tuple[int, int]:
        """What topics are worked out from."""
        return self._store.last_seq(), snapshot.generation.seq

    # -- what is known before a day

    def _standing(self, day: date, snapshot: Snapshot) -> tuple[Standing | None, _StandingKey]:
        """The topics that stand on a day, and what they were learnt from."""
        counts = {count.day: count.new for count in self._store.days(None, day)}
        if not counts:
            return None, ()
        standing: Standing | None = None
        path: _StandingKey = ()
        for lesson in lessons(min(counts), day):
            past = [d for d in counts if lesson - _WINDOW <= d < lesson]
            total = sum(counts[d] for d in past)
            if total < _ENOUGH:
                continue
            path = (*path, (lesson, total))
            standing = self._standings.made(path, partial(self._learn, past, standing, snapshot))
        return standing, path

    def _begun(self, mean: Vectors) -> Standing:
        """The topics that stand before an archive has taught any, for papers of such a mean."""
        begun = shipped(self._fast.name)
        return Standing(mean, ()) if begun is None else begun.seen_from(mean)

    def _learn(self, past: Sequence[date], before: Standing | None, snapshot: Snapshot) -> Standing:
        ids = self._announced(past)
        known, vectors = snapshot.vectors_of(_drawn(ids), encoder=self._fast.name)
        before = before or self._begun(vectors.mean(axis=0))
        return learn(vectors, self._texts(known), lexicon=self._lexicon, before=before)

    def _past(self, days: Sequence[date], standing: Standing, snapshot: Snapshot) -> Vectors:
        """A sample of the papers of some days, the weeks before a week, centred."""
        _, vectors = snapshot.vectors_of(_drawn(self._announced(days)), encoder=self._fast.name)
        return centred(vectors, standing.mean)

    # -- a day

    def _group(
        self,
        ids: tuple[PaperId, ...],
        vectors: Vectors,
        standing: Standing | None,
        risen: tuple[Head, ...],
    ) -> _Day:
        if not ids:
            return _Day((), vectors, _nothing(vectors), (), risen)
        standing = standing or self._begun(vectors.mean(axis=0))
        rows = centred(vectors, standing.mean)
        known = (*standing.heads, *risen)
        vocabulary = vocabulary_of(self._texts(ids), rows, known, lexicon=self._lexicon)
        found, heads = _gathered(rows, vocabulary, known, reach=_REACH if len(rows) >= _FEW else _FEW_REACH)
        before = {head.key for head in known}
        return _Day(ids, rows, found, heads, (*risen, *(head for head in heads if head.key not in before)))

    def _announced(self, days: Iterable[date]) -> tuple[PaperId, ...]:
        """The papers that were new on one of these days, by id."""
        return tuple(
            sorted({o.id for day in days for o in self._store.outline(day) if o.kind is AnnounceKind.NEW})
        )

    def _texts(self, ids: Sequence[PaperId]) -> list[Paper]:
        papers = self._store.get_many(ids)
        return [papers[id] for id in ids]


def course(key: str, days: Iterable[tuple[date, TopicMap]]) -> Course | None:
    """A topic over some editions, given newest first, as the newest calls it; None where none has it."""
    found = [(day, topic) for day, each in days for topic in each.topics if topic.key == key and topic.ids]
    if not found:
        return None
    newest = found[0][1]
    return Course(
        key=key, name=newest.name, mark=newest.mark, days=tuple((day, topic.ids) for day, topic in found)
    )


def without(found: TopicMap, ids: Container[PaperId]) -> TopicMap:
    """The same map without some papers; a topic of which nothing remains is empty, so that numbers hold."""
    if not any(spot.id in ids for spot in found.spots) and not any(id in ids for id in found.various):
        return found
    topics = []
    for topic in found.topics:
        left = tuple(id for id in topic.ids if id not in ids)
        example = topic.example if topic.example not in ids or not left else left[0]
        topics.append(replace(topic, ids=left, example=example))
    return TopicMap(
        topics=tuple(topics),
        various=tuple(id for id in found.various if id not in ids),
        spots=tuple(spot for spot in found.spots if spot.id not in ids),
    )


def lessons(first: date, day: date) -> tuple[date, ...]:
    """The days up to ``day`` before which an archive that began with ``first`` learns its standing topics.

    >>> [str(d) for d in lessons(date(2025, 11, 3), date(2026, 1, 7))]
    ['2025-11-10', '2025-12-29', '2026-01-01']
    """
    era = date(day.year - day.year % _ERA, 1, 1)
    if first + _FIRST_LESSONS[-1] <= era:
        early: list[date] = []
        begin = era
    else:
        early = [first + wait for wait in _FIRST_LESSONS]
        begin = early[-1] + timedelta(days=1)
    halves = (date(year, month, 1) for year in range(begin.year, day.year + 1) for month in (1, 7))
    return tuple(lesson for lesson in (*early, *(half for half in halves if half >= begin)) if lesson <= day)


def _gathered(
    rows: Vectors, vocabulary: Vocabulary, known: Sequence[Head], *, reach: float
) -> tuple[Grouping, tuple[Head, ...]]:
    few = len(rows) < _FEW
    return gather(
        rows,
        vocabulary,
        known,
        cost=_COST,
        known_cost=_KNOWN_COST,
        reach=reach,
        smallest=2 if few else 3,
    )


def _drawn(ids: Sequence[PaperId]) -> list[PaperId]:
    """A sample by a number that a paper keeps, so that windows that overlap share most of theirs."""
    return sorted(sorted(ids, key=_lot)[:_SAMPLE])


def _lot(id: PaperId) -> tuple[int, PaperId]:
    return zlib.crc32(str(id).encode()), id


def _nothing(vectors: Vectors) -> Grouping:
    none: Labels = np.zeros(0, dtype=np.int64)
    return Grouping(none, vectors[:0, 0], none, none)


def _map(
    ids: Sequence[PaperId],
    rows: Vectors,
    found: Grouping,
    heads: Sequence[Head],
    *,
    past: Vectors,
) -> TopicMap:
    labels = found.labels
    topics = []
    for topic, head in enumerate(heads):
        members = np.flatnonzero(labels == topic)
        order = members[np.lexsort((members, -found.nearness[members]))].tolist()
        topics.append(
            Topic(
                key=head.key.replace(" ", "-"),
                name=head.text,
                mark=head.mark,
                new=is_new(head.centre, rows[members], among=len(ids), past=past),
                ids=tuple(ids[row] for row in order),
                example=ids[int(found.examples[topic])],
            )
        )
    places = lay_out(rows, labels=labels)
    return TopicMap(
        topics=tuple(topics),
        various=tuple(ids[row] for row in np.flatnonzero(labels < 0).tolist()),
        spots=tuple(
            Spot(id, round(float(x), 4), round(float(y), 4), int(label) if label >= 0 else None)
            for id, (x, y), label in zip(ids, places, labels, strict=True)
        ),
    )


def _with_rest(made: TopicMap, rest: Iterable[PaperId]) -> TopicMap:
    """The same with papers that have no vectors yet, which fit no topic so far."""
    return TopicMap(topics=made.topics, various=(*made.various, *sorted(rest)), spots=made.spots)
