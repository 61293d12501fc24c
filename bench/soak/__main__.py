"""A house under mixed load for half an hour: no error, memory flat, pages quick. `--overload`: past what it can do.

    python -m bench.soak [--seconds 1800] [--rate 50] [--seed 1] [--papers 6000] [--quick] [--overload]
                         [--processes 2] [--data DIR]

Starts `broadsheet serve` on files of its own, furnished with the sample edition and ``--papers`` more, and asks it
from another process (see ``load``), while a third takes more papers in. Prints a table by kind of request, memory
over time, and a verdict, which is the exit status. Not right is any status but the expected, a refused connection,
a failed import, a line of the server's log that says error; growth of its memory by over 5 % (see ``report``);
more than 5 s to stop while it is still asked; and a 95th percentile over 150 ms, which ``--quick`` only reports, as a busy machine says little of it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from bench.soak import house, load, report
from bench.soak.mix import World

SHARED = Path(os.environ.get("BROADSHEET_SHARED") or Path(__file__).parents[3] / "shared")
SLOWEST = 150.0  # ms that 95 of 100 requests take at most
# Caches and heaps fill for ten minutes of it, and what keeps some thousands of papers is full of these from the start.
# Where fewer papers are asked for, two minutes will do.
LONG = {"rate": 50, "seconds": 1800, "papers": 6000, "asked": 1000, "warm_up": 600}
QUICK = {"rate": 20, "seconds": 120, "papers": 200, "asked": 100, "warm_up": 80}
STOPPING = 5.0  # seconds that it takes to stop at most
STARTING = 2.0  # seconds that the generator has to start
RECOVERY = 5.0  # seconds after a crowd until nobody is told to come back any more
# Requests a second, and for how many seconds.
CROWD: list[tuple[str, load.Phase]] = [
    ("warm-up", (20, 30)),
    ("before", (20, 20)),
    ("crowd", (600, 30)),
    ("after", (20, 30)),
]
EVERY, BATCH = 15.0, 20  # seconds between imports, papers in each


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--rate", type=float, help="requests a second; 50, and 20 of the quick form")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--papers", type=int, help="beside the sample edition")
    parser.add_argument("--warm-up", type=int, help="seconds; 600, and 80 of the quick form")
    parser.add_argument("--quick", action="store_true", help="two minutes; times are only told")
    parser.add_argument(
        "--overload", action="store_true", help="drive it past what it can do, and see it recover"
    )
    parser.add_argument("--encoder", default="minilm", help="the better vectors, as the setting has it")
    parser.add_argument(
        "--processes", type=int, default=min(2, os.cpu_count() or 1), help="as the setting has it; 2"
    )
    parser.add_argument("--data", type=Path, help="a new folder, to be kept")
    options = parser.parse_args()
    usual = QUICK if options.quick or options.overload else LONG
    seconds, papers = (
        options.seconds or usual["seconds"],
        usual["papers"] if options.papers is None else options.papers,
    )
    with tempfile.TemporaryDirectory(prefix="broadsheet-soak-") as temporary:
        data = options.data or Path(temporary)
        data.mkdir(parents=True, exist_ok=True)
        later = 0 if options.overload else int(seconds / EVERY) * BATCH
        furniture = house.corpus(SHARED, papers=papers, later=later, seed=options.seed)
        world = house.furnish(
            data, furniture, papers=usual["asked"], encoder=options.encoder, seed=options.seed
        )
        print(
            f"the sample edition and {len(furniture.before)} {furniture.name} papers, {len(furniture.later)} more to come; "
            f"{len(world.readers)} accounts, {len(world.days)} editions, {len(world.papers)} papers asked for"
        )
        settings = {"BROADSHEET_ENCODER": options.encoder, "BROADSHEET_PROCESSES": str(options.processes)}
        if options.overload:
            return overload(data, world, settings, seed=options.seed)
        warm_up = min(usual["warm_up"], seconds // 2) if options.warm_up is None else options.warm_up
        return soak(
            data,
            world,
            furniture.later,
            settings,
            rate=options.rate or usual["rate"],
            seconds=seconds,
            warm_up=warm_up,
            seed=options.seed,
            strict=not options.quick,
        )


def soak(
    data: Path,
    world: World,
    later: Sequence[str],
    settings: Mapping[str, str],
    *,
    rate: float,
    seconds: int,
    warm_up: int,
    seed: int,
    strict: bool,
) -> int:
    """0 where all was well, after saying how it was."""
    log = data / "server.log"
    with house.serving(data, log=log, **settings) as (port, server):
        watching = house.Watching(server.pid)
        importing = house.Importing(data, later, every=EVERY, batch=BATCH)
        watching.start()
        importing.start()
        began = time.monotonic() + STARTING
        answers = asked(data, world, [(rate, seconds)], began=began, port=port, seed=seed)
        importing.stop()
        watching.stop()
        alive = server.poll() is None
        stopping = stopped(data, world, server, port=port, rate=rate, seed=seed + 1)
    timed = [answer for answer in answers if answer.due >= began + warm_up]
    held = report.memory(watching.readings, warm_up=warm_up, of=lambda reading: reading.rss)
    own = report.memory(watching.readings, warm_up=warm_up, of=lambda reading: reading.own)
    cpu = watching.readings[-1].cpu - watching.readings[0].cpu
    late = report.quantile([1000 * (answer.sent - answer.due) for answer in answers], 0.99)
    p95 = report.line("all", timed).p95
    print(f"\nafter {warm_up} s of warm-up, from when each request was due:\n{report.table(timed)}")
    print(f"\n{report.memory_table(watching.readings)}")
    print(
        f"\n{len(answers)} requests at {rate:g} a second for {seconds} s, {importing.papers} papers imported meanwhile; "
        f"the generator was {late:.1f} ms late at most for 99 of 100"
        f"\nCPU of the server: {1000 * cpu / len(answers):.1f} ms a request, its background work included"
        f"\nload of the machine: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores"
    )
    faults = [
        line
        for line in log.read_text(errors="replace").splitlines()
        if " ERROR " in line or "Traceback" in line
    ]
    mistakes = sum(not answer.expected for answer in answers)
    good = [
        said(alive, "the server lives"),
        said(not mistakes, f"{mistakes} answers of {len(answers)} were not as they should be"),
        said(not importing.failures, f"{len(importing.failures)} imports failed"),
        said(not faults, f"{len(faults)} lines of the server's log are errors"),
        said(
            held.growth <= report.GROWTH,
            f"memory went from {held.first / 1e6:.1f} to {held.last / 1e6:.1f} MB ({held.growth:+.1%}; its own without "
            f"mapped files {own.growth:+.1%}), {100 * report.GROWTH:g} % allowed",
        ),
        said(
            stopping <= STOPPING,
            f"told to stop under this load it was gone after {stopping:.1f} s, {STOPPING:g} promised",
        ),
        said(p95 <= SLOWEST or not strict, f"95 of 100 requests within {p95:.0f} ms, {SLOWEST:g} wanted"),
    ]
    print(report.wrong(answers), *importing.failures[:3], *faults[:10], sep="\n")
    return 0 if all(good) else 1


def overload(data: Path, world: World, settings: Mapping[str, str], *, seed: int) -> int:
    """0 where the house turned away what was too much, kept answering, and let everybody in again by itself."""
    log = data / "server.log"
    with house.serving(data, log=log, **settings) as (port, server):
        began = time.monotonic() + STARTING
        phases = [phase for _, phase in CROWD]
        answers = asked(data, world, phases, began=began, port=port, seed=seed, only_reads=True)
        alive = server.poll() is None
    parts: dict[str, list[load.Answer]] = {}
    for name, (rate, seconds) in CROWD:
        part = parts[name] = [answer for answer in answers if began <= answer.due < began + seconds]
        began += seconds
        let_in, turned = [a for a in part if a.status != 503], [a for a in part if a.status == 503]
        print(
            f"{name:<9} {rate:>4g}/s for {seconds:g} s: {len(let_in) / seconds:6.1f}/s let in, "
            f"p50 {report.line('', let_in).p50:7.1f} ms, p95 {report.line('', let_in).p95:7.1f} ms; "
            f"{len(turned) / seconds:6.1f}/s told to come back, p95 {report.line('', turned).p95:7.1f} ms"
        )
    turned = [answer for answer in answers if answer.status == 503]
    strange = [answer for answer in answers if not answer.expected and answer.status != 503]
    after = parts["after"]
    recovery = max((a.due for a in after if not a.expected), default=after[0].due) - after[0].due
    good = [
        said(alive, "the server lives"),
        said(bool(turned), f"{len(turned)} of {len(answers)} requests were told to come back"),
        said(all(answer.retry_after for answer in turned), "each of them when (Retry-After)"),
        said(not strange, f"{len(strange)} were answered otherwise wrongly"),
        said(
            recovery < RECOVERY,
            f"{recovery:.1f} s after the crowd had left everybody was let in, {RECOVERY:g} allowed",
        ),
    ]
    print(report.wrong(strange))
    return 0 if all(good) else 1


def stopped(
    data: Path, world: World, server: subprocess.Popen[bytes], *, port: int, rate: float, seed: int
) -> float:
    """How many seconds a server takes to be gone that is told to stop while readers go on asking."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        crowd = pool.submit(
            asked, data, world, [(rate, 5)], began=time.monotonic() + STARTING, port=port, seed=seed
        )
        time.sleep(STARTING + 2)
        began = time.monotonic()
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=30)
        took = time.monotonic() - began
        crowd.result()  # who came too late was refused, as is right
    return took


def asked(
    data: Path,
    world: World,
    phases: Sequence[load.Phase],
    *,
    began: float,
    port: int,
    seed: int,
    only_reads: bool = False,
) -> list[load.Answer]:
    """The answers to a plan that a process of its own carried out."""
    plan, answers = data / "plan.json", data / "answers.jsonl"
    plan.write_text(
        json.dumps(
            {
                "host": "127.0.0.1",
                "port": port,
                "began": began,
                "phases": phases,
                "seed": seed,
                "only_reads": only_reads,
                "world": asdict(world),
            }
        )
    )
    subprocess.run([sys.executable, "-m", "bench.soak.load", str(plan), str(answers)], check=True)
    return load.read(answers)


def said(good: bool, what: str) -> bool:  # noqa: FBT001  read as a sentence
    """Whether it is good, after saying so."""
    print(f"{'ok  ' if good else 'BAD '} {what}")
    return good


if __name__ == "__main__":
    sys.exit(main())
