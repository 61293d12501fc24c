"""Find the terms of papers that could be topics, as the papers write them, and say how near each paper is to each. Pure.

A term could be a topic when it stands for itself, stands in titles (what papers are about does; what they
only use or want does not), is not used by everybody, and is used by papers that lie close together
(semantic relatedness, as in SemRe-Rank: Zhang et al. 2018). A paper is near to it by meaning, and the nearer the
more it speaks of it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from broadsheet.index.contract import Vectors
from broadsheet.model import Acronym
from broadsheet.rank.topics import Flags, Labels
from broadsheet.text import keyphrases, lexicon
from broadsheet.text.lexicon import Readings
from broadsheet.text.terms import Terms

# So many papers at least must use a term, and have it in their titles: a share of all, within bounds.
_FEWEST: Final = (3, 1 / 400, 10)
_TITLES: Final = (2, 1 / 800, 5)
_TITLED: Final = 0.12  # the least share of a term's users that have it in their titles
_MOST: Final = 0.6  # the largest share of papers that may use it: what most have in common tells none apart
# How loudly a paper speaks of what it names in its title, and in the abstract alone once, twice, more often.
_TITLE: Final = 1.0
_ABSTRACT: Final = (0.1, 0.2, 0.35)
# What the loudest call adds to a paper's nearness: nothing where a term's users lie no closer together than
# _LOOSE, which makes it no topic, and all from _CLOSE on; mean cosine of two users.
_CALLED: Final = 0.5
_LOOSE: Final = 0.06
_CLOSE: Final = 0.18
_SILENT: Final = 0.1  # what a paper that does not use a term is farther from it
# Single words are mostly too wide: their calls say less, their users must lie closer together, nearly half of
# these and twice as many as of other terms must have them in their titles, and words with fewer bits of surprise
# are no names at all.
_WORD: Final = 0.5
_WORD_CLOSER: Final = 0.1
_WORD_TITLED: Final = 0.45
_WORD_TITLES: Final = 2
_RARE: Final = 8.0
# A longer term that makes up this much of a shorter one's papers shows the shorter one to be cut off; so does it
# that less than this share of papers ever end a phrase with it ("variational quantum", "image-text").
_CUT_OFF: Final = 0.6
_FREE: Final = 0.45
_PLURAL: Final = 0.2  # a topic is named in the plural where this share of papers uses it
_LOWER: Final = 0.15  # written so in this share of papers, a word is no name
# Names that half of a day could have: they say nothing.
_WIDE: Final = frozenset(
    {
        "ai",
        "ai model",
        "ai system",
        "artificial intelligence",
        "attention mechanism",
        "benchmark dataset",
        "bound",
        "control system",
        "convolutional neural network",
        "deep learning",
        "deep learning model",
        "deep neural network",
        "early detection",
        "feature extraction",
        "fine tuning",
        "foundation model",
        "generative ai",
        "generative model",
        "heterogeneous data",
        "image analysis",
        "inference time",
        "language model",
        "large language model",
        "latent space",
        "learning model",
        "llm",
        "machine learning",
        "natural language",
        "natural language processing",
        "neural network",
        "numerical example",
        "optimization problem",
        "opinion",
        "probability distribution",
        "reasoning model",
        "test time",
    }
)


@dataclass(frozen=True, slots=True)
class Offers:
    """Terms that could be topics of n papers."""

    keys: tuple[str, ...]
    places: Vectors  # (m, dim), unit: where each term's users lie
    leans: Vectors  # (m,): what the loudest call adds to a paper's nearness
    near: Vectors  # (m, n): how near each paper is to each


@dataclass(frozen=True, slots=True)
class _Use:
    """A term's users: which rows, and how loudly."""

    rows: Labels
    loud: Vectors


