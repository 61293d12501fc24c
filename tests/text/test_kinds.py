import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.model import PaperType
from broadsheet.text.kinds import classify


@pytest.mark.parametrize(
    ("title", "deed", "kind"),
    [
        ("A Survey of Sparse Attention", "We review 200 papers on sparse attention.", PaperType.SURVEY),
        (
            "PageBench: Reading Whole Pages",
            "We introduce PageBench, a benchmark of 400 tasks.",
            PaperType.BENCHMARK,
        ),
        ("A Corpus of Letters", "We present a corpus of 9,000 letters.", PaperType.DATASET),
        (
            "Do Readers Trust Headlines?",
            "We interview 40 readers and analyze their answers.",
            PaperType.EMPIRICAL,
        ),
        (
            "Press: An Open-Source Toolkit",
            "We present Press, an open-source software library.",
            PaperType.SYSTEM,
        ),
        ("Lower Bounds for Sorting Pages", "We prove a lower bound on page sorting.", PaperType.THEORY),
        ("Position: Papers Should Be Short", "We argue that papers should be short.", PaperType.POSITION),
        ("Sparse Attention for Pages", "We propose a novel sparse attention method.", PaperType.METHOD),
    ],
)
def test_title_and_deed_tell_the_kind(title: str, deed: str, kind: PaperType) -> None:
    assert classify(title, deed, deed=deed) == kind


def test_a_method_for_a_benchmark_is_a_method() -> None:
    deed = "We propose a framework that outperforms others on a public benchmark."
    assert classify("Faster Page Reading via Sparse Attention", deed, deed=deed) == PaperType.METHOD


def test_no_text_is_other() -> None:
    assert classify("", " ") == PaperType.OTHER


def test_no_cue_at_all_is_a_method() -> None:
    assert classify("Zygote", "Zygote.") == PaperType.METHOD


@given(st.text(), st.text(), st.text())
def test_never_raises(title: str, abstract: str, deed: str) -> None:
    assert classify(title, abstract, deed=deed) in PaperType
