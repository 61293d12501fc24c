"""The schema's history: numbered SQL files, applied in order. Knows no engine.

A file's first line says which code can use the result: ``-- compatible: 1`` means code whose newest
migration is number 1 or later. A second line ``-- refile titles`` says that this table is to be written anew from the
papers afterwards; ``-- refile`` alone means that of announcements. Files are never changed once released; a change is a new file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FILE = re.compile(r"(\d{4})_\w+\.sql")
_HEAD = re.compile(r"-- compatible: (\d+)\n(?:-- (refile)(?: (\w+))?\n)?")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its number, the oldest schema number of code that can use the result, its statements.

    ``refile``: the table that is to be written anew from the papers afterwards, if any.
    """

    number: int
    compatible: int
    statements: tuple[str, ...]
    refile: str | None = None


@cache
def migrations() -> tuple[Migration, ...]:
    """Every step, numbered from 1 without gaps."""
    found: list[Migration] = []
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if name := _FILE.fullmatch(file.name):
            text = file.read_text("utf-8")
            head = _HEAD.match(text)
            if head is None or int(name[1]) != len(found) + 1:
                raise AssertionError(f"{file.name}: wanted number {len(found) + 1} and '-- compatible: n'")
            lines = [line for line in text.splitlines() if not line.startswith("--")]
            statements = tuple(s.strip() for s in "\n".join(lines).split(";") if s.strip())
            refile = (head[3] or "announcements") if head[2] else None
            found.append(Migration(int(name[1]), int(head[1]), statements, refile=refile))
    return tuple(found)
