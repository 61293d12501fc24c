"""What is killed, and what must be true afterwards: five kinds of work on real files, four also on a PostgreSQL
server, one also on Milvus."""

from __future__ import annotations

import json
import shutil
import sqlite3
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from tests.crash.work import (
    ADDRESS,
    BATCH,
    MILVUS,
    NOW,
    READERS,
    address_of,
    deeds,
    index_of,
    opened,
    record,
    rounds,
    settings_of,
)
from tests.deliver.mailhost import MailHost, mail_host
from tests.index.engines import embedded_milvus
from tests.postgres import Postgres, alone_in, postgres_server
from tests.replay.repository import Repository
from tests.replay.server import FakeTime, Replay

from broadsheet import wiring
from broadsheet.errors import StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Index, Words
from broadsheet.index.encode import StaticEncoder
from broadsheet.index.local import LocalIndex
from broadsheet.model import Derived, Record
from broadsheet.store.contract import Store
from broadsheet.store.post import Schedule, State, Subscription

if TYPE_CHECKING:
    from broadsheet.index.milvus import MilvusIndex

Told = Sequence[str]

_POST: Final = datetime(2026, 3, 23, 9, tzinfo=UTC)  # when the digests are due


class Kind(Protocol):
    """One kind of work. An assertion that fails is a promise that was broken."""

    def prepare(self, folder: Path) -> None:
        """Make the archive that every point begins with a copy of."""
        ...

    def order(self, *, again: bool) -> Mapping[str, Any]:
        """What the worker needs to know, the first time or ``again`` after it was killed."""
        ...

    def check(self, folder: Path, told: Told) -> None:
        """After the kill: what was acknowledged is there, and what is there is whole."""
        ...

    def outcome(self, folder: Path) -> object:
        """What there is in the end: the same, however often the work was killed on the way."""
        ...


@contextmanager
def store_of(folder: Path) -> Iterator[Store]:
    """The store, after a look at whether its files are sound."""
    if address := address_of(folder):
        alone_in(address)
    else:
        with closing(sqlite3.connect(folder / "broadsheet.db")) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    with closing(opened(folder)) as store:
        yield store


@contextmanager
def index_in(folder: Path) -> Iterator[LocalIndex | MilvusIndex]:
    """The index, for the length of a block."""
    index = index_of(folder)
    yield index
    if not isinstance(index, LocalIndex):
        index.close()


def contents(store: Store) -> object:
    """Every paper as it is, the order of the changes, and the days; not when it was taken in."""
    papers = [(str(p.id), p.record, p.derived, p.revised, p.aliases) for p in store.scan()]
    changes = [(str(change.id), change.gone) for change in store.changes(0, limit=10**6)]
    return sorted(papers, key=lambda paper: paper[0]), changes, store.days()


def enter(store: Store, records: Sequence[Record]) -> None:
    """Take records in as they are."""
    pairs = [(one, Derived(title=one.title, abstract=one.abstract)) for one in records]
    store.put(pairs, now=NOW)


class Import:
    """A file of eight batches, in which every tenth paper is there under two ids."""

    def __init__(self, file: Path) -> None:
        self._ids: list[PaperId] = []
        self._file = file
        with file.open("w", encoding="utf-8") as out:
            for number in range(BATCH * 7 + 6):
                one = record(number)
                line = {
                    "title": one.title,
                    "abstract": one.abstract,
                    "authors": [f"Ada Lovelace {number}", f"Charles Babbage {number}"],
                    "announced": f"2026-03-{1 + number % 9:02}",
                }
                names = [str(one.id), *([f"10.1000/twin.{number}"] if number % 10 == 9 else [])]
                for name in names:
                    self._ids.append(PaperId.parse(name))
                    out.write(json.dumps({"id": name, **line}) + "\n")

    def prepare(self, folder: Path) -> None:
        opened(folder).close()

    def order(self, *, again: bool) -> Mapping[str, Any]:
        return {"file": str(self._file)}

    def check(self, folder: Path, told: Told) -> None:
        with store_of(folder) as store:
            known = store.get_many(self._ids)
        here = [id in known for id in self._ids]
        count = sum(here)
        assert here == [True] * count + [False] * (len(here) - count), (
            "a batch is there without the one before"
        )
        assert count % BATCH == 0 or count == len(here), f"{count} papers are no whole number of batches"
        acknowledged = int(told[-1]) if told else 0
        assert acknowledged <= count <= acknowledged + BATCH, (acknowledged, count)

    def outcome(self, folder: Path) -> object:
        with store_of(folder) as store:
            assert store.count() == sum(id.value[0] == "2" for id in self._ids)
            return contents(store)


