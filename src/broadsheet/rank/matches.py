"""Where a paper holds what a query looks for. Knows texts and their analysis, no index files, no store.

Matches are found with the same analysis as the index uses: a search for ``factorization`` finds
``factorisations``. An acronym is found where the paper writes it in a sense that the query was read in,
and so is its long form; a word that was mended is found in both spellings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from broadsheet.index.contract import Reading, Token, Words
from broadsheet.index.stopwords import STOP_WORDS
from broadsheet.model import Acronym, Sentence

Suggest = Callable[[str], str | None]


class Analyse(Protocol):
    """How a text is read."""

    def __call__(self, text: str, *, only: Collection[str] | None = None) -> Sequence[Token]:
        """The words of a text as the index sees them, in order; with ``only``, those that have such a stem."""
        ...


@dataclass(frozen=True, slots=True)
class Sought:
    """What a query looks for: stems with their weights, and what does as well as they.

    ``instead``: other stems, each with the sought ones it stands for. ``longs``: long forms of acronyms,
    stem by stem, likewise. ``readings``: how each acronym is meant, by all of its stems. ``rarest`` is
    what a word weighs that no paper holds.
    """

    weights: Mapping[str, float]
    instead: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    longs: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    rarest: float = 0.0

    @property
    def stems(self) -> frozenset[str]:
        """All that are looked for."""
        return frozenset(self.weights)

    def share(self, stems: Iterable[str], *, enough: float = math.inf) -> float:
        """How much of all that is looked for these stems are, by weight, 0…1; of nothing, all.

        As much as ``enough`` of the rarest words is as good as all.
        """
        total = min(math.fsum(self.weights.values()), enough * self.rarest if self.rarest else math.inf)
        return min(1.0, math.fsum(self.weights[stem] for stem in set(stems)) / total) if total else 1.0


@dataclass(frozen=True, slots=True)
class Match:
    """``text[start:end]`` is what was looked for as ``stems``."""

    start: int
    end: int
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a paper holds of what is sought."""

    title: tuple[Match, ...] = ()
    abstract: tuple[Match, ...] = ()
    authors: tuple[tuple[str, tuple[Match, ...]], ...] = ()  # those whose name holds some
    keys: tuple[
        tuple[str, tuple[Match, ...]], ...
    ] = ()  # key phrases that hold some, where nothing else does

    @property
    def stems(self) -> frozenset[str]:
        """The sought stems that the paper holds in its title, its abstract and its authors' names."""
        named = (match for _, matches in self.authors for match in matches)
        return frozenset(stem for match in (*self.title, *self.abstract, *named) for stem in match.stems)


def sought(
    words: Words,
    *,
    analyse: Analyse,
    frequencies: Callable[[Iterable[str]], Mapping[str, int]],
    papers: int,
    suggest: Suggest = lambda _: None,
) -> Sought:
    """What a query looks for; rarer stems weigh more (inverse document frequency). Once per search.

    ``suggest`` says what a word was mended to; of two spellings one is looked for.
    """
    asked = (*words.phrases, *words.scored)
    instead = _mended(words.terms, analyse, suggest)
    found = [
        (token.stem, text in asked or token.stem not in STOP_WORDS)
        for text in (*_telling(words.terms), *asked)
        for token in analyse(text)
        if token.stem not in instead
    ]
    # Of stop words alone, as the index does, none is left out.
    stems = {stem for stem, telling in found if telling} or {stem for stem, _ in found}
    longs: dict[tuple[str, ...], tuple[str, ...]] = {}
    readings: dict[str, Reading] = {}
    for reading in words.readings:
        readings |= dict.fromkeys(reading.stems, reading)
        if reading.stem in stems:
            instead |= {stem: (reading.stem,) for stem in reading.stems if stem not in stems}
            longs |= {_stems(long, analyse): (reading.stem,) for long in reading.longs}
        elif spelt := _spelt_out(reading, stems, analyse):
            instead |= dict.fromkeys(reading.stems, spelt)
    counts = frequencies(sorted(stems))

    def weight(count: int) -> float:
        return math.log(1 + (papers + 1) / (count + 0.5))

    weights = {stem: weight(counts.get(stem, 0)) for stem in sorted(stems)}
    known = {stem: kept for stem, of in instead.items() if (kept := tuple(s for s in of if s in stems))}
    return Sought(weights, known, {long: of for long, of in longs.items() if long}, readings, weight(0))


