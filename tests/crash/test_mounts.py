"""Full disks and read-only folders, on file systems mounted for the purpose where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("scenario", ["full_disk", "read_only"])
def test_a_disk_that_takes_nothing_is_named_and_nothing_acknowledged_is_lost(
    scenario: str, tmp_path: Path
) -> None:
    enter = ["unshare", "--map-root-user", "--mount"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*enter, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("file systems cannot be mounted here: no user namespaces (unshare --map-root-user)")
    done = subprocess.run(
        [*enter, sys.executable, "-m", "tests.crash.mounted", scenario, str(tmp_path)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stderr
