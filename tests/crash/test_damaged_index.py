"""An index with a file that is changed, cut or gone: noticed, never answered from, made again from the database."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.crash.work import NOW, record

from broadsheet.errors import StaleIndexError
from broadsheet.index import manifest
from broadsheet.index.contract import Words
from broadsheet.index.encode import StaticEncoder
from broadsheet.index.local import LocalIndex
from broadsheet.model import Derived
from broadsheet.pipeline import reindex
from broadsheet.store.contract import Store
from broadsheet.store.sqlite import SqliteStore

COUNT = 40
FAST = StaticEncoder()
Answers = list[tuple[str, float]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with SqliteStore.open(tmp_path_factory.mktemp("damage") / "broadsheet.db") as store:
        records = [record(number) for number in range(COUNT)]
        store.put([(one, Derived(title=one.title, abstract=one.abstract)) for one in records], now=NOW)
        yield store


@pytest.fixture(scope="module")
def whole(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "index"
    bring_up(store, folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of a whole index, times of last change included."""
    return shutil.copytree(whole, tmp_path / "index")


def bring_up(store: Store, folder: Path) -> None:
    reindex.follow(store, LocalIndex(folder), fast=FAST, once=True)


def files(folder: Path) -> list[Path]:
    return [folder / file.name for file in manifest.read(folder).files()]


def answers(index: LocalIndex) -> tuple[Answers, Answers]:
    """What words and vectors find."""
    snapshot = index.snapshot()
    words = snapshot.words(Words(terms=("tensor", "graph", "agent", "market")), k=COUNT)
    near = snapshot.vectors(FAST.encode(["tensor graph agent market"])[0], encoder=FAST.name, k=COUNT)
    return [(str(s.id), round(s.score, 4)) for s in words], [(str(s.id), round(s.score, 4)) for s in near]


def flip(path: Path, chance: random.Random, *, quietly: bool = False) -> None:
    """Change one bit; ``quietly`` as a failing disk does, which leaves the time of last change."""
    status = path.stat()
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    if quietly:
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def cut(path: Path, chance: random.Random) -> None:
    os.truncate(path, chance.randrange(path.stat().st_size))


def lose(path: Path, chance: random.Random) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [flip, cut, lose], ids=["flipped", "cut", "lost"])
def test_damage_to_any_file_is_never_answered_from_and_is_made_good(
    store: Store, whole: Path, folder: Path, damage: Callable[[Path, random.Random], None]
) -> None:
    right = answers(LocalIndex(whole))
    chance = random.Random(6)
    for path in files(folder):
        served = LocalIndex(folder)
        assert answers(served) == right
        damage(folder / path.relative_to(folder), chance)
        with pytest.raises(StaleIndexError, match="--rebuild"):
            LocalIndex(folder).snapshot()
        bring_up(store, folder)
        assert answers(served) == answers(LocalIndex(folder)) == right, path.name
        served.verify()
        shutil.rmtree(folder)
        shutil.copytree(whole, folder)
    assert len(files(folder)) > 10


def test_what_a_failing_disk_changes_is_taken_back_by_the_next_writer(
    store: Store, whole: Path, folder: Path
) -> None:
    right = answers(LocalIndex(whole))
    chance = random.Random(7)
    for path in files(folder):
        flip(path, chance, quietly=True)
        served = LocalIndex(folder)
        with LocalIndex(folder).writer(store=store.identity()) as writer:
            assert writer.seq == 0, "it would have gone on from damage"
            with pytest.raises(StaleIndexError):
                served.snapshot()
        bring_up(store, folder)
        assert answers(served) == right, path.name
        shutil.rmtree(folder)
        shutil.copytree(whole, folder)


def test_damage_while_a_writer_works_is_taken_back_at_its_next_look(
    store: Store, whole: Path, folder: Path
) -> None:
    served = LocalIndex(folder)
    right = answers(served)
    with served.writer(store=store.identity()) as writer:
        writer.check()
        flip(next(path for path in files(folder) if "vectors" in path.name), random.Random(8))
        with pytest.raises(StaleIndexError, match="damaged"):
            writer.check()
        with pytest.raises(StaleIndexError):
            served.snapshot()
    bring_up(store, folder)
    assert answers(served) == right


def test_words_alone_are_made_anew_where_vectors_are_whole(store: Store, folder: Path) -> None:
    flip(next(path for path in files(folder) if path.name.endswith(".idx")), random.Random(9))
    with LocalIndex(folder).writer(store=store.identity()) as writer:
        papers = list(store.scan())
        assert writer.lacking(papers, name=FAST.name) == ()


def test_a_copied_index_is_read_once_and_its_files_times_are_noted(store: Store, folder: Path) -> None:
    for path in files(folder):
        os.utime(path, ns=(1, 1))
    right = answers(LocalIndex(folder))
    bring_up(store, folder)
    assert all(file.is_untouched(folder) for file in manifest.read(folder).files())
    assert answers(LocalIndex(folder)) == right
