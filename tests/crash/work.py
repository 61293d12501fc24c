"""What is done when the kill comes, by kind. Runs in a process of its own, on real files.

Each function does its work from the beginning, whatever is there already, and calls ``tell`` with
what has just been acknowledged: the call that did it has returned.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.deliver import killed

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.ids import PaperId
from broadsheet.index.encode import StaticEncoder
from broadsheet.index.local import LocalIndex
from broadsheet.model import Derived, Record
from broadsheet.pipeline import intake, reindex
from broadsheet.pipeline.harvest import harvest
from broadsheet.source.arxiv import Client, FileGate, OaiSource
from broadsheet.store.community import Comment
from broadsheet.store.contract import Store

if TYPE_CHECKING:
    from broadsheet.index.milvus import MilvusIndex

NOW: Final = datetime(2026, 3, 8, 9, tzinfo=UTC)
BATCH: Final = 20
ROUNDS: Final = 4  # of papers that come in while the index follows
PER_ROUND: Final = 20
ADDRESS: Final = "database"  # the file that says where an archive's database is
MILVUS: Final = "milvus"  # the file that says where its index is, and by what prefix
READERS: Final = tuple(f"reader-{n}" for n in range(6))

Tell = Callable[[str], None]


def in_small_steps() -> None:
    """Work in small steps from now on, in this process, so that a small archive has many of them to be killed between."""
    for module, name, value in (
        (intake, "BATCH", BATCH),
        (reindex, "BATCH", BATCH),
        (reindex, "_PUBLISH_EVERY", -1.0),
    ):
        setattr(module, name, value)


def settings_of(folder: Path, **more: Any) -> Settings:
    """The settings of an archive: its database is the folder's own, or where the folder says."""
    return Settings(data=folder, database=address_of(folder), encoder="none", **more)


def address_of(folder: Path) -> str:
    """The address of an archive's PostgreSQL database; "" where it has SQLite."""
    note = folder / ADDRESS
    return note.read_text() if note.exists() else ""


def opened(folder: Path) -> Store:
    """The store of an archive."""
    return wiring.open_store(settings_of(folder))


def index_of(folder: Path) -> LocalIndex | MilvusIndex:
    """The index of an archive: files in its folder, or on Milvus where the folder says."""
    note = folder / MILVUS
    if not note.exists():
        return LocalIndex(folder / "index")
    from broadsheet.index.milvus import MilvusIndex

    url, _, prefix = note.read_text().partition("#")
    return MilvusIndex(
        url,
        encoders={StaticEncoder.name: StaticEncoder().dim},
        lock=folder / "milvus.lock",
        prefix=prefix,
        look=0.0,
    )


def take_in(folder: Path, order: Mapping[str, Any], tell: Tell) -> None:
    """Take a file in; tells how many records of it are in."""
    with wiring.open_archive(settings_of(folder)) as archive:
        wiring.take_in(
            archive, [Path(order["file"])], workers=0, progress=lambda progress: tell(str(progress.read))
        )


def sync(folder: Path, order: Mapping[str, Any], tell: Tell) -> None:
    """Catch up with arXiv; tells how many pages are in."""
    with (
        closing(Client(FileGate(folder / "arxiv.gate", interval=0.0), sleep=lambda _: None)) as client,
        closing(opened(folder)) as store,
    ):
        source = OaiSource(client, set="cs", since=date(2025, 8, 1), url=f"{order['url']}/oai")
        report = harvest(
            source,
            store=store,
            now=lambda: datetime(2025, 8, 20, tzinfo=UTC),
            derive=lambda record: Derived(title=record.title, abstract=record.abstract),
            progress=lambda report: tell(str(report.batches)),
        )
        assert report.complete, report.error


def publish(folder: Path, order: Mapping[str, Any], tell: Tell) -> None:
    """Follow the store with the index while papers come in; tells the change that each publication stands at."""
    index, fast = index_of(folder), StaticEncoder()
    with closing(opened(folder)) as store:
        for batch in rounds():
            if batch:
                store.put([(r, Derived(title=r.title, abstract=r.abstract)) for r in batch], now=NOW)
            reindex.follow(store, index, fast=fast, once=True)
            tell(str(index.snapshot().generation.seq))


def rounds() -> Iterator[tuple[Record, ...]]:
    """What comes into the store, round by round, nothing in the first; each revises a paper of the one before."""
    yield ()
    for n in range(1, ROUNDS + 1):
        first = n * 100
        fresh = tuple(record(number) for number in range(first, first + PER_ROUND))
        before = record(first - 100)
        revised = Record(
            id=before.id, title=f"{before.title} revisedinround{n}", abstract=before.abstract, source="test"
        )
        yield (*fresh, revised)


def vote(folder: Path, order: Mapping[str, Any], tell: Tell) -> None:
    """Vote, take votes back and comment; tells the number of each thing done."""
    with closing(opened(folder)) as store:
        for number, (what, reader, id) in enumerate(deeds(), 1):
            if what == "vote":
                store.community.vote(reader, id, now=NOW)
            elif what == "unvote":
                store.community.unvote(reader, id)
            elif store.discussion.find_comment(f"c{number}") is None:
                store.discussion.comment(
                    Comment(id=f"c{number}", paper=id, author=reader, at=NOW, text=f"Number {number}")
                )
            tell(str(number))


def deeds() -> Iterator[tuple[str, str, PaperId]]:
    """Everything that readers do, in order. Nobody votes again for what they took their vote back from."""
    chance = random.Random(1)
    for number in range(20):
        for reader in READERS:
            id = record(number).id
            yield "vote", reader, id
            if chance.random() < 0.2:
                yield "unvote", reader, id
            if chance.random() < 0.2:
                yield "comment", reader, id


def post(folder: Path, order: Mapping[str, Any], tell: Tell) -> None:
    """Write the digests that are due and hand over the letters; tells how many were written."""
    killed.post({"data": str(folder), "database": address_of(folder), **order}, tell=tell)


WORK: Final[Mapping[str, Callable[[Path, Mapping[str, Any], Tell], None]]] = {
    "import": take_in,
    "sync": sync,
    "index": publish,
    "vote": vote,
    "outbox": post,
}


# -- papers

_WORDS: Final = (
    "tensor graph network kernel lattice photon neutron galaxy protein enzyme market auction grammar parser "
    "corpus speech image video robot planner policy reward agent memory cache compiler proof logic theorem "
    "manifold bundle sheaf group ring field module operator spectrum measure entropy channel code cipher key "
    "sensor signal wavelet filter control drone battery polymer crystal plasma cluster storm ocean climate"
).split()


def record(number: int) -> Record:
    """A paper like no other: its number is a word of its title."""
    chance = random.Random(number)
    title = " ".join(chance.sample(_WORDS, 5)).capitalize()
    abstract = ". ".join(" ".join(chance.choices(_WORDS, k=12)).capitalize() for _ in range(3))
    return Record(
        id=PaperId.parse(f"2603.{number + 1:05}"),
        title=f"{title} numbered{number}",
        abstract=f"{abstract}.",
        source="test",
    )
