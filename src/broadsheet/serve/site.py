"""What every handler needs, in one value. Knows no route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from broadsheet.library import Desk, Library
from broadsheet.serve.press import Press


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A library on the web. ``base_url`` is the public address, "" for the one the reader used."""

    library: Library
    press: Press
    base_url: str
    reader: str  # whose shelf it is
    now: Callable[[], datetime]

    def desk(self, request: Request) -> Desk:  # noqa: ARG002  who asks will be told by the request
        """The desk of whoever asks."""
        return self.library.desk(self.reader)

    def absolute(self, request: Request, path: str) -> str:
        """A path of this site as a whole address."""
        return (self.base_url or str(request.base_url)).rstrip("/") + path


Handler = Callable[[Site, Request], Response]
