"""Learn the weights of ``broadsheet.text.aspects`` from arXiv abstracts; nobody labels anything.

    python scripts/train_aspects.py DIR src/broadsheet/text/data/aspects.tsv

DIR holds ``*.jsonl.gz`` with ``text`` (arXiv's metadata is CC0). Recipe:

1. Abstracts that head their parts ("Aims. … Methods. … Results. …") are labelled by their headings, which
   are then taken off. A fifth of them is kept out for testing.
2. In the others, sentences that betray themselves ("We propose …", "Experiments show …") are labelled by
   those words. The rest stay open: they take the labels that the model of that moment finds
   best, given the labelled ones (a latent structured perceptron, Yu & Joachims 2009).
3. An averaged structured perceptron (Collins 2002) learns words, pairs of words, places and steps. A third of
   the words is hidden at random in every step, so that it cannot live from the betraying words alone.
4. That is done several times over different abstracts, each read once, and the weights are averaged, since one
   pass depends on its order (McDonald et al. 2010). Weights near nought are dropped; the rest are rounded.

The run prints accuracy on the abstracts kept out, against always guessing METHOD and against the rules of
step 2 with places alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from broadsheet.model import Aspect
from broadsheet.text import markup
from broadsheet.text.aspects import BUCKETS, CHAIN, flatten, says_other, words
from broadsheet.text.sentences import split

PROBLEM, METHOD, RESULT = range(3)
State = int

HEADINGS = (
    (
        PROBLEM,
        (
            r"background|context|introduction|motivation|problem(?: statement)?|purpose|aims?|objectives?|goals?|"
            r"rationale|background and objectives?|background and purpose|study objectives?|background/objectives?"
        ),
    ),
    (
        METHOD,
        (
            r"methods?|methodology|approach|materials? and methods?|methods? and materials?|study design|design|"
            r"design/methodology/approach|procedure"
        ),
    ),
    (
        RESULT,
        (
            r"(?:main |key )?(?:results?|findings|outcomes?)|conclusions?|results? and conclusions?|discussion|"
            r"interpretation|significance|implications|results? and discussion|discussion and conclusions?|summary"
        ),
    ),
)
HEADING = re.compile(
    r"(?:(?P<s0>" + HEADINGS[0][1] + r")|(?P<s1>" + HEADINGS[1][1] + r")|(?P<s2>" + HEADINGS[2][1] + r"))"
    r"\s?[:.]\s+(?=[A-Z])",
    re.IGNORECASE,
)

OURS = r"(?:we|this (?:paper|work|study|article)|the (?:paper|authors))"
CUES = (
    (
        METHOD,
        (
            r"\b(?:we|this (?:paper|work|article)) (?:\w+ly |then |first |also |further |thus |therefore )?(?:propose|present|"
            r"introduce|develop|design|devise|describe|formulate|employ|adopt|utilize|leverage|build|construct|train|apply|"
            r"use|extend|incorporate|combine|implement|collect|curate|conduct|perform|model)s?\b"
            r"|^(?:specifically|first|firstly|concretely|technically|in particular|at its core|to this end), "
            r"|^(?:our|the proposed|this) (?:method|approach|framework|model|algorithm|system|technique|architecture|pipeline|"
            r"network|strategy) (?:is|uses|combines|leverages|employs|consists|integrates|first|builds|incorporates|utilizes|"
            r"adopts|relies|operates|learns|works)\b"
        ),
    ),
    (
        RESULT,
        (
            r"\b(?:results?|experiments?|evaluations?|simulations?|findings|analys[ie]s|studies|study|tests|validation|"
            r"comparisons?)\b[^.]{0,60} (?:show|demonstrate|indicate|reveal|confirm|suggest|validate|verify|highlight|prove)s?\b"
            r"|\bwe (?:\w+ly |also |further |then )?(?:find|found|show|showed|demonstrate|observe|observed|achieve|conclude|"
            r"prove|obtain|detect|confirm|detected|reveal)\b"
            r"|\b(?:outperform|surpass)(?:s|es|ing|ed)?\b|\bstate-of-the-art (?:performance|results)\b"
            r"|\b(?:achieve|improve|reduce|attain|reach|yield)(?:s|d|ing)? [^.]*[0-9]\s?%"
        ),
    ),
    (
        PROBLEM,
        (
            r"\b(?:remains?|poses?|is|are) (?:a |an |still |largely |highly |significant |major |the )*(?:challeng\w+|open|unclear|"
            r"unexplored|underexplored|difficult|understudied|elusive|limited|critical|essential|crucial|important)\b"
            r"|\bexisting (?:\w+ ){0,2}(?:methods|approaches|works?|models|solutions|techniques|studies|benchmarks|systems)\b"
            r"|\b(?:suffer|struggle|fail|hinder|overlook|neglect)(?:s|ed)?\b|\bha(?:s|ve) (?:been|become|emerged|gained|"
            r"attracted|shown|achieved|recently|demonstrated|made|revolutionized)\b|^(?:recent|current|traditional|while|although|"
            r"despite|however)\b"
        ),
    ),
)
RULES = tuple((state, re.compile(pattern)) for state, pattern in CUES)
OWN_WORDS = re.compile(rf"\b(?:{OURS}|our|us|here)\b")


@dataclass(frozen=True, slots=True)
class Example:
    """An abstract: the words of its sentences, and their states where known."""

    sentences: tuple[tuple[str, ...], ...]
    states: tuple[State | None, ...]


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("directory", type=Path)
    options.add_argument("output", type=Path)
    options.add_argument("--open", type=int, default=24000, help="abstracts without headings in each part")
    options.add_argument("--parts", type=int, default=8, help="how many sets of weights to average")
    options.add_argument("--seed", type=int, default=20)
    chosen = options.parse_args()
    dice = random.Random(chosen.seed)

    headed: list[Example] = []
    unheaded: list[str] = []
    for text in abstracts(chosen.directory):
        plain = markup.parse(text).plain
        if example := read_headed(plain):
            headed.append(example)
        else:
            unheaded.append(plain)
    dice.shuffle(headed)
    test, train = headed[: len(headed) // 5], headed[len(headed) // 5 :]
    print(f"{len(train)} headed abstracts to learn from; {len(test)} kept out")

    parts: list[Weights] = []
    for number in range(chosen.parts):
        cued = [
            e
            for e in map(read_cued, dice.sample(unheaded, chosen.open))
            if any(s is not None for s in e.states)
        ]
        parts.append(learned([*train * max(1, len(cued) // (4 * len(train))), *cued], dice))
        print(
            f"part {number + 1}: kept out {accuracy(parts[-1], test):.3f}, so far {accuracy(mixed(parts), test):.3f}"
        )
    final = mixed(parts)
    rows = final.rows()
    chosen.output.write_text("".join(f"{row}\n" for row in rows), "ascii")
    states = Counter(s for e in test for s in e.states)
    print(
        f"always the same: {max(states.values()) / states.total():.3f}; rules and places: {rules_accuracy(test):.3f}"
    )
    print(f"{len(rows)} weights, {chosen.output.stat().st_size} bytes")


def learned(material: list[Example], dice: random.Random) -> Weights:
    """The averaged weights of one pass over the material in random order."""
    counts = Counter(f for e in material for s in e.sentences for f in set(features(s)) if f.isascii())
    model = Perceptron(frozenset(f for f, count in counts.items() if count >= OFTEN))
    dice.shuffle(material)
    for example in material:
        model.learn(example, dice)
    return model.averaged()


def mixed(parts: Sequence[Weights]) -> Weights:
    """The mean of several sets of weights."""
    names = dict.fromkeys(name for part in parts for name in part.words)
    share = 1 / len(parts)
    return Weights(
        {n: [share * sum(part.words.get(n, NONE)[s] for part in parts) for s in range(3)] for n in names},
        {step: share * sum(part.steps[step] for part in parts) for step in parts[0].steps},
    )


def abstracts(directory: Path) -> Iterator[str]:
    for path in sorted(directory.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["text"]


def read_headed(plain: str) -> Example | None:
    """An abstract with at least two headings of different states, read by them."""
    state: State | None = None
    kept: list[tuple[str, ...]] = []
    states: list[State | None] = []
    seen: set[State] = set()
    for start, end in split(plain):
        sentence = plain[start:end]
        if heading := HEADING.match(sentence):
            state = next(n for n in range(3) if heading[f"s{n}"])
            seen.add(state)
            sentence = sentence[heading.end() :]
        if state is None or says_other(flatten(sentence)):
            continue
        kept.append(tuple(words(flatten(sentence))))
        states.append(state)
    return Example(tuple(kept), tuple(states)) if len(seen) > 1 and len(kept) > 2 else None


def read_cued(plain: str) -> Example:
    """Any abstract; states only where exactly one rule speaks."""
    kept: list[tuple[str, ...]] = []
    states: list[State | None] = []
    for start, end in split(plain):
        sentence = flatten(plain[start:end])
        if not says_other(sentence):
            kept.append(tuple(words(sentence)))
            states.append(cue(sentence))
    return Example(tuple(kept), tuple(states))


def cue(sentence: str) -> State | None:
    speaking = {state for state, rule in RULES if rule.search(sentence)}
    if PROBLEM in speaking and OWN_WORDS.search(sentence):
        speaking.discard(PROBLEM)
    return speaking.pop() if len(speaking) == 1 else None


def rules_accuracy(examples: Sequence[Example]) -> float:
    """What the rules alone reach, where silent by place: first third, second third, last."""
    right = total = 0
    for example in examples:
        for n, (sentence, state) in enumerate(zip(example.sentences, example.states, strict=True)):
            said = cue(" ".join(sentence[1:]))
            right += (n * 3 // len(example.states) if said is None else said) == state
            total += 1
    return right / total


def accuracy(chain: Weights, examples: Sequence[Example]) -> float:
    pairs = Counter(
        said == state
        for example in examples
        for said, state in zip(chain.decode(example.sentences), example.states, strict=True)
        if state is not None
    )
    return pairs[True] / pairs.total()


def features(sentence: Sequence[str]) -> list[str]:
    return [*sentence, *(f"{a} {b}" for a, b in pairwise(sentence))]


@dataclass(frozen=True, slots=True)
class Weights:
    words: dict[str, list[float]]
    steps: dict[tuple[str, str], float]

    def decode(self, sentences: Sequence[Sequence[str]]) -> list[State]:
        emissions = [emission(self.words, features(s), n, len(sentences)) for n, s in enumerate(sentences)]
        return viterbi(emissions, self.steps, [None] * len(emissions))

    def rows(self) -> list[str]:
        """The lines of the weights' file: against METHOD, in thousandths of the mean weight of a step."""
        unit = 1000 / max(abs(w) for w in self.steps.values())
        rows = [f">{a} {b}\t{round(w * unit)}\t0" for (a, b), w in sorted(self.steps.items())]
        for feature, (problem, method, result) in sorted(self.words.items()):
            p, r = round((problem - method) * unit), round((result - method) * unit)
            if abs(p) + abs(r) >= LEAST:
                rows.append(f"{feature}\t{p}\t{r}")
        return rows


