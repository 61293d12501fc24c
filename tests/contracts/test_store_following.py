"""Contract of the store: the change log, snapshots, threads and processes."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess

import pytest

from broadsheet.errors import BusyError
from broadsheet.ids import PaperId
from broadsheet.model import Change, Derived, Record
from broadsheet.store.contract import Store, Taken
from broadsheet.store.postgres import PostgresStore
from broadsheet.store.sqlite import SqliteStore

Rec = Callable[..., Record]
Take = Callable[..., Taken]
Opener = Callable[..., Store]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
A, B, C = (PaperId.parse(f"2603.0000{n}") for n in (1, 2, 3))


def test_the_change_log_gives_each_paper_at_its_last_change(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", version=1), rec("2603.00002"), rec("2603.00003"))
    assert store.changes(0) == (Change(1, A), Change(2, B), Change(3, C))
    take(rec("2603.00001", "Another", version=2))
    assert store.changes(0) == (Change(2, B), Change(3, C), Change(4, A))
    assert store.changes(3) == (Change(4, A),)
    assert store.changes(0, limit=2) == (Change(2, B), Change(3, C))
    assert store.last_seq() == 4
    paper = store.get(A)
    assert paper is not None
    assert paper.seq == 4


def test_a_store_has_a_name_that_stays(opener: Opener) -> None:
    first = opener()
    assert len(first.identity()) >= 16
    assert opener().identity() == first.identity()


def test_scan_gives_every_paper_by_first_day(store: Store, rec: Rec, take: Take) -> None:
    take(
        rec("2603.00002", days=["2026-03-05", "2026-03-03"]),
        rec("2603.00004"),
        rec("2603.00001", days=["2026-03-04"]),
        rec("2603.00003", days=["2026-03-03"]),
    )
    newest = [str(p.id) for p in store.scan()]
    assert newest == ["2603.00001", "2603.00003", "2603.00002", "2603.00004"]
    assert [str(p.id) for p in store.scan(newest_first=False)] == newest[::-1]


def test_newest_gives_the_papers_of_a_scan_page_by_page(store: Store, rec: Rec, take: Take) -> None:
    take(
        rec("2603.00002", days=["2026-03-05", "2026-03-03"]),
        rec("2603.00004"),
        rec("hep-th/9901001"),
        rec("2603.00001", days=["2026-03-04"]),
        rec("2603.00003", days=["2026-03-03"]),
        rec("2603.00005", days=["2026-03-03"]),
    )
    take(rec("2603.00005", deleted=True))
    pages = [store.newest(limit=2)]
    while pages[-1]:
        last = pages[-1][-1]
        pages.append(store.newest(before=(last.day, last.id), limit=2))
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert [p.id for page in pages for p in page] == [p.id for p in store.scan()]


def test_a_scan_sees_one_moment_while_others_write(store: Store, rec: Rec, take: Take) -> None:
    take(*(rec(f"2603.{n:05}", "Before") for n in range(1, 701)))
    scan = store.scan(newest_first=False)
    first = next(scan)
    take(*(rec(f"2603.{n:05}", "After") for n in range(1, 801)))
    seen = [first, *scan]
    assert len(seen) == 700
    assert {paper.title for paper in seen} == {"Before"}
    assert store.count() == 800


def test_a_scan_given_up_leaves_the_store_usable(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001"), rec("2603.00002"))
    for _ in store.scan():
        break
    assert take(rec("2603.00003")) == Taken(new=1)


def test_any_thread_may_read_while_another_writes(store: Store, rec: Rec, take: Take) -> None:
    stop = threading.Event()

    def read() -> list[int]:
        counts = []
        while not stop.is_set():
            counts.append(store.count())
        return counts

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        for start in range(0, 200, 20):
            take(*(rec(f"2603.{n:05}") for n in range(start + 1, start + 21)))
        stop.set()
        for reader in readers:
            counts = reader.result()
            assert counts == sorted(counts)
            assert {count % 20 for count in counts} <= {0}  # whole batches only


def test_two_writing_threads_take_turns(store: Store, rec: Rec, take: Take) -> None:
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda n: take(rec(f"2603.{n:05}"), rec("2603.90000")), range(1, 41)))
    assert sum(t.new for t in taken) == 41
    assert [change.seq for change in store.changes(0)] == list(range(1, 42))


def test_a_writer_that_gets_no_turn_says_so_and_has_done_nothing(opener: Opener, rec: Rec) -> None:
    first, second = opener(), opener(timeout=0.2)
    with first._writing():  # type: ignore[attr-defined]  # somebody in the middle of writing
        with pytest.raises(BusyError, match="writing"):
            second.put([(rec("2603.00001"), Derived(title="", abstract=""))], now=NOW)
        assert second.count() == 0  # reading does not wait
    assert second.put([(rec("2603.00001"), Derived(title="", abstract=""))], now=NOW) == Taken(new=1)


def _write(address: str, writer: int, batches: int, size: int) -> None:
    with _open(address) as store:
        for batch in range(batches):
            numbers = (writer * 1000 + batch * size + n for n in range(1, size + 1))
            records = [
                Record(id=PaperId.parse(f"2603.{number:05}"), title=str(number), source="test")
                for number in numbers
            ]
            store.put([(record, Derived(title=record.title, abstract="")) for record in records], now=NOW)


def _open(address: str) -> SqliteStore | PostgresStore:
    url, mark, schema = address.partition("#")
    return PostgresStore.open(url, schema=schema) if mark else SqliteStore.open(address)


def test_a_follower_misses_nothing_while_several_processes_write(address: str) -> None:
    """Whoever has read up to n has missed nothing numbered below n."""
    writers, batches, size = 2, 30, 4
    context = multiprocessing.get_context("spawn")
    with _open(address) as store:
        processes: list[BaseProcess] = [
            context.Process(target=_write, args=(address, writer, batches, size)) for writer in range(writers)
        ]
        for process in processes:
            process.start()
        seen: dict[int, PaperId] = {}
        last, deadline = 0, time.monotonic() + 60
        while len(seen) < writers * batches * size and time.monotonic() < deadline:
            running = any(process.is_alive() for process in processes)
            for change in store.changes(last):
                assert change.seq > last
                seen[change.seq], last = change.id, change.seq
            if not running and store.last_seq() == last:
                break
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0] * writers
        assert sorted(seen) == list(range(1, writers * batches * size + 1))
        assert len(set(seen.values())) == writers * batches * size


def test_processes_that_open_a_new_store_at_once_make_one(address: str) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        names = set(pool.map(_identity, [address] * 4))
    assert len(names) == 1


def _identity(address: str) -> str:
    with _open(address) as store:
        return store.identity()
