"""The index of a whole archive on Milvus, chosen by one line of settings."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.postgres import postgres_server

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.errors import BusyError, InputError, StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.model import Paper
from broadsheet.pipeline.turns import Turn
from broadsheet.store.sqlite import SqliteStore


def test_one_line_of_settings_puts_the_index_on_milvus(milvus_url: str, tmp_path: Path) -> None:
    local, milvus = (answers(tmp_path / name, index) for name, index in (("a", ""), ("b", milvus_url)))
    for query, (ids, total, notes) in milvus.items():
        here, here_total, here_notes = local[query]
        assert notes == here_notes, query
        # Vectors are kept in 8 bits here, in 32 there, so the last of two hundred may be another.
        assert total == pytest.approx(here_total, rel=0.02), query
        assert len(set(ids) & set(here)) >= 0.8 * len(here), query
        assert ids[0] in here[:3], query


def answers(data: Path, index: str) -> dict[str, tuple[list[PaperId], int, tuple[str, ...]]]:
    with wiring.open_archive(Settings(data=data, encoder="none", index=index)) as archive:
        taken = wiring.take_sample(archive)
        generation = archive.library.generation()
        assert generation is not None
        assert generation.papers == generation.encoders[archive.fast.name] == taken
        found = {}
        for query in ("language agents", 'cat:cs.CV "diffusion"', "agnets"):
            results = archive.library.search(query, facets=True)
            found[query] = ([hit.paper.id for hit in results.hits], results.total, results.notes)
        day = archive.library.latest()
        assert day is not None
        lead = archive.library.edition(day).leads[0].id
        similar = archive.library.similar(lead)
        return found | {"similar": ([hit.paper.id for hit in similar], len(similar), ())}


def test_two_machines_take_turns_to_write_one_index(milvus_url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        database = stack.enter_context(postgres_server())
        here, there = (
            stack.enter_context(
                wiring.open_archive(
                    Settings(data=tmp_path / name, encoder="none", index=milvus_url, database=database.url)
                )
            )
            for name in ("here", "there")
        )
        with here.index.writer(store=here.store.identity()) as writer:
            with pytest.raises(BusyError, match="perhaps of another machine"):
                wiring.catch_up(there)
            with pytest.raises(BusyError, match="perhaps of another machine"):
                wiring.catch_up(there, rebuild=True)
            writer.publish(seq=0)
        wiring.catch_up(there)
        assert here.library.generation() == there.library.generation()


def test_a_writer_whose_turn_is_over_writes_nothing_more(
    opener: Callable[..., Any], paper: Callable[..., Paper], tmp_path: Path
) -> None:
    with SqliteStore.open(tmp_path / "broadsheet.db") as store:
        held: list[Turn] = []

        def turn() -> Turn:
            held.append(Turn(store.leases, "index", holder="here", length=timedelta(seconds=1.5)).__enter__())
            return held[-1]

        index = opener(guard=turn)
        with index.writer(store="store") as writer:
            writer.put([paper("2603.00001", "One")])
            writer.publish(seq=1)
            writer.put([paper("2603.00002", "Two")])
            while store.leases.take("index", "there", length=timedelta(minutes=5)) is None:
                store.leases.release(
                    "index", "here"
                )  # as though it had run out while this process was paused
            until = time.monotonic() + 30
            while held[0].is_held():
                assert time.monotonic() < until, "it goes on for longer than its lease"
                time.sleep(0.05)
            with pytest.raises(StaleIndexError, match="the right to write"):
                writer.pending(name="hashing", limit=1)
            with pytest.raises(StaleIndexError, match="the right to write"):
                writer.publish(seq=2)
        assert index.snapshot().generation.papers == 1


def test_what_is_no_address_is_refused(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, encoder="none", index="milvus:19530")
    with pytest.raises(InputError, match="setting 'index' is 'milvus:19530'; expected a Milvus"):  # noqa: SIM117
        with wiring.open_archive(settings):
            pass


def test_the_embedded_engine_is_found_again_by_the_next_process(tmp_path: Path) -> None:
    code = f"""
        from broadsheet import wiring
        from broadsheet.config import Settings
        from pathlib import Path
        settings = Settings(data=Path({str(tmp_path)!r}), encoder="none", index="milvus")
        with wiring.open_archive(settings) as archive:
            print(wiring.take_sample(archive), archive.library.generation().papers)
            print(archive.library.search("language agents").hits[0].paper.id)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    first, second = (subprocess.check_output(command, text=True, timeout=200).split() for _ in range(2))
    taken, papers, found = first
    assert taken == papers != "0"
    assert second == ["0", papers, found]
