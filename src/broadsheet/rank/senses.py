"""Read the acronyms of a query in the sense that is meant. Knows the index by its contract, no word list.

What an acronym can stand for is what papers of the archive say it stands for. Which of these is meant is
told by the other words of the query: naive Bayes over the papers that explain it so. With nothing to tell,
the most common sense is likeliest. A word typed in small letters may also be an ordinary word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from broadsheet.index.contract import Reading, Sense, Snapshot
from broadsheet.index.stopwords import STOP_WORDS
from broadsheet.rank.query import ParsedQuery

# A sense is taken where it is at least so probable; else all are searched, each for what it is worth.
_TAKEN: Final = 0.5
_NEGLIGIBLE: Final = 0.05  # of the most probable one
_SENSES: Final = 6
_CONTEXT: Final = 4  # other words looked at, the rarest: they tell most
_CERTAIN: Final = 0.97  # of all who explain it: then other words are not asked
# So many papers' worth of belief that the papers of a sense use words as all papers do.
_SMOOTHING: Final = 10.0
# What nearly nobody explains has its meaning from elsewhere: "US" among papers on ultrasound.
_EXPLAINED: Final = 0.05
# Where a query spells a long form out, its acronym alone will do if so many of those who explain it mean that.
_OWN: Final = 0.5
# In a sentence an encoder understands an acronym that means one thing only, and loses by its being spelt out:
# with MiniLM on SciFact's test claims, nDCG@10 is .726 with all spelt out, .733 with those of several senses,
# .732 with none. In a few words it does not: "GP" is near to "GPU".
_ALONE: Final = 0.9
_FEW: Final = 4
# A word in small letters is an ordinary one where so few of the papers that have it write it as an acronym.
_RARE: Final = 0.02
_READ: Final = 24  # words of a query that are looked at
_LONGEST: Final = 5  # words of a long form
_SPELLINGS: Final = 3  # of a long form that are searched
_SHOUTED: Final = 7  # letters of a word in capitals that is no acronym: then capitals say nothing

_PIECES: Final = re.compile(r"[^\W_]+")


def read(snapshot: Snapshot, query: ParsedQuery) -> ParsedQuery:
    """The query with its acronyms read: how, in ``words.readings`` and ``notes``; for the encoder, spelt out.

    Quoted words are left as they are. Mostly well under a millisecond at a hundred thousand papers.
    """
    if query.words.readings:
        return query  # read before
    terms = query.words.terms[:_READ]
    typed = list(dict.fromkeys(piece for term in terms for piece in _PIECES.findall(term)))
    reader = _Reader(snapshot, typed)
    text, notes = query.free_text, list(query.notes)
    readings: dict[str, Reading] = {}
    for word in typed:
        if (meant := reader.judge(word)) is None or meant.reading.stem in readings:
            continue
        readings[meant.reading.stem] = meant.reading
        if meant.reading.longs:
            long = meant.senses[0].long
            if not meant.alone or len(typed) <= _FEW:
                text = long.join(re.split(rf"(?<!\w){re.escape(word)}(?!\w)", text))
            notes.append(
                f"“{word}” was read as “{long}”; put it in quotation marks to search for the letters alone."
            )
        elif not meant.taken and len(meant.senses) > 1:
            several = ", ".join(f"“{sense.long}”" for sense in meant.senses[:3])
            notes.append(f"“{word}” means several things here: {several}; another word can tell which.")
    for reading in _shortened(snapshot, terms):
        readings.setdefault(reading.stem, reading)
    if not readings:
        return query
    words = replace(query.words, readings=tuple(readings.values()))
    return replace(query, words=words, free_text=text, notes=tuple(notes))


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a word means: its senses, the most probable first."""

    reading: Reading
    senses: tuple[Sense, ...] = ()
    taken: bool = True  # the first is probable enough
    alone: bool = False  # hardly anybody means anything else


