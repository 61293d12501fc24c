import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.text.sentences import split


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Smith et al. (2020) measured it.",
        "We use features, e.g. SIFT, and models, i.e. networks.",
        "See Fig. 2 and Eq. 3 for cats vs. dogs.",
        "The error is 0.85 on average.",
        "Dr. J. K. Rowland wrote it.",
        "E. coli grows on glucose.",
        "It appeared in Phys. Rev. Lett. in May.",
        "Direct detection of Pop. III stars is hard.",
        "The U.S. Census is used.",
        "It runs on node.js and at https://example.org/a.b.",
        "What matters (why? because it does) is this.",
        "The Ph.D. Thesis shows it.",
        "Our plan: 1. Measure everything that moves.",
    ],
)
def test_no_break_inside(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One ends. Another begins.", ["One ends.", "Another begins."]),
        ("Is it so? Yes! It is.", ["Is it so?", "Yes!", "It is."]),
        ("We train it.We test it.", ["We train it.", "We test it."]),
        ("It costs $O(n)$. Then we stop.", ["It costs $O(n)$.", "Then we stop."]),
        ('He said "no." We agree.', ['He said "no."', "We agree."]),
        ("It is fast (see below.) We show it.", ["It is fast (see below.)", "We show it."]),
        ("Shown by Lee et al. We extend it.", ["Shown by Lee et al.", "We extend it."]),
        ("We beat them in 2020. In 2021 we lost.", ["We beat them in 2020.", "In 2021 we lost."]),
        ("It waits for 5 min. The rest is idle.", ["It waits for 5 min.", "The rest is idle."]),
        ("Is it so? The answer is no. We ask why.", ["Is it so?", "The answer is no.", "We ask why."]),
        ("Serving is slow. vLLM is fast.", ["Serving is slow.", "vLLM is fast."]),
        ("Data is short. we collect more.", ["Data is short.", "we collect more."]),
        ("It grows… Then it falls.", ["It grows…", "Then it falls."]),
    ],
)
def test_breaks_between(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_heading_opens_the_sentence_that_it_heads() -> None:
    text = "Objective. Patients see poorly. Main results. They see better. Methods: We looked."
    assert sentences(text) == [
        "Objective. Patients see poorly.",
        "Main results. They see better.",
        "Methods: We looked.",
    ]


def test_nothing_has_no_sentences() -> None:
    assert split("") == ()
    assert split(" \n ") == ()


@given(st.text() | st.text(alphabet="aB. ?!()\"'1\n", max_size=60))
def test_sentences_cover_all_text_in_order(text: str) -> None:
    spans = split(text)
    ends = [0, *(place for span in spans for place in span), len(text)]
    assert ends == sorted(ends)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
    between = zip([0, *(end for _, end in spans)], [*(start for start, _ in spans), len(text)], strict=True)
    assert not "".join(text[end:start] for end, start in between).strip()
