"""How the C library shares memory out among the threads of a server."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import Final

_M_ARENA_MAX: Final = -8  # glibc's malloc.h


def share() -> None:
    """Has all threads of this process take their memory from two heaps, where the C library is glibc.

    It would give eight for each core to the threads that answer; what is freed in one is of no use to the
    others, and a server grows by a third. They take turns in Python anyway.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
