from hypothesis import given
from hypothesis import strategies as st

from broadsheet.text.keyphrases import extract

TITLE = "Partially Relevant Video Retrieval with Robust Alignment Learning"
ABSTRACT = (
    "Partially relevant video retrieval aims to retrieve untrimmed videos. Existing methods for video retrieval "
    "ignore query ambiguity. We propose robust alignment learning, which models query ambiguity in Hilbert space. "
    "Extensive experiments on two benchmarks show the effectiveness of the proposed method."
)


def test_phrases_come_from_the_text_and_say_what_it_is_about() -> None:
    phrases = extract(TITLE, ABSTRACT)
    assert len(phrases) == 5
    assert any("video retrieval" in phrase for phrase in phrases)
    assert "query ambiguity" in phrases


def test_academic_talk_is_no_phrase() -> None:
    phrases = " ".join(extract(TITLE, ABSTRACT, k=20)).lower()
    for talk in ("experiments", "effectiveness", "proposed", "existing methods"):
        assert talk not in phrases


def test_a_part_of_a_phrase_does_not_stand_beside_it() -> None:
    phrases = extract(
        "Active Galactic Nuclei", "Active galactic nuclei are bright. We observe active galactic nuclei."
    )
    assert "active galactic nuclei" in phrases
    assert "galactic nuclei" not in phrases


def test_an_acronym_counts_as_what_it_stands_for() -> None:
    text = "Sparse coding (SC) is old. SC is fast. SC is simple. SC helps retinal imaging."
    phrases = extract("Notes", text)
    assert phrases[0] == "sparse coding"
    assert "SC" not in phrases


def test_names_keep_their_capitals_and_titles_give_none() -> None:
    phrases = extract(
        "Kernel Ridge Regression",
        "We study kernel ridge regression in Hilbert space with Hilbert space tools.",
    )
    assert "kernel ridge regression" in phrases
    assert "Hilbert space" in phrases


def test_at_most_k() -> None:
    assert len(extract(TITLE, ABSTRACT, k=2)) == 2
    assert extract(TITLE, ABSTRACT, k=0) == ()
    assert extract("", "") == ()


@given(st.text(), st.text(), st.integers(0, 8))
def test_never_raises(title: str, abstract: str, k: int) -> None:
    phrases = extract(title, abstract, k=k)
    assert len(phrases) <= k
    assert len(set(phrases)) == len(phrases)
