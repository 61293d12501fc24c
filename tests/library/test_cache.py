"""What is kept, and for how long."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from broadsheet.library.cache import Kept


class Page:
    """Something that can be seen to be gone."""


def test_the_one_not_asked_for_the_longest_is_let_go() -> None:
    kept: Kept[str, int] = Kept(2)
    kept.keep("a", 1)
    kept.keep("b", 2)
    assert kept.get("a") == 1
    kept.keep("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)


def test_what_an_archive_was_before_is_neither_given_out_nor_held_on_to() -> None:
    kept: Kept[str, Page] = Kept(64)
    pages = [kept.keep(name, Page(), of=1) for name in "abc"]
    gone = [weakref.ref(page) for page in pages]
    del pages
    assert kept.get("a", of=1) is not None
    assert kept.get("a", of=2) is None
    kept.keep("a", Page(), of=2)
    gc.collect()
    assert [page() for page in gone] == [None, None, None]
    assert kept.get("b", of=2) is None
    assert kept.get("a", of=2) is not None


def test_of_many_who_ask_for_the_same_one_makes_it_and_the_others_wait() -> None:
    kept: Kept[str, Page] = Kept(64)
    together, made = threading.Barrier(8), list[Page]()

    def make() -> Page:
        made.append(Page())
        time.sleep(0.05)  # long enough for the others to come
        return made[-1]

    def ask() -> Page:
        together.wait(timeout=20)
        return kept.made("front page", make, of=1)

    with ThreadPoolExecutor(max_workers=8) as pool:
        given = [asked.result() for asked in [pool.submit(ask) for _ in range(8)]]
    assert len(made) == 1
    assert set(given) == {made[0]}


def test_where_making_fails_the_next_one_tries_again() -> None:
    kept: Kept[str, int] = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.made("a", lambda: 1 // 0)
    assert kept.made("a", lambda: 2) == 2


def test_a_value_that_no_longer_holds_gives_way_to_the_new_one() -> None:
    kept: Kept[str, tuple[int, Page]] = Kept(64)
    old = kept.made("a", lambda: (1, Page()), still=lambda value: value[0] == 1)
    assert kept.made("a", lambda: (1, Page()), still=lambda value: value[0] == 1) is old
    new = kept.made("a", lambda: (2, Page()), still=lambda value: value[0] == 2)
    assert kept.get("a") is new is not old
