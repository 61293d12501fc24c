"""Installing on a machine where something is missing ends in one clear sentence."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent


def _install(venv: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / "install", venv],
        capture_output=True,
        text=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("PIP_")} | environ,
        timeout=120,
        check=False,
    )


def test_missing_python_is_said(tmp_path: Path) -> None:
    done = _install(tmp_path / "venv", PYTHON="no-such-python")
    assert done.returncode == 1
    assert done.stderr == (
        "broadsheet: Python 3.11 or newer is needed and was not found; install it, or name it with "
        "PYTHON=/path/to/python3.\n"
    )


def test_registry_that_does_not_answer_is_said(tmp_path: Path) -> None:
    # Port 1 on loopback refuses at once; no other index may help.
    done = _install(
        tmp_path / "venv",
        PIP_INDEX_URL="http://127.0.0.1:1/simple",
        PIP_CONFIG_FILE=os.devnull,
        PIP_RETRIES="0",
    )
    assert done.returncode == 1
    assert done.stderr.startswith("broadsheet: the package registry did not answer; check the network")
    assert done.stderr.count("\n") == 1
