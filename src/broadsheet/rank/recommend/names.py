"""What an interest is called: phrases of its papers whose words count most for the reader. Knows no weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from broadsheet.rank.recommend.bags import spellings
from broadsheet.text.lexicon import Lexicon
from broadsheet.text.terms import Terms

# How much a phrase counts of a paper that has it in its abstract alone, beside one that is titled by it.
_UNTITLED: Final = 0.5

# What tells less than this share of what the first phrase tells is left out.
_FAINT: Final = 0.1


def phrases(
    papers: Sequence[tuple[str, str]], worth: Mapping[int, float], *, most: int = 8
) -> tuple[str, ...]:
    """Phrases of one to three words that papers (title, abstract) share, the most telling first; no word twice.

    ``worth`` says how much each word and pair of words tells of the interest, by term. A phrase is worth what its
    words are, in every paper that has it. Of three papers or more, two must have it.
    """
    least = 2 if len(papers) > 2 else 1
    shared = Terms(Lexicon().read(papers), least=least)
    loud: dict[str, float] = {}
    spelt: dict[str, Counter[str]] = {}
    for key, term in shared.by_key.items():
        named = term.counts > 0
        if named.sum() >= least:
            spelt[key] = written = shared.spellings(key)
            told = sum(count * _told(spelling, worth) for spelling, count in written.items())
            said_by = np.where(term.titled[named], 1.0, _UNTITLED).sum()
            loud[key] = told / written.total() * float(said_by)
    found: list[str] = []
    said: set[str] = set()
    faint = _FAINT * max(loud.values(), default=0.0)
    for key in sorted(loud, key=lambda key: (-loud[key], key)):
        if loud[key] <= faint or len(found) == most:
            break
        if not said & set(key.split()):
            said |= set(key.split())
            found.append(min(spelt[key], key=lambda spelling: (-spelt[key][spelling], spelling)))
    return tuple(found)


def _told(spelling: str, worth: Mapping[int, float]) -> float:
    return sum(worth.get(number, 0.0) for number in spellings([spelling]))
