"""Make the small database of the present schema that later code must be able to read.

    python -m tests.upgrades.make

Run when a schema is final and before the next migration; a file that is there is never made again.
"""

from __future__ import annotations

import gzip
import sqlite3
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

from broadsheet.ids import PaperId
from broadsheet.model import Follow, FollowKind, MarkKind
from broadsheet.source.jsonl import JsonLines
from broadsheet.store.community import Comment
from broadsheet.store.contract import Cursor
from broadsheet.store.people import Account, Login, Role
from broadsheet.store.post import Letter, Schedule, Subscription
from broadsheet.store.replies import Asker
from broadsheet.store.sqlite import SqliteStore
from broadsheet.text.derive import derive

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
ASKER = Asker("ada", "token")


def fill(store: SqliteStore) -> None:
    """A few papers of the sample: one revised, one withdrawn, two folded, two parted; what a reader keeps."""
    text = (resources.files("broadsheet") / "data" / "sample.jsonl").read_bytes()
    reader = JsonLines(sample=True)
    records = [reader.parse(line, where="sample") for line in text.splitlines()[:8]]
    store.put([(r, derive(r)) for r in records], now=NOW, cursor=Cursor("sample", "1"))
    ids = [r.id for r in records]
    for id in ids[:3]:
        store.readers.mark("me", id, MarkKind.SAVED, now=NOW)
    store.readers.mark("me", ids[3], MarkKind.NOTE, text="Read the appendix.", now=NOW)
    store.readers.follow(
        "me", Follow(kind=FollowKind.CATEGORY, value="cs.CL", label="Computation and Language", at=NOW)
    )
    store.readers.prefer("me", "zone", "Europe/Vienna")
    later = [
        replace(records[0], abstract="A new abstract.", version=2),
        replace(records[1], withdrawn=True, version=2),
        replace(records[7], deleted=True),
    ]
    store.put([(r, derive(r)) for r in later], now=NOW)
    store.fold(ids[4], ids[5], now=NOW)
    store.fold(ids[4], ids[6], now=NOW)
    store.unfold(ids[6], now=NOW)
    fill_house(store, ids[0])


def fill_house(store: SqliteStore, id: PaperId) -> None:
    """Somebody with a login, who votes, comments and has the digest sent; a letter on its way; a turn that was given back."""
    store.people.add(
        Account(id="ada", name="Ada", email="ada@example.org", role=Role.ADMIN, made=NOW), password="a hash"
    )
    login = Login(key="key", account="ada", made=NOW, seen=NOW, expires=NOW + timedelta(days=30))
    store.people.log_in(login, digest="a digest")
    store.community.vote("ada", id, now=NOW)
    store.community.submit("ada", id, now=NOW)
    store.discussion.comment(Comment(id="c1", paper=id, author="ada", at=NOW, text="Well *said*."))
    store.post.enrol(
        Subscription(
            id="s1",
            address="ada@example.org",
            reader="ada",
            schedule=Schedule(hour=7),
            confirmed=NOW,
            due=NOW,
        )
    )
    store.post.queue(
        Letter(address="ada@example.org", message_id="<1@example.org>", body=b"Good morning"), now=NOW
    )
    store.leases.take("post", "one", length=timedelta(minutes=1))
    store.leases.release("post", "one")
    store.replies.begin(ASKER, "a key", asked="a vote", now=NOW)
    store.replies.keep(ASKER, "a key", '{"votes": 1}')


def main() -> None:
    """Write the file of the present schema next to this one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "broadsheet.db"
        with SqliteStore.open(path) as store:
            fill(store)
            version = store.schema_version
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file = HERE / f"schema-{version}.db.gz"
        if not file.exists():
            file.write_bytes(gzip.compress(path.read_bytes(), mtime=0))


if __name__ == "__main__":
    main()
