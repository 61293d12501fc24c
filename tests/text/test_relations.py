"""What a paper's own words say of others, and what is no relation."""

from __future__ import annotations

import pytest

from broadsheet import titles
from broadsheet.ids import PaperId
from broadsheet.model import Mention, Record
from broadsheet.text.derive import derive


def said(title: str = "A title", abstract: str = "", comment: str | None = None) -> dict[str, str]:
    """The kinds of what is said, by target."""
    record = Record(
        id=PaperId.parse("2603.00001"), title=title, abstract=abstract, source="test", comment=comment
    )
    return {mention.target: mention.kind.value for mention in derive(record).mentions}


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("Extended journal version of arXiv:2506.03662", {"2506.03662": "version"}),
        ("12 pages. This article supersedes the preprint: arXiv:2309.08960v2", {"2309.08960": "version"}),
        ("Journal extension version of CVPR 2025 paper: arXiv:2504.01503", {"2504.01503": "version"}),
        ("Extension of our conference paper (https://arxiv.org/abs/2404.02462)", {"2404.02462": "extends"}),
        ("An evolution of our earlier preprint math/0309136", {"math/0309136": "extends"}),
        ("6 pages, comment on arXiv:2509.05400", {"2509.05400": "disputes"}),
        ("Reply to arXiv:2505.23796", {"2505.23796": "answers"}),
        ("Companion paper to arXiv:2411.11965, 44 pages", {"2411.11965": "series"}),
        (
            "arXiv admin note: substantial text overlap with arXiv:2504.15155, arXiv:2504.13045",
            {"2504.15155": "overlaps", "2504.13045": "overlaps"},
        ),
        ("Cites arXiv:2404.19756; for the appendix see arXiv:2406.07057", {}),
        ("In Proceedings TARK 2025, arXiv:2511.20540", {}),
        ("Mistakenly submitted as an extended version of arXiv:2402.11057", {}),
        ("An extended version of our ICLR 2025 paper, 2024 pages", {}),
        ("Updated version (v2) of arXiv:2603.00001", {}),  # itself
    ],
)
def test_a_comment_that_names_an_id_says_how_the_two_stand(comment: str, found: dict[str, str]) -> None:
    assert said(comment=comment) == found


@pytest.mark.parametrize(
    ("abstract", "found"),
    [
        ("We give a counterexample to a theorem in Chernikov and Towsner, arXiv:2510.02420.", ["disputes"]),
        ("Our work extends Visual Anagrams (arXiv:2311.17919) to latent spaces.", ["extends"]),
        ("We use the data of Smith et al. (arXiv:2311.17919) and extend the range.", []),
        ("We extend the study to 3 GHz, using the method of arXiv:2311.17919.", []),
        ("ThetaEvolve is a framework that simplifies and extends AlphaEvolve.", ["extends"]),
        ("We propose AlphaEvolve. We further extend AlphaEvolve with tokens.", []),  # its own
        ("Agents built on AlphaEvolve are slow.", []),
    ],
)
def test_an_abstract_is_read_in_the_same_way_and_for_names(abstract: str, found: list[str]) -> None:
    assert list(said(abstract=abstract).values()) == found


def test_a_title_says_what_it_comments_on_or_is_a_part_of() -> None:
    illusion = "The Illusion of Thinking: Strengths and Limitations of Reasoning Models"
    assert said(f"A Comment on “{illusion}”")[titles.whole(illusion) or ""] == "disputes"
    assert said("Response of the Milky Way to a passing galaxy") == {}
    part = "The Rosetta Stone project. III. Observations of fragmentation"
    other = titles.series("The Rosetta Stone Project -- II: The correlation")
    assert other is not None
    assert said(part)[other[0]] == "series"
    assert titles.series("Population III star formation near active nuclei") is None


def test_the_sentence_that_says_it_is_kept() -> None:
    record = Record(
        id=PaperId.parse("2603.00001"),
        title="A title",
        source="test",
        comment="9 pages. Reply to arXiv:2505.23796. Comments welcome.",
    )
    (mention,) = derive(record).mentions
    assert mention == Mention(mention.kind, "2505.23796", "Reply to arXiv:2505.23796.", mention.place)
