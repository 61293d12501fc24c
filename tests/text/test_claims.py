"""Which sentences state a measured result, and which only hold numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.model import Aspect, Sentence
from broadsheet.text import claims


def figures(text: str, aspect: Aspect = Aspect.RESULT) -> list[str]:
    found = claims.find(text, [Sentence(0, len(text), aspect)])
    return [text[start:end] for claim in found for start, end in claim.figures]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("It reaches an nDCG@10 of 0.71 on SciFact.", ["0.71"]),
        ("This improves accuracy by 3.2 points over the best rival.", ["3.2 points"]),
        ("Decoding is 2.5× faster and keeps 98.1% of the accuracy.", ["2.5×", "98.1%"]),
        ("We cut the error rate from 12.4% to 9.1%.", ["12.4% to 9.1%"]),
        ("Throughput rises by 18-27x.", ["18-27x"]),
        ("The F1 score was 0.910 ± 0.007.", ["0.910 ± 0.007"]),
        ("It gains 3 percent in recall and 6.7 dB in PSNR.", ["3 percent", "6.7 dB"]),
        ("On average, it saves 40% of memory, a 1.18-fold gain.", ["40%", "1.18-fold"]),
    ],
)
def test_results_with_what_they_measure_are_claims(text: str, stated: list[str]) -> None:
    assert figures(text) == stated


@pytest.mark.parametrize(
    "text",
    [
        "It sets a new state of the art on all benchmarks.",
        "We collect a dataset of 10,000 images from 23 countries.",
        "Our 7B model has 32 layers and a context of 128K tokens.",
        "In 2019, GPT-4.1 and Qwen2.5-VL were not yet known.",
        "We train with 5% of the labels and a dropout of 0.1.",
        "According to the agency, 20% of adults are affected, more than before.",
        "Stars with z > 2.4 were observed at 3 and 10 GHz.",
        "The method runs in O(n^2) time on 16 cores.",
        "See Section 3.2 and Figure 4.",
    ],
)
def test_numbers_that_measure_nothing_are_no_claims(text: str) -> None:
    assert figures(text) == []


def test_what_a_paper_says_of_the_world_before_it_is_no_result_of_it() -> None:
    text = "Present systems reach an accuracy of 61.2% only."
    assert figures(text, Aspect.PROBLEM) == []
    assert figures(text, Aspect.RESULT) == ["61.2%"]


def test_places_are_those_of_the_whole_text() -> None:
    text = "We sort. It is 4.2 times faster."
    (claim,) = claims.find(text, [Sentence(0, 8, Aspect.METHOD), Sentence(9, 32, Aspect.RESULT)])
    assert (claim.start, claim.end) == (9, 32)
    assert [text[start:end] for start, end in claim.figures] == ["4.2 times"]


@given(st.text(alphabet="0123456789.,-–±~/% xaccuracyof by\n", max_size=300))
def test_any_text_is_read_and_figures_lie_apart_within_it(text: str) -> None:
    found = claims.find(text, [Sentence(0, len(text), Aspect.RESULT)])
    places = [place for claim in found for place in claim.figures]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(one[1] <= other[0] for one, other in pairwise(places))


def test_a_long_row_of_digits_is_read_to_its_end() -> None:
    text = "accuracy " + "1,2." * 50_000 + " and an accuracy of 93.1%"
    assert figures(text)[-1] == "93.1%"  # in quadratic time it would take longer than a test may
