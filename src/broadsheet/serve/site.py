"""What every handler needs, in one value. Knows no route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from broadsheet.deliver.editor import Editor
from broadsheet.errors import NotFoundError
from broadsheet.ids import PaperId
from broadsheet.library import Desk, Intake, Library
from broadsheet.library.people import Accounts, Scope
from broadsheet.serve.door import SAFE, Door, visitor_of
from broadsheet.serve.gauge import Gauges
from broadsheet.serve.press import Press


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A library on the web. ``base_url`` is the public address, "" for the one the reader used."""

    library: Library
    press: Press
    base_url: str
    door: Door
    gauges: Gauges
    fetch: Callable[[PaperId], object] | None = None  # takes a paper in from its source, by id
    now: Callable[[], datetime]
    editor: Editor | None = None  # who writes digests
    mails: bool = False  # whether this site sends mail
    hub: str = ""  # the WebSub hub that is told of new editions
    intake: Intake | None = None  # takes a reader's own papers in; None: readers cannot bring any

    def desk(self, request: Request) -> Desk:
        """The desk of whoever asks; a stranger's is empty. Raises StrangerError, RefusedError where it is to change."""
        visitor = visitor_of(request)
        if request.method not in SAFE:
            visitor.need(Scope.DESK)
        return self.library.desk(visitor.reader)

    def accounts(self) -> Accounts:
        """The accounts of a house that has them. Raises NotFoundError."""
        if self.door.accounts is None:
            raise NotFoundError("this paper has one reader and no accounts")
        return self.door.accounts

    def absolute(self, request: Request, path: str) -> str:
        """A path of this site as a whole address."""
        return (self.base_url or str(request.base_url)).rstrip("/") + path


Handler = Callable[[Site, Request], Response]
