"""What each sentence of an abstract is about: problem, method, result or something else.

A linear chain: words, pairs of words and the place in the abstract vote for an aspect, and a Viterbi
pass (Viterbi 1967) weighs them against the usual order problem → method → result. The weights were
learned by ``scripts/train_aspects.py`` from abstracts that name their own parts. Knows nothing of links,
gists or storage.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

from broadsheet.model import Aspect
from broadsheet.text.sentences import Span

Feature = str | tuple[str, str]

# The aspects of the chain, in their usual order; OTHER is told by what a sentence says, not by its place.
CHAIN = (Aspect.PROBLEM, Aspect.METHOD, Aspect.RESULT)
BUCKETS = 10

# Letters and "%" stay; digits are all one; the rest parts words.
_LETTERS = str.maketrans(
    {chr(n): "0" if chr(n).isdigit() else " " for n in range(128) if not chr(n).isalpha() and chr(n) != "%"}
)
# What sentences about the paper's surroundings say; told from the small letters of a whole abstract first.
_HINTS = (
    "availab", "releas", "source", "accessib", "public", "found at", "http", "www.", "github", "abr", "keyword", "copyright",
    "reserved", "index terms", "accepted", "appear", "presented at", "coming soon",
)  # fmt: skip
_OTHER = re.compile(
    r"[\[(]?abr(?:idged|\.|\W*$)|(?:keywords?|key words|index terms|ccs concepts)\b|copyright\b|to appear in\b"
    r"|we (?:will |also |publicly |have |plan to )*(?:release|open-?source|make (?:our|all|the) (?:code|data))\b"
    r"|.*?(?:(?:is|are|be|been|made) (?:\w+ly |made |\w+ly and \w+ly )*(?:available|released|open-?sourced|accessible|public)\b"
    r"|available (?:at|here|on|from|under|via)\b|found (?:at|here)\b|open-?sourced? (?:at|upon|on)\b|coming soon|released (?:publicly|upon)"
    r"|all rights reserved|accepted (?:for publication|by|at|to)|presented at)"
    r"|(?:(?:the|our|all|source|project|this|more|see|code|codes|data|dataset|page|website|demo|video|videos|model|models|and|url|"
    r"link|github|homepage|available|is|at|in|here|of|web)\W+)*(?:https?:|www\.)"
)


def label(plain: str, spans: Sequence[Span]) -> tuple[Aspect, ...]:
    """The aspect of every sentence of a text, in order.

    >>> text = "Parsing is slow. We propose a new parser. Experiments show that it is fast."
    >>> [str(aspect) for aspect in label(text, [(0, 16), (17, 41), (42, 75)])]
    ['problem', 'method', 'result']
    """
    aspects = [Aspect.OTHER] * len(spans)
    model = _model()
    lower = flatten(plain)
    letters = lower.translate(_LETTERS)
    chain = list(range(len(spans)))
    if hints := [hint for hint in _HINTS if hint in lower]:
        chain = [n for n, (start, end) in enumerate(spans) if not says_other(lower[start:end], hints)]
    votes = [
        model.vote(["^", *letters[spans[n][0] : spans[n][1]].split()], place * BUCKETS // len(chain))
        for place, n in enumerate(chain)
    ]
    for n, state in zip(chain, model.decode(votes), strict=True):
        aspects[n] = CHAIN[state]
    return tuple(aspects)


def says_other(lower: str, hints: Iterable[str] = _HINTS) -> bool:
    """Whether a lower-case sentence is about the paper's surroundings: where the code is, who published it."""
    return any(map(lower.__contains__, hints)) and _OTHER.match(lower) is not None


def flatten(text: str) -> str:
    """A text in small ASCII letters, every other character a question mark: the same length, and fast to read."""
    return text.encode("ascii", "replace").decode("ascii").lower()


def words(lower: str) -> list[str]:
    """The words of a flattened sentence, after a mark of its beginning; a number shows only its length."""
    return ["^", *lower.translate(_LETTERS).split()]


@dataclass(frozen=True, slots=True)
class Chain:
    """The weights.

    Only differences between the three states matter, so METHOD is nought throughout and a vote is one
    complex number, which adds up fast: real for PROBLEM, imaginary for RESULT.
    """

    weights: dict[Feature, complex]
    places: tuple[complex, ...]  # by tenth of the abstract
    steps: tuple[tuple[float, float, float], ...]  # steps[b][a]: from state a to state b
    first: tuple[float, float, float]
    last: tuple[float, float, float]

    def vote(self, sentence: list[str], place: int) -> complex:
        """What a sentence at a place says of its aspect."""
        weigh = self.weights.get
        single = sum(filter(None, map(weigh, sentence)), self.places[place])
        return sum(filter(None, map(weigh, pairwise(sentence))), single)

    def decode(self, votes: Sequence[complex]) -> list[int]:
        """The best path through the states."""
        if not votes:
            return []
        problem, method, result = self.first
        problem, result = problem + votes[0].real, result + votes[0].imag
        origins: list[tuple[int, int, int]] = []
        (pp, mp, rp), (pm, mm, rm), (pr, mr, rr) = self.steps
        for vote in votes[1:]:
            to_problem = (problem + pp, method + mp, result + rp)
            to_method = (problem + pm, method + mm, result + rm)
            to_result = (problem + pr, method + mr, result + rr)
            best_problem, best_method, best_result = max(to_problem), max(to_method), max(to_result)
            origins.append(
                (to_problem.index(best_problem), to_method.index(best_method), to_result.index(best_result))
            )
            problem, method, result = best_problem + vote.real, best_method, best_result + vote.imag
        ends = (problem + self.last[0], method + self.last[1], result + self.last[2])
        state = ends.index(max(ends))
        path = [state]
        for origin in reversed(origins):
            state = origin[state]
            path.append(state)
        path.reverse()
        return path


def load(text: str) -> Chain:
    """The weights from their file: ``feature, problem, result`` a line, in thousandths, tab-separated.

    A feature is a word, two words joined by a space, ``@3`` (a tenth of the abstract), or ``>from to``
    with the states by number, ``^`` before the first and ``$`` after the last; a step's weight is its first
    number.
    """
    weights: dict[Feature, complex] = {}
    places = [0j] * BUCKETS
    steps = {(a, b): 0.0 for a in "^012" for b in "012$"}
    for line in text.splitlines():
        feature, problem, result = line.split("\t")
        weight = complex(int(problem), int(result))
        if feature[0] == "@":
            places[int(feature[1:])] = weight
        elif feature[0] == ">":
            steps[feature[1], feature[3]] = weight.real
        elif " " in feature:
            former, latter = feature.split(" ")
            weights[former, latter] = weight
        else:
            weights[feature] = weight
    return Chain(
        weights,
        tuple(places),
        tuple((steps["0", b], steps["1", b], steps["2", b]) for b in "012"),
        (steps["^", "0"], steps["^", "1"], steps["^", "2"]),
        (steps["0", "$"], steps["1", "$"], steps["2", "$"]),
    )


@cache
def _model() -> Chain:
    return load(resources.files("broadsheet.text").joinpath("data/aspects.tsv").read_text("ascii"))
