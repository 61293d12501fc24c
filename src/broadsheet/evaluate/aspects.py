"""Measure sentence aspects against CSFCube's labels (Mysore et al. 2021). Evaluates only; nothing learns from it.

CSFCube's licence is non-commercial: its labels are compared with, never fitted to.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from broadsheet.errors import InputError
from broadsheet.model import Aspect
from broadsheet.text.aspects import label
from broadsheet.text.sentences import split

_ASPECTS = {
    "background": Aspect.PROBLEM,
    "objective": Aspect.PROBLEM,
    "method": Aspect.METHOD,
    "result": Aspect.RESULT,
    "other": Aspect.OTHER,
}


@dataclass(frozen=True, slots=True)
class AspectReport:
    """How well sentences are told apart.

    The labels carry no text, so a sentence can only be compared by its number: ``accuracy``, ``macro_f1``
    and ``majority`` are over the abstracts that we cut into as many sentences as have labels.
    ``proportional`` is over all abstracts: each label is compared with our sentence at the same relative
    place.
    """

    abstracts: int
    agreeing: int  # abstracts with as many sentences as labels
    sentences: int  # in the agreeing abstracts
    accuracy: float
    macro_f1: float
    majority: float  # accuracy of always giving the commonest aspect
    f1: tuple[tuple[Aspect, float], ...]
    proportional: float

    @property
    def agreement(self) -> float:
        """Share of abstracts whose sentence counts agree."""
        return self.agreeing / self.abstracts


def evaluate_aspects(directory: Path) -> AspectReport:
    """Our labels against those of ``directory/corpus.jsonl.gz``. Raises InputError where it cannot be read."""
    abstracts = agreeing = 0
    pairs: Counter[tuple[Aspect, Aspect]] = Counter()
    near: Counter[bool] = Counter()
    for text, wanted in _labelled(directory / "corpus.jsonl.gz"):
        given = label(text, split(text))
        if not given:
            continue
        abstracts += 1
        if len(given) == len(wanted):
            agreeing += 1
            pairs.update(zip(given, wanted, strict=True))
        near.update(
            given[(2 * n + 1) * len(given) // (2 * len(wanted))] == aspect for n, aspect in enumerate(wanted)
        )
    if not pairs:
        raise InputError(f"no abstract in {directory} has as many sentences as labels")
    scores = tuple((aspect, _f1(pairs, aspect)) for aspect in Aspect)
    wanted_counts = Counter[Aspect]()
    for (_, aspect), count in pairs.items():
        wanted_counts[aspect] += count
    return AspectReport(
        abstracts=abstracts,
        agreeing=agreeing,
        sentences=pairs.total(),
        accuracy=sum(count for (given, wanted), count in pairs.items() if given == wanted) / pairs.total(),
        macro_f1=sum(score for _, score in scores) / len(scores),
        majority=max(wanted_counts.values()) / pairs.total(),
        f1=scores,
        proportional=near[True] / near.total(),
    )


def _f1(pairs: Counter[tuple[Aspect, Aspect]], aspect: Aspect) -> float:
    both = pairs[aspect, aspect]
    either = sum(count * ((given == aspect) + (wanted == aspect)) for (given, wanted), count in pairs.items())
    return 2 * both / either if either else 0.0


def _labelled(path: Path) -> Iterator[tuple[str, Sequence[Aspect]]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    row = json.loads(line)
                    wanted = [_ASPECTS[name] for name in row["sent_labels"]]
                    text = row["text"]
                except (ValueError, KeyError, TypeError) as error:
                    raise InputError(
                        f"{path}:{number}: not a line of CSFCube's corpus; expected text and sent_labels"
                    ) from error
                if wanted:
                    yield text, wanted
    except (OSError, EOFError) as error:
        raise InputError(f"cannot read {path}: {error}; expected CSFCube's corpus.jsonl.gz") from error
