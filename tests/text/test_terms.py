"""Phrases that could name a topic."""

from broadsheet.text.terms import key, terms


def nameable(title: str, abstract: str = "") -> set[str]:
    return {term.spelling for term in terms(title, abstract).values() if term.nameable}


def test_phrases_stop_at_verbs_small_words_and_punctuation() -> None:
    found = nameable("", "We train graph neural networks on molecules, and protein folding improves.")
    assert "graph neural networks" in found
    assert "molecules" in found
    assert "protein folding" in found
    assert not {phrase for phrase in found if "molecules" in phrase and " " in phrase}


def test_hyphens_and_plurals_do_not_part_a_term() -> None:
    assert key("vision-language models") == key("Vision Language Model")
    found = terms("Vision-Language Models", "A vision-language model sees.")
    assert found[key("vision language model")].in_title


def test_a_term_is_spelt_as_sentences_spell_it() -> None:
    found = terms("Federated Learning at Scale", "With federated learning the data stay where they are.")
    assert found[key("federated learning")].spelling == "federated learning"


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