NONE = (0.0, 0.0, 0.0)
LEAST = 60  # a weight below this is dropped
HIDDEN = 1 / 3  # share of features hidden in every step
OFTEN = 60  # a feature in fewer sentences is not learned


class Perceptron:
    """Averaged weights are the sum over all steps, kept by the usual trick of counting late."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = known
        self.words: dict[str, list[float]] = {}
        self.sums: dict[str, list[float]] = {}
        self.steps = {(a, b): 0.0 for a in "^012" for b in "012$"}
        self.step_sums = dict.fromkeys(self.steps, 0.0)
        self.count = 1
        # A start: problem, then method, then result.
        for place in range(BUCKETS):
            self.words[f"@{place}"] = [2.0 * (place < 4), 2.0 * (3 <= place < 7), 2.0 * (place >= 7)]
        for a in "012":
            self.steps[a, a] = 1.0

    def learn(self, example: Example, dice: random.Random) -> None:
        hidden = [
            [f for f in features(s) if f in self.known and dice.random() > HIDDEN] for s in example.sentences
        ]
        full = [emission(self.words, features(s), n, len(hidden)) for n, s in enumerate(example.sentences)]
        goal = viterbi(full, self.steps, example.states)
        emissions = [emission(self.words, s, n, len(hidden)) for n, s in enumerate(hidden)]
        said = viterbi(emissions, self.steps, [None] * len(hidden))
        self.count += 1
        if said == goal:
            return
        for n, (right, wrong) in enumerate(zip(goal, said, strict=True)):
            if right != wrong:
                for feature in (*hidden[n], f"@{n * BUCKETS // len(hidden)}"):
                    self._move(feature, right, 1.0)
                    self._move(feature, wrong, -1.0)
        for path, sign in ((goal, 1.0), (said, -1.0)):
            for step in pairwise(("^", *map(str, path), "$")):
                self.steps[step] += sign
                self.step_sums[step] += sign * self.count

    def _move(self, feature: str, state: State, by: float) -> None:
        self.words.setdefault(feature, [0.0] * 3)[state] += by
        self.sums.setdefault(feature, [0.0] * 3)[state] += by * self.count

    def averaged(self) -> Weights:
        return Weights(
            {
                f: [w - s / self.count for w, s in zip(ws, self.sums.get(f, (0.0, 0.0, 0.0)), strict=True)]
                for f, ws in self.words.items()
            },
            {step: w - self.step_sums[step] / self.count for step, w in self.steps.items()},
        )


def emission(weights: dict[str, list[float]], found: Sequence[str], n: int, of: int) -> list[float]:
    total = list(weights.get(f"@{n * BUCKETS // of}", (0.0, 0.0, 0.0)))
    for feature in found:
        if weight := weights.get(feature):
            total[0] += weight[0]
            total[1] += weight[1]
            total[2] += weight[2]
    return total


def viterbi(
    emissions: Sequence[Sequence[float]], steps: dict[tuple[str, str], float], fixed: Sequence[State | None]
) -> list[State]:
    """The best path that goes through the fixed states."""
    best: list[tuple[float, list[State]]] = [
        (emissions[0][s] + steps["^", str(s)], [s]) for s in range(3) if fixed[0] in {None, s}
    ]
    for n in range(1, len(emissions)):
        best = [
            max((score + steps[str(path[-1]), str(s)] + emissions[n][s], [*path, s]) for score, path in best)
            for s in range(3)
            if fixed[n] in {None, s}
        ]
    return max((score + steps[str(path[-1]), "$"], path) for score, path in best)[1]


if __name__ == "__main__":
    assert [str(a) for a in CHAIN] == [Aspect.PROBLEM, Aspect.METHOD, Aspect.RESULT]
    main()
