"""Ten thousand readers' digests of one day, written and handed to a mail server on this machine.

    OPENBLAS_NUM_THREADS=1 python bench/digest_mail.py ../shared/data/arxiv_daily [--readers 10000] [--papers 1500]

Needs the extra ``test`` (aiosmtpd, which takes the letters in a process of its own). The day is put together from
records of 2026. Each reader has three interests, which are vectors of papers, and is judged by the cosine to the
nearest: this stands for the recommender, whose own cost is measured elsewhere. Everything else is what
``broadsheet serve`` does: claims, choosing, letters, outbox, SMTP, with every commit on disk. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import numpy as np
from aiosmtpd.smtp import SMTP

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.deliver.compose import Masthead
from broadsheet.deliver.digest import Judgement
from broadsheet.deliver.editor import Editor
from broadsheet.deliver.mail import MailServer, Security
from broadsheet.deliver.signing import Signer
from broadsheet.ids import PaperId
from broadsheet.library import Reason
from broadsheet.model import Announcement, Record
from broadsheet.pipeline.digests import send_waiting, write_due
from broadsheet.source.jsonl import JsonLines
from broadsheet.store.post import Schedule, State, Subscription
from broadsheet.text.derive import derive

DAY = date(2026, 3, 20)
NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)


class Sink:
    """Takes every letter and counts it."""

    def __init__(self) -> None:
        self.letters = 0
        self.bytes = 0

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802
        self.letters += 1
        self.bytes += len(envelope.original_content)
        return "250 taken"


def sink(port: Any, done: Event, counted: Any) -> None:
    """A mail server, until it is done."""
    handler = Sink()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(handler, hostname="sink"), "127.0.0.1", 0)
        port.value = server.sockets[0].getsockname()[1]
        await loop.run_in_executor(None, done.wait)
        server.close()

    asyncio.run(serve())
    counted.put((handler.letters, handler.bytes, time.process_time()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--papers", type=int, default=1500)
    parser.add_argument("--connections", type=int, default=2)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    port, done, counted = context.Value("i", 0), context.Event(), context.Queue()
    server = context.Process(target=sink, args=(port, done, counted))
    server.start()
    while not port.value:
        time.sleep(0.05)
    with tempfile.TemporaryDirectory() as data:
        report = run(Path(data), options, port.value)
    done.set()
    letters, size, cpu = counted.get()
    server.join()
    report["sink"] = {"letters": letters, "kB_each": round(size / letters / 1000, 1), "cpu_s": round(cpu, 1)}
    print(json.dumps(report, indent=2))


def run(data: Path, options: argparse.Namespace, port: int) -> dict[str, Any]:
    settings = Settings(data=data, encoder="none", base_url="https://papers.example.org")
    with wiring.open_archive(settings) as archive:
        records = day_of(options.folder, options.papers)
        archive.store.put([(record, derive(record)) for record in records], now=NOW)
        wiring.catch_up(archive)
        post = archive.store.post
        for number in range(options.readers):
            post.enrol(
                Subscription(
                    id=f"s{number}",
                    address=f"r{number}@example.org",
                    reader=f"r{number}",
                    schedule=Schedule(hour=9),
                    confirmed=NOW,
                    covered=DAY - timedelta(days=1),
                    due=NOW,
                )
            )
        known, vectors = archive.library.vectors_of([record.id for record in records])
        row = {id: place for place, id in enumerate(known)}
        homes = [record.categories[0] for record in records]

        def judge(reader: str, ids: Sequence[PaperId]) -> Judgement:
            own = np.random.default_rng(int(reader[1:])).choice(len(known), 3, replace=False)
            cosines = (vectors[[row[id] for id in ids]] @ vectors[own].T).astype(np.float64)
            interests = np.zeros_like(cosines)
            interests[np.arange(len(ids)), cosines.argmax(axis=1)] = 1.0
            return Judgement(
                scores=cosines.max(axis=1),
                interests=interests,
                home=frozenset(homes[place] for place in own),
                reasons=lambda shown: {id: Reason("like", "near to what you keep") for id in shown},
            )

        editor = Editor(
            archive.library,
            post,
            archive.store.tallies,
            signer=Signer(archive.store.secret()),
            judge=judge,
            masthead=Masthead(title="Broadsheet", url=settings.base_url),
            sender="Broadsheet <paper@example.org>",
        )
        begun, cpu = time.perf_counter(), time.process_time()
        written = write_due(editor, now=lambda: NOW)
        middle, middle_cpu = time.perf_counter(), time.process_time()
        mail = MailServer(
            host="127.0.0.1", port=port, security=Security.NONE, sender="paper@example.org", name="bench"
        )
        handed = send_waiting(post, mail, now=lambda: NOW, connections=options.connections)
        end, end_cpu = time.perf_counter(), time.process_time()
        assert written.letters == handed.sent == options.readers == post.letters()[State.SENT]
    each = 1000 / options.readers
    return {
        "readers": options.readers,
        "papers": len(records),
        "wall_s": {
            "write": round(middle - begun, 1),
            "send": round(end - middle, 1),
            "all": round(end - begun, 1),
        },
        "cpu_ms_each": {
            "write": round((middle_cpu - cpu) * each, 2),
            "send": round((end_cpu - middle_cpu) * each, 2),
        },
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def day_of(folder: Path, papers: int) -> list[Record]:
    """So many records, all announced on the day."""
    reader = JsonLines()
    records: list[Record] = []
    with gzip.open(folder / "2026H1.jsonl.gz", "rb") as lines:
        for number, line in enumerate(lines):
            if number % 7 == 0 and len(records) < papers and json.loads(line)["categories"]:
                record = reader.parse(line, where=str(number))
                records.append(replace(record, announcements=(Announcement(DAY),)))
    return records


if __name__ == "__main__":
    main()
