"""What acronyms stand for, as the papers themselves say: terms of a paper, and senses made of terms.

A paper that explains ``EM (expectation–maximisation)`` is put under ``em|EM|expectation–maximisation``,
so the term dictionary with the prefix ``em|`` is the inventory of senses of that acronym, with counts,
and is kept up with the papers. Spellings of one long form are taken together when it is read.
Knows no queries and no files.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Final

from broadsheet.index import analysis
from broadsheet.index.contract import Sense
from broadsheet.model import Acronym, Paper
from broadsheet.text import acronyms

_MARK: Final = "|"
_LONGEST: Final = 90
_LONGEST_SHORT: Final = 12
_SMALL: Final = frozenset("a an and at by for from in of on or the to via with without".split())
_WORD: Final = re.compile(r"[^\W_]+")

# Two words of two long forms are one where so much of the longer one is the same from the beginning:
# "differential privacy" and "differentially private", not "continual" and "contrastive learning".
_ALIKE: Final = 0.55
_BRITISH: Final = (
    (re.compile(r"is(ations?|ed|er|es?|ing)$"), r"iz\1"),
    (re.compile(r"ys(e[ds]?|ing)$"), r"yz\1"),
    (re.compile(r"(?<=[a-z]{2})our(s|ed|al|ing)?$"), r"or\1"),
    (re.compile(r"ll(ed|er|ing)$"), r"l\1"),
    (re.compile(r"(?<=[bt])re(s|d)?$"), r"er\1"),
)


def terms_of(paper: Paper) -> Mapping[str, Iterable[str]]:
    """What the index keeps of a paper's acronyms, by field.

    ``sense``: what each stands for, as ``em|EM|expectation maximization``. ``long``: the same the other
    way round, each long form's key alone and with its acronym. ``capitals``: every word with two capitals
    or more, in the singular.
    """
    explained = _explained(paper)
    keys = [(long_key(a.long), a.short.lower()) for a in explained]
    return {
        "sense": [_MARK.join((a.short.lower(), a.short, a.long)) for a in explained],
        "long": sorted({*(key for key, _ in keys), *(_MARK.join(pair) for pair in keys)}),
        "capitals": sorted({*(a.short for a in explained), *capitals_of(f"{paper.title}\n{paper.abstract}")}),
    }


def capitals_of(text: str) -> set[str]:
    """The words of a text that have two capitals or more, in the singular.

    >>> sorted(capitals_of("GANs and a GaN film, MCMC-EM"))
    ['EM', 'GAN', 'GaN', 'MCMC']
    """
    # In a paper nine of ten words have no second capital, and are sorted out by the quickest test there is.
    rest = " ".join(chunk for chunk in analysis.fold(text).split() if not chunk[1:].islower())
    return {
        word[:-1] if len(word) > 2 and word[-1] == "s" and word[-2].isupper() else word
        for word in _WORD.findall(rest)
        if sum(map(str.isupper, word)) > 1 and len(word) <= _LONGEST_SHORT
    }


def beginning(short: str, *, as_written: bool = False) -> str:
    """The beginning of an acronym's sense terms, whatever its case or only as written.

    >>> beginning("CoT"), beginning("CoT", as_written=True)
    ('cot|', 'cot|CoT|')
    """
    short = analysis.fold(short)
    return _MARK.join((short.lower(), *([short] if as_written else []), ""))


def long_key(long: str) -> str:
    """What the spellings of a long form have in common.

    >>> long_key("Expectation–Maximisation") == long_key("expectation maximization")
    True
    """
    words = [_american(word) for word in _WORD.findall(analysis.fold(long).lower())]
    if not words:
        return ""
    return "".join((*words[:-1], *analysis.stems(words[-1])))


def taken_together(entries: Iterable[tuple[str, int]]) -> tuple[Sense, ...]:
    """Sense terms of one acronym with their numbers of papers as senses, the most common first.

    >>> found = taken_together([("em|EM|expectation-maximization", 2), ("em|EM|episodic memory", 1),
    ...     ("em|EM|Expectation Maximisation", 1)])
    >>> [(sense.long, sense.papers) for sense in found]
    [('expectation-maximization', 3), ('episodic memory', 1)]
    """
    groups: dict[str, list[tuple[str, int]]] = {}
    for term, count in sorted(entries, key=lambda e: (-e[1], e[0])):
        if count and term.count(_MARK) == 2:
            groups.setdefault(long_key(term.rpartition(_MARK)[2]), []).append((term, count))
    kept: list[tuple[tuple[str, ...], list[tuple[str, int]]]] = []
    for group in sorted(groups.values(), key=lambda g: -sum(count for _, count in g)):
        words = _words(group[0][0].rpartition(_MARK)[2])
        home = next((held for known, held in kept if _alike(known, words)), None)
        if home is None:
            kept.append((words, group))
        else:
            home += group
    found = [_sense(group) for _, group in kept]
    return tuple(sorted(found, key=lambda s: (-s.papers, s.long)))


def _sense(group: Sequence[tuple[str, int]]) -> Sense:
    counts: dict[str, int] = {}
    for term, count in group:
        short = term.split(_MARK)[1]
        counts[short] = counts.get(short, 0) + count
    longs = _spellings(term.rpartition(_MARK)[2] for term, _ in group)
    return Sense(
        short=min(counts, key=lambda s: (-counts[s], s)),
        long=longs[0],
        longs=tuple(longs),
        papers=sum(counts.values()),
        shorts=tuple(sorted(counts)),
        terms=tuple(term for term, _ in group),
    )


def _spellings(longs: Iterable[str]) -> list[str]:
    """Long forms that the index's analysis tells apart, in their order."""
    different: dict[tuple[str, ...], str] = {}
    for long in longs:
        different.setdefault(tuple(analysis.stems(long)), long)
    return list(different.values())


def _explained(paper: Paper) -> Sequence[Acronym]:
    in_title = acronyms.find(paper.title) if "(" in paper.title else ()
    every = (*in_title, *paper.derived.acronyms)
    found = {analysis.fold(a.short): analysis.fold(a.long)[:_LONGEST] for a in every}
    return tuple(Acronym(short, long) for short, long in found.items() if _MARK not in f"{short}{long}")


def _words(long: str) -> tuple[str, ...]:
    words = [_american(word) for word in _WORD.findall(long.lower())]
    return tuple(word for word in words if word not in _SMALL) or tuple(words)


@functools.lru_cache(maxsize=1 << 14)
def _american(word: str) -> str:
    if len(word) > 4:
        for british, american in _BRITISH:
            word = british.sub(american, word)
    return word


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two long forms are spellings of one: word by word the same beginnings.

    One may have a word more at its end: ``long short-term memory network``.
    """
    if abs(len(one) - len(other)) > (min(len(one), len(other)) > 1):
        return False
    return all(
        analysis.stems(a) == analysis.stems(b)
        or _shared(a, b) >= max(3, min(len(a), len(b), _ALIKE * max(len(a), len(b))))
        for a, b in zip(one, other, strict=False)
    )


def _shared(one: str, other: str) -> int:
    """How many letters two words have in common from the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
