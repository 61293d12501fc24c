"""The heaps of a server are kept small."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

GROWN_AND_FREED = """
import sys, time
from pathlib import Path
from broadsheet import heaps

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

heaps._EVERY = 0.2
if sys.argv[1] == "cared for":
    heaps.look_after()
held = [bytearray(3000) for _ in range(40_000)]
last = bytearray(3000)  # at the end of the heap, so that it cannot simply be cut
before = resident()
del held
end = time.monotonic() + float(sys.argv[2])
while before - resident() < 100_000_000 and time.monotonic() < end:
    time.sleep(0.05)
print(before - resident(), len(last))
"""


def given_back(how: str, *, seconds: float) -> int:
    done = subprocess.run(
        [sys.executable, "-c", GROWN_AND_FREED, how, str(seconds)], capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[0])


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left alone")
def test_what_is_free_goes_back_to_the_system() -> None:
    assert given_back("left alone", seconds=0.5) < 20_000_000
    assert given_back("cared for", seconds=20) >= 100_000_000
