"""A process that posts, and dies by SIGKILL before the nth line of ours that it would run.

Started once; for each line of JSON on standard input it forks a child that opens an archive, writes what is due,
sends what waits, and is killed where the order says. Answers with how many lines the child ran, or -1 where it died.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.deliver import compose, mail, outbox
from broadsheet.deliver.mail import MailServer, Security
from broadsheet.pipeline import digests
from broadsheet.store import postal

WATCHED = {module.__file__ for module in (digests, mail, outbox, postal)}


def post(order: dict[str, Any], *, tell: Callable[[str], None] = lambda _: None) -> None:
    """One round of the post; ``tell`` hears of what was written once it is durable."""
    now = datetime.fromisoformat(order["now"])
    settings = Settings(
        data=Path(order["data"]),
        database=order.get("database", ""),
        encoder="none",
        base_url="https://papers.example.org",
    )
    server = MailServer(
        host="127.0.0.1",
        port=order["port"],
        security=Security.NONE,
        sender="bounces@papers.example.org",
        name="papers.example.org",
    )
    with wiring.open_archive(settings) as archive:
        editor = wiring.editor_of(archive)
        written = digests.write_due(editor, now=lambda: now)
        tell(f"written {written.letters}")
        digests.send_waiting(archive.store.post, server, now=lambda: now)


def watched(order: dict[str, Any], answer: int) -> None:
    """Post, counting lines; dies before the line that the order names."""
    ran = 0

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal ran
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            ran += 1
            if ran == order["line"]:
                os.kill(os.getpid(), signal.SIGKILL)
        return count

    sys.settrace(count)
    post(order)
    sys.settrace(None)
    os.write(answer, str(ran).encode())


def main() -> None:
    for html in (True, False):  # so that no child has to make the templates ready
        compose._press(html=html).get_template("digest.html" if html else "digest.txt")
    for text in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                watched(json.loads(text), writing)
            finally:
                os._exit(0)
        os.close(writing)
        os.waitpid(child, 0)
        with os.fdopen(reading) as pipe:
            sys.stdout.write(f"{pipe.read() or -1}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