class Sync:
    """A harvest of twelve pages from a server on loopback that plays arXiv."""

    _repository: Final = Repository(pages=12, size=25)

    def __init__(self, replay: Replay) -> None:
        self._url = replay.url
        replay.serve(lambda asked: replay.answer(self._repository.answer(asked.query)))

    def prepare(self, folder: Path) -> None:
        opened(folder).close()

    def order(self, *, again: bool) -> Mapping[str, Any]:
        return {"url": self._url}

    def check(self, folder: Path, told: Told) -> None:
        acknowledged = int(told[-1]) if told else 0
        with store_of(folder) as store:
            count, cursor = store.count(), store.cursor("arxiv:cs")
        # The last page may have been taken in, but not yet told.
        assert count in {self._repository.count(pages) for pages in (acknowledged, acknowledged + 1)}, (
            acknowledged,
            count,
        )
        assert (cursor is None) == (count == 0), "papers and cursor are of two transactions"

    def outcome(self, folder: Path) -> object:
        with store_of(folder) as store:
            assert store.count() == self._repository.count(self._repository.pages)
            return contents(store), store.cursor("arxiv:cs")


class Following:
    """An index that is made of a store and follows it through four rounds of papers, revisions among them."""

    def prepare(self, folder: Path) -> None:
        with closing(opened(folder)) as store:
            enter(store, [record(number) for number in range(100)])

    def order(self, *, again: bool) -> Mapping[str, Any]:
        return {}

    def check(self, folder: Path, told: Told) -> None:
        acknowledged = int(told[-1]) if told else 0
        with index_in(folder) as index:
            self._check(folder, index, acknowledged)

    def _check(self, folder: Path, index: Index, acknowledged: int) -> None:
        try:
            generation = index.snapshot().generation
        except StaleIndexError:
            assert not acknowledged, "a published generation is gone"
            assert not (folder / "index" / "manifest.json").exists(), "a generation is half there"
            return
        index.verify()
        assert generation.seq >= acknowledged, (generation.seq, acknowledged)
        assert generation.encoders[StaticEncoder.name] == generation.papers
        with store_of(folder) as store:
            changes = store.changes(0, limit=10**6)
        found = [str(hit.id) for hit in index.snapshot().words(Words(), k=10**4)]
        assert len(found) == len(set(found)) == generation.papers, "a paper is in the index twice"
        assert {str(c.id) for c in changes if c.seq <= generation.seq} <= set(found)
        assert set(found) <= {str(change.id) for change in changes}
        for change in changes[:: len(changes) // 10]:
            if change.seq <= generation.seq:
                self._alone(index, change.id)

    @staticmethod
    def _alone(index: Index, id: PaperId) -> None:
        """The word that one paper alone has finds it, once."""
        word = f"numbered{int(id.value[-5:]) - 1}"
        assert [hit.id for hit in index.snapshot().words(Words(terms=(word,)), k=9)] == [id], word

    def outcome(self, folder: Path) -> object:
        with index_in(folder) as index:
            return self._outcome(folder, index)

    def _outcome(self, folder: Path, index: Index) -> object:
        index.verify()
        snapshot = index.snapshot()
        with store_of(folder) as store:
            papers = [str(paper.id) for paper in store.scan()]
            assert snapshot.generation.seq == store.last_seq()
        assert sorted(str(hit.id) for hit in snapshot.words(Words(), k=10**4)) == sorted(papers)
        revised = []
        for number, batch in enumerate(rounds()):
            for one in batch:
                self._alone(index, one.id)
            if number:
                revised.append(
                    [str(hit.id) for hit in snapshot.words(Words(terms=(f"revisedinround{number}",)), k=9)]
                )
        assert all(len(ids) == 1 for ids in revised), revised
        return sorted(papers), revised, dict(snapshot.generation.encoders), snapshot.generation.seq


class Vote:
    """Six readers who vote for twenty papers, take some votes back, and comment."""

    def prepare(self, folder: Path) -> None:
        with closing(opened(folder)) as store:
            enter(store, [record(number) for number in range(20)])

    def order(self, *, again: bool) -> Mapping[str, Any]:
        return {}

    def check(self, folder: Path, told: Told) -> None:
        done = int(told[-1]) if told else 0
        state = _said(folder)
        # The last deed may have been done, but not yet acknowledged.
        assert state in (_after(done), _after(done + 1)), f"not what {done} deeds leave"

    def outcome(self, folder: Path) -> object:
        state = _said(folder)
        assert state == _after(10**6)
        return state


def _after(count: int) -> tuple[set[tuple[str, str]], set[str]]:
    """The votes and the comments that the first deeds leave."""
    votes: set[tuple[str, str]] = set()
    comments: set[str] = set()
    for number, (what, reader, id) in enumerate(deeds(), 1):
        if number > count:
            break
        if what == "vote":
            votes.add((reader, str(id)))
        elif what == "unvote":
            votes.discard((reader, str(id)))
        else:
            comments.add(f"c{number}")
    return votes, comments


def _said(folder: Path) -> tuple[set[tuple[str, str]], set[str]]:
    """The votes and the comments that there are, counted in both ways that pages ask for them."""
    ids = sorted({id for _, _, id in deeds()})
    with store_of(folder) as store:
        votes = {(r, str(id)) for r in READERS for id in store.community.voted(r, ids)}
        assert sum(store.community.votes(ids).values()) == len(votes), "a vote is counted twice"
        comments = [comment.id for id in ids for comment in store.discussion.comments(id)]
        assert sum(store.discussion.comment_counts(ids).values()) == len(comments) == len(set(comments))
    return votes, set(comments)


class Outbox:
    """Digests for three readers, written and handed to a mail server."""

    _readers: Final = ("a", "b", "c")

    def __init__(self, host: MailHost) -> None:
        self._host = host
        self._doubtful = 0

    def prepare(self, folder: Path) -> None:
        with wiring.open_archive(settings_of(folder)) as archive:
            wiring.take_sample(archive)
            for name in self._readers:
                archive.store.post.enrol(
                    Subscription(
                        id=name,
                        address=f"{name}@example.org",
                        schedule=Schedule(hour=9),
                        confirmed=_POST,
                        due=_POST,
                    )
                )

    def order(self, *, again: bool) -> Mapping[str, Any]:
        if not again:
            self._host.taken.clear()
        # Claims end by themselves.
        now = _POST + timedelta(minutes=20) if again else _POST
        return {"port": self._host.port, "now": now.isoformat()}

    def check(self, folder: Path, told: Told) -> None:
        with store_of(folder) as store:
            letters = dict(store.post.letters())
        self._doubtful = letters.get(State.HANDED, 0)
        assert sum(letters.values()) in ({3} if told else {0, 3}), letters  # all of a batch, or none
        sent = letters.get(State.SENT, 0)
        assert sent <= len(self._host.taken) <= sent + self._doubtful, "the server has what nobody knows of"

    def outcome(self, folder: Path) -> object:
        with store_of(folder) as store:
            letters = dict(store.post.letters())
        arrived = self._host.by_id
        assert len(arrived) == len(self._readers), "a digest was written twice, or never"
        twice = [name for name, count in arrived.items() if count > 1]
        assert len(twice) <= self._doubtful, "a letter came twice, and the store did not know that it might"
        self._doubtful = 0
        return letters, sorted({recipient for _, recipient, _ in self._host.taken})


class Kinds:
    """Every kind by name, with the servers that they need, each started when it is first wanted."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._made: dict[str, Kind] = {}
        self._server: Postgres | None = None
        self._milvus = ""  # its address

    def __getitem__(self, name: str) -> Kind:
        what, _, engine = name.partition("@")
        if what not in self._made:
            self._made[what] = self._make(what)
        if engine == "postgresql" and self._server is None:
            self._server = self._stack.enter_context(postgres_server())
        if engine == "milvus" and not self._milvus:
            self._milvus = self._stack.enter_context(embedded_milvus())
        return self._made[what]

    def prepare(self, name: str, template: Path) -> None:
        """Make the archive that every point of a kind begins with a copy of."""
        kind = self[name]
        template.mkdir()
        if name.endswith("@milvus"):
            (template / MILVUS).write_text(f"{self._milvus}#{_name()}")
        if self._server is not None and name.endswith("@postgresql"):
            (template / ADDRESS).write_text(self._server.make(_name()))
        kind.prepare(template)

    def copy(self, template: Path, folder: Path) -> Path:
        """An archive of its own; an index is shared, as those who have one from the beginning only read it."""
        folder.mkdir()
        for path in template.iterdir():
            if path.is_dir():
                (folder / path.name).symlink_to(path)
            else:
                shutil.copy(path, folder)
        if (template / MILVUS).exists():
            (folder / MILVUS).write_text(f"{self._milvus}#{_name()}")
        if address := address_of(template):
            assert self._server is not None
            alone_in(address)
            (folder / ADDRESS).write_text(self._server.make(_name(), of=address))
        return folder

    def remove(self, folder: Path) -> None:
        """Take an archive away."""
        if (folder / MILVUS).exists():
            with index_in(folder) as index:
                index.delete()
        if address := address_of(folder):
            assert self._server is not None
            self._server.drop(address)
        shutil.rmtree(folder)

    def _make(self, what: str) -> Kind:
        if what == "import":
            return Import(self._folder / "papers.jsonl")
        if what == "sync":
            replay = Replay(FakeTime())
            self._stack.callback(replay.close)
            return Sync(replay)
        if what == "outbox":
            return Outbox(self._stack.enter_context(mail_host()))
        return Following() if what == "index" else Vote()


def _name() -> str:
    return f"crash_{uuid.uuid4().hex}"
