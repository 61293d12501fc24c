"""What a reader put away: left out of a page's list, with a line that says so. Knows the desk and the address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

from broadsheet.ids import PaperId
from broadsheet.serve.site import Site

_SHOWN = "hidden"  # the parameter that shows them


@dataclass(frozen=True, slots=True)
class Away:
    """The papers that this page leaves out where it has them, and the address that turns this round."""

    ids: frozenset[PaperId]  # empty where the reader wants to see them
    shown: bool
    url: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many papers a page left out, or that it shows them all the same; and the way to the other."""

    count: int
    shown: bool
    url: str


def of(site: Site, request: Request) -> Away:
    """What this page is to leave out."""
    shown = bool(request.query_params.get(_SHOWN))
    others = [(n, v) for n, v in parse_qsl(request.url.query, keep_blank_values=True) if n != _SHOWN]
    query = urlencode(others if shown else [*others, (_SHOWN, "1")])
    ids = frozenset() if shown else site.desk(request).away()
    return Away(ids, shown, request.url.path + (f"?{query}" if query else ""))


def left_out(away: Away, ids: Iterable[PaperId]) -> LeftOut | None:
    """What to say of a list that had these papers; None where there is nothing to say."""
    count = len(away.ids.intersection(ids))
    return LeftOut(count, away.shown, away.url) if count or away.shown else None
