"""Taking files in: the good, the bad, the interrupted."""

import gzip
import importlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from broadsheet.errors import BroadsheetError, InputError, SourceError
from broadsheet.ids import PaperId
from broadsheet.model import Derived
from broadsheet.pipeline.intake import BATCH, IntakeReport, Progress, take_in
from broadsheet.pipeline.workers import Derive
from broadsheet.source.bibtex import Bibtex
from broadsheet.source.fetch import Fetched
from broadsheet.source.jsonl import JsonLines
from broadsheet.store.contract import Taken
from broadsheet.store.sqlite import SqliteStore

NOW = datetime(2026, 3, 8, tzinfo=UTC)
SOURCES = {"bibtex": Bibtex(), "jsonl": JsonLines()}

# Worker processes import what derives by name, so it cannot live in a test module.
PLAIN = """
import os
from broadsheet.model import Derived

def derive(record):
    if record.title == "defeats us":
        raise ArithmeticError("too much")
    if record.title == "kills its reader":
        os._exit(9)
    return Derived(title=record.title, abstract=record.abstract)
"""


@pytest.fixture(autouse=True)
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Derive:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "plain_reading.py").write_text(PLAIN)
    monkeypatch.syspath_prepend(tmp_path / "modules")
    monkeypatch.delitem(sys.modules, "plain_reading", raising=False)
    derive: Derive = importlib.import_module("plain_reading").derive
    return derive


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "papers.db")
    yield store
    store.close()


def line(number: int, **fields: Any) -> str:
    record = {
        "id": f"2402.{number:05}",
        "title": f"Title {number}",
        "abstract": "A.",
        "announced": "2026-03-02",
    }
    return json.dumps(record | fields) + "\n"


def lines(path: Path, count: int, *extra: Any) -> Path:
    path.write_text("".join(line(n) for n in range(1, count + 1)) + "".join(extra))
    return path


def run(
    store: SqliteStore, *paths: Any, derive: Derive, workers: int = 0, sources: Any = SOURCES, **options: Any
) -> IntakeReport:
    return take_in(paths, store=store, sources=sources, derive=derive, now=NOW, workers=workers, **options)


def test_files_of_several_kinds_are_taken_in_at_once(
    store: SqliteStore, plain: Derive, tmp_path: Path
) -> None:
    papers = tmp_path / "papers.jsonl.gz"
    papers.write_bytes(gzip.compress((line(1) + line(2)).encode()))
    library = tmp_path / "library.bib"
    library.write_text("@misc{a, title={Mine}, author={Lee, Ann}, keywords={to read}}")
    report = run(store, papers, library, derive=plain)
    assert report.taken == Taken(new=3)
    assert (report.read, report.rejected, report.rejects) == (3, 0, None)
    assert store.count() == 3
    paper = store.get(PaperId("2402.00002"))
    assert paper is not None
    assert paper.title == "Title 2"
    assert [p.record.tags for p in store.by_author("ann-lee")] == [("to read",)]


def test_taking_in_again_changes_nothing(store: SqliteStore, plain: Derive, tmp_path: Path) -> None:
    path = lines(tmp_path / "p.jsonl", 700)
    assert run(store, path, derive=plain).taken == Taken(new=700)
    seq = store.last_seq()
    again = run(store, path, derive=plain)
    assert again.taken == Taken(unchanged=700)
    assert store.last_seq() == again.since == seq


def test_bad_lines_are_reported_kept_and_do_not_stop_the_rest(
    store: SqliteStore, plain: Derive, tmp_path: Path
) -> None:
    path = lines(tmp_path / "p.jsonl", 2, '{"id": "a"}\n', "nonsense\n", line(3))
    rejects = tmp_path / "out" / "rejects.jsonl"
    report = run(store, path, derive=plain, rejects=rejects)
    assert store.count() == report.read == 3
    assert (report.rejected, report.rejects) == (2, rejects)
    assert [(p.where, p.reason.split(":")[0]) for p in report.problems] == [
        ("p.jsonl:3", "title"),
        ("p.jsonl:4", "not JSON"),
    ]
    written = [json.loads(text) for text in rejects.read_text().splitlines()]
    assert [(w["where"], w["raw"]) for w in written] == [
        ("p.jsonl:3", '{"id": "a"}'),
        ("p.jsonl:4", "nonsense"),
    ]


