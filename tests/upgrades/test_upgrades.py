"""A database of every schema there was is read by this code as if this code had made it."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from tests.upgrades.make import ASKER, HERE, NOW, fill

from broadsheet.model import MarkKind, NoticeKind
from broadsheet.store.migrations import migrations
from broadsheet.store.replies import Reply
from broadsheet.store.sqlite import SqliteStore


def number(file: Path) -> int:
    return int(file.name.removeprefix("schema-").removesuffix(".db.gz"))


FILES = sorted(HERE.glob("schema-*.db.gz"), key=number)


def test_there_is_a_database_of_each_schema_that_was_kept() -> None:
    numbers = [number(file) for file in FILES]
    assert numbers[:6] == [2, 3, 6, 7, 9, 10]
    assert numbers[-1] >= len(migrations()) - 1, (
        "make one before the next migration: python -m tests.upgrades.make"
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_old_database_is_brought_up_and_holds_what_it_held(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.write_bytes(gzip.decompress(file.read_bytes()))
    with SqliteStore.open(path) as old, SqliteStore.open(tmp_path / "new.db") as new:
        fill(new)
        assert old.schema_version == len(migrations())
        assert list(old.scan()) == list(new.scan())
        assert old.changes(0) == new.changes(0)
        assert old.days() == new.days()
        for count in new.days():
            assert old.outline(count.day) == new.outline(count.day)
        for paper in new.scan():
            assert old.history(paper.id) == new.history(paper.id)
            assert old.kept_apart(paper.id) == new.kept_apart(paper.id)
        assert old.cursor("sample") == "1"
        saved = [MarkKind.SAVED]
        assert old.readers.marks("me", kinds=saved) == new.readers.marks("me", kinds=saved)
        assert len(new.readers.marks("me", kinds=saved)) == 3
        assert old.readers.notices("me") == new.readers.notices("me")
        assert {n.kind for n in new.readers.notices("me")} == {NoticeKind.REVISED, NoticeKind.WITHDRAWN}
        if number(file) >= 3:
            assert old.readers.marks("me") == new.readers.marks("me")
            assert old.readers.follows("me") == new.readers.follows("me")
            assert old.readers.preferences("me") == new.readers.preferences("me")
        if number(file) >= 7:
            id = next(iter(old.community.voted("ada", [paper.id for paper in old.scan()])))
            assert old.community.votes([id]) == new.community.votes([id]) == {id: 1}
            assert old.community.submissions([id]) == new.community.submissions([id])
            assert old.discussion.comments(id) == new.discussion.comments(id)
            assert old.people.find("ada") == new.people.find("ada")
            assert old.people.login("a digest", now=NOW) == new.people.login("a digest", now=NOW) is not None
            assert old.post.subscriptions() == new.post.subscriptions()
            claimed = [store.post.claim_letters("us", now=NOW, until=NOW, limit=9) for store in (old, new)]
            assert claimed[0] == claimed[1] != ()
            assert old.leases.take("post", "us", length=timedelta(minutes=1)) == 2
        if number(file) >= 10:
            assert old.replies.begin(ASKER, "a key", asked="a vote", now=NOW) == Reply(
                "a vote", '{"votes": 1}'
            )
