"""As many papers as are asked for, made of real ones. For measuring size and speed, not quality.

Up to the number of real papers, papers are the real ones. Each further one has the title of a real paper
and an abstract as long as that paper's, its sentences drawn from three papers of the same primary
category, each near the place it had there; its authors have the given name of one real author and the
family name of another; its day lies evenly between 2007 and 2024. So words, sentences and acronyms are as
common as in the real papers. But the vocabulary, names aside, does not grow, where that of more real
papers would, and no two papers are about quite the same thing.

Vectors of the fast encoder are true ones: sums over the word pieces of title and sentences. Those said to
be of a better encoder are a random linear map of them into more dimensions, with noise: of use for
measuring speed, and for nothing else.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors
from broadsheet.index.encode import StaticEncoder, sentences
from broadsheet.index.encode.pieces import pack
from broadsheet.model import Acronym, Announcement, Author, Derived, Paper, Record, Sentence
from broadsheet.source.jsonl import JsonLines
from broadsheet.text.derive import derive_all

BETTER_DIM = 384
DONORS = 3
NOISE = 0.3  # of the better vectors, beside a length of 1
_FIRST = datetime(2007, 1, 1, tzinfo=UTC)
_MONTHS = 216
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Made:
    """Some papers with all that an index takes of them, row by row."""

    papers: list[Paper]
    fast: Vectors
    better: Vectors
    pieces: list[bytes]
    sentences: list[bytes]


class Stock:
    """Real papers, ready to be taken apart: each text is a title or a sentence."""

    def __init__(
        self, papers: Sequence[Paper], encoder: StaticEncoder, *, code: sentences.Code, seed: int
    ) -> None:
        self.papers = list(papers)
        self.seed = seed
        self.map = better_map(encoder.dim, seed=seed)
        texts = [sentences.texts_of(paper) for paper in papers]
        self.starts = np.cumsum([0, *map(len, texts)])
        sums: list[NDArray[np.float16]] = []
        self.pieces: list[NDArray[np.uint16]] = []
        self.rows: list[bytes] = []
        table = encoder.table()
        tokenizer, _ = encoder.load()
        noise = np.random.default_rng(seed)
        for start in range(0, len(papers), _BATCH):
            some = self.papers[start : start + _BATCH]
            flat = [text for each in texts[start : start + _BATCH] for text in each]
            read = [e.ids for e in tokenizer.encode_batch_fast(flat, add_special_tokens=False)]
            added = np.zeros((len(flat), encoder.dim), dtype=np.float32)
            for row, ids in enumerate(read):
                np.add.reduce(table.take(ids, axis=0), axis=0, out=added[row])
            sums.append(added.astype(np.float16))
            self.pieces += [np.array(sorted(set(ids)), dtype=np.uint16) for ids in read]
            packed = sentences.pack(some, better_of(unit(added), self.map, noise), code=code)
            width = code.row
            self.rows += [blob[at : at + width] for blob in packed for at in range(0, len(blob), width)]
        self.sums = np.concatenate(sums)
        self.of_category: dict[str, list[int]] = {}
        for n, paper in enumerate(self.papers):
            self.of_category.setdefault(primary(paper), []).append(n)
        self.authors = [author.name.split() for paper in papers for author in paper.record.authors]

    def made(self, count: int) -> Iterator[Made]:
        """So many papers, in batches; the real ones first, always the same."""
        noise = np.random.default_rng(self.seed + 1)
        for start in range(0, count, _BATCH):
            drawn = [self._drawn(n) for n in range(start, min(start + _BATCH, count))]
            sums = np.stack([self.sums[rows].astype(np.float32).sum(axis=0) for _, rows in drawn])
            fast = unit(sums)
            yield Made(
                papers=[paper for paper, _ in drawn],
                fast=fast,
                better=better_of(fast, self.map, noise),
                pieces=pack([np.unique(np.concatenate([self.pieces[r] for r in rows])) for _, rows in drawn]),
                sentences=[b"".join([self.rows[r] for r in rows]) for _, rows in drawn],
            )

    def _drawn(self, number: int) -> tuple[Paper, list[int]]:
        """A paper, and the rows of its title and sentences."""
        if number < len(self.papers):
            return self.papers[number], list(range(self.starts[number], self.starts[number + 1]))
        further = number - len(self.papers)
        chosen = random.Random(f"{self.seed}/{further}")
        titled = chosen.randrange(len(self.papers))
        model = self.papers[titled]
        donors = chosen.choices(self.of_category[primary(model)], k=DONORS)
        donors = [d for d in donors if self.papers[d].derived.sentences] or [titled]
        length = len(model.derived.sentences)
        rows, abstract, found = [int(self.starts[titled])], "", []
        acronyms: dict[str, Acronym] = {}
        for place in range(length):
            donor = chosen.choice(donors)
            paper = self.papers[donor]
            at = place * len(paper.derived.sentences) // length
            sentence = paper.derived.sentences[at]
            text = paper.abstract[sentence.start : sentence.end]
            begin = len(abstract) + bool(abstract)
            abstract = f"{abstract} {text}" if abstract else text
            found.append(Sentence(begin, len(abstract), sentence.aspect))
            rows.append(int(self.starts[donor]) + 1 + at)
            acronyms |= {a.short: a for a in paper.derived.acronyms if a.short in text and a.long in text}
        month, place = further % _MONTHS, further // _MONTHS + 1
        year = 7 + month // 12
        digits = 5 if year >= 15 else 4
        at_hour = _FIRST.replace(year=2000 + year, month=1 + month % 12) + timedelta(
            hours=chosen.randrange(28 * 24)
        )
        record = Record(
            id=PaperId(f"{year:02}{1 + month % 12:02}.{place:0{digits}}"),
            title=model.title,
            source="recombined",
            abstract=abstract,
            authors=tuple(
                Author(f"{chosen.choice(self.authors)[0]} {chosen.choice(self.authors)[-1]}")
                for _ in model.record.authors
            ),
            categories=model.record.categories,
            published=at_hour,
            announcements=(Announcement(at_hour.date()),),
        )
        derived = Derived(
            title=model.title,
            abstract=abstract,
            sentences=tuple(found),
            acronyms=tuple(acronyms.values()),
            type=model.derived.type,
        )
        return Paper(record=record, derived=derived, added=at_hour, seq=number + 1), rows


def read(files: Sequence[Path], *, limit: int | None = None) -> list[Paper]:
    """The papers of record files, each id once."""
    source = JsonLines()
    records = (item for file in files for item in source.read(file) if isinstance(item, Record))
    once = {record.id: record for record in itertools.islice(records, limit)}
    papers: list[Paper] = []
    waiting = list(once.values())
    for start in range(0, len(waiting), _BATCH):
        some = waiting[start : start + _BATCH]
        papers += [
            Paper(record=record, derived=derived, added=_FIRST, seq=len(papers) + n + 1)
            for n, (record, derived) in enumerate(zip(some, derive_all(some), strict=True))
        ]
    return papers


def primary(paper: Paper) -> str:
    return paper.record.categories[0] if paper.record.categories else ""


def better_map(dim: int, *, seed: int) -> Vectors:
    """The random linear map from the fast encoder's vectors to those of a seemingly better one."""
    drawn = np.random.default_rng(seed).standard_normal((dim, BETTER_DIM), dtype=np.float32)
    return drawn / np.float32(BETTER_DIM**0.5)


def better_of(vectors: Vectors, linear: Vectors, noise: np.random.Generator) -> Vectors:
    """The seemingly better vectors of unit vectors, at unit length."""
    drawn = noise.standard_normal((len(vectors), BETTER_DIM), dtype=np.float32)
    return unit(vectors @ linear + drawn * np.float32(NOISE / BETTER_DIM**0.5))


def unit(vectors: Vectors) -> Vectors:
    """The same at unit length; zero stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = vectors / np.maximum(lengths, np.float32(1e-12))
    return scaled
