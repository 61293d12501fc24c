"""What happens on a disk that is full, or may only be read. Run in a namespace where file systems can be mounted.

``unshare -rm python -m tests.crash.mounted NAME FOLDER`` runs one of the functions below; an assertion that fails
is its exit code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from tests.crash.work import BATCH, NOW, in_small_steps, record

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.errors import InputError, SearchError, StoreError
from broadsheet.index.local import LocalIndex
from broadsheet.wiring import Archive

ALL: Final = 40 * BATCH
FIRST: Final = 5 * BATCH


def full_disk(folder: Path) -> None:
    """Import, index, vote and backup say that the disk is full, lose nothing, and go on when there is room."""
    disk = folder / "disk"
    disk.mkdir()
    _mount("-t", "tmpfs", "-o", "size=4m", "small", str(disk))
    settings = Settings(data=disk / "data", encoder="none")
    few, many = _file(folder, FIRST), _file(folder, ALL)
    with wiring.open_archive(settings) as archive:
        wiring.take_in(archive, [few], workers=0)
        wiring.catch_up(archive)
        archive.store.community.vote("ada", record(0).id, now=NOW)
        told = [0]
        with pytest.raises(StoreError, match="the disk of .* is full.*make room"):
            wiring.take_in(archive, [many], workers=0, progress=lambda done: told.append(done.read))
        assert FIRST < told[-1] < ALL
        _fill(disk)
        _kept(archive, told[-1])
        _refused(archive, folder)
        _kept(archive, told[-1])

        # The same archive, still open, goes on by itself.
        (disk / "filler").unlink()
        _mount("-o", "remount,size=64m", str(disk))
        wiring.take_in(archive, [many], workers=0)
        wiring.catch_up(archive)
        assert archive.store.count() == archive.index.snapshot().generation.papers == ALL
        archive.index.verify()
        wiring.back_up(archive, disk / "whole.backup")
    assert wiring.verify_backup(disk / "whole.backup").papers == ALL
    _fill(disk)
    with pytest.raises(StoreError, match="the disk of .* is full"), wiring.open_archive(settings):
        pass


def _kept(archive: Archive, count: int) -> None:
    """What was acknowledged is there, nothing else is, and readers notice nothing."""
    store, first = archive.store, record(0).id
    assert store.examine() == ()
    assert store.count() == len(store.get_many(record(number).id for number in range(ALL))) == count
    assert store.community.votes([first]) == {first: 1}
    archive.index.verify()
    assert archive.index.snapshot().generation.papers == FIRST
    assert archive.library.search("numbered7").hits[0].paper.id == record(7).id


def _refused(archive: Archive, folder: Path) -> None:
    """Every writer says what is full, and has done nothing."""
    disk, voted, id = folder / "disk", 0, record(1).id
    try:
        for voted in range(1000):  # a little room may be left in the journal
            archive.store.community.vote(f"reader-{voted}", id, now=NOW)
    except StoreError as error:
        assert f"the disk of {disk / 'data'} is full" in str(error)  # noqa: PT017
    assert archive.store.community.votes([id]).get(id, 0) == voted < 999
    with pytest.raises(SearchError, match="the disk of .* is full"):
        wiring.catch_up(archive)
    with pytest.raises(InputError, match=r"cannot write the backup .*: No space left"):
        wiring.back_up(archive, disk / "whole.backup")
    assert not list(disk.glob("*backup*"))
    broken = folder / "broken.jsonl"
    broken.write_text("{}\n" * 10)
    with pytest.raises(InputError, match=r"cannot write the rejects .*: No space left"):
        wiring.take_in(archive, [broken], workers=0, rejects=disk / "rejects.jsonl")


def read_only(folder: Path) -> None:
    """A database or an index in a folder that may only be read is refused, with the folder's name."""
    settings = Settings(data=folder / "data", encoder="none")
    with wiring.open_archive(settings) as archive:
        wiring.take_in(archive, [_file(folder, FIRST)], workers=0)
        wiring.catch_up(archive)
    _mount("--bind", str(settings.data), str(settings.data))
    _mount("-o", "remount,ro,bind", str(settings.data))
    with (
        pytest.raises(StoreError, match="data cannot be written to: .* read-only.*--data"),
        wiring.open_archive(settings),
    ):
        pass
    index = LocalIndex(settings.data / "index")  # beside a database elsewhere
    with pytest.raises(SearchError, match=r"index.* cannot be written to.* read-only"):
        index.snapshot()
    with pytest.raises(SearchError, match="Read-only"):
        index.writer(store="any")


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def _fill(disk: Path) -> None:
    """Take all the room that is left."""
    with suppress(OSError), (disk / "filler").open("ab", buffering=0) as filler:
        while True:
            filler.write(bytes(1 << 12))
    assert os.statvfs(disk).f_bavail == 0


def _file(folder: Path, count: int) -> Path:
    path = folder / f"{count}.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            one = record(number)
            more = {"announced": "2026-03-02", "authors": [f"Ada Lovelace {number}"], "comment": "x" * 4000}
            out.write(json.dumps({"id": str(one.id), "title": one.title, "abstract": one.abstract} | more))
            out.write("\n")
    return path


RUN: Final[Mapping[str, Callable[[Path], None]]] = {"full_disk": full_disk, "read_only": read_only}


if __name__ == "__main__":
    in_small_steps()
    RUN[sys.argv[1]](Path(sys.argv[2]))
