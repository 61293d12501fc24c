"""The follower of an archive that is being served: what goes wrong passes, and mends itself."""

from __future__ import annotations

import errno
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.errors import BusyError, StaleIndexError, StoreError
from broadsheet.ids import PaperId
from broadsheet.index import manifest
from broadsheet.index.contract import Encoder, Vectors, Words
from broadsheet.index.local import LocalIndex
from broadsheet.index.words_writer import WordsWriter
from broadsheet.library import Library
from broadsheet.model import Paper, Record
from broadsheet.pipeline import reindex
from broadsheet.store.contract import Taken
from broadsheet.store.people import Account, Login
from broadsheet.store.sqlite import SqliteStore
from broadsheet.text.derive import derive

Make = Callable[..., Paper]
NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Slow:
    """An encoder that takes a while over every text, as MiniLM does."""

    def __init__(self, inner: Encoder, seconds: float) -> None:
        self.name, self.dim = f"slow {inner.name}", inner.dim
        self._inner = inner
        self._seconds = seconds
        self.busy = threading.Event()

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.busy.set()
        time.sleep(self._seconds * len(texts))
        return self._inner.encode(texts)


class Served:
    """An archive with a follower in a thread, as ``broadsheet serve`` has one."""

    def __init__(self, folder: Path, fast: Encoder) -> None:
        self.folder = folder
        self.store = SqliteStore.open(folder / "broadsheet.db")
        self.index = LocalIndex(folder / "index")
        self.fast = fast
        self.stop = threading.Event()
        self.thread: threading.Thread | None = None

    def archive(self, better: Encoder | None = None) -> wiring.Archive:
        library = Library(self.store, self.index, fast=self.fast, better=better)
        settings = Settings(data=self.folder)
        return wiring.Archive(settings, self.store, self.index, library, self.fast, better)

    def follow(self, better: Encoder | None = None) -> None:
        self.thread = threading.Thread(
            target=wiring.follow, args=(self.archive(better),), kwargs={"stop": self.stop}
        )
        self.thread.start()

    def take_in(self, *papers: Paper) -> None:
        self.store.put([(p.record, p.derived) for p in papers], now=NOW)

    def finds(self, word: str) -> int:
        try:
            return len(self.index.snapshot().words(Words(terms=(word,)), k=10))
        except StaleIndexError:
            return -1

    def generation(self) -> int | None:
        """The newest one's number; None while the index is being made anew."""
        try:
            return self.index.snapshot().generation.number
        except StaleIndexError:
            return None

    def wait_until(self, word: str, count: int) -> None:
        end = time.monotonic() + 20
        while self.finds(word) != count:
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    def end(self) -> float:
        begun = time.monotonic()
        self.stop.set()
        if self.thread:
            self.thread.join(timeout=30)
            assert not self.thread.is_alive()
        return time.monotonic() - begun


@pytest.fixture
def served(
    tmp_path: Path, hashing: Callable[..., Encoder], paper: Make, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    monkeypatch.setattr("broadsheet.wiring.following._RETRY", 0.05)
    monkeypatch.setattr(reindex, "_CHECK_EVERY", 0.05)
    served = Served(tmp_path, hashing())
    served.take_in(*(paper(f"2603.{n:05}", f"Zebra number {n}") for n in (1, 2, 3)))
    yield served
    served.end()
    served.store.close()


def test_index_taken_away_while_it_is_served_is_made_anew(served: Served) -> None:
    served.follow()
    served.wait_until("zebra", 3)
    shutil.rmtree(served.folder / "index")
    with pytest.raises(StaleIndexError):
        served.index.snapshot()
    served.wait_until("zebra", 3)
    served.index.verify()


@pytest.mark.parametrize("ending", [".idx", ".term", ".fieldnorm", ".npy"])
def test_index_file_that_is_cut_short_is_noticed_and_made_anew(served: Served, ending: str) -> None:
    served.follow()
    served.wait_until("zebra", 3)
    number = served.index.snapshot().generation.number
    file = next(path for path in sorted((served.folder / "index").rglob("*")) if path.name.endswith(ending))
    shorter = file.read_bytes()[:-1]
    file.unlink()  # whoever has the old file open keeps it
    file.write_bytes(shorter)
    end = time.monotonic() + 20
    while served.finds("zebra") != 3 or served.generation() in {None, number}:
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    served.index.verify()


def damage(served: Served) -> None:
    """Change bytes of the words in place, as a failing disk does."""
    for file in (served.folder / "index").rglob("*.term"):
        with file.open("r+b") as there:
            there.write(b"\xff" * file.stat().st_size)


def wait_until_sound(served: Served) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            served.index.verify()
        except StaleIndexError:
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)
        else:
            break
    served.wait_until("zebra", 3)


def test_damage_within_a_file_is_mended_once_a_reader_meets_it(served: Served) -> None:
    reindex.follow(served.store, served.index, fast=served.fast, once=True)
    served.follow()
    time.sleep(0.5)  # the follower has begun, and nobody has opened the generation
    damage(served)
    with pytest.raises(StaleIndexError):
        served.index.snapshot().words(Words(terms=("zebra",)), k=10)
    wait_until_sound(served)


def test_damage_within_a_file_that_no_reader_meets_is_mended(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindex, "_VERIFY_EVERY", 0.1)
    served.follow()
    served.wait_until("zebra", 3)
    damage(served)
    wait_until_sound(served)