class _Reader:
    """Judges the words of one query."""

    def __init__(self, snapshot: Snapshot, typed: Sequence[str]) -> None:
        self._snapshot = snapshot
        self._stems = {word: tokens[0].stem for word in typed if len(tokens := snapshot.analyse(word)) == 1}
        self._counts = snapshot.frequencies(self._stems.values())
        telling = {stem for word, stem in self._stems.items() if word.lower() not in STOP_WORDS}
        self._rarest = sorted(telling, key=lambda stem: (self._counts[stem], stem))
        # A long word in capitals that is no acronym says that everything was typed so.
        self._shouted = any(w.isupper() and len(w) >= _SHOUTED and not snapshot.senses(w) for w in typed)

    def judge(self, word: str) -> _Meant | None:
        """What a word means; None where it is an ordinary one or nothing is known of it."""
        capital = sum(map(str.isupper, word)) > 1 and not self._shouted
        if word not in self._stems or (not capital and word.lower() in STOP_WORDS):
            return None
        short, known = self._known(word, capital=capital)
        if not known:
            return None
        stem, explaining = self._stems[word], sum(sense.papers for sense in known)
        candidates = known
        if capital and not (candidates := self._snapshot.senses(short, as_written=True)):
            if not short.isupper() and self._snapshot.writing(short):
                return _Meant(_reading(self._snapshot, stem, short, known, (), ()))
            candidates = known
        shorts = sorted({form for sense in candidates for form in sense.shorts})
        using = sum(self._snapshot.writing(form) for form in shorts)
        if sum(sense.papers for sense in candidates) < _EXPLAINED * using:
            return None
        if not capital and using < _RARE * self._counts[stem]:
            return None
        doubtful = candidates[0].papers < _CERTAIN * sum(sense.papers for sense in candidates) or (
            not capital and using < self._counts[stem]
        )
        context = [s for s in self._rarest if s != stem][:_CONTEXT] if doubtful else []
        beside = {s: self._snapshot.senses_beside(short, s) for s in context}
        scores = [self._belief(sense, beside) for sense in candidates]
        top = max(scores)
        likely = [math.exp(score - top) for score in scores]
        taken = 1 / sum(likely) >= _TAKEN
        if not capital:
            # Papers that use an acronym are more than those that explain it.
            belief = top + math.log(sum(likely) * max(1.0, using / explaining))
            if not taken or self._ordinary(stem, shorts, list(beside)) > belief:
                return None
        order = sorted(range(len(likely)), key=lambda n: (-likely[n], n))
        kept = [n for n in order[:_SENSES] if likely[n] >= _NEGLIGIBLE]
        senses = tuple(candidates[n] for n in kept)
        longs = senses[0].longs[:_SPELLINGS] if taken and not self._spells_out(senses[0].long) else ()
        credits = [likely[n] for n in kept]
        papers = sum(sense.papers for sense in candidates)
        reading = _reading(self._snapshot, stem, short, known, senses, credits, longs=longs, papers=papers)
        return _Meant(reading, senses, taken, senses[0].papers >= _ALONE * explaining)

    def _known(self, word: str, *, capital: bool) -> tuple[str, tuple[Sense, ...]]:
        """The acronym that a word is or is the plural of, and all its senses."""
        shorts = [word]
        if len(word) > 2 and word[-1] == "s":
            shorts = [word[:-1]] if capital and word[-2].isupper() else [word, word[:-1]]
        return max(
            ((short, self._snapshot.senses(short)) for short in shorts),
            key=lambda found: sum(sense.papers for sense in found[1]),
        )

    def _spells_out(self, long: str) -> bool:
        return {token.stem for token in self._snapshot.analyse(long)} <= set(self._stems.values())

    def _belief(self, sense: Sense, beside: Mapping[str, Mapping[str, int]]) -> float:
        """The logarithm of how probable a sense and the words beside it are, but for a constant."""
        return math.log(sense.papers) + math.fsum(
            self._likelihood(stem, sum(counts.get(term, 0) for term in sense.terms), sense.papers)
            for stem, counts in beside.items()
        )

    def _ordinary(self, stem: str, shorts: Sequence[str], context: Sequence[str]) -> float:
        """The same of the word as an ordinary one."""
        papers = self._snapshot.written_otherwise(stem, shorts)
        if not papers:
            return -math.inf  # nobody uses it so
        return math.log(papers) + math.fsum(
            self._likelihood(s, self._snapshot.written_otherwise(stem, shorts, beside=s), papers)
            for s in context
        )

    def _likelihood(self, stem: str, together: int, papers: int) -> float:
        share = (self._counts[stem] + 0.5) / (self._snapshot.generation.papers + 1)
        return math.log((min(together, papers) + _SMOOTHING * share) / (papers + _SMOOTHING))


def _reading(
    snapshot: Snapshot,
    stem: str,
    short: str,
    known: Sequence[Sense],
    senses: Sequence[Sense],
    credits: Sequence[float],
    *,
    longs: tuple[str, ...] = (),
    papers: int = 0,
) -> Reading:
    """A reading that credits papers for the senses given; for none, those that write it so and explain nothing.

    ``papers`` explain it in any of the senses that could be meant. Whoever writes an acronym without
    a word of what it is means what most mean.
    """
    expected = math.fsum(c * s.papers for c, s in zip(credits, senses, strict=True))
    return Reading(
        stem=stem,
        stems=tuple(
            dict.fromkeys((stem, *(t.stem for s in (short, f"{short}s") for t in snapshot.analyse(s))))
        ),
        shorts=tuple(sorted({form for sense in senses for form in sense.shorts})) or (short,),
        longs=longs,
        credits=tuple((c, s.terms) for c, s in zip(credits, senses, strict=True)),
        others=tuple(term for sense in known for term in sense.terms),
        unexplained=expected / papers if senses else 1.0,
    )


def _shortened(snapshot: Snapshot, terms: Sequence[str]) -> list[Reading]:
    """Readings for the long forms that a query spells out: papers may have the acronym alone."""
    readings: list[Reading] = []
    place = 0
    while place < len(terms):
        step = 1
        for length in range(min(_LONGEST, len(terms) - place), 1, -1):
            long = " ".join(terms[place : place + length])
            if shorts := snapshot.shorts(long):
                readings += _in_short(snapshot, shorts[0], long)
                step = length
                break
        place += step
    return readings


def _in_short(snapshot: Snapshot, short: str, long: str) -> list[Reading]:
    tokens, known = snapshot.analyse(short), snapshot.senses(short)
    wanted = [token.stem for token in snapshot.analyse(long)]
    own = [s for s in known if any(wanted == [t.stem for t in snapshot.analyse(x)] for x in s.longs)]
    if len(tokens) != 1 or not own:
        return []
    share = own[0].papers / sum(sense.papers for sense in known)
    using = sum(snapshot.writing(form) for form in own[0].shorts)
    if share < _OWN or own[0].papers < _EXPLAINED * using:
        return []
    reading = _reading(snapshot, tokens[0].stem, short, known, (), ())
    return [replace(reading, shorts=own[0].shorts, unexplained=share)]
