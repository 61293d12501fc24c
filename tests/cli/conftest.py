"""The command line, run as a person runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs ``broadsheet`` with a data folder of its own; ``check=False`` where it should fail."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("BROADSHEET_")}
    environ |= {"XDG_CONFIG_HOME": str(tmp_path / "config"), "COLUMNS": "100"}

    def run_(*words: str, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from broadsheet.cli import main; main()",
                "--data",
                str(tmp_path / "data"),
                *words,
            ],
            capture_output=True,
            text=True,
            env=environ | more,
            timeout=120,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return run_
