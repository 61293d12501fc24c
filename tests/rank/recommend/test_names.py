"""What interests are called."""

from __future__ import annotations

from broadsheet.rank.recommend import Bags, phrases

PAPERS = [
    (
        "Graph neural networks for molecules",
        "We train graph neural networks on molecular property prediction and compare message passing.",
    ),
    (
        "A graph neural network of proteins",
        "Message passing over residues predicts binding. The graph neural network is small.",
    ),
    (
        "Expressive power of message passing",
        "Graph neural networks cannot tell some graphs apart. We bound their power.",
    ),
]


def worth(words: str) -> dict[int, float]:
    """Each of these words, and each pair of neighbours, tells as much as the next."""
    return dict.fromkeys(Bags.of([words]).terms.tolist(), 1.0)


def test_names_are_phrases_that_the_papers_share_in_the_form_most_of_them_have() -> None:
    told = worth("graph neural networks message passing") | worth("neural network")
    assert phrases(PAPERS, told)[:2] == ("graph neural networks", "message passing")


def test_no_word_is_said_twice() -> None:
    names = phrases(PAPERS, worth("graph neural networks message passing"))
    words = [word for name in names for word in name.split()]
    assert len(words) == len(set(words))


def test_what_one_of_three_papers_says_is_no_name_and_what_tells_nothing_neither() -> None:
    assert phrases(PAPERS, worth("proteins residues binding")) == ()
    assert phrases(PAPERS[1:2], worth("proteins residues binding"))[0] == "proteins"
    assert phrases(PAPERS, {}) == ()


def test_what_titles_say_comes_before_what_abstracts_say() -> None:
    papers = [("Optical lattices", "We use cold atoms."), ("Optical lattices again", "We use cold atoms.")]
    assert phrases(papers, worth("optical lattices") | worth("cold atoms")) == (
        "optical lattices",
        "cold atoms",
    )


def test_no_more_than_asked_for_and_ties_by_name() -> None:
    papers = [("Galaxies and quasars", "")]
    assert phrases(papers, worth("galaxies") | worth("quasars"), most=1) == ("galaxies",)