class Vocabulary:
    """The terms of n papers that several of them use, and those that are known as topics."""

    def __init__(
        self,
        read: Readings,
        vectors: Vectors,
        *,
        acronyms: Iterable[Acronym] = (),
        known: Iterable[str] = (),
    ) -> None:
        """``vectors``: centred, unit, (n, dim). ``acronyms``: all that these papers explain."""
        self._papers = len(vectors)
        self._vectors = vectors
        self._known = frozenset(known)
        long_of = _long_forms(acronyms)
        self._terms = Terms(read, least=_FEWEST[0], wanted=[*self._known, *long_of, *long_of.values()])
        self._uses = self._used(long_of)
        own = self._uses.keys() & self._terms.by_key.keys()
        self._named = {
            key: count for key in own if (count := int((self._terms.by_key[key].counts > 0).sum()))
        }
        self._small = self._terms.small(self._named)
        self._keys = self._names(long_of)

    def _used(self, long_of: Mapping[str, str]) -> dict[str, _Use]:
        """Who uses each term that several use or that is known, acronyms counted as what they stand for."""
        own = {
            key: _Use(term.rows, loud)
            for (key, term), loud in zip(self._terms.by_key.items(), _loudness(self._terms), strict=True)
        }
        uses = dict(own)
        for short, long in sorted(long_of.items()):
            if short in own:
                uses[long] = _both(uses.get(long), own[short])
        return {key: use for key, use in uses.items() if len(use.rows) >= _FEWEST[0] or key in self._known}

    def offers(self) -> Offers:
        """The terms that could be topics, by key, less those that are known.

        A user's nearness is to the other users, so that few papers do not seem close for being few.
        """
        keys: list[str] = []
        places: list[Vectors] = []
        leans: list[float] = []
        cosines: list[Vectors] = []
        for key in sorted(set(self._keys).difference(self._known)):
            loud = self._uses[key].loud
            users = self._vectors[self._uses[key].rows]
            total = loud @ users
            square, own = float(total @ total), float(loud @ loud)
            lean = self._lean(key, (square - own) / max(float(loud.sum()) ** 2 - own, 1e-9))
            if lean <= 0:
                continue
            keys.append(key)
            places.append(total / max(math.sqrt(square), 1e-9))
            leans.append(lean)
            dots = users @ total
            rest = square - 2 * loud * dots + loud**2  # without the user itself
            cosines.append(
                (dots - loud) / np.sqrt(np.maximum(rest, 1e-9)) + (_SILENT + lean) * loud - _SILENT
            )
        stacked = np.array(places, dtype=np.float32).reshape(len(keys), self._vectors.shape[1])
        near = stacked @ self._vectors.T - _SILENT
        for number, key in enumerate(keys):
            near[number, self._uses[key].rows] = cosines[number]
        return Offers(tuple(keys), stacked, np.array(leans, dtype=np.float32), near)

    def _lean(self, key: str, closeness: float) -> float:
        """What the loudest call of a term adds to nearness, by how close its users are to each other."""
        word = self._terms.by_key[key].words == 1
        share = (closeness - _LOOSE - word * _WORD_CLOSER) / (_CLOSE - _LOOSE)
        return _CALLED * min(share, 1.0) * (_WORD if word else 1.0)

    def nearness(self, key: str, place: Vectors, lean: float) -> Vectors:
        """How near each paper is to a term, (n,), whose users lie at a place."""
        near = self._vectors @ place - _SILENT
        if (use := self._uses.get(key)) is not None:
            near[use.rows] += (_SILENT + lean) * use.loud
        return near

    def users(self, key: str) -> Flags:
        """Which papers use a term, (n,): in its own form or as an acronym that these papers explain."""
        users = np.zeros(self._papers, dtype=np.bool_)
        if (use := self._uses.get(key)) is not None:
            users[use.rows] = True
        return users

    def titled(self, key: str) -> Flags:
        """Which papers have a term in their titles, (n,): in its own form or as an acronym that these papers explain."""
        titled = np.zeros(self._papers, dtype=np.bool_)
        if (use := self._uses.get(key)) is not None:
            titled[use.rows[use.loud == _TITLE]] = True
        return titled

    def spelt(self, key: str) -> str:
        """A term as most papers write it: in the plural where that is common, and small where papers write it so."""
        forms: Counter[str] = Counter()
        for spelling, count in self._terms.spellings(key).items():
            forms[" ".join(map(self._cased, spelling.split()))] += count
        plurals = {form: count for form, count in forms.items() if _plural(form)}
        if sum(plurals.values()) >= _PLURAL * forms.total():
            forms = Counter(plurals)
        return min(forms, key=lambda form: (-forms[form], form))

    def _cased(self, word: str) -> str:
        low = word.lower()
        if low != word and self._small.get(low, 0.0) > _LOWER:
            return low
        return "-".join(map(self._cased, word.split("-"))) if "-" in word else word

    def _names(self, long_of: Mapping[str, str]) -> list[str]:
        """Terms that could be topics: whole ones, and no acronym where its long form is among them."""
        cut: set[str] = set()
        for key, use in self._uses.items():
            stems = key.split()
            for part in (" ".join(stems[1:]), " ".join(stems[:-1])):
                if part in self._uses and len(use.rows) >= _CUT_OFF * len(self._uses[part].rows):
                    cut.add(part)
        long = {short for short, key in long_of.items() if key in self._named}
        no_name = cut | long | _WIDE
        return [key for key in self._named if key not in no_name and self._fits(key)]

    def _fits(self, key: str) -> bool:
        use = self._uses[key]
        users, titles = len(use.rows), int((use.loud == _TITLE).sum())
        term = self._terms.by_key[key]
        word = term.words == 1
        return (
            _least(_FEWEST, self._papers) <= users <= _MOST * self._papers
            and titles >= (_WORD_TITLES if word else 1) * _least(_TITLES, self._papers)
            and titles >= (_WORD_TITLED if word else _TITLED) * users
            and int(term.free.sum()) >= _FREE * self._named[key]
            and not (word and _rarity(key) < _RARE)
        )


