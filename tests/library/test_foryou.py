from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors
from broadsheet.library import Desk, Library
from broadsheet.library.foryou import ForYou, _Ground
from broadsheet.model import Announcement, MarkKind, Paper, Record
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

DAY = date(2026, 3, 20)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    settings = Settings(data=tmp_path_factory.mktemp("sample"), encoder="none")
    with wiring.open_archive(settings) as archive:
        wiring.take_sample(archive)
        yield archive


@pytest.fixture
def library(archive: Archive) -> Library:
    return archive.library


@pytest.fixture
def desk(library: Library) -> Iterator[Desk]:
    desk = library.desk("ada")
    yield desk
    desk.forget()


@pytest.fixture(scope="module")
def everything(archive: Archive) -> tuple[PaperId, ...]:
    return tuple(sorted(paper.id for paper in archive.store.scan()))


def about(library: Library, query: str, count: int = 3) -> list[PaperId]:
    return [hit.paper.id for hit in library.search(query, limit=count).hits]


def share(papers: list[Paper], word: str) -> float:
    return sum(word in f"{p.title} {p.abstract}".lower() for p in papers) / len(papers)


def test_three_papers_make_the_next_ones_better(
    library: Library, desk: Desk, everything: tuple[PaperId, ...]
) -> None:
    assert not library.for_you.knows(desk)
    assert library.for_you.choose(desk, everything) == ()
    for id in about(library, "diffusion image generation"):
        desk.mark(id, MarkKind.SAVED)
    assert library.for_you.knows(desk)
    chosen = [choice.paper for choice in library.for_you.choose(desk, everything, limit=10)]
    assert share(chosen, "diffusion") >= 0.5
    rest = [p for p in library.papers(everything).values() if p.id not in desk.saved_ids()]
    assert share(chosen, "diffusion") > 3 * share(rest, "diffusion")


def test_what_was_marked_is_not_chosen_again(
    library: Library, desk: Desk, everything: tuple[PaperId, ...]
) -> None:
    kept = about(library, "reinforcement learning agents")
    desk.mark(kept[0], MarkKind.SAVED)
    desk.mark(kept[1], MarkKind.READ)
    desk.mark(kept[2], MarkKind.DISLIKED)
    chosen = {choice.paper.id for choice in library.for_you.choose(desk, everything, limit=1000)}
    assert chosen == set(everything) - set(kept)


def test_each_choice_says_why(library: Library, desk: Desk, everything: tuple[PaperId, ...]) -> None:
    kept = about(library, "robot manipulation")
    for id in kept:
        desk.mark(id, MarkKind.SAVED)
    first = library.for_you.choose(desk, everything, limit=5)[0]
    assert first.reason.kind == "foryou"
    assert first.near[0][0] in kept
    assert library.papers(kept)[first.near[0][0]].title in first.reason.text
    text = f"{first.paper.title} {first.paper.abstract}".lower()
    assert first.terms
    assert all(word in text for term in first.terms for word in term.split())


def test_numbers_and_single_letters_are_no_reason(
    library: Library, desk: Desk, everything: tuple[PaperId, ...]
) -> None:
    for id in about(library, "at redshift z, N2O and a bound in k", 4):
        desk.mark(id, MarkKind.SAVED)
    chosen = library.for_you.choose(desk, everything, limit=300)
    assert not [
        term for choice in chosen for term in choice.terms if not any(map(str.isalpha, term)) or len(term) < 2
    ]


def test_small_words_are_no_reason(library: Library, desk: Desk, everything: tuple[PaperId, ...]) -> None:
    for id in about(library, "reinforcement learning", 4):
        desk.mark(id, MarkKind.SAVED)
    chosen = library.for_you.choose(desk, everything, limit=300)
    told = {term for choice in chosen for term in choice.terms}
    assert told
    assert not told & {"above", "among", "few", "must", "out", "over", "three", "what", "while"}


def test_turning_a_paper_down_puts_others_like_it_back(
    library: Library, desk: Desk, everything: tuple[PaperId, ...]
) -> None:
    for id in (*about(library, "diffusion image generation"), *about(library, "robot manipulation")):
        desk.mark(id, MarkKind.SAVED)
    before = [choice.paper.id for choice in library.for_you.choose(desk, everything, limit=200)]
    unwanted = before[0]
    like = [hit.paper.id for hit in library.similar(unwanted, limit=3) if hit.paper.id in before]
    desk.mark(unwanted, MarkKind.DISLIKED, "no more of this")
    after = [choice.paper.id for choice in library.for_you.choose(desk, everything, limit=200)]
    assert unwanted not in after
    places = [(before.index(id) - 1, after.index(id) if id in after else 999) for id in like]
    assert sum(now - was for was, now in places) > 0


