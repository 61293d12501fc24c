"""The board that papers are chosen from: each is placed once, and what is kept is what would be placed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.ids import PaperId
from broadsheet.library.board import Board
from broadsheet.rank.recommend import Points

IDS = [PaperId.parse(f"2603.{number:05d}") for number in range(40)]
UNREAD = set(IDS[::7])  # the index has not come to these yet


class Placing:
    """Places papers by their numbers, and notes which."""

    def __init__(self) -> None:
        self.placed: list[PaperId] = []

    def __call__(self, ids: Sequence[PaperId]) -> Points:
        self.placed += ids
        numbers = np.array([IDS.index(id) for id in ids], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(numbers % 3)]).astype(np.int64)
        terms = np.repeat(numbers, numbers % 3).astype(np.uint32)
        vectors = np.column_stack([numbers + 1, np.ones(len(ids))]).astype(np.float32)
        vectors[[id in UNREAD for id in ids]] = 0
        floats = terms.astype(np.float32)
        return Points(
            tuple(id.value for id in ids),
            starts,
            terms,
            floats,
            floats + 1,
            vectors,
            numbers.astype(np.float32),
        )


def plain(points: Points) -> list[object]:
    return [
        points.ids,
        *(
            np.asarray(part).tolist()
            for part in (
                points.starts,
                points.terms,
                points.weights,
                points.rarity,
                points.vectors,
                points.common,
            )
        ),
    ]


ASKED = st.lists(st.tuples(st.lists(st.sampled_from(IDS), max_size=30), st.booleans()), max_size=8)


@given(ASKED, st.sampled_from([1, 12, 100]))
def test_what_is_kept_is_what_would_be_placed(asked: list[tuple[list[PaperId], bool]], most: int) -> None:
    board = Board(Placing(), most=most, few=5)
    for ids, keep in asked:
        assert plain(board.points(ids, keep=keep)) == plain(Placing()(ids))


@given(st.sets(st.sampled_from(IDS)), st.lists(st.sampled_from(IDS)))
def test_what_is_known_already_is_not_placed_again(known: set[PaperId], asked: list[PaperId]) -> None:
    placing = Placing()
    board = Board(placing, most=100, few=5)
    assert plain(board.points_beside(Placing()(sorted(known)), asked)) == plain(Placing()(asked))
    assert set(placing.placed) == set(asked) - (known - UNREAD)


def test_what_one_reader_kept_takes_no_room_on_the_board() -> None:
    placing = Placing()
    board = Board(placing, most=12, few=5)
    read = [id for id in IDS if id not in UNREAD]
    board.points(read[:10])
    board.points(read[5:20], keep=False)
    assert placing.placed == read[:20]
    assert board.is_quick(read[:10])
    assert not board.is_quick(read[10:20])


def test_papers_that_are_asked_for_together_are_placed_once_and_few_are_not_kept() -> None:
    placing = Placing()
    board = Board(placing, most=100, few=5)
    read = [id for id in IDS if id not in UNREAD]
    assert not board.is_quick(read)
    board.points(read[:4])
    assert not board.is_quick(read[:10])
    board.points(read[:10])
    board.points(read[5:20])
    board.points([*read[:20], *UNREAD])
    assert board.is_quick(read[:20])
    assert placing.placed == [*read[:4], *read[:20], *UNREAD]
    board.points([*read[:20], *UNREAD])
    assert placing.placed[-len(UNREAD) :] == list(UNREAD)
    assert len(placing.placed) == 24 + 2 * len(UNREAD)


def test_a_full_board_begins_anew_with_what_was_asked_for() -> None:
    placing = Placing()
    board = Board(placing, most=12, few=5)
    read = [id for id in IDS if id not in UNREAD]
    board.points(read[:10])
    board.points(read[5:15])
    assert board.is_quick(read[5:15])
    assert not board.is_quick(read[:5])


def test_of_many_who_ask_at_once_one_places() -> None:
    placing = Placing()
    board = Board(placing, most=100, few=5)
    read = [id for id in IDS if id not in UNREAD]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: plain(board.points(read)), range(16)))
    assert found == [plain(Placing()(read))] * 16
    assert sorted(placing.placed) == sorted(read)
