"""Phrases that could name a topic."""

import pytest

from broadsheet.text.lexicon import Lexicon, key
from broadsheet.text.terms import Terms


def terms(*texts: tuple[str, str], least: int = 1) -> Terms:
    return Terms(Lexicon().read(texts), least=least)


def nameable(title: str, abstract: str = "") -> set[str]:
    found = terms((title, abstract))
    return {
        spelling
        for key, term in found.by_key.items()
        if term.counts.any()
        for spelling in found.spellings(key)
    }


def test_phrases_stop_at_verbs_small_words_and_punctuation() -> None:
    found = nameable("", "We train graph neural networks on molecules, and protein folding improves.")
    assert "graph neural networks" in found
    assert "molecules" in found
    assert "protein folding" in found
    assert not {phrase for phrase in found if "molecules" in phrase and " " in phrase}


def test_hyphens_and_plurals_do_not_part_a_term() -> None:
    assert key("vision-language models") == key("Vision Language Model")
    found = terms(("Vision-Language Models", "A vision-language model sees.")).by_key
    assert found[key("vision language model")].titled.tolist() == [True]
    assert found[key("vision language model")].counts.tolist() == [2]


def test_a_term_is_spelt_as_sentences_spell_it() -> None:
    found = terms(("Federated Learning at Scale", "With federated learning the data stay where they are."))
    assert found.spellings(key("federated learning")) == {"federated learning": 1}


def test_a_name_that_the_abstract_writes_with_capitals_keeps_them() -> None:
    found = terms(("A Gaussian Splatting of Rooms", "We see how Gaussian Splatting is good."))
    assert found.spellings(key("gaussian splatting")) == {"Gaussian Splatting": 1}


def test_time_series_are_a_term_though_time_alone_says_nothing() -> None:
    found = nameable("", "A benchmark for time series forecasting.")
    assert "time series forecasting" in found
    assert "time" not in found


def test_adjectives_and_lone_empty_words_are_no_names() -> None:
    found = nameable("", "The multilingual results of LLM-based methods are financial.")
    assert not found & {"multilingual", "results", "methods", "financial", "LLM-based"}


def test_an_acronym_alone_can_be_a_name_and_two_letters_cannot() -> None:
    found = nameable("", "Recordings of EEG in 3D.")
    assert "EEG" in found
    assert "3D" not in found


def test_who_uses_a_term_is_told_by_text_and_what_one_alone_has_is_left_out() -> None:
    texts = [
        ("Dwarf galaxies", "Of dwarf galaxies."),
        ("Tea", ""),
        ("Stars", "We count dwarf galaxies near us; dwarf galaxies shine."),
        ("Light of dwarf galaxies and stars", ""),
    ]
    found = terms(*texts, least=3).by_key
    assert set(found) == {"dwarf", "galaxy", "dwarf galaxy"}
    galaxies = found["dwarf galaxy"]
    assert galaxies.rows.tolist() == [0, 2, 3]
    assert galaxies.counts.tolist() == [2, 2, 1]
    assert galaxies.titled.tolist() == [True, False, True]
    # "dwarf" never ends a phrase, "galaxies" always does.
    assert not found["dwarf"].free.any()
    assert found["galaxy"].free.all()


def test_what_is_wanted_is_there_however_few_have_it() -> None:
    read = Lexicon().read([("Old clocks", ""), ("Tea", "")])
    assert set(Terms(read, least=2, wanted=["old clock", "chess"]).by_key) == {"old clock"}


@pytest.mark.parametrize("limits", [{"words": 5}, {"texts": 1}])
def test_a_lexicon_that_begins_anew_reads_as_before(limits: dict[str, int]) -> None:
    texts = [(f"On graph coloring of {thing}", "We see knowledge graphs.") for thing in ("maps", "trees")]
    small = Lexicon(**limits)
    for _ in range(3):
        found = Terms(small.read(texts), least=2)
        assert set(found.by_key) >= {"graph coloring", "knowledge graph"}
        assert found.spellings("knowledge graph") == {"knowledge graphs": 2}


def test_no_texts_have_no_terms() -> None:
    assert not terms().by_key
    assert not terms(("", ""), ("", "")).by_key
