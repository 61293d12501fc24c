"""Topics of days and searches, on a real store and index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.errors import StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.library import following
from broadsheet.library.topics import TopicMap, lessons, without
from broadsheet.model import Announcement, Follow, FollowKind, Record
from broadsheet.rank.topics_file import shipped
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

FIRST = date(2026, 1, 5)  # a Monday
FIELDS = {
    "federated learning": "federated learning: clients, phones, servers, privacy",
    "star formation": "star formation: gas, galaxies, telescopes, spectra",
    "protein folding": "protein folding: residues, sequences, molecules, energy",
    "graph coloring": "graph coloring: vertices, edges, bounds, polynomials",
}
NEWCOMER = ("quantum annealing", "quantum annealing: qubits, spins, hardware, circuits")


def records(day: date, fields: dict[str, str], *, each: int, start: int) -> list[Record]:
    return [
        Record(
            id=PaperId.parse(f"2601.{start + number * each + nth:05d}"),
            title=f"On {field}, part {nth}",
            abstract=f"We study how {text}. Part {nth} asks for the {nth}th time.",
            source="test",
            categories=("cs.LG",),
            announcements=(Announcement(day),),
        )
        for number, (field, text) in enumerate(fields.items())
        for nth in range(each)
    ]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Twelve working days of four fields, and of a fifth from the second Thursday on."""
    with wiring.open_archive(Settings(data=tmp_path_factory.mktemp("topics"), encoder="none")) as archive:
        start = 1
        batch: list[Record] = []
        for number in range(12):
            day = FIRST + timedelta(days=number + 2 * (number // 5))
            fields = FIELDS | dict([NEWCOMER]) if number >= 8 else FIELDS
            batch += records(day, fields, each=10, start=start)
            start += 100
        archive.store.put([(r, derive(r)) for r in batch], now=datetime(2026, 2, 1, tzinfo=UTC))
        wiring.catch_up(archive)
        yield archive


def marks(found: TopicMap) -> dict[str, int]:
    return {topic.name: topic.mark for topic in found.topics}


def test_a_day_is_grouped_by_what_its_papers_are_about(archive: Archive) -> None:
    found = archive.library.topics(FIRST)
    assert set(marks(found)) == set(FIELDS)
    papers = archive.library.papers(id for topic in found.topics for id in topic.ids)
    for topic in found.topics:
        assert {papers[id].title.removeprefix("On ").partition(",")[0] for id in topic.ids} == {topic.name}
        assert topic.example in topic.ids


def test_an_archive_begins_with_the_topics_that_ship(archive: Archive) -> None:
    standing = shipped("static-v1")
    assert standing is not None
    ships = {head.text: head.mark for head in standing.heads}
    found = marks(archive.library.topics(FIRST))
    known = {"federated learning", "star formation"}
    assert {name: found[name] for name in known} == {name: ships[name] for name in known}


def test_every_paper_of_a_day_is_in_one_topic_or_various_and_has_a_place(archive: Archive) -> None:
    found = archive.library.topics(FIRST)
    listed = [*(id for topic in found.topics for id in topic.ids), *found.various]
    assert len(listed) == len(set(listed)) == found.count == 40
    assert {spot.id for spot in found.spots} == set(listed)


def test_topics_keep_their_names_and_marks_from_day_to_day(archive: Archive) -> None:
    days = [count.day for count in archive.library.days()]
    seen = [marks(archive.library.topics(day)) for day in days[5:]]
    for field in FIELDS:
        assert {found[field] for found in seen} == {seen[0][field]}


def test_a_topic_nobody_wrote_about_before_is_new_and_the_others_are_not(archive: Archive) -> None:
    days = [count.day for count in archive.library.days()]
    found = {topic.name: topic.new for topic in archive.library.topics(days[8]).topics}
    assert found == dict.fromkeys(FIELDS, False) | {NEWCOMER[0]: True}


def test_topics_are_worked_out_again_as_they_were(archive: Archive) -> None:
    days = [count.day for count in archive.library.days()]
    before = archive.library.topics(days[9])
    with wiring.open_archive(archive.settings) as again:
        assert again.library.topics(days[9]) == before


def test_a_search_has_topics_of_its_own(archive: Archive) -> None:
    hits = archive.library.search("federated learning", limit=30).hits
    other = archive.library.search("star formation", limit=30).hits
    papers = [hit.paper for hit in (*hits, *other)]
    found = archive.library.topics_of(list({paper.id: paper for paper in papers}.values()))
    assert {"federated learning", "star formation"} <= set(marks(found))


def test_papers_that_are_kept_out_are_on_no_map(archive: Archive) -> None:
    found = archive.library.topics(FIRST)
    topic = found.topics[0]
    left = without(found, {topic.example})
    assert left.count == found.count - 1
    assert topic.example not in {spot.id for spot in left.spots}
    assert left.topics[0].example in left.topics[0].ids
    assert without(found, set()) == found


def test_a_topic_is_followed_over_the_editions_of_two_weeks(archive: Archive) -> None:
    days = [count.day for count in archive.library.days()]
    found = archive.library.topic("star-formation")
    assert found is not None
    assert found.name == "star formation"
    assert [day for day, _ in found.days] == sorted(days[-10:], reverse=True)
    papers = archive.library.papers(id for _, ids in found.days for id in ids)
    assert 80 <= len(papers) <= 100  # of ten a day, all but those that were put with no topic
    assert all(paper.title.startswith("On star formation") for paper in papers.values())
    lately = archive.library.topic("star-formation", since=days[-2])
    assert lately is not None
    assert lately.days == found.days[:2]
    assert archive.library.topic("protein-design") is None


def test_what_is_new_in_a_topic_is_news_to_its_followers(archive: Archive) -> None:
    last = archive.library.latest()
    assert last is not None
    follow = Follow(
        kind=FollowKind.TOPIC, value="quantum-annealing", label="Qubits", at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    found = following.recent(archive.library, follow, since=last)
    assert len(found) == 10
    assert {(paper.day, why.text) for paper, why in found} == {(last, "on quantum annealing")}
    # All came in on the first of February, so to a visitor of the day before they are news.
    news = following.news(archive.library, follow, since=datetime(2026, 1, 31, tzinfo=UTC), limit=3)
    assert (len(news.papers), news.more) == (3, True)
    assert not following.news(archive.library, follow, since=datetime(2026, 2, 2, tzinfo=UTC), limit=3).papers


def test_topics_are_worked_out_anew_where_what_they_are_made_of_changed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    first, second = FIRST, FIRST + timedelta(days=1)
    now = datetime(2026, 2, 1, tzinfo=UTC)

    def take(archive: Archive, *those: Record) -> None:
        archive.store.put([(r, derive(r)) for r in those], now=now)
        wiring.catch_up(archive)

    with wiring.open_archive(Settings(data=tmp_path_factory.mktemp("anew"), encoder="none")) as archive:
        library = archive.library
        of_first = records(first, FIELDS, each=10, start=1)
        take(archive, *of_first, *records(second, FIELDS, each=10, start=101))
        papers = list(library.papers(record.id for record in of_first).values())
        days, search = [library.topics(first), library.topics(second)], library.topics_of(papers)
        [late, later] = records(second, dict([NEWCOMER]), each=2, start=201)
        take(archive, late)
        assert library.topics(first) is days[0]
        assert library.topics(second).count == days[1].count + 1
        assert library.topics_of(papers) is search
        # One goes and one comes: as many as before, and others.
        take(archive, replace(late, deleted=True), later)
        assert later.id in {spot.id for spot in library.topics(second).spots}
        assert late.id not in {spot.id for spot in library.topics(second).spots}
        # A paper of the first day turns out to be about something else, for days and for searches.
        was = of_first[0]
        text = NEWCOMER[1]
        take(archive, replace(was, title=f"On {NEWCOMER[0]}", abstract=f"We study {text}.", version=2))
        changed = library.topics(first)
        assert was.id in days[0].topics[0].ids
        assert all(was.id not in topic.ids for topic in changed.topics if topic.key == days[0].topics[0].key)
        again = list(library.papers(record.id for record in of_first).values())
        assert library.topics_of(again) != search


def test_no_papers_make_no_topics(archive: Archive) -> None:
    assert archive.library.topics(date(2026, 1, 10)) == TopicMap()
    assert archive.library.topics_of([]) == TopicMap()


def test_papers_that_are_not_yet_indexed_are_various(archive: Archive) -> None:
    known = archive.library.search("star formation", limit=1).hits[0].paper
    unknown = replace(known, record=replace(known.record, id=PaperId.parse("2602.99999")))
    found = archive.library.topics_of([unknown])
    assert found.various == (unknown.id,)
    assert not found.spots


def test_without_an_index_there_are_no_topics_to_tell(tmp_path_factory: pytest.TempPathFactory) -> None:
    with (
        wiring.open_archive(Settings(data=tmp_path_factory.mktemp("none"), encoder="none")) as empty,
        pytest.raises(StaleIndexError),
    ):
        empty.library.topics(FIRST)


@pytest.mark.parametrize(
    ("first", "day", "expected"),
    [
        ("2026-01-05", "2026-01-09", []),
        ("2026-01-05", "2026-01-12", ["2026-01-12"]),
        ("2025-03-18", "2026-02-01", ["2025-03-25", "2025-05-13", "2025-07-01", "2026-01-01"]),
        # Of an old archive only the era counts, from 2024 on.
        ("1991-08-14", "2025-02-01", ["2024-01-01", "2024-07-01", "2025-01-01"]),
    ],
)
def test_standing_topics_are_learnt_on_fixed_days(first: str, day: str, expected: list[str]) -> None:
    assert [str(d) for d in lessons(date.fromisoformat(first), date.fromisoformat(day))] == expected