def test_learning_step_by_step_is_learning_at_once(
    archive: Archive, library: Library, desk: Desk, everything: tuple[PaperId, ...]
) -> None:
    kept = about(library, "language model reasoning", 6)
    for id in kept:
        desk.mark(id, MarkKind.SAVED)
        library.for_you.choose(desk, everything, limit=1)  # learns each by itself
    stepwise = library.for_you.choose(desk, everything, limit=20)
    with wiring.open_archive(archive.settings) as fresh:  # learns them all at once
        whole = fresh.library.for_you.choose(fresh.library.desk("ada"), everything, limit=20)
    scores = {choice.paper.id: choice.score for choice in whole}
    shared = [choice for choice in stepwise if choice.paper.id in scores]
    assert len(shared) >= 18
    assert [c.score for c in shared] == pytest.approx([scores[c.paper.id] for c in shared], abs=0.01)


def test_of_marked_papers_only_the_new_ones_are_placed(
    archive: Archive, library: Library, desk: Desk, everything: tuple[PaperId, ...]
) -> None:
    asked: list[PaperId] = []

    def vectors_of(ids: Sequence[PaperId]) -> tuple[tuple[PaperId, ...], Vectors]:
        asked.extend(ids)
        return library.vectors_of(ids)

    for_you = ForYou(archive.store, vectors_of=vectors_of, now=lambda: datetime.now(UTC))
    pool = everything[:10]  # too few to be kept on the board
    kept = about(library, "language model agents", 30)
    for id in kept[:20]:
        desk.mark(id, MarkKind.SAVED)
    for_you.choose(desk, pool)
    asked.clear()
    desk.mark(kept[0], MarkKind.HIDDEN)
    for id in kept[20:]:
        desk.mark(id, MarkKind.SAVED)
    chosen = for_you.choose(desk, pool)
    assert set(asked) - set(pool) == set(kept[20:]) - set(pool)
    anew = ForYou(archive.store, vectors_of=library.vectors_of, now=lambda: datetime.now(UTC))
    assert [choice.paper.id for choice in anew.choose(desk, pool)] == [choice.paper.id for choice in chosen]


def test_yesterdays_ground_serves_until_todays_is_made_ready(
    archive: Archive, library: Library, desk: Desk, everything: tuple[PaperId, ...]
) -> None:
    asked: list[int] = []
    now = [datetime(2026, 3, 20, 23, 59, tzinfo=UTC)]

    def vectors_of(ids: Sequence[PaperId]) -> tuple[tuple[PaperId, ...], Vectors]:
        asked.append(len(ids))
        return library.vectors_of(ids)

    def fits() -> int:
        found = sum(
            many > len(pool) for many in asked
        )  # only whoever fits a space looks at papers by the hundred
        asked.clear()
        return found

    pool = everything[:40]
    for_you = ForYou(archive.store, vectors_of=vectors_of, now=lambda: now[0])
    for id in about(library, "language model agents", 5):
        desk.mark(id, MarkKind.SAVED)
    for_you.make_ready(pool)
    before = for_you.choose(desk, pool)
    assert fits() == 1
    now[0] += timedelta(minutes=2)  # midnight has passed, and nobody waits
    assert for_you.is_ready(pool)
    assert for_you.choose(desk, pool) == before
    assert fits() == 0
    for_you.make_ready(pool)
    for_you.make_ready(pool)
    assert [choice.paper.id for choice in for_you.choose(desk, pool)] == [c.paper.id for c in before]
    assert fits() == 1
    now[0] += timedelta(days=2)  # where nobody makes it ready, the first who asks does
    assert not for_you.is_ready(pool)
    for_you.choose(desk, pool)
    assert fits() == 1


def test_readers_who_stay_away_keep_no_former_ground(archive: Archive, library: Library) -> None:
    now = [datetime(2026, 3, 20, tzinfo=UTC)]
    for_you = ForYou(archive.store, vectors_of=library.vectors_of, now=lambda: now[0])
    before = _grounds()
    for name in ("ada", "bob", "eve"):
        desk = library.desk(name)
        desk.mark(about(library, "language model agents", 1)[0], MarkKind.SAVED)
        for_you.make_ready(())
        assert for_you.choose(desk, [paper.id for paper in archive.store.edition(DAY)])
        desk.forget()
        now[0] += timedelta(days=1)
    assert _grounds() == before + 1


def _grounds() -> int:
    gc.collect()
    return sum(isinstance(each, _Ground) for each in gc.get_objects())


