"""What happens where nothing more can be written. Runs in a process of its own, which it leaves crippled.

``python -m tests.crash.cramped NAME FOLDER`` runs one of ``RUN``; an assertion that fails is its exit code. Those
with a disk of their own need a namespace in which file systems can be mounted (``unshare -rm``); the others do the
same anywhere, by what any process may forbid itself.
"""

from __future__ import annotations

import json
import logging
import os
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from tests.crash.work import BATCH, NOW, in_small_steps, record
from tests.postgres import NOBODY

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.errors import InputError, SearchError, StoreError
from broadsheet.index.local import LocalIndex
from broadsheet.pipeline import reindex
from broadsheet.wiring import Archive, following

ALL: Final = 40 * BATCH
FIRST: Final = 5 * BATCH


class Disk:
    """A file system of a few megabytes."""

    full = "the disk of .* is full"
    no_space = "No space left"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        _mount("-t", "tmpfs", "-o", "size=4m", "small", str(folder))

    def fill(self) -> None:
        """Take all the room that is left."""
        with suppress(OSError), (self._folder / "filler").open("ab", buffering=0) as filler:
            while True:
                filler.write(bytes(1 << 12))
        assert os.statvfs(self._folder).f_bavail == 0

    def widen(self) -> None:
        """Make room for everything."""
        (self._folder / "filler").unlink()
        _mount("-o", "remount,size=64m", str(self._folder))


class Limit:
    """A limit to the size of files, which the kernel keeps and whoever writes meets in every write."""

    full = "files in .* may not grow beyond .* LimitFSIZE"
    no_space = "File too large"

    def __init__(self, folder: Path) -> None:
        self._set(3 << 20)

    def fill(self) -> None:
        """Let nothing more be written anywhere."""
        self._set(0)

    def widen(self) -> None:
        """Lift the limit."""
        self._set(resource.getrlimit(resource.RLIMIT_FSIZE)[1])

    @staticmethod
    def _set(limit: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def no_room(make: type[Disk | Limit], folder: Path) -> None:
    """Import, index, vote and backup say what is full, lose nothing, and go on when there is room."""
    data = folder / "disk"
    data.mkdir()
    settings = Settings(data=data / "data", encoder="none")
    few, many = _file(folder, FIRST), _file(folder, ALL)
    (folder / "broken.jsonl").write_text("{}\n" * 10)
    room = make(data)
    with wiring.open_archive(settings) as archive:
        wiring.take_in(archive, [few], workers=0)
        wiring.catch_up(archive)
        archive.store.community.vote("ada", record(0).id, now=NOW)
        told = [0]
        with pytest.raises(StoreError, match=f"{room.full}.*make room"):
            wiring.take_in(archive, [many], workers=0, progress=lambda done: told.append(done.read))
        assert FIRST < told[-1] < ALL
        room.fill()
        _kept(archive, told[-1])
        _refused(archive, folder, room)
        _kept(archive, told[-1])

        # The same archive, still open, goes on by itself.
        room.widen()
        wiring.take_in(archive, [many], workers=0)
        wiring.catch_up(archive)
        assert archive.store.count() == archive.index.snapshot().generation.papers == ALL
        archive.index.verify()
        wiring.back_up(archive, data / "whole.backup")
    assert wiring.verify_backup(data / "whole.backup").papers == ALL
    room.fill()
    with pytest.raises(StoreError, match=room.full), wiring.open_archive(settings):
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


def _refused(archive: Archive, folder: Path, room: Disk | Limit) -> None:
    """Every writer says what is full, and has done nothing."""
    disk, voted, id = folder / "disk", 0, record(1).id
    try:
        for voted in range(1000):  # a little room may be left in the journal
            archive.store.community.vote(f"reader-{voted}", id, now=NOW)
    except StoreError as error:
        assert re.search(room.full, str(error))  # noqa: PT017
    assert archive.store.community.votes([id]).get(id, 0) == voted < 999
    with pytest.raises(SearchError, match=room.full):
        wiring.catch_up(archive)
    room.fill()  # what failed was taken away again
    with pytest.raises(InputError, match=f"cannot write the backup .*: {room.no_space}"):
        wiring.back_up(archive, disk / "whole.backup")
    assert not list(disk.glob("*backup*"))
    room.fill()
    with pytest.raises(InputError, match=f"cannot write the rejects .*: {room.no_space}"):
        wiring.take_in(archive, [folder / "broken.jsonl"], workers=0, rejects=disk / "rejects.jsonl")


def read_only(shut: Callable[[Path], None], folder: Path) -> None:
    """A database or an index in a folder that may only be read is refused, with the folder's name."""
    settings = Settings(data=folder / "data", encoder="none")
    with wiring.open_archive(settings) as archive:
        wiring.take_in(archive, [_file(folder, FIRST)], workers=0)
        wiring.catch_up(archive)
    shut(settings.data)
    with (
        pytest.raises(StoreError, match="data cannot be written to: .* read-only.*--data"),
        wiring.open_archive(settings),
    ):
        pass
    index = LocalIndex(settings.data / "index")  # beside a database elsewhere
    with pytest.raises(SearchError, match=r"index.* cannot be written to.* read-only"):
        index.snapshot()
    with pytest.raises(SearchError, match="Read-only|Permission denied"):
        index.writer(store="any")


def full_under_follower(folder: Path) -> None:
    """An index that cannot be written while it follows says so once, not at every try, and when it is well again."""
    settings = Settings(data=folder / "data", encoder="none")
    said: list[str] = []
    listener = logging.Handler()
    listener.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("broadsheet").addHandler(listener)
    tries = [0]
    following._RETRY = 0.02
    follow = reindex.follow

    def counted(*args: Any, **options: Any) -> None:
        tries[0] += 1
        follow(*args, **options)

    reindex.follow = counted
    with wiring.open_archive(settings) as archive:
        wiring.take_in(archive, [_file(folder, FIRST)], workers=0)
        room, stop = Limit(folder), threading.Event()
        room.fill()
        follower = threading.Thread(target=wiring.follow, args=(archive,), kwargs={"stop": stop})
        follower.start()
        _until(lambda: tries[0] >= 5)
        (line,) = said
        assert re.search(f"{room.full}.*make room", line)
        room.widen()
        _until(lambda: len(said) > 1)
        assert "is well again" in said[-1]
        _until(lambda: archive.index.snapshot().generation.papers == FIRST)
        stop.set()
        follower.join()
    assert len(said) == 2


def _until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _mounted_read_only(folder: Path) -> None:
    _mount("--bind", str(folder), str(folder))
    _mount("-o", "remount,ro,bind", str(folder))


def _another_users(folder: Path) -> None:
    """Leave a folder to be read only, and be somebody for whom that counts from here on."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def _file(folder: Path, count: int) -> Path:
    path = folder / f"{count}.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            one = record(number)
            more = {"announced": "2026-03-02", "authors": [f"Ada Lovelace {number}"], "comment": "x" * 4000}
            out.write(json.dumps({"id": str(one.id), "title": one.title, "abstract": one.abstract} | more))
            out.write("\n")
    return path


RUN: Final[Mapping[str, Callable[[Path], None]]] = {
    "full_disk": partial(no_room, Disk),
    "full_files": partial(no_room, Limit),
    "full_under_follower": full_under_follower,
    "read_only_disk": partial(read_only, _mounted_read_only),
    "read_only_folder": partial(read_only, _another_users),
}


if __name__ == "__main__":
    in_small_steps()
    RUN[sys.argv[1]](Path(sys.argv[2]))
