"""Say how near papers that hold only some words of a short query are to all of them, by words of like meaning.

“tensor factorization” asks for Tucker decompositions and low-rank matrices as well. Which words go with *all* words of
a query is known from outside the archive: of a stem t, a table learnt from arXiv's abstracts has p(w | t) for the
180 stems w that it brings with it most, and p(w | query) is the geometric mean over the query's stems. So "factor"
alone, which goes with inflation and confounding too, decides little. The twenty stems with the most
p(w | query) log(p(w | query) / p(w)) are looked for. A paper that holds every word of the query needs no such
help, and a query that many papers answer word by word gets none.

Query expansion by a relevance model (Lavrenko and Croft 2001, "Relevance-based language models"), with a product of
experts (Hinton 2002) in the place of its mixture, and its words chosen by divergence (Carpineto et al. 2001, "An
information-theoretic approach to automatic query expansion"). The table is made by ``scripts/learn_related.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import AllOf, Filter, Holds, Snapshot, Vectors, Words
from broadsheet.index.stopwords import STOP_WORDS
from broadsheet.rank import packed
from broadsheet.rank.fuse import Fused, scaled
from broadsheet.rank.query import ParsedQuery

FORM: Final = "broadsheet-related-1"
SHIPPED: Final = "related-v1.npz"

# Logarithms of p(w | t) / p(w) are kept as whole numbers of so much, up to 255 of them.
STEP: Final = 0.03

_ASKED: Final = (2, 3)  # telling words of a query, at least and at most
_MOST: Final = 20  # words looked for
_FEW: Final = 100  # papers with every word; where there are more, the query needs no others
_DEPTH: Final = 200  # of the list by related words


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Stems, each with those that it brings with it: ``beside`` and ``lifts`` from ``starts[n]`` to ``starts[n + 1]``.

    ``shares`` says in which share of papers each stem is, ``lifts`` how many times as often beside the other.
    """

    places: Mapping[str, int]
    shares: NDArray[np.float32]
    starts: NDArray[np.int64]
    beside: NDArray[np.uint16]
    lifts: NDArray[np.uint8]  # logarithms, in steps

    def related(self, stems: Sequence[str]) -> Mapping[str, float]:
        """The stems that go with all of these, each with how much it tells; none where one of these is unknown."""
        known = [self.places[stem] for stem in stems if stem in self.places]
        if not known or len(known) < len(stems):
            return {}
        lift = np.zeros(len(self.places))
        times = np.zeros(len(self.places), dtype=np.int64)
        for place in known:
            part = slice(self.starts[place], self.starts[place + 1])
            lift[self.beside[part]] += STEP / len(known) * self.lifts[part]
            times[self.beside[part]] += 1
        worth = np.where(times == len(known), self.shares * np.exp(lift) * lift, 0.0)
        worth[known] = 0.0
        names = list(self.places)
        best = np.argsort(-worth, kind="stable")[:_MOST].tolist()
        return {names[n]: float(worth[n]) for n in best if worth[n] > 0}


def by_related(snapshot: Snapshot, query: ParsedQuery, candidates: Sequence[Fused]) -> Vectors | None:
    """How well each candidate meets the query or, short of that, the words related to all of it, 0…1.

    None where the query is not a few plain words that all are known, or where many papers hold every one.
    """
    asked = _asked(snapshot, query)
    if not asked or not (related := shipped().related(tuple(asked))):
        return None
    every = Filter(where=AllOf(tuple(Holds(word) for word in asked.values())))
    whole = snapshot.words(Words(), k=_FEW + 1, filter=query.filter.narrowed(every))
    if len(whole) > _FEW:
        return None
    scores = scaled(snapshot.by_stems(related, k=_DEPTH, filter=query.filter, titles=True))
    scores |= {held.id: 1.0 for held in whole}
    return np.array([scores.get(candidate.id, 0.0) for candidate in candidates], dtype=np.float32)


def _asked(snapshot: Snapshot, query: ParsedQuery) -> Mapping[str, str]:
    """The telling stems of a short query, each with the word that has it; empty for any other query."""
    words = query.words
    if words.phrases or words.scored or len(query.free_text.split()) > 2 * _ASKED[1]:
        return {}
    asked: dict[str, str] = {}
    for token in snapshot.analyse(query.free_text):
        word = query.free_text[token.start : token.end]
        if word.lower() not in STOP_WORDS and token.stem not in STOP_WORDS:
            asked.setdefault(token.stem, word)
    if not _ASKED[0] <= len(asked) <= _ASKED[1]:
        return {}
    acronyms = {reading.stem for reading in words.readings}
    typed = (token.stem for term in words.terms for token in snapshot.analyse(term))
    return asked if acronyms.isdisjoint(typed) else {}


def to_bytes(table: Table, *, facts: Mapping[str, str]) -> bytes:
    """The table as the bytes of its file; ``facts`` tell where it is from."""
    gaps = np.diff(table.beside.astype(np.int32), prepend=np.int32(0)).astype(np.int16).view(np.uint16)
    return packed.pack(
        FORM,
        facts,
        stems=list(table.places),
        shares=table.shares,
        sizes=np.diff(table.starts).astype(np.uint8),
        gaps=gaps,
        lifts=table.lifts,
    )


def from_bytes(data: bytes, *, name: str) -> Table:
    """The table in a file's bytes. Raises InputError, with the file's ``name``, where the bytes are none."""
    with packed.unpacked(data, form=FORM, name=name, what="a file of related words") as file:
        starts = np.concatenate([[0], np.cumsum(file["sizes"].astype(np.int64))])
        beside = np.cumsum(file["gaps"].view(np.int16), dtype=np.int64).astype(np.uint16)
        places = {stem: place for place, stem in enumerate(file.lines("stems"))}
        return Table(places, file["shares"], starts, beside, file["lifts"])


@cache
def shipped() -> Table:
    """The table that comes with Broadsheet, read the first time. Raises InputError where it is damaged."""
    return from_bytes(packed.package_data(SHIPPED), name=SHIPPED)