class PanicException(BaseException):
    """What a damaged segment makes the engine raise."""


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), ValueError("worker died"), PanicException("torn")],
)
def test_failure_while_writing_passes(
    served: Served, paper: Make, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    served.follow()
    served.wait_until("zebra", 3)
    put, left = WordsWriter.put, [2]

    def failing(self: WordsWriter, *args: object) -> None:
        if left[0]:
            left[0] -= 1
            raise error
        put(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(WordsWriter, "put", failing)
    served.take_in(paper("2603.00004", "Zebra number 4"))
    served.wait_until("zebra", 4)
    assert left == [0]


def test_full_disk_at_publication_passes_and_nothing_is_lost(
    served: Served, paper: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.follow()
    served.wait_until("zebra", 3)
    write, left = manifest.write, [2]

    def full(directory: Path, newest: manifest.Manifest) -> None:
        if left[0]:
            left[0] -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        write(directory, newest)

    monkeypatch.setattr(manifest, "write", full)
    served.take_in(paper("2603.00004", "Zebra number 4"))
    served.wait_until("zebra", 4)
    served.index.verify()


def test_failure_of_the_store_passes(served: Served, paper: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    get_many, left = SqliteStore.get_many, [2]

    def failing(self: SqliteStore, *args: object) -> object:
        if left[0]:
            left[0] -= 1
            raise StoreError("disk I/O error")
        return get_many(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(SqliteStore, "get_many", failing)
    served.follow()
    served.wait_until("zebra", 3)


def test_follower_stops_soon_while_it_makes_better_vectors(served: Served, paper: Make) -> None:
    served.take_in(*(paper(f"2604.{n:05}", f"Giraffe {n}") for n in range(1, 200)))
    slow = Slow(served.fast, 0.05)
    served.follow(slow)
    assert slow.busy.wait(20)
    assert served.end() < 5


def test_two_followers_take_turns(served: Served, paper: Make, hashing: Callable[..., Encoder]) -> None:
    served.follow()
    served.wait_until("zebra", 3)
    other = Served(served.folder, hashing())
    try:
        with pytest.raises(BusyError):
            wiring.catch_up(other.archive(), rebuild=True)
        other.follow()
        served.take_in(paper("2603.00004", "Zebra number 4"))
        other.wait_until("zebra", 4)
        served.end()
        served.take_in(paper("2603.00005", "Zebra number 5"))
        other.wait_until("zebra", 5)
        other.index.verify()
    finally:
        other.end()
        other.store.close()


def test_sample_is_shown_while_another_process_writes_the_index(served: Served) -> None:
    with served.index.writer(store=served.store.identity()):
        assert wiring.take_sample(served.archive()) > 0
        assert wiring.take_sample(served.archive()) == 0


def test_a_folded_pair_that_comes_again_is_one_paper_and_folded_no_second_time(
    served: Served, paper: Make
) -> None:
    archive = served.archive()
    text = "We compute sparse transport plans of large clouds of points. " * 6
    pair = [
        Record(id=PaperId(f"2601.0000{n}"), title="Sparse plans for all", abstract=text, source="x")
        for n in (1, 2)
    ]
    batch = [(record, derive(record)) for record in pair]
    assert served.store.put(batch, now=NOW) == Taken(new=2)
    assert wiring.fold_new(archive) == 1
    assert served.store.put(batch, now=NOW) == Taken(unchanged=1)
    newer = [replace(record, title="Sparse plans for everyone", version=2) for record in pair]
    assert served.store.put([(r, derive(r)) for r in newer], now=NOW) == Taken(changed=1)
    assert wiring.fold_new(archive) == 0
    assert wiring.fold_new(archive) == 0


def test_papers_taken_in_by_a_killed_import_are_folded_by_the_next(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = served.archive()
    twice = (
        "Sparse transport plans for everyone",
        "We compute sparse transport plans of large clouds of points. " * 6,
    )
    file = tmp_path / "papers.jsonl"
    lines = [
        {
            "_id": id,
            "title": twice[0],
            "text": twice[1],
            "authors": ["Ada Lovelace"],
            "announced": "2026-01-05",
        }
        for id in ("2601.00001", "2601.00002")
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as then:
        then.setattr("broadsheet.wiring.taking.fold_duplicates", killed)
        with pytest.raises(KeyboardInterrupt):
            wiring.take_in(archive, [file], workers=0)
    before = served.store.count()
    report = wiring.take_in(archive, [file], workers=0)
    assert (report.taken.new, report.taken.unchanged) == (0, 2)
    assert served.store.count() == before - 1


class Once(threading.Event):
    """Tells a job to stop at its first pause."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return super().wait(timeout)


def test_what_expired_a_month_ago_is_tidied_away_and_what_just_expired_is_not(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with wiring.open_archive(Settings(data=tmp_path)) as archive:
        people = archive.store.people
        people.add(Account(id="a1", name="Ada", made=now), password="hash")
        for key, ago in (("old", 31), ("new", 29)):
            made, expires = now - timedelta(days=60), now - timedelta(days=ago)
            people.log_in(
                Login(key=key, account="a1", agent="", made=made, seen=made, expires=expires), digest=key
            )
        wiring.keep_tidy(archive, stop=Once())
        assert wiring.tidy(archive) == 0
        assert people.sweep(now=now) == 1
