"""Lead stories: votes first, then one for each large section; expected values worked by hand."""

from __future__ import annotations

import numpy as np

from broadsheet.ids import PaperId
from broadsheet.rank.leads import Lead, centralities, choose_leads


def p(n: int) -> PaperId:
    return PaperId(f"2601.0000{n}")


def test_most_voted_papers_lead() -> None:
    leads = choose_leads(
        {"cs.CL": [p(1), p(2)], "cs.CV": [p(3)]}, votes={p(1): 5, p(3): 9}, centrality={}, k=2
    )
    assert leads == (Lead(p(3), "cs.CV", votes=9), Lead(p(1), "cs.CL", votes=5))


def test_one_section_never_takes_more_than_half() -> None:
    ids = [p(n) for n in range(1, 6)]
    leads = choose_leads(
        {"cs.CL": ids, "math.CO": [p(9)]}, votes=dict.fromkeys([*ids, p(9)], 7), centrality={}, k=4
    )
    assert [lead.id for lead in leads] == [p(1), p(2), p(9)]


def test_a_vote_or_two_is_no_vote() -> None:
    leads = choose_leads({"cs.CL": [p(1), p(2)]}, votes={p(1): 2}, centrality={p(1): 0.1, p(2): 0.8}, k=1)
    assert leads == (Lead(p(2), "cs.CL", stands_for=2),)


def test_without_votes_each_large_section_sends_its_most_typical_paper() -> None:
    sections = {"a": [p(1)], "b": [p(2), p(3)], "c": [p(4), p(5), p(6)]}
    centrality = {p(1): 0.0, p(2): 0.5, p(3): 0.5, p(4): 0.1, p(5): 0.9, p(6): 0.2}
    leads = choose_leads(sections, votes={}, centrality=centrality, k=2)
    assert leads == (Lead(p(5), "c", stands_for=3), Lead(p(2), "b", stands_for=2))


def test_paper_without_a_vector_cannot_stand_for_others() -> None:
    assert choose_leads({"a": [p(1)]}, votes={}, centrality={}, k=3) == ()


def test_centrality_is_the_cosine_to_the_mean_of_the_others() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    values = centralities([p(1), p(2), p(3)], vectors)
    # others of the first: (0.6, 1.8), length 1.8974; cosine 0.6 / 1.8974
    assert np.isclose(values[p(1)], 0.316228)
    # others of the third: (1, 1); cosine (0.6 + 0.8) / sqrt(2)
    assert np.isclose(values[p(3)], 0.989949)


def test_lone_paper_has_no_centrality() -> None:
    assert centralities([p(1)], np.ones((1, 4), dtype=np.float32)) == {p(1): 0.0}