def test_former_rejects_do_not_outlive_a_clean_import(
    store: SqliteStore, plain: Derive, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.jsonl"
    run(store, lines(tmp_path / "bad.jsonl", 0, "nonsense\n"), derive=plain, rejects=rejects)
    assert rejects.exists()
    run(store, lines(tmp_path / "good.jsonl", 1), derive=plain, rejects=rejects)
    assert not rejects.exists()


def test_a_record_whose_text_defeats_us_is_reported(
    store: SqliteStore, plain: Derive, tmp_path: Path
) -> None:
    path = lines(tmp_path / "p.jsonl", 1, line(2, title="defeats us"), line(3))
    report = run(store, path, derive=plain)
    assert store.count() == 2
    (problem,) = report.problems
    assert (problem.where, problem.reason) == (
        "p.jsonl:2",
        "its text cannot be read: ArithmeticError: too much",
    )


def test_nothing_is_taken_where_one_file_is_missing_or_unknown(
    store: SqliteStore, plain: Derive, tmp_path: Path
) -> None:
    good = lines(tmp_path / "p.jsonl", 1)
    with pytest.raises(InputError, match="No such file"):
        run(store, good, tmp_path / "none.jsonl", derive=plain)
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(InputError, match="of no kind we can read"):
        run(store, good, tmp_path / "a.pdf", derive=plain)
    assert store.count() == 0


def test_a_file_cut_off_gives_what_it_has_and_the_next_is_read(
    store: SqliteStore, plain: Derive, tmp_path: Path
) -> None:
    whole = gzip.compress("".join(line(n, abstract=os.urandom(300).hex()) for n in range(1, 2001)).encode())
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    report = run(store, cut, lines(tmp_path / "next.jsonl", 1, line(3000)), derive=plain)
    assert store.get(PaperId("2402.03000")) is not None
    assert 500 < store.count() < 1500
    assert any("cut.jsonl.gz is damaged or cut off" in p.reason for p in report.problems)


def test_progress_counts_bytes_and_ends_at_the_whole(
    store: SqliteStore, plain: Derive, tmp_path: Path
) -> None:
    first, second = lines(tmp_path / "a.jsonl", 1200), tmp_path / "b.bib"
    second.write_text("@misc{a, title={T}}")
    seen: list[Progress] = []
    ticks = iter(range(1000))
    run(store, first, second, derive=plain, progress=seen.append, clock=lambda: float(next(ticks)))
    assert [p.read for p in seen if p.file == "a.jsonl"][:3] == [500, 1000, 1200]
    assert seen[-1].read == 1201
    assert all(a.done <= b.done and a.share <= b.share for a, b in itertools.pairwise(seen))
    assert seen[-1].done == seen[-1].total == first.stat().st_size + second.stat().st_size
    assert (seen[-1].share, seen[-1].remaining) == (1.0, 0.0)
    assert seen[0].rate == 500.0
    assert seen[0].remaining == pytest.approx(seen[0].seconds * (1 - seen[0].share) / seen[0].share)


def test_an_address_is_fetched_and_read_by_what_it_holds(store: SqliteStore, plain: Derive) -> None:
    asked = []

    def fetch(url: str) -> Fetched:
        asked.append(url)
        return Fetched(url, b"@misc{a, title={From afar}}")

    report = run(store, "https://lab.example/refs/all.bib?x=1", derive=plain, fetch=fetch)
    assert asked == ["https://lab.example/refs/all.bib?x=1"]
    assert report.taken == Taken(new=1)


def test_an_address_that_fails_says_so(store: SqliteStore, plain: Derive) -> None:
    with pytest.raises(SourceError):
        run(store, "http://127.0.0.1:1/a.bib", derive=plain)


def test_workers_give_what_one_process_gives(plain: Derive, tmp_path: Path) -> None:
    path = lines(
        tmp_path / "p.jsonl", 1300, "nonsense\n", line(7, title="Newer title"), line(8, title="defeats us")
    )
    outcomes = []
    for workers in (0, 2):
        store = SqliteStore.open(tmp_path / f"{workers}.db")
        report = run(store, path, derive=plain, workers=workers)
        papers = [
            (p.id, p.title, p.revised) for p in sorted(store.edition(date(2026, 3, 2)), key=lambda p: p.id)
        ]
        outcomes.append(
            (report.taken, [(p.where, p.reason, p.raw) for p in report.problems], papers, store.last_seq())
        )
        store.close()
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == Taken(new=1300, changed=1)


def test_a_worker_that_dies_is_named_and_what_was_taken_in_is_kept(
    store: SqliteStore, plain: Derive, tmp_path: Path
) -> None:
    path = lines(tmp_path / "p.jsonl", 8 * BATCH, line(9000, title="kills its reader"))
    with pytest.raises(BroadsheetError, match="a worker process died"):
        run(store, path, derive=plain, workers=1)
    assert store.count() % BATCH == 0
    assert store.count() >= BATCH


def test_ctrl_c_leaves_whole_batches_and_the_next_import_completes(
    store: SqliteStore, plain: Derive, tmp_path: Path
) -> None:
    path = lines(tmp_path / "p.jsonl", 6 * BATCH)

    def interrupt(progress: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(store, path, derive=plain, workers=1, progress=interrupt)
    assert store.count() == BATCH
    assert run(store, path, derive=plain).taken == Taken(new=5 * BATCH, unchanged=BATCH)


KILLED = """
import multiprocessing, sys
from datetime import datetime, UTC
from pathlib import Path
from broadsheet.pipeline.intake import take_in
from broadsheet.source.jsonl import JsonLines
from broadsheet.store.sqlite import SqliteStore

if __name__ == "__main__":
    sys.path.insert(0, sys.argv[3])
    from plain_reading import derive

    def tell(progress):
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)

    take_in([Path(sys.argv[1])], store=SqliteStore.open(Path(sys.argv[2])), sources={"jsonl": JsonLines()},
            derive=derive, now=datetime(2026, 3, 8, tzinfo=UTC), workers=2, progress=tell)
"""


def test_kill_9_leaves_whole_batches_and_no_worker(plain: Derive, tmp_path: Path) -> None:
    path = lines(tmp_path / "p.jsonl", 20 * BATCH)
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    command = [sys.executable, str(script), str(path), str(tmp_path / "papers.db"), str(tmp_path / "modules")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        workers = [int(pid) for pid in process.stdout.readline().split()]
        process.send_signal(signal.SIGKILL)
    assert workers
    store = SqliteStore.open(tmp_path / "papers.db")
    kept = store.count()
    assert kept % BATCH == 0
    assert kept >= BATCH
    assert run(store, path, derive=plain).taken == Taken(new=20 * BATCH - kept, unchanged=kept)
    store.close()
    patience = time.monotonic() + 20
    while any(_alive(pid) for pid in workers):
        assert time.monotonic() < patience, "a worker outlived its parent"
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return ") Z " not in stat.read_text()  # dead, though nobody has asked after it yet
    except OSError:
        return False


def test_a_negative_number_of_workers_is_refused(store: SqliteStore, plain: Derive, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="wanted 0 or more"):
        run(store, lines(tmp_path / "p.jsonl", 1), derive=plain, workers=-1)


def test_derived_facts_are_stored_with_their_record(
    store: SqliteStore, plain: Derive, tmp_path: Path
) -> None:
    run(store, lines(tmp_path / "p.jsonl", 1), derive=plain)
    paper = store.get(PaperId("2402.00001"))
    assert paper is not None
    assert paper.derived == Derived(title="Title 1", abstract="A.")