def _least(of: tuple[int, float, int], papers: int) -> float:
    fewest, share, most = of
    return min(max(fewest, share * papers), most)


def _loudness(terms: Terms) -> list[Vectors]:
    """How loudly each user of each term speaks of it."""
    every = list(terms.by_key.values())
    if not every:
        return []
    counts, titled = np.concatenate([t.counts for t in every]), np.concatenate([t.titled for t in every])
    spoken = np.array(_ABSTRACT, dtype=np.float32)[np.clip(counts, 1, len(_ABSTRACT)) - 1]
    loud = np.where(titled, np.float32(_TITLE), spoken)
    return np.split(loud, np.cumsum([len(term.rows) for term in every])[:-1])


def _both(one: _Use | None, other: _Use) -> _Use:
    """The users of two forms of a term, each as loud as in its louder one."""
    if one is None:
        return other
    rows, at = np.unique(np.concatenate([one.rows, other.rows]), return_inverse=True)
    loud = np.zeros(len(rows), dtype=np.float32)
    np.maximum.at(loud, at, np.concatenate([one.loud, other.loud]))
    return _Use(rows, loud)


def _rarity(key: str) -> float:
    """How many bits of surprise a word is worth; of one with hyphens, the mean of its parts."""
    bits = [keyphrases.rarity(stem) for stem in key.split()]
    return sum(bits) / len(bits)


def _plural(form: str) -> bool:
    last = form.lower().rpartition(" ")[2]
    return keyphrases.stem(last) != last


def _long_forms(acronyms: Iterable[Acronym]) -> dict[str, str]:
    """For the key of each acronym that papers agree on: the key of what it stands for."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for acronym in acronyms:
        counts[lexicon.key(acronym.short)][lexicon.key(acronym.long)] += 1
    agreed = {}
    for short, longs in counts.items():
        long = min(longs, key=lambda key: (-longs[key], key))
        if longs[long] >= 2 and longs[long] >= 0.6 * longs.total():
            agreed[short] = long
    return agreed
