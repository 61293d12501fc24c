"""``python -m tests.crash``: kill work at random points and say what was found; exit code 1 where a promise broke."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.crash.points import KINDS, Point, killing, points


def main() -> int:
    """Try points, and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--points", type=int, default=200, help="how many points (%(default)s)")
    parser.add_argument(
        "--engine", choices=tuple(KINDS), default="sqlite", help="what it is done to (%(default)s)"
    )
    parser.add_argument("--seed", type=int, help="what they are chosen by; a random one is taken and told")
    parser.add_argument("--only", type=Point.parse, help="one point, SEED/KIND/NUMBER as told, once more")
    parser.add_argument(
        "--every",
        nargs=2,
        metavar=("KIND", "MODULE"),
        help="instead: before every line of a module, such as `index index/files.py`",
    )
    parser.add_argument(
        "--folder", type=Path, help="where to work, on the disk to be tried (a temporary one)"
    )
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    killed, acknowledged, broken = Counter[str](), Counter[str](), []
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="broadsheet-crash-", dir=asked.folder))
    with killing(folder) as killer:
        if asked.every:
            chosen = killer.every_line(*asked.every, seed=seed)
        else:
            chosen = [asked.only] if asked.only else points(asked.points, seed=seed, engine=asked.engine)
        _say(f"seed {chosen[0].seed if asked.only else seed}, {len(chosen)} points")
        for point in chosen:
            found = killer.try_point(point)
            killed[point.kind] += 1
            acknowledged[point.kind] += found.acknowledged
            if found.broken or asked.only:
                _say(f"{point} killed {found.where}: {found.broken or 'kept'}")
            if found.broken:
                broken.append(point)
    if not broken:
        shutil.rmtree(folder)
    for kind in sorted(killed):
        lost = sum(point.kind == kind for point in broken)
        _say(
            f"{kind:18}{killed[kind]:4} kills, {acknowledged[kind]:5} acknowledged before them, {lost} broken"
        )
    _say(f"{len(broken)} of {len(chosen)} broken, {time.monotonic() - began:.0f} s")
    for point in broken:
        _say(f"again: python -m tests.crash --only {point}")
    return 1 if broken else 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  it is a command


if __name__ == "__main__":
    sys.exit(main())
