"""What measurements that were judged by hand have in common: their arguments, and verdicts on all that was drawn."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any


def options(about: str | None) -> argparse.Namespace:
    """Where the papers are, and whether the sheet to be judged is wanted instead of the count."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path)
    parser.add_argument("--sheet", action="store_true")
    return parser.parse_args()


def verdicts_of(module: str) -> tuple[Any, str]:
    """The verdicts beside a measurement, and the name of their file."""
    file = Path(module).with_suffix(".json")
    return json.loads(file.read_text(encoding="utf-8")), file.name


def demand(drawn: Iterable[str], judged: Container[str], *, file: str) -> None:
    """Exit where something that was drawn has no verdict."""
    if unknown := [id for id in drawn if id not in judged]:
        sys.exit(f"not judged yet: {', '.join(unknown)}; see --sheet, and put them into {file}")
