"""The phrases of a text that could name a topic, each with its spelling. Knows no other text, weighs nothing.

A term is one to three words that no verb, small word or punctuation interrupts. Its key is its stems,
hyphens taken as spaces, so that "vision-language models" and "Vision Language Model" are one term.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from broadsheet.text import keyphrases
from broadsheet.text.keyphrases import Spelling

LONGEST = 3  # words of a name
_SHORTEST = 3  # letters of a name of one word
_PARTS = re.compile(r"[-–]+")
# Words too empty to begin a key phrase that do begin topics: "time series", "data augmentation".
_BEGIN = frozenset(
    "code data feature field information knowledge level model point process question quality representation reward score "
    "state structure system task test time tool topic type user value".split()
)
# What is done to a topic is not part of its name: "mitigating hallucinations".
_DOING = frozenset(
    "aligning analyzing assessing benchmarking characterizing constraining controlling detecting enhancing estimating "
    "evaluating improving measuring mitigating modeling modelling optimizing predicting preventing probing quantifying "
    "reducing simulating solving steering testing understanding".split()
)
_NO_NOUN = (
    "'s",
    "’s",
    "-based",
    "-driven",
    "-aware",
    "-free",
    "-shot",
    "-level",
    "-scale",
    "-term",
    "-time",
    "-modal",
    "-distribution",
)
_ADJECTIVES = ("al", "ic", "ous", "ive", "ary", "ar", "ent", "ant", "ed", "able", "ible", "less", "ian")
_NOUNS = frozenset(
    "agent antenna cancer radar sonar laser lidar star signal retrieval portal animal crystal music logic traffic "
    "graphic arithmetic plant component gradient patient student talent content environment event moment element "
    "nutrient cement library galaxy vocabulary dictionary boundary cable table variable speed seed need bed feed video "
    "media grammar calendar scalar solar lunar topic fabric mechanic politic ethic robotic semantic statistic "
    "mathematic dynamic physic".split()
)


@dataclass(frozen=True, slots=True)
class Term:
    """A phrase as one text writes it."""

    spelling: str
    words: int
    in_title: bool
    nameable: bool  # whether it can be a name; the others tell where longer phrases were cut
    free: bool = (
        False  # whether a phrase ends with it somewhere in the text: it is no mere part of longer ones
    )
    count: int = 1  # how often the text has it


_CUT = Term("", LONGEST + 1, in_title=False, nameable=False)


def terms(title: str, abstract: str) -> Mapping[str, Term]:
    """The terms of a text by key; plain text in, and spellings as within its sentences.

    Phrases of one word more than a name has are there too, not ``nameable`` and not spelt.
    """
    found: dict[str, Term] = {}
    again: Counter[str] = Counter()
    spell = Spelling(abstract)
    for text, in_title in ((title, True), (abstract, False)):
        for run in keyphrases.runs(text):
            read = [_read(word) for word in run]
            for start, first in enumerate(read):
                phrase = ""
                for end in range(start + 1, min(start + LONGEST + 1, len(run)) + 1):
                    last = read[end - 1]
                    phrase = f"{phrase} {last.stems}" if phrase else last.stems
                    size = end - start
                    fits = first.alone if size == 1 else size <= LONGEST and first.begins and last.ends
                    if not fits:
                        found.setdefault(phrase, _CUT)
                        continue
                    known = found.get(phrase, _CUT)
                    if known.nameable:
                        again[phrase] += 1
                    if in_title or not known.nameable or known.in_title:
                        # A sentence's spelling counts more than the title's.
                        spelling = spell(tuple(run[start:end]))
                        least = min(size, known.words) if known.nameable else size
                        found[phrase] = Term(
                            spelling,
                            least,
                            in_title or known.in_title,
                            nameable=True,
                            free=end == len(run) or known.free,
                        )
                    elif end == len(run) and not known.free:
                        found[phrase] = replace(known, free=True)
    for phrase, more in again.items():
        found[phrase] = replace(found[phrase], count=1 + more)
    return found


def key(phrase: str) -> str:
    """The key of a phrase.

    >>> key("Vision-Language Models") == key("vision language model")
    True
    """
    return " ".join(stem for word in phrase.split() for stem in _stems(word))


def _stems(word: str) -> list[str]:
    return [keyphrases.stem(part) for part in _PARTS.split(word) if part]


@dataclass(frozen=True, slots=True)
class _Word:
    """What a word can be in a name."""

    stems: str
    begins: bool
    ends: bool
    alone: bool


@lru_cache(maxsize=50_000)
def _read(word: str) -> _Word:
    low = word.lower()
    named = keyphrases.looks_named(word)
    empty = low in keyphrases.EMPTY or low == "ones"
    begins = low not in _DOING and (not empty or low in _BEGIN)
    noun = not low.endswith(_NO_NOUN) and (named or not low.endswith(keyphrases.NOT_LAST))
    stem = keyphrases.stem(low)
    adjective = stem == low and stem.endswith(_ADJECTIVES) and stem not in _NOUNS
    telling = sum(map(str.isalpha, low)) >= _SHORTEST and (
        named or (len(low) > _SHORTEST and not empty and stem not in keyphrases.EMPTY and not adjective)
    )
    return _Word(
        " ".join(_stems(word)),
        begins=begins,
        ends=noun and (not empty or low in keyphrases.HEADS),
        alone=begins and noun and telling,
    )