def find(
    sought: Sought,
    *,
    title: str,
    abstract: str,
    analyse: Analyse,
    authors: Sequence[str] = (),
    keys: Sequence[str] = (),
    acronyms: Sequence[Acronym] = (),
) -> Found:
    """What a paper holds of what is sought. ``acronyms``: those that it explains.

    ``keys`` are phrases that it is found by besides; they are looked at where nothing else holds any.
    """
    if not sought.weights:
        return Found()
    told = acronyms if sought.readings else ()  # else it does not matter what the paper explains
    otherwise = _meant_otherwise(sought, told, analyse)
    explained = {stem for a in told for stem in _stems(a.short, analyse)} - otherwise
    telling = {*sought.weights, *sought.instead, *(stem for long in sought.longs for stem in long)}

    def matches(text: str) -> tuple[Match, ...]:
        tokens = analyse(text, only=telling)
        return _matches(text, tokens, sought, analyse, otherwise=otherwise, explained=explained)

    def holding(texts: Sequence[str]) -> tuple[tuple[str, tuple[Match, ...]], ...]:
        # Hardly ever does one hold anything, so all are looked at together first.
        if not matches("\n".join(texts)):
            return ()
        return tuple((text, found) for text in texts if (found := matches(text)))

    found = Found(title=matches(title), abstract=matches(abstract), authors=holding(authors))
    if found.title or found.abstract or found.authors:
        return found
    return Found(keys=holding(keys))


def within(found: Sequence[Match], sentence: Sentence) -> frozenset[str]:
    """The sought stems that a sentence of the abstract holds."""
    return frozenset(
        stem for match in found if sentence.start <= match.start < sentence.end for stem in match.stems
    )


def _telling(terms: Sequence[str]) -> Sequence[str]:
    return [t for t in terms if t.lower() not in STOP_WORDS] or terms


def _stems(text: str, analyse: Analyse) -> tuple[str, ...]:
    return tuple(token.stem for token in analyse(text))


def _said(text: str, analyse: Analyse) -> tuple[str, ...]:
    """The stems of a text that say something: "mixture of experts" without its "of"."""
    stems = _stems(text, analyse)
    return tuple(stem for stem in stems if stem not in STOP_WORDS) or stems


def _mended(terms: Sequence[str], analyse: Analyse, suggest: Suggest) -> dict[str, tuple[str, ...]]:
    """Stems that are searched beside others, of which one is enough: slips, and two words written as one."""
    known = set(terms)
    other: dict[str, tuple[str, ...]] = {}
    for term in dict.fromkeys(terms):
        if (meant := suggest(term)) is not None and meant in known - {term}:
            other |= dict.fromkeys(_stems(term, analyse), _stems(meant, analyse))
    for one, following in pairwise(terms):
        if (joined := one + following) in known and joined not in other:
            other |= dict.fromkeys(_stems(joined, analyse), _stems(f"{one} {following}", analyse))
    return other


def _spelt_out(reading: Reading, stems: set[str], analyse: Analyse) -> tuple[str, ...]:
    """The long form of an acronym that the query itself spells out."""
    longs = (_said(term.rpartition("|")[2], analyse) for term in reading.others)
    return max((long for long in longs if long and stems.issuperset(long)), key=len, default=())


def _meant_otherwise(sought: Sought, acronyms: Sequence[Acronym], analyse: Analyse) -> set[str]:
    """Stems of acronyms that a paper explains in none of the senses that the query was read in."""
    otherwise: set[str] = set()
    for acronym in acronyms:
        short = _stems(acronym.short, analyse)
        if len(short) != 1 or (reading := sought.readings.get(short[0])) is None:
            continue
        long = _stems(acronym.long, analyse)
        meant = {_stems(term.rpartition("|")[2], analyse) for _, terms in reading.credits for term in terms}
        if long not in meant | set(sought.longs) and not sought.stems.issuperset(
            _said(acronym.long, analyse)
        ):
            otherwise |= {short[0], *reading.stems}
    return otherwise


def _matches(
    text: str,
    tokens: Sequence[Token],
    sought: Sought,
    analyse: Analyse,
    *,
    otherwise: set[str],
    explained: set[str],
) -> tuple[Match, ...]:
    """What is sought among the telling words of a text."""
    found: list[Match] = []
    for token in tokens:
        stem = token.stem
        if stem in otherwise and stem in sought.readings:
            continue
        of = (stem,) if stem in sought.weights else sought.instead.get(stem, ())
        if not of:
            continue
        reading = sought.readings.get(stem)
        if reading is not None and stem not in explained and not _written(text, token, reading):
            continue
        found.append(Match(token.start, token.end, of))
    for long, of in sought.longs.items():
        for place in range(len(tokens) - len(long) + 1):
            words = tokens[place : place + len(long)]
            if all(word.stem == stem for word, stem in zip(words, long, strict=True)) and not any(
                analyse(text[one.end : next.start]) for one, next in pairwise(words)
            ):
                found.append(Match(words[0].start, words[-1].end, of))
    return tuple(sorted(found, key=lambda match: (match.start, match.end)))


def _written(text: str, token: Token, reading: Reading) -> bool:
    """Whether a word is written as the acronym is, the plural included; else it is an ordinary word."""
    word = text[token.start : token.end]
    return word in reading.shorts or word.removesuffix("s") in reading.shorts
