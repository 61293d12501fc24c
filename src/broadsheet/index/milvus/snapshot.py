"""One generation on Milvus, for reading. Knows no writing."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.index import analysis, senses
from broadsheet.index.contract import Filter, Generation, Scored, Sense, Spelt, Token, Vectors, Words
from broadsheet.index.milvus import generations
from broadsheet.index.milvus.collections import PARTS, slots_of, threshold
from broadsheet.index.milvus.conditions import Conditions
from broadsheet.index.milvus.dictionary import Dictionary
from broadsheet.index.milvus.engine import (
    BOUNDED,
    MOST,
    STRONG,
    Engine,
    Row,
    all_of,
    any_held,
    without,
)
from broadsheet.index.milvus.generations import Now
from broadsheet.index.milvus.newest import newest
from broadsheet.index.milvus.scores import Asked, Statistics, candidate_of, scorer, stems_scorer
from broadsheet.index.milvus.versions import at
from broadsheet.index.papers import from_key, to_key
from broadsheet.index.sample import Sample

_EVERYTHING: Final = Filter()
_NO_WORDS: Final = Words()

# Candidates asked for, at least, and for each paper wanted: the engine's order is not quite ours.
_CANDIDATES: Final = 200
_CANDIDATES_EACH: Final = 3
# Papers asked for besides the nearest, so that ties at the end come in our order.
_TIES: Final = 32
# How often a stem may stand in a query that weighs stems.
_REPEATED: Final = 8
_SAMPLE: Final = 2048
_COUNTS_KEPT: Final = 256
_SCORED: Final = ("key", "words", "sense", "capitals", "name")

# Seconds after which every replica has what was written, by a server's promise for bounded staleness
# (5 by default). Before, each read waits until it has.
_SETTLED: Final = 10.0


class MilvusSnapshot:
    """See ``contract.Snapshot``. Safe to share between threads.

    It answers for ``keep`` seconds after the next generation was published, and then raises StaleIndexError.
    """

    def __init__(self, engine: Engine, now: Now, *, keep: float) -> None:
        self.now: Final = now
        self.generation: Final[Generation] = now.generation()
        self._engine = engine
        self._papers, terms, self._details = generations.names(engine, now.epoch)
        self._at = at(now.number)
        self._slots = slots_of(now.slots)
        self._conditions = Conditions(indexed=not engine.embedded)
        self._opened = time.monotonic()
        self._dictionary = Dictionary(engine, terms, now.number, consistency=self._consistency)
        self._keep = keep
        self._good_until = self._opened + keep / 2
        self._ended = False
        self._counts: dict[str, int] = {}

    # -- words

    def words(self, words: Words, *, k: int, filter: Filter = _EVERYTHING) -> tuple[Scored, ...]:
        """The k best by BM25, best first, ties by id; the newest where there is nothing to rank by."""
        if not (words.terms or words.phrases or words.scored):
            return self._newest(self._conditions.allowed(words, filter), k)
        asked = Asked.of(words)
        stems = asked.stems()
        matching = self._conditions.matching(words, filter)
        rows = self._candidates(" ".join(stems), matching, k) if stems else []
        if named := self._conditions.named(sorted(asked.names)):
            allowed = self._conditions.allowed(words, filter)
            rows += self._rows(all_of([named, allowed]), _SCORED, limit=_CANDIDATES)
        statistics = self._statistics(stems)
        score = scorer(asked, statistics)
        scores = {row["key"]: score(candidate_of(row)) for row in rows}
        found = _ranked(scores, k)
        if len(found) < k and not (words.terms or words.phrases):
            # What only scores asks nothing: the others follow.
            others = self._newest(matching, k + len(found))
            known = {scored.id for scored in found}
            found += tuple(scored for scored in others if scored.id not in known)[: k - len(found)]
        return found

    def by_stems(
        self, weights: Mapping[str, float], *, k: int, filter: Filter = _EVERYTHING, titles: bool = False
    ) -> tuple[Scored, ...]:
        """The k papers whose title and abstract hold these stems best by BM25, best first, ties by id."""
        weights = {stem: weight for stem, weight in weights.items() if weight > 0}
        if not weights:
            return ()
        # The engine's BM25 counts a stem as often as it stands in the query; weights become such numbers.
        most = max(weights.values())
        repeated = [
            " ".join([stem] * max(1, round(_REPEATED * weight / most))) for stem, weight in weights.items()
        ]
        rows = self._candidates(" ".join(repeated), self._conditions.allowed(_NO_WORDS, filter), k)
        score = stems_scorer(weights, self._statistics(weights), titles=titles)
        scores = {row["key"]: score(candidate_of(row)) for row in rows}
        return _ranked({key: score for key, score in scores.items() if score > 0}, k)

    def count(self, words: Words, *, filter: Filter = _EVERYTHING) -> int:
        """How many papers match by words (any free term, every phrase, no excluded word)."""
        return self._count(self._conditions.matching(words, filter))

    def analyse(self, text: str, *, only: Collection[str] | None = None) -> tuple[Token, ...]:
        """The words of a text as the index sees them, in order; with ``only``, those of these stems."""
        return analysis.tokens(text, only=only)

    def frequencies(self, stems: Iterable[str]) -> Mapping[str, int]:
        """In how many papers' titles and abstracts each stem occurs."""
        self._check()
        return self._dictionary.counts("text", stems)

    def _candidates(self, text: str, where: str, k: int) -> list[Row]:
        self._check()
        found = self._engine.search(
            self._papers,
            text,
            field="bm25",
            k=max(_CANDIDATES, _CANDIDATES_EACH * k),
            where=all_of([self._at, where]),
            fields=_SCORED,
            consistency=self._consistency(),
        )
        return [row for _, row in found]

    def _statistics(self, stems: Iterable[str]) -> Statistics:
        pairs = [(part, stem) for stem in stems for part in PARTS]
        frequency = self._dictionary.counts_of(pairs)
        return Statistics(self.now.papers, self.now.lengths, {pair: frequency[pair] for pair in pairs})

    # -- vectors

    def vectors(
        self,
        query: Vectors,
        *,
        encoder: str,
        k: int,
        filter: Filter = _EVERYTHING,
        words: Words = _NO_WORDS,
    ) -> tuple[Scored, ...]:
        """The k nearest by cosine, best first, ties by id; none of an encoder without vectors."""
        if encoder not in self.now.encoders or not query.any():
            return ()
        self._check()
        found = self._engine.search(
            self._papers,
            np.asarray(query, dtype=np.float32).tolist(),
            field=self._slots[encoder].field,
            k=k + max(_TIES, k // 4),
            where=all_of([self._at, any_held("made", [encoder]), self._conditions.allowed(words, filter)]),
            fields=("key",),
            consistency=self._consistency(),
        )
        return _ranked({row["key"]: score for score, row in found}, k)

    def vectors_of(self, ids: Sequence[PaperId], *, encoder: str) -> tuple[tuple[PaperId, ...], Vectors]:
        """The vectors of those ids that have one: ids in the order asked, and float32 (n, dim)."""
        if encoder not in self.now.encoders:
            return (), np.zeros((0, 0), dtype=np.float32)
        slot = self._slots[encoder]
        where = any_held("made", [encoder])
        rows = {row["key"]: row[slot.field] for row in self._rows_of(ids, ("key", slot.field), where)}
        known = [id for id in ids if to_key(id).decode() in rows]
        found = np.array([rows[to_key(id).decode()] for id in known], dtype=np.float32)
        return tuple(known), found.reshape(len(known), slot.dim)

    def sample(self, *, encoder: str) -> Sample:
        """A sample of an encoder's vectors; of none, shape (0, 0), where there are none."""
        if encoder not in self.now.encoders:
            return Sample.of(np.zeros((0, 0), dtype=np.float32))
        return self._samples[encoder]

    @cached_property
    def _samples(self) -> _Samples:
        return _Samples(self._read_sample)

    def _read_sample(self, encoder: str) -> Sample:
        slot = self._slots[encoder]
        share = _SAMPLE / max(1, self.now.encoders[encoder])
        where = all_of([any_held("made", [encoder]), f"spot < {threshold(share)}"])
        rows = self._rows(where, ("key", "spot", slot.field))
        rows.sort(key=lambda row: (row["spot"], row["key"]))
        found = np.array([row[slot.field] for row in rows], dtype=np.float32)
        return Sample.of(found.reshape(len(rows), slot.dim))

    def details_of(self, ids: Sequence[PaperId], *, name: str) -> tuple[NDArray[np.uint8] | None, ...]:
        """The details of this name of each paper, None where it has none. Do not write to them."""
        if name not in self.now.details or not ids:
            return (None,) * len(ids)
        self._check()
        keys = [to_key(id).decode() for id in ids]
        asked = [f"{name} {key} 0" for key in dict.fromkeys(keys)]
        found: dict[str, list[Row]] = {}
        for row in self._detail_rows("key", asked):
            found.setdefault(row["paper"], []).append(row)
        long = [f"{name} {key} {part}" for key, (row, *_) in found.items() for part in range(1, row["parts"])]
        for row in self._detail_rows("key", long) if long else ():
            found[row["paper"]].append(row)
        return tuple(_joined(found[key]) if key in found else None for key in keys)

    def _detail_rows(self, field: str, values: Sequence[str]) -> list[Row]:
        return self._engine.rows_of(
            self._details,
            field,
            values,
            ("paper", "part", "parts", "bytes"),
            where=self._at,
            consistency=self._consistency(),
        )

    # -- acronyms and spelling

    def senses(self, short: str, *, as_written: bool = False) -> tuple[Sense, ...]:
        """What an acronym stands for in this archive, the most common sense first."""
        self._check()
        return self._dictionary.senses(short, as_written=as_written)

    def senses_beside(self, short: str, stem: str) -> Mapping[str, int]:
        """In how many papers that hold a stem each sense term of an acronym occurs."""
        self._check()
        start = senses.beginning(short)
        terms = [term for term, _ in self._dictionary.beginning("sense", start)]
        if not terms:
            return {}
        held = all_of([any_held("sense", terms), self._conditions.in_text(stem)])
        counts: dict[str, int] = {}
        for row in self._rows(held, ("sense",)):
            for term in row["sense"]:
                if term.startswith(start):
                    counts[term] = counts.get(term, 0) + 1
        return counts

    def shorts(self, long: str) -> tuple[str, ...]:
        """The acronyms, in lower case, that papers give a long form, the most common first."""
        self._check()
        return self._dictionary.shorts(long)

    def writing(self, capitals: str) -> int:
        """How many papers hold a word written just so, in the singular; it must have two capitals."""
        self._check()
        return self._dictionary.counts("capitals", [capitals])[capitals]

    def written_otherwise(self, stem: str, shorts: Sequence[str], *, beside: str | None = None) -> int:
        """How many papers (that hold the stem ``beside``) hold a stem, but nothing written as ``shorts``."""
        held = [self._conditions.in_text(each) for each in (stem, beside) if each is not None]
        return self._count(all_of([*held, without(any_held("capitals", shorts))]))

    def suggestion(self, word: str, *, of: Spelt = "word") -> str | None:
        """What the archive has that a rare or unknown word was probably meant to be; None: no such."""
        self._check()
        return self._dictionary.suggestion(
            word, of=of, together=lambda one, other: self.count(Words(phrases=(f"{one} {other}",)))
        )

    # -- reading

    def _newest(self, where: str, k: int) -> tuple[Scored, ...]:
        """The k newest, ties by id."""
        found = newest(
            lambda more: self._count(all_of([where, more])),
            lambda more: self._rows(all_of([where, more]), ("key", "day")),
            k=k,
        )
        return tuple(Scored(id, 0.0) for id in found)

    def _count(self, where: str) -> int:
        self._check()
        counts = self._counts  # another thread may begin a new one
        if (known := counts.get(where)) is not None:
            return known
        if len(counts) >= _COUNTS_KEPT:
            counts = self._counts = {}
        counts[where] = found = self._engine.count(
            self._papers, all_of([self._at, where]), consistency=self._consistency()
        )
        return found

    def _rows(self, where: str, fields: Sequence[str], *, limit: int = MOST) -> list[Row]:
        self._check()
        return self._engine.rows(
            self._papers, all_of([self._at, where]), fields, limit=limit, consistency=self._consistency()
        )

    def _rows_of(self, ids: Sequence[PaperId], fields: Sequence[str], where: str) -> list[Row]:
        self._check()
        keys = [to_key(id).decode() for id in dict.fromkeys(ids)]
        return self._engine.rows_of(
            self._papers,
            "key",
            keys,
            fields,
            where=all_of([self._at, where]),
            consistency=self._consistency(),
        )

    def _consistency(self) -> str:
        return BOUNDED if time.monotonic() - self._opened > _SETTLED else STRONG

    def _check(self) -> None:
        """Raise StaleIndexError where this generation's rows may have been swept away.

        They are kept for ``keep`` seconds after the next publication, of which we learn at the latest half
        of that after it.
        """
        if time.monotonic() < self._good_until:
            return
        now = generations.read(self._engine)
        current = (now.epoch, now.number) == (self.now.epoch, self.now.number)
        if self._ended or (now.epoch == self.now.epoch and self.now.number < now.oldest):
            raise StaleIndexError(
                f"generation {self.now.number} of the search index is no longer kept; take a newer snapshot"
            )
        self._ended = not current
        self._good_until = time.monotonic() + self._keep / 2


class _Samples(dict[str, Sample]):
    """Samples by encoder, each read when first asked for."""

    def __init__(self, read: Callable[[str], Sample]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, encoder: str) -> Sample:
        found = self[encoder] = self._read(encoder)
        return found


def _ranked(scores: Mapping[str, float], k: int) -> tuple[Scored, ...]:
    found = [Scored(from_key(key.encode()), score) for key, score in scores.items()]
    found.sort(key=lambda scored: (-scored.score, scored.id))
    return tuple(found[:k])


def _joined(rows: Sequence[Row]) -> NDArray[np.uint8]:
    parts = [base64.b64decode(row["bytes"]) for row in sorted(rows, key=lambda row: int(row["part"]))]
    return np.frombuffer(b"".join(parts), dtype=np.uint8)
