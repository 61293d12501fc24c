"""Say why a paper answers a query. Knows texts and their analysis, no index files, no store.

Matches are found with the same analysis as the index uses, and shown as they stand in the text:
a search for ``factorization`` marks ``factorisations``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from broadsheet.index.contract import Token, Vectors, Words
from broadsheet.index.stopwords import STOP_WORDS
from broadsheet.model import Sentence

Analyse = Callable[[str], Sequence[Token]]
Kind = Literal["words", "meaning", "both", "newest"]

_NAMED: Final = 3  # words named in a reason; the marks in the text show them all

# From here on one of the two did (nearly) all of the work.
_MOSTLY: Final = 0.95


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paper is here: words as they stand in its text, the sentence that answers, and a reason."""

    kind: Kind
    text: str
    matched: tuple[str, ...] = ()
    sentence: tuple[int, int] | None = None  # a part of the abstract


@dataclass(frozen=True, slots=True)
class Sought:
    """The stems that a query looks for, with their weights."""

    weights: Mapping[str, float]

    @property
    def stems(self) -> frozenset[str]:
        """All of them."""
        return frozenset(self.weights)


def sought(
    words: Words,
    *,
    analyse: Analyse,
    frequencies: Callable[[Iterable[str]], Mapping[str, int]],
    papers: int,
) -> Sought:
    """What a query looks for; rarer stems weigh more (inverse document frequency). Once per search."""
    asked = (*words.phrases, *words.scored)
    found = [
        (token.stem, text in asked or token.stem not in STOP_WORDS)
        for text in (*_telling(words.terms), *asked, *(long for r in words.readings for long in r.longs))
        for token in analyse(text)
    ]
    found += [(stem, stem not in STOP_WORDS) for reading in words.readings for stem in reading.stems]
    # Of stop words alone, as the index does, none is left out.
    stems = {stem for stem, telling in found if telling} or {stem for stem, _ in found}
    counts = frequencies(sorted(stems))
    return Sought({s: math.log(1 + (papers + 1) / (counts.get(s, 0) + 0.5)) for s in sorted(stems)})


def explain(
    sought: Sought,
    *,
    title: str,
    abstract: str,
    sentences: Sequence[Sentence],
    authors: Sequence[str] = (),
    words_share: float,
    analyse: Analyse,
    query_vector: Vectors | None = None,
    encode: Callable[[Sequence[str]], Vectors] | None = None,
) -> Explanation:
    """Why this paper answers.

    The sentence is the one with the weightiest words of the query; where no sentence has any and
    ``encode`` is given, the one nearest to ``query_vector``. ``words_share`` is the share of the
    paper's score that came from words.
    """
    if not sought.weights and words_share >= _MOSTLY:
        return Explanation("newest", "by date, newest first")
    in_title = _matches(title, sought, analyse)
    in_abstract = _matches(abstract, sought, analyse)
    in_authors = [(name, found) for name in authors if (found := _matches(name, sought, analyse))]
    matched = tuple(
        dict.fromkeys(
            text[token.start : token.end]
            for text, tokens in ((title, in_title), (abstract, in_abstract))
            for token in tokens
        )
    )
    sentence = best_sentence(in_abstract, sentences, sought)
    if sentence is None and encode is not None and query_vector is not None:
        sentence = nearest_sentence(abstract, sentences, query_vector=query_vector, encode=encode)
    told: set[str] = set()  # stems that were named before
    places = [
        f"{named} in the {place}"
        for text, tokens, place in ((title, in_title, "title"), (abstract, in_abstract, "abstract"))
        if (named := _named(text, tokens, sought, told))
    ]
    places += [f"written by {name}" for name, found in in_authors if _named(name, found, sought, told)]
    reason = ", ".join(places)
    if words_share >= _MOSTLY:
        # Words that are in none of the three can only be among key phrases.
        return Explanation("words", reason or "by words: among its key phrases", matched, sentence)
    if not reason:
        return Explanation("meaning", "by meaning: close to your query, no shared word", matched, sentence)
    if words_share <= 1 - _MOSTLY:
        return Explanation("meaning", f"by meaning; {reason}", matched, sentence)
    return Explanation("both", f"{reason}; close in meaning", matched, sentence)


def best_sentence(
    tokens: Sequence[Token], sentences: Sequence[Sentence], sought: Sought
) -> tuple[int, int] | None:
    """The sentence whose distinct sought stems weigh most, the earlier of equals; None without any."""
    best, weight = None, 0.0
    for sentence in sentences:
        held = {t.stem for t in tokens if sentence.start <= t.start < sentence.end}
        total = math.fsum(sought.weights[stem] for stem in held)
        if total > weight + 1e-9:
            best, weight = (sentence.start, sentence.end), total
    return best


def nearest_sentence(
    abstract: str,
    sentences: Sequence[Sentence],
    *,
    query_vector: Vectors,
    encode: Callable[[Sequence[str]], Vectors],
) -> tuple[int, int] | None:
    """The sentence nearest in meaning, the earlier of equals; None where there are none."""
    if not sentences:
        return None
    scores = encode([abstract[s.start : s.end] for s in sentences]) @ query_vector
    nearest = sentences[int(scores.argmax())]
    return nearest.start, nearest.end


def shared_words(
    one: str,
    other: str,
    *,
    analyse: Analyse,
    frequencies: Callable[[Iterable[str]], Mapping[str, int]],
    limit: int = _NAMED,
) -> tuple[str, ...]:
    """The rarest words that two texts share, as they stand in the other one; for "similar papers"."""
    first = {t.stem for t in analyse(one)}
    shared: dict[str, str] = {}
    for token in analyse(other):
        word = other[token.start : token.end]
        if token.stem in first and len(word) > 2 and word.lower() not in STOP_WORDS:
            shared.setdefault(token.stem, word)
    counts = frequencies(sorted(shared))
    rarest = sorted(shared, key=lambda stem: (counts.get(stem, 0), stem))[:limit]
    return tuple(shared[stem] for stem in rarest)


def _telling(terms: Sequence[str]) -> Sequence[str]:
    return [t for t in terms if t.lower() not in STOP_WORDS] or terms


def _matches(text: str, sought: Sought, analyse: Analyse) -> list[Token]:
    return [token for token in analyse(text) if token.stem in sought.weights]


def _named(text: str, tokens: Sequence[Token], sought: Sought, told: set[str]) -> str:
    """The weightiest matched words of a text in their order, quoted; those told before are left out."""
    first: dict[str, Token] = {}
    for token in tokens:
        if token.stem not in told:
            first.setdefault(token.stem, token)
    chosen = sorted(first, key=lambda stem: (-sought.weights[stem], first[stem].start))[:_NAMED]
    told |= set(first)
    words = [f"“{text[first[s].start : first[s].end]}”" for s in sorted(chosen, key=lambda s: first[s].start)]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
