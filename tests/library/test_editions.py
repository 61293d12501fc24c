"""An edition is set from what was announced that day; expected places worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np
import pytest

from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors
from broadsheet.library import Edition
from broadsheet.library.editions import VectorsOf, set_edition, why_empty
from broadsheet.model import AnnounceKind, VoteReading
from broadsheet.store.contract import Outline

FRIDAY = date(2026, 3, 20)
MONDAY = date(2026, 3, 23)


def outline(
    number: int,
    *,
    categories: tuple[str, ...] = ("cs.CL",),
    kind: AnnounceKind = AnnounceKind.NEW,
    votes: int | None = None,
    featured: date | None = None,
    version: int | None = None,
) -> Outline:
    return Outline(
        PaperId(f"2603.{number:05}"),
        kind,
        categories=categories,
        votes=VoteReading(datetime(2026, 3, 22, 12, tzinfo=UTC), votes) if votes is not None else None,
        featured=featured,
        version=version,
    )


def no_vectors(_: Sequence[PaperId]) -> tuple[tuple[PaperId, ...], Vectors]:
    return (), np.zeros((0, 4), dtype=np.float32)


def alike(ids: Sequence[PaperId]) -> tuple[tuple[PaperId, ...], Vectors]:
    return tuple(ids), np.ones((len(ids), 4), dtype=np.float32)


def setting(outlines: Sequence[Outline], vectors_of: VectorsOf = no_vectors) -> Edition:
    return set_edition(FRIDAY, outlines, previous=date(2026, 3, 19), next=MONDAY, vectors_of=vectors_of)


def test_papers_stand_under_their_primary_category_largest_section_first() -> None:
    edition = setting(
        [outline(1), outline(2, categories=("math.CO", "cs.CL")), outline(3), outline(4, categories=())]
    )
    assert [(s.key, [str(e.id) for e in s.entries]) for s in edition.sections] == [
        ("cs.CL", ["2603.00001", "2603.00003"]),
        ("math.CO", ["2603.00002"]),
        ("other", ["2603.00004"]),
    ]
    assert edition.sections[0].title == "Computation and Language"


def test_a_lead_does_not_appear_twice() -> None:
    edition = setting([outline(1, votes=40), outline(2), outline(3)])
    assert [str(e.id) for e in edition.leads] == ["2603.00001"]
    assert [str(e.id) for s in edition.sections for e in s.entries] == ["2603.00002", "2603.00003"]
    assert edition.leads[0].reason.text == "40 votes by 22 March"


def test_without_votes_the_lead_says_what_it_stands_for() -> None:
    edition = setting([outline(1), outline(2), outline(3)], vectors_of=alike)
    assert [e.reason.text for e in edition.leads] == [
        "closest to what the day’s 3 papers in Computation and Language are about"
    ]


def test_cross_lists_and_replacements_stand_apart() -> None:
    edition = setting(
        [
            outline(1),
            outline(2, kind=AnnounceKind.CROSS, categories=("math.CO", "cs.DM")),
            outline(3, kind=AnnounceKind.REPLACE),
            outline(4, kind=AnnounceKind.REPLACE_CROSS, version=2),
        ]
    )
    assert (edition.count.new, edition.count.cross, edition.count.replaced) == (1, 1, 2)
    assert [e.reason.text for e in edition.crossed] == ["cross-listed to cs.DM"]
    assert [e.reason.text for e in edition.revised] == ["replaced by a new version", "replaced by version 2"]
    assert [str(e.id) for e in edition.entries] == [f"2603.0000{n}" for n in (1, 2, 3, 4)]


def test_curated_paper_says_when_it_was_curated() -> None:
    edition = setting([outline(1, featured=date(2026, 3, 21), votes=1)])
    assert edition.sections[0].entries[0].reason.text == "on the curated list of 21 March, 1 vote by 22 March"


@pytest.mark.parametrize(
    ("day", "previous", "following", "words"),
    [
        (date(2026, 3, 21), FRIDAY, MONDAY, "no edition on a Saturday"),
        (date(2026, 1, 1), date(2025, 12, 31), date(2026, 1, 2), "a holiday at arXiv"),
        (date(2027, 1, 1), FRIDAY, None, "The last one here is of 20 March 2026"),
        (date(1990, 1, 1), None, FRIDAY, "The archive begins on 20 March 2026"),
        (FRIDAY, None, None, "holds no editions yet"),
    ],
)
def test_empty_day_says_why(day: date, previous: date | None, following: date | None, words: str) -> None:
    assert words in why_empty(day, previous, following)
    edition = set_edition(day, [], previous=previous, next=following, vectors_of=no_vectors)
    assert edition.empty is not None
    assert not edition.sections
