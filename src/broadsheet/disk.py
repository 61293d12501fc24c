"""Why nothing more can be written to a folder. Knows nothing of what is written there."""

from __future__ import annotations

import errno
import shutil
import sys
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import resource

_FULL: Final = 1 << 20  # bytes free; less is too little for any step of a database or a search engine
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def no_room(folder: Path, code: int | None = None) -> str:
    """What is full, to begin a sentence with; "" where there is room.

    ``code``: the system's number of the error that was met, None where it is not known: engines that
    write by themselves, in threads of their own, often do not say.
    """
    if code in _NO_ROOM or shutil.disk_usage(folder).free < _FULL:
        return f"the disk of {folder} is full"
    limit = _limit()
    if limit is not None and code in {None, errno.EFBIG}:
        return (
            f"files in {folder} may not grow beyond {limit:,} bytes (`ulimit -f`, or LimitFSIZE of the "
            "systemd unit), so it is as good as full"
        )
    return ""


def _limit() -> int | None:
    """The size in bytes that this process's files may have; None where nobody set one."""
    if sys.platform == "win32":
        return None
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return None if limit == resource.RLIM_INFINITY else limit
