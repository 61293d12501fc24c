import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.text.acronyms import find


def pairs(text: str) -> list[tuple[str, str]]:
    return [(acronym.short, acronym.long) for acronym in find(text)]


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("We run expectation-maximization (EM) often.", "EM", "expectation-maximization"),
        ("We run EM (expectation maximization) often.", "EM", "expectation maximization"),
        ("Large language models (LLMs) are large.", "LLM", "Large language model"),
        ("It uses episodic memory (EM).", "EM", "episodic memory"),
        ("A Markov decision processes (MDPs) view.", "MDP", "Markov decision process"),
        ("We use a Vision Transformer (ViT) here.", "ViT", "Vision Transformer"),
        ("It is a state-of-the-art (SOTA) result.", "SOTA", "state-of-the-art"),
        ("The Internet of Things (IoT) grows.", "IoT", "Internet of Things"),
        ("We use 3D Gaussian Splatting (3DGS).", "3DGS", "3D Gaussian Splatting"),
        ("Flower Pose Estimation (FloPE) is real-time.", "FloPE", "Flower Pose Estimation"),
        (
            "A multi-scale feature aggregation block (MFAB) helps.",
            "MFAB",
            "multi-scale feature aggregation block",
        ),
        ("Long short-term memory network (LSTM) cells.", "LSTM", "Long short-term memory network"),
        ("We record electroencephalography (EEG).", "EEG", "electroencephalography"),
        ("The graph neural network (or GNN) wins.", "GNN", "graph neural network"),
        (
            "By non-negative tensor factorization (NTF).",
            "NTF",
            "non-negative tensor factorization",
        ),
        ("A self-supervised learning (SL) loss.", "SL", "self-supervised learning"),
    ],
)
def test_reads_the_expansion(text: str, short: str, long: str) -> None:
    assert pairs(text) == [(short, long)]


@pytest.mark.parametrize(
    "text",
    [
        "We refine it by optical flow (RAFT).",
        "It holds in three cases (i), (ii) and (III).",
        "The sample is large (N=12) and old (see Fig. 2).",
        "We train our model (VITED) on it.",
        "It rose by 72.3% (ET) and 95.6% (NET).",
        "They did it (We saw).",
        "Smith (2020) and Lee (2021a) agree.",
    ],
)
def test_does_not_guess(text: str) -> None:
    assert pairs(text) == []


def test_the_first_expansion_counts() -> None:
    assert pairs("Exponential moving average (EMA) and energy market area (EMA).") == [
        ("EMA", "Exponential moving average")
    ]


def test_does_not_reach_over_a_sentence_or_clause() -> None:
    assert pairs("They work at night. Processing (NP) is hard.") == []


@given(st.text() | st.text(alphabet="aBc (),.-E", max_size=50))
def test_never_raises_and_finds_what_stands_in_brackets(text: str) -> None:
    for acronym in find(text):
        assert acronym.short.rstrip("s") in text
        assert acronym.long