def test_a_small_archive_is_looked_at_again_when_it_has_doubled(tmp_path: Path) -> None:
    with wiring.open_archive(Settings(data=tmp_path, encoder="none")) as archive:
        asked: list[int] = []

        def vectors_of(ids: Sequence[PaperId]) -> tuple[tuple[PaperId, ...], Vectors]:
            asked.append(len(ids))
            return archive.library.vectors_of(ids)

        def announce(first: int, last: int) -> None:
            day, at = date(2026, 3, 17), datetime(2026, 3, 18, tzinfo=UTC)
            records = [
                Record(id=PaperId(f"2603.{n:05}"), title=f"Paper {n}", source="test", announcements=(Announcement(day),))
                for n in range(first, last)
            ]  # fmt: skip
            archive.store.put([(record, derive(record)) for record in records], now=at)

        for_you = ForYou(archive.store, vectors_of=vectors_of, now=lambda: datetime(2026, 3, 20, tzinfo=UTC))
        announce(1, 11)
        for_you.make_ready(())
        announce(11, 20)
        for_you.make_ready(())
        assert max(asked) == 10
        announce(20, 31)
        for_you.make_ready(())
        assert max(asked) == 30


def test_interest_is_named_by_phrases_as_its_papers_write_them(library: Library, desk: Desk) -> None:
    for id in about(library, "reinforcement learning agents", 4):
        desk.mark(id, MarkKind.SAVED)
    (liking, *_) = library.for_you.likings(desk)
    papers = library.papers(liking.papers).values()
    texts = [f"{paper.title}\n{paper.abstract}".lower() for paper in papers]
    assert "reinforcement learning" in {term.lower() for term in liking.terms[:3]}
    assert liking.name == ", ".join(liking.terms[:3])
    assert all(any(term.lower() in text for text in texts) for term in liking.terms)


def test_interests_are_shown_renamed_muted_and_reset(
    archive: Archive, library: Library, desk: Desk, everything: tuple[PaperId, ...]
) -> None:
    for id in (
        *about(library, "diffusion image generation", 5),
        *about(library, "language model reasoning", 5),
    ):
        desk.mark(id, MarkKind.SAVED)
    likings = library.for_you.likings(desk)
    assert sum(liking.share for liking in likings) == pytest.approx(1)
    assert all(liking.terms and liking.papers for liking in likings)
    assert len(likings) >= 2
    before = [choice.paper for choice in library.for_you.choose(desk, everything, limit=10)]
    muted = max(likings, key=lambda one: share(list(library.papers(one.papers).values()), "diffusion"))
    library.for_you.wish(desk, muted.key, name="Pictures", muted=True)
    with wiring.open_archive(archive.settings) as fresh:  # the reader's word outlives the process
        again = {one.key: one for one in fresh.library.for_you.likings(fresh.library.desk("ada"))}
    assert (again[muted.key].name, again[muted.key].muted) == ("Pictures", True)
    chosen = [choice.paper for choice in library.for_you.choose(desk, everything, limit=10)]
    assert share(chosen, "diffusion") < share(before, "diffusion")
    assert share(chosen, "reasoning") > share(before, "reasoning")
    library.for_you.reset(desk)
    assert not any(liking.muted or liking.own_name for liking in library.for_you.likings(desk))
    assert desk.preferences() == {}


def test_wishes_are_checked(library: Library, desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        library.for_you.wish(desk, "2603.00001", muted=True)
    for id in about(library, "robot manipulation"):
        desk.mark(id, MarkKind.SAVED)
    (first, *_) = library.for_you.likings(desk)
    with pytest.raises(InputError):
        library.for_you.wish(desk, first.key, weight=9)
    with pytest.raises(InputError):
        library.for_you.set_dial(desk, 2)


def test_the_dial_goes_from_closest_to_surprising(
    library: Library, desk: Desk, everything: tuple[PaperId, ...]
) -> None:
    for id in about(library, "diffusion image generation", 5):
        desk.mark(id, MarkKind.SAVED)
    close = [c.paper for c in library.for_you.choose(desk, everything, limit=20)]
    library.for_you.set_dial(desk, 1.0)
    far = [c.paper for c in library.for_you.choose(desk, everything, limit=20)]
    assert share(far, "diffusion") < share(close, "diffusion")
    library.for_you.set_dial(desk, 0)
    assert desk.preferences() == {}


def test_nobody_sees_anothers(library: Library, desk: Desk, everything: tuple[PaperId, ...]) -> None:
    for id in about(library, "diffusion image generation"):
        desk.mark(id, MarkKind.SAVED)
    assert library.for_you.choose(library.desk("bob"), everything) == ()
    assert library.for_you.likings(library.desk("")) == ()


def test_fifty_readers_libraries_tell_and_fewer_do_not(
    library: Library, everything: tuple[PaperId, ...]
) -> None:
    space = library.for_you._ground().space
    desks = [library.desk(f"reader{n}") for n in range(50)]
    try:
        for n, each in enumerate(desks):
            for id in everything[n : n + (2 if n else 1)]:
                each.mark(id, MarkKind.SAVED)
        assert library.for_you._libraries(space) == []  # one of them kept a single paper
        desks[0].mark(everything[60], MarkKind.LIKED)
        told = library.for_you._libraries(space)
        assert len(told) == 50
        assert {id for points in told for id in points.ids} == {
            id.value for id in (*everything[:51], everything[60])
        }
    finally:
        for each in desks:
            each.forget()
