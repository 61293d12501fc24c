"""How the log is written: lines for people, or JSON for machines, each with its request's number."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from broadsheet.serve.gauge import request_id


class Plain(logging.Formatter):
    """A line for people."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the standard library's name
        """Time, level, what happened, and which request; a traceback follows."""
        id = request_id.get()
        line = super().formatMessage(record)
        return f"{line} [{id}]" if id else line


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, request and traceback where there is one."""
        value = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if id := request_id.get():
            value["request"] = id
        if record.exc_info:
            value["error"] = self.formatException(record.exc_info)
        return json.dumps(value, ensure_ascii=False)


def set_up(form: str, *, level: int = logging.WARNING) -> None:
    """Write the log to standard error in a form, ``plain`` or ``json``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Plain("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
