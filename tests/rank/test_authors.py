"""People of one name are told apart where co-authors and fields allow, and stay together where they do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors
from broadsheet.rank.authors import Mending, Signed, people


def signed(number: int, *others: str, category: str = "cs.DS") -> Signed:
    return Signed(
        id=PaperId(f"2603.{number:05}"), others=frozenset(others), categories=(category,) if category else ()
    )


def numbers(groups: Sequence[Sequence[PaperId]]) -> list[list[int]]:
    return [[int(id.value[5:]) for id in group] for group in groups]


def at(**degrees: float) -> dict[PaperId, Vectors]:
    """Vectors in a plane, by paper number: the cosine of two is that of the angle between them."""
    return {
        PaperId(f"2603.{int(name[1:]):05}"): np.array(
            [np.cos(np.radians(angle)), np.sin(np.radians(angle))], dtype=np.float32
        )
        for name, angle in degrees.items()
    }


FAR = at(p1=0, p2=5, p3=90, p4=85)  # two and two, with a cosine of 0.09 at most between them


def test_two_who_share_nothing_are_two() -> None:
    papers = [
        signed(1, "a"),
        signed(2, "a"),
        signed(3, "b", category="math.AP"),
        signed(4, "b", category="math.AP"),
    ]
    assert numbers(people(papers, FAR)) == [[1, 2], [3, 4]]


def test_one_shared_co_author_makes_them_one_however_far_the_fields() -> None:
    papers = [signed(1, "a"), signed(2, "a", "c"), signed(3, "b", "c", category="math.AP"), signed(4, "b")]
    assert numbers(people(papers, FAR)) == [[1, 2, 3, 4]]


def test_co_authors_of_co_authors_make_them_one() -> None:
    papers = [signed(1, "a"), signed(2, "a", "x"), signed(3, "x", "b"), signed(4, "b")]
    assert numbers(people(papers, FAR)) == [[1, 2, 3, 4]]


def test_what_is_near_in_meaning_is_one_persons_without_a_co_author() -> None:
    papers = [signed(n) for n in (1, 2, 3, 4)]
    assert numbers(people(papers, at(p1=0, p2=5, p3=30, p4=35))) == [[1, 2, 3, 4]]


def test_one_field_counts_in_doubt() -> None:
    near = at(p1=0, p2=0, p3=64, p4=64)  # a cosine of 0.44
    papers = [signed(1, "a"), signed(2, "a"), signed(3, "b"), signed(4, "b")]
    assert numbers(people(papers, near)) == [[1, 2, 3, 4]]
    other = [*papers[:2], signed(3, "b", category="math.AP"), signed(4, "b", category="math.AP")]
    assert numbers(people(other, near)) == [[1, 2], [3, 4]]


def test_single_paper_is_nobody_else_but_goes_with_the_nearest() -> None:
    papers = [
        signed(1, "a"),
        signed(2, "a"),
        signed(3, "b", category="math.AP"),
        signed(4, "b", category="math.AP"),
        signed(5, "c", category="q-bio.NC"),
    ]
    vectors = FAR | at(p5=150)  # 60 degrees from the third, 150 from the first
    assert numbers(people(papers, vectors)) == [[3, 4, 5], [1, 2]]
    assert numbers(people(papers[:1] + papers[2:3], FAR)) == [[1, 3]]


def test_without_vectors_only_co_authors_speak() -> None:
    papers = [signed(1, "a"), signed(2, "a"), signed(3, "b"), signed(4, "b")]
    assert numbers(people(papers, {})) == [[1, 2], [3, 4]]
    assert people([], {}) == ()


def test_reader_joins_moves_and_puts_together() -> None:
    papers = [
        signed(1, "a"),
        signed(2, "a"),
        signed(3, "b", category="math.AP"),
        signed(4, "b", category="math.AP"),
    ]
    one, two, three, four = (paper.id for paper in papers)
    assert numbers(people(papers, FAR, mending=Mending(joined=((one, three),)))) == [[1, 2, 3, 4]]
    assert numbers(people(papers, FAR, mending=Mending(moved=((two, four),)))) == [[2, 3, 4], [1]]
    assert numbers(people(papers, FAR, mending=Mending(moved=((two, None),)))) == [[3, 4], [1], [2]]
    assert numbers(people(papers, FAR, mending=Mending(together=True))) == [[1, 2, 3, 4]]
    gone = PaperId("2601.00009")  # a paper that has left the archive mends nothing
    assert numbers(people(papers, FAR, mending=Mending(joined=((gone, one),), moved=((gone, one),)))) == [
        [1, 2],
        [3, 4],
    ]
