"""Care for the C library's heaps, where it is glibc: elsewhere nothing happens. Knows nothing of what lies there."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from typing import Final

_M_ARENA_MAX: Final = -8  # malloc.h
_M_MMAP_THRESHOLD: Final = -3
_LARGE: Final = 256 << 10  # bytes
_EVERY: Final = 20.0  # seconds


def look_after() -> None:
    """Keep the heaps of a server small, from now until the process ends.

    All threads take their memory from two heaps. They would get eight for each core: what is free in one is of no use
    to the others, and a server grows by a third, while its threads take turns in Python anyway. Large pieces, such as
    the arrays of an answer, come from the system and go back there with the answer: in a heap each leaves a gap, and
    the gaps of a crowd made a fifth of a process (costs 3 % more CPU). Every few seconds the system gets back what is
    free in the heaps.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if not (hasattr(library, "mallopt") and hasattr(library, "malloc_trim")):
        return
    library.mallopt(_M_ARENA_MAX, 2)
    library.mallopt(_M_MMAP_THRESHOLD, _LARGE)
    threading.Thread(target=_give_back, args=(library,), name="heaps", daemon=True).start()


def _give_back(library: ctypes.CDLL) -> None:
    while True:
        time.sleep(_EVERY)
        library.malloc_trim(0)  # some milliseconds, in which nobody waits for Python
