"""Contract of the store: hearing of what others write, and a server that hangs up."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from broadsheet.errors import AwayError
from broadsheet.model import Record
from broadsheet.store.contract import Cursor, Store, Taken

Rec = Callable[..., Record]
Take = Callable[..., Taken]
Opener = Callable[..., Store]

LONG = 60.0  # seconds: nobody who hears waits for so long


def test_whoever_listens_hears_what_another_writes(opener: Opener, rec: Rec, take: Take) -> None:
    with opener().listen() as listener, ThreadPoolExecutor(1) as pool:
        assert listener.wait(0, timeout=0) == 0
        for last in (0, 1):
            began = time.monotonic()
            waiting = pool.submit(listener.wait, last, timeout=LONG)
            take(rec(f"2603.0000{last}"))
            assert waiting.result() == last + 1
            assert time.monotonic() - began < LONG / 2


def test_what_was_written_before_one_listened_is_heard_at_once(opener: Opener, rec: Rec, take: Take) -> None:
    take(rec("2603.00001"), rec("2603.00002"))
    with opener().listen() as listener:
        assert listener.wait(1, timeout=LONG) == 2


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_a_server_that_hangs_up_is_called_again_and_nothing_is_missed(
    opener: Opener, rec: Rec, take: Take, postgres_url: str
) -> None:
    store = opener()
    with store.listen() as listener:
        assert listener.wait(0, timeout=0) == 0
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(listener.wait, 0, timeout=LONG)
            _hang_up(postgres_url)
            with pytest.raises(AwayError, match="does not answer"):
                waiting.result()
        assert take(rec("2603.00001")) == Taken(new=1)  # over a new connection
        assert listener.wait(0, timeout=LONG) == 1
        assert store.count() == 1


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_a_server_that_hangs_up_at_the_last_word_leaves_it_open_whether_a_write_was_kept(
    opener: Opener, address: str
) -> None:
    store = opener()
    url, _, schema = address.partition("#")
    with psycopg.connect(url, autocommit=True, options=f"-c search_path={schema}") as connection:
        connection.execute(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
        )
        connection.execute(
            "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON cursors DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION die()"
        )
        with pytest.raises(AwayError, match="whether the change was kept is not known"):
            store.set_cursor(Cursor("arxiv", "2026-03-03"))
        assert store.cursor("arxiv") is None
        connection.execute("DROP TRIGGER at_commit ON cursors")
    store.set_cursor(Cursor("arxiv", "2026-03-03"))
    assert store.cursor("arxiv") == "2026-03-03"


def test_a_server_that_is_not_there_is_away() -> None:
    from broadsheet.store.postgres import PostgresStore

    with pytest.raises(AwayError, match="cannot open database 'nobody' at /nowhere"):
        PostgresStore.open("postgresql://broadsheet@/nobody?host=/nowhere")


def _hang_up(url: str) -> None:
    """End every connection but this one, as a server does that goes down."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
