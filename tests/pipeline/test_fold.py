"""Folding papers that are the same work under two ids."""

import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Announcement, Author, Derived, Record
from broadsheet.pipeline.fold import fold_duplicates
from broadsheet.store.contract import Store
from broadsheet.store.sqlite import SqliteStore
from broadsheet.text.sketch import resemblance, sketch

SHARED = Path(os.environ.get("BROADSHEET_SHARED") or Path(__file__).parents[3] / "shared")
SEEDS = SHARED / "data" / "seed_pages" / "papers.jsonl"

NOW = datetime(2026, 3, 8, tzinfo=UTC)
TITLE = "Sorting Papers by Hand with a Committee of Readers"
ABSTRACT = (
    "Papers arrive faster than anyone can read them. We ask a committee of readers to sort papers by hand, "
    "each with a pencil and a rubber stamp, and compare the outcome with four programs that sort by votes, by "
    "citations, by similarity and by chance. Readers agree with each other more than with any program, and "
    "they finish before lunch. We release the stamps, the papers and the lunch menu."
)
REVISED = ABSTRACT.replace("four programs", "five programs").replace(
    "They finish before lunch", "they are done by noon"
)
UNRELATED = (
    "Stellar streams around the Milky Way trace its dark halo. We measure forty of them with a new camera and "
    "find that the halo is rounder than simulations say it should be."
)
PEOPLE = ("Ada Lovelace", "Emmy Noether", "Grace Hopper")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(tmp_path / "x.db") as opened:
        yield opened


def put(
    store: Store,
    id: str,
    title: str = TITLE,
    abstract: str = ABSTRACT,
    *,
    people: Sequence[str] = PEOPLE,
    day: int | None = 2,
) -> PaperId:
    record = Record(
        id=PaperId.parse(id),
        title=title,
        abstract=abstract,
        source="test",
        authors=tuple(Author(name) for name in people),
        announcements=(Announcement(date(2026, 3, day)),) if day else (),
    )
    derived = Derived(title=title, abstract=abstract, sketch=sketch(title, abstract))
    store.put([(record, derived)], now=NOW)
    return record.id


def fold(store: Store, *ids: PaperId) -> tuple[tuple[str, str], ...]:
    return tuple((str(kept), str(other)) for kept, other in fold_duplicates(store, ids, now=NOW))


def test_the_same_work_under_two_ids_becomes_one_paper(store: Store) -> None:
    first, second = put(store, "2603.00001"), put(store, "2603.00002", abstract=REVISED, day=4)
    assert fold(store, second) == (("2603.00001", "2603.00002"),)
    paper = store.get(second)
    assert paper is not None
    assert (paper.id, paper.aliases) == (first, (second,))
    assert fold(store, first, second) == ()


def test_the_paper_announced_first_is_kept_whichever_came_in_first(store: Store) -> None:
    late, early = put(store, "2603.00001", day=9), put(store, "2603.00002", day=3)
    assert fold(store, late) == ((str(early), str(late)),)


def test_on_one_day_the_lower_id_is_kept(store: Store) -> None:
    higher, lower = put(store, "2603.00002"), put(store, "2603.00001")
    assert fold(store, higher, lower) == ((str(lower), str(higher)),)


def test_three_of_a_kind_become_one(store: Store) -> None:
    ids = [put(store, f"2603.0000{n}", day=n) for n in (3, 1, 2)]
    fold(store, *ids)
    assert store.count() == 1
    paper = store.get(ids[0])
    assert paper is not None
    assert (str(paper.id), list(map(str, paper.aliases))) == ("2603.00001", ["2603.00002", "2603.00003"])


