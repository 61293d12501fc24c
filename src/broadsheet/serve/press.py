"""Templates to responses: the pages' look, errors in words or JSON. Knows no paper and no library."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from types import CodeType
from typing import Any
from urllib.parse import unquote

import jinja2
from jinja2.bccache import Bucket
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from broadsheet.errors import (
    AwayError,
    BroadsheetError,
    BusyError,
    SearchError,
    StaleIndexError,
    StoreError,
    ThrottledError,
    TooManyError,
    http_status,
)
from broadsheet.library.shapes import as_known
from broadsheet.model import known_parts
from broadsheet.serve import view
from broadsheet.serve.gauge import request_id

_log = logging.getLogger(__name__)

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
API = "/api/v1/"  # whose errors have a form of their own
PROBLEM = "application/problem+json"
THEMES = ("light", "dark")
# The cookie that tells the next page what was just done, so that it can offer to undo it.
DONE = "done"


class _Compiled(jinja2.BytecodeCache):
    """What templates were compiled to in this process, by their names and texts: the same for every press."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


_compiled = _Compiled()


class Press:
    """Sets pages from templates, all of them compiled at the start. Safe to share between threads."""

    def __init__(
        self,
        *,
        title: str,
        accounts: bool = False,
        digests: bool = False,
        mails: bool = False,
        frank: bool = False,
    ) -> None:
        """``accounts``: whether people log in here, ``digests``: whether they are written, ``mails``: whether sent.

        ``frank``: whether whoever reads may know what is wrong with the machine; see ``explain``.
        """
        self._title = title
        self._frank = frank
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=_compiled,
        )
        self._templates.filters |= {
            "long_day": long_day,
            "short_day": short_day,
            "iso_day": iso_day,
            "host": view.host,
            "number": lambda n: f"{n:,}",
            "plural": plural,
            "paper_url": view.paper_url,
            "one_line": view.one_line,
        }
        self._templates.globals |= {
            "site_title": title,
            "edition_mark": asset_mark(),
            "accounts": accounts,
            "site_digests": digests,
            "site_mails": mails,
        }
        for name in self._templates.list_templates():
            self._templates.get_template(name)

    @property
    def title(self) -> str:
        """The name on the masthead."""
        return self._title

    def page(
        self,
        request: Request,
        template: str,
        values: Mapping[str, Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """A page for a reader."""
        theme = request.cookies.get("theme")
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        done = request.cookies.get(DONE)
        html = self._templates.get_template(template).render(
            **values,
            theme=theme if theme in THEMES else None,
            here=here,
            path=request.url.path,
            visitor=request.scope.get("visitor"),
            just_done=view.done(unquote(done)) if done else None,
        )
        answer = HTMLResponse(
            html, status_code=status, headers={"Cache-Control": "private, no-cache", **(headers or {})}
        )
        if done:
            answer.delete_cookie(DONE)
        return answer

    def failure(self, request: Request, error: BroadsheetError) -> Response:
        """An error of ours, in the form that was asked for."""
        status = http_status(error)
        headers = {}
        if isinstance(error, TooManyError | ThrottledError) and error.retry_after is not None:
            headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
        elif status == 503:
            headers["Retry-After"] = "30"
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        message = self.explain(error, of=f"{request.method} {request.url.path}")
        return self.error(request, status=status, message=message, headers=headers)

    def explain(self, error: BroadsheetError, *, of: str) -> str:
        """What a reader is told of an error: what it says, or where that may name files and machines the way to it.

        The log is told all of what is our fault; ``of``: what was asked for.
        """
        if (status := http_status(error)) >= 500:
            # That the index is being made, or another process writes, is a state and no fault.
            fault = error if status != 503 else None
            _log.error("%s: %s", of, error, exc_info=fault)
        if self._frank or not isinstance(error, StoreError | SearchError):
            return sentence(str(error))
        what = next(text for kind, text in _STATES if isinstance(error, kind))
        return f"{what} {where_it_is_logged()}"

    def error(
        self,
        request: Request,
        *,
        status: int,
        message: str,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Response:
        """An error in the form that was asked for: a page, ``{"error": …, "status": …}``, API v1's problem."""
        if request.url.path.startswith(API):
            return problem(status, message, headers=headers)
        if wants_json(request):
            return JSONResponse({"error": message, "status": status}, status_code=status, headers=headers)
        values = {
            "heading": _HEADINGS.get(status, "Something went wrong"),
            "message": message,
            "status": status,
        }
        return self.page(
            request, "error.html", {"elsewhere": (), **values, **more}, status=status, headers=headers
        )


def where_it_is_logged() -> str:
    """A sentence that says where whoever runs the site finds what happened."""
    id = request_id.get()
    return f"The server’s log says more of it{f', under {id}' if id else ''}."


def wants_json(request: Request) -> bool:
    """Whether a program asks: by a name that only programs use, or for JSON and not for HTML."""
    path, accept = request.url.path, request.headers.get("accept", "")
    named = path.startswith("/api/") or path.endswith((".json", ".md", "/mcp", "/oembed", "/healthz"))
    return named or ("json" in accept and "html" not in accept)


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document, RFC 9457. Its type is ``about:blank``: the status says which, the detail what."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return JSONResponse(
        body | ({"errors": list(errors)} if errors else {}),
        status_code=status,
        media_type=PROBLEM,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def long_day(day: date | datetime) -> str:
    """A day as a newspaper writes it: Friday, 20 March 2026."""
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def short_day(day: date | datetime) -> str:
    """A day in few letters, 20 Mar 2026; of a moment only what its source can have known: 1984, May 2020."""
    year, month, known = known_parts(day) if isinstance(day, datetime) else (day.year, day.month, day.day)
    return " ".join(str(part) for part in (known, month and f"{day:%b}", year) if part is not None)


def iso_day(day: date | datetime) -> str:
    """A day for programs; of a moment only what its source can have known."""
    return (as_known(day) or "")[:10] if isinstance(day, datetime) else day.isoformat()


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its word: 1 paper, 1,204 papers."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """An error message as a sentence: capital first, full stop last."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def asset_mark() -> str:
    """A short name for the state of the static files, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


# What strangers are told of the machine, by kind of error; the first that fits counts.
_STATES: tuple[tuple[type[BroadsheetError], str], ...] = (
    (BusyError, "Somebody else is writing, and it took too long: nothing was changed; try again."),
    (
        AwayError,
        "The database does not answer; everything goes on when it is back. Of a change, look whether it was kept.",
    ),
    (StoreError, "The database cannot do this now."),
    (StaleIndexError, "The search index is being made, which takes a moment."),
    (SearchError, "The search index cannot do this now."),
)
_HEADINGS = {
    400: "That does not parse",
    401: "Who is asking?",
    403: "Not allowed",
    404: "Not in this archive",
    405: "Not that way",
    409: "Taken",
    413: "Too large",
    421: "Known by another name",
    429: "Too often",
    502: "The source did not answer",
    503: "Not ready yet",
}
