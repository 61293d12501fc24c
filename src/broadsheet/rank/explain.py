"""Say why a paper answers a query. Knows texts and their analysis, no index files, no store.

Words are shown as they stand in the text (see ``rank.matches`` for what matches).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from broadsheet.model import Aspect, Sentence
from broadsheet.rank.matches import Found, Match, Sought, within

Kind = Literal["words", "meaning", "both", "newest"]

_NAMED: Final = 4  # words named in a reason; the marks in the text show them all


# From here on one of the two did (nearly) all of the work.
_MOSTLY: Final = 0.95

# Sentences with so much of what the best one has by words may yet answer better by meaning.
_CLOSE: Final = 0.7
_CONTENDERS: Final = 3


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paper is here: words as they stand in its text, the sentence that answers, and a reason."""

    kind: Kind
    text: str
    matched: tuple[str, ...] = ()
    sentence: tuple[int, int] | None = None  # a part of the abstract
    aspect: Aspect | None = None  # what that sentence is about


def contenders(sought: Sought, found: Found, sentences: Sequence[Sentence]) -> tuple[int, ...]:
    """The places of the sentences that may answer best: the best few by words; all, where none has any."""
    shares = [sought.share(within(found.abstract, s)) if sought.weights else 0.0 for s in sentences]
    best = max(shares, default=0.0)
    if not best:
        return tuple(range(len(sentences)))
    close = [n for n, share in enumerate(shares) if share >= _CLOSE * best]
    return tuple(sorted(sorted(close, key=lambda n: (-shares[n], n))[:_CONTENDERS]))


def explain(
    sought: Sought,
    found: Found,
    *,
    title: str,
    abstract: str,
    sentences: Sequence[Sentence],
    words_share: float,
    nearness: Mapping[int, float] | None = None,
    loose: bool = False,
) -> Explanation:
    """Why this paper, which holds ``found``, answers.

    The sentence is the best by what it holds of the query and its cosine to it (``nearness``, by place; of
    those that ``contenders`` names, or of all). ``words_share`` is the share of the score that came from words.
    ``loose``: relevance has ended above it, so nothing may say that it is close.
    """
    if not sought.weights and words_share >= _MOSTLY:
        return Explanation("newest", "by date, newest first")
    matched = tuple(
        dict.fromkeys(
            text[match.start : match.end]
            for text, matches in ((title, found.title), (abstract, found.abstract), *found.keys)
            for match in matches
        )
    )
    best = _best_sentence(sought, found, sentences, nearness or {})
    span = None if best is None else (best.start, best.end)
    aspect = None if best is None else best.aspect
    told: set[str] = set()  # stems that were named before
    places = [
        f"{named} in the {place}"
        for text, matches, place in ((title, found.title, "title"), (abstract, found.abstract, "abstract"))
        if (named := _named(text, matches, sought, told))
    ]
    places += [f"written by {name}" for name, matches in found.authors if _named(name, matches, sought, told)]
    places += [
        f"{named} among its key phrases"
        for key, matches in found.keys
        if (named := _named(key, matches, sought, told))
    ]
    reason = ", ".join(places)
    if words_share >= _MOSTLY:
        return Explanation("words", reason or "by words", matched, span, aspect)
    if not reason:
        text = f"by meaning: {'among the nearest' if loose else 'close to your query'}, no shared word"
        return Explanation("meaning", text, matched, span, aspect)
    if words_share <= 1 - _MOSTLY:
        return Explanation("meaning", f"by meaning; {reason}", matched, span, aspect)
    return Explanation("both", reason if loose else f"{reason}; close in meaning", matched, span, aspect)


def _best_sentence(
    sought: Sought, found: Found, sentences: Sequence[Sentence], nearness: Mapping[int, float]
) -> Sentence | None:
    """The sentence that answers best, the earlier of equals; None where neither words nor meaning tell."""
    best, most = None, 0.0
    for n in sorted({*contenders(sought, found, sentences), *nearness}):
        held = within(found.abstract, sentences[n])
        worth = (sought.share(held) if held else 0.0) + nearness.get(n, 0.0)
        if worth > most + 1e-9:
            best, most = sentences[n], worth
    return best


def _named(text: str, matches: Sequence[Match], sought: Sought, told: set[str]) -> str:
    """The weightiest matched words of a text in their order, quoted; those told before are left out."""
    first: dict[tuple[str, ...], Match] = {}
    # What stands for several words, as an acronym may, is named where they are not there themselves.
    for match in sorted(matches, key=lambda match: (len(match.stems), match.start)):
        if not told.issuperset(match.stems):
            told.update(match.stems)
            first[match.stems] = match
    weight = {stems: math.fsum(sought.weights[stem] for stem in stems) for stems in first}
    chosen = sorted(first, key=lambda stems: (-weight[stems], first[stems].start))[:_NAMED]
    spans: list[tuple[int, int]] = []
    for match in sorted((first[stems] for stems in chosen), key=lambda match: match.start):
        if spans and text[spans[-1][1] : match.start] in {" ", "-"}:
            spans[-1] = (spans[-1][0], match.end)
        else:
            spans.append((match.start, match.end))
    words = [f"“{text[start:end]}”" for start, end in spans]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