@pytest.mark.parametrize(
    ("title", "other"),
    [
        (TITLE, "Sorting by Hand: Papers and a Committee of Readers"),
        (TITLE, "Stamp: Sorting Papers by Hand with a Committee of Readers"),
    ],
)
def test_a_title_may_be_reworded(store: Store, title: str, other: str) -> None:
    ids = [put(store, "2603.00001", title), put(store, "2603.00002", other, REVISED)]
    assert len(fold(store, *ids)) == 1


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Sorting Papers by Hand, Part I", "Sorting Papers by Hand, Part II"),
        ("Overview of the PaperSort 2024 Challenge", "Overview of the PaperSort 2025 Challenge"),
        ("Readers at SortEval Task 7: Papers by Hand", "Readers at SortEval Task 10: Papers by Hand"),
        ("Stamp: Sorting Papers by Hand", "Stamp++: Sorting Papers by Hand"),
        ("Stamp: Sorting Papers by Hand", "Pencil: Sorting Papers by Hand"),
        ("Stamp: Sorting Papers by Hand", "Stamp V2: Sorting Papers by Hand"),
        ("Report of the Sorting Observatory 2025", "Report of the Sorting Observatory 2026"),
    ],
)
def test_parts_years_and_successors_stay_apart(store: Store, title: str, other: str) -> None:
    ids = [put(store, "2603.00001", title), put(store, "2603.00002", other)]
    assert fold(store, *ids) == ()


def test_an_abstract_pasted_under_another_title_is_no_evidence(store: Store) -> None:
    ids = [put(store, "2603.00001"), put(store, "2603.00002", "Dark Haloes from Forty Stellar Streams")]
    assert fold(store, *ids) == ()


def test_the_same_words_by_other_people_stay_apart(store: Store) -> None:
    ids = [put(store, "2603.00001"), put(store, "2603.00002", people=("Kurt Gödel", "Alan Turing"))]
    assert fold(store, *ids) == ()


def test_a_source_that_names_nobody_says_nothing_about_people(store: Store) -> None:
    ids = [put(store, "2603.00001"), put(store, "2603.00002", abstract=REVISED, people=())]
    assert len(fold(store, *ids)) == 1


def test_a_bibliography_entry_without_abstract_folds_by_title_and_people(store: Store) -> None:
    ids = [
        put(store, "2603.00001"),
        put(
            store, "10.1145/3292500", abstract="", people=("A. Lovelace", "E. Noether", "G. Hopper"), day=None
        ),
    ]
    assert fold(store, *ids) == (("2603.00001", "10.1145/3292500"),)


def test_a_bare_title_without_people_is_too_little(store: Store) -> None:
    ids = [put(store, "2603.00001"), put(store, "10.1145/3292500", abstract="", people=())]
    assert fold(store, *ids) == ()


def test_a_common_short_title_is_too_little(store: Store) -> None:
    ids = [put(store, f"2603.0000{n}", "Editorial", "") for n in (1, 2)]
    assert fold(store, *ids) == ()


def test_one_title_over_two_different_abstracts_stays_apart(store: Store) -> None:
    ids = [put(store, "2603.00001"), put(store, "2603.00002", abstract=UNRELATED)]
    assert resemblance(ABSTRACT, UNRELATED) < 0.05
    assert fold(store, *ids) == ()


def test_papers_unfolded_by_hand_stay_apart(store: Store) -> None:
    first, second = put(store, "2603.00001"), put(store, "2603.00002", day=4)
    fold(store, first, second)
    store.unfold(second, now=NOW)
    assert fold(store, first, second) == ()
    assert store.count() == 2


def test_ids_that_are_not_here_are_passed_over(store: Store) -> None:
    assert fold(store, PaperId("2603.00009")) == ()


def test_of_the_seed_pages_only_the_two_abstracts_of_one_work_fold(store: Store) -> None:
    if not SEEDS.exists():
        pytest.skip(f"{SEEDS} is not here; set BROADSHEET_SHARED to the folder with the evaluation data")
    seeds = [json.loads(line) for line in SEEDS.read_text("utf-8").splitlines()]
    batch = []
    for seed in seeds:
        id, title, abstract = PaperId.parse(seed["id"]), seed["title"], seed["abstract"]
        derived = Derived(title=title, abstract=abstract, sketch=sketch(title, abstract))
        batch.append((Record(id=id, title=title, abstract=abstract, source="test"), derived))
    store.put(batch, now=NOW)
    assert fold(store, *(record.id for record, _ in batch)) == (("page-206", "page-208"),)
    shown = store.get_many(PaperId(f"page-{n}", Scheme.OWN) for n in ("016", "024", "206", "208"))
    assert [str(paper.id) for paper in shown.values()] == ["page-016", "page-024", "page-206", "page-206"]
