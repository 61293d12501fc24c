"""What acronyms stand for, as an index keeps it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from broadsheet.index.contract import Generation
from broadsheet.index.senses import taken_together
from broadsheet.model import Paper

Make = Callable[..., Paper]
Publish = Callable[..., Generation]

EXPLAINED = "2603.00001"  # EM (expectation maximization), American
BRITISH = "2603.00002"
MEMORY = "2603.00003"  # episodic memory (EM)
UNEXPLAINED = "2603.00004"
ORDINARY = "2603.00005"  # em, a word in small letters
SPELT_OUT = "2603.00006"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("differential privacy", "differentially private", True),
        ("Markov decision process", "Markov Decision Processes", True),
        ("multi-modal model", "multimodal models", True),
        ("graph neural network", "graph neural net", True),
        ("reinforcement learning with verifiable rewards", "reinforcement learning from verifiable reward", True),
        ("behaviour cloning", "behavioral cloning", True),
        ("long short-term memory", "long short-term memory network", True),
        ("continual learning", "contrastive learning", False),
        ("semi-supervised learning", "self-supervised learning", False),
        ("dynamic programming", "differential privacy", False),
        ("principal component analysis", "prostate cancer", False),
    ],
)  # fmt: skip
def test_long_forms_are_told_apart_by_their_words(one: str, other: str, *, same: bool) -> None:
    senses = taken_together([(f"x|X|{one}", 2), (f"x|X|{other}", 1)])
    assert len(senses) == (1 if same else 2)
