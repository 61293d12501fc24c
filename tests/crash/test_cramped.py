"""Full disks and read-only folders: on file systems mounted for the purpose where that is allowed, and by other means anywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

NAMESPACE = ["unshare", "--map-root-user", "--mount"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter, as pytest's are not."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-cramped-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("scenario", ["full_files", "full_under_follower", "read_only_folder"])
def test_where_nothing_can_be_written_that_is_said_and_nothing_acknowledged_is_lost(
    scenario: str, folder: Path
) -> None:
    run([], scenario, folder)


@pytest.mark.parametrize("scenario", ["full_disk", "read_only_disk"])
def test_a_disk_that_takes_nothing_is_named_and_nothing_acknowledged_is_lost(
    scenario: str, folder: Path
) -> None:
    may = shutil.which(NAMESPACE[0]) and not subprocess.run([*NAMESPACE, "true"], check=False).returncode
    if not may:
        pytest.skip(
            "file systems cannot be mounted here: no user namespaces (unshare --map-root-user); the same was done "
            "with a limit to files and with permissions"
        )
    run(NAMESPACE, scenario, folder)


def run(within: list[str], scenario: str, folder: Path) -> None:
    done = subprocess.run(
        [*within, sys.executable, "-m", "tests.crash.cramped", scenario, str(folder)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stderr
