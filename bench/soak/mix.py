"""What readers, programs and crawlers ask a house for, in which proportions, and which answers are right.

The proportions are a guess at a busy group's paper: mostly reading, some of it by programs, one request in eight
a write. They are part of what is measured; changed proportions are another measurement.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from bench.soak.load import Request

_FORM = ("Content-Type", "application/x-www-form-urlencoded")
_HERE = ("Sec-Fetch-Site", "same-origin")
_JSON = ("Accept", "application/json")
_SEEN = frozenset({303})
_DONE = frozenset({200, 204})


@dataclass(frozen=True, slots=True)
class World:
    """What there is to ask for. ``readers``: the cookie and the token of each account."""

    days: list[str]
    sections: list[str]  # DAY/CATEGORY
    papers: list[str]
    authors: list[str]
    categories: list[str]
    words: list[str]
    static: list[str]
    readers: list[tuple[str, str]]


def requests(world: World, *, chance: random.Random, only_reads: bool = False) -> Iterator[Request]:
    """Requests without end, in the mix's proportions."""
    mix = _Mix(world, chance)
    kinds = [kind for kind in mix.kinds() if not (only_reads and kind.writes)]
    weights = [kind.weight for kind in kinds]
    while True:
        kind = chance.choices(kinds, weights)[0]
        yield kind.make()


@dataclass(frozen=True, slots=True)
class _Kind:
    weight: float
    make: Callable[[], Request]
    writes: bool = False


class _Mix:
    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance
        self._uploads = 0

    def kinds(self) -> list[_Kind]:
        one, world, page = self._chance.choice, self._world, self._page

        def of(weight: float, kind: str, *paths: Callable[[], str]) -> _Kind:
            return _Kind(weight, lambda: page(kind, one(paths)()))

        return [
            of(8, "front page", lambda: "/"),
            of(6, "edition", lambda: f"/edition/{one(world.days)}"),
            of(5, "section", lambda: f"/edition/{one(world.sections)}"),
            of(14, "paper", lambda: f"/papers/{one(world.papers)}"),
            of(
                3,
                "similar papers",
                lambda: (
                    f"/papers/{one(world.papers)}/similar{one(['', '?by=method', '?by=problem', '?by=result'])}"
                ),
            ),
            of(10, "search", lambda: f"/search?{urlencode({'q': self._query()})}"),
            of(
                4,
                "search, narrowed",
                lambda: (
                    f"/search?{urlencode({'q': f'{self._query()} cat:{one(world.categories)}', 'sort': one(['', 'date'])})}"
                ),
                lambda: f"/search?{urlencode({'q': f'{self._query()} date:{one(world.days)[:7]}'})}",
            ),
            of(4, "author", lambda: f"/authors/{quote(one(world.authors))}"),
            of(2, "archive", lambda: "/archive", lambda: f"/archive/{one(world.days)[:7]}"),
            of(2, "trending", lambda: f"/trending?by={one(['day', 'week', 'month'])}"),
            of(1, "expected", lambda: "/expected", lambda: f"/expected?day={one(world.days)}"),
            of(1.5, "topics", lambda: f"/edition/{one(world.days)}/topics"),
            of(
                1,
                "map",
                lambda: f"/map?day={one(world.days)}",
                lambda: f"/map?{urlencode({'q': self._query()})}",
            ),
            of(0.5, "map data", lambda: f"/map.json?day={one(world.days)}"),
            of(1.5, "other pages", lambda: "/about", lambda: "/discussion", lambda: "/search"),
            of(1, "health", lambda: "/healthz", lambda: "/readyz", lambda: "/metrics"),
            of(4, "static", lambda: one(world.static)),
            of(3, "citation", lambda: f"/papers/{one(world.papers)}.{one(['bib', 'ris', 'json', 'md'])}"),
            of(
                5,
                "feed",
                lambda: f"/feeds/edition.{one(['atom', 'json'])}",
                lambda: f"/edition/{one(world.days)}.{one(['atom', 'json'])}",
                lambda: f"/feeds/search.atom?{urlencode({'q': self._query()})}",
                lambda: f"/feeds/authors/{quote(one(world.authors))}.atom",
                lambda: f"/feeds/categories/{one(world.categories)}.atom",
            ),
            _Kind(
                2,
                lambda: Request(
                    "feed, asked again",
                    f"/feeds/categories/{one(world.categories)}.atom",
                    expected=frozenset({200, 304}),
                    remember=True,
                ),
            ),
            _Kind(
                3,
                lambda: self._own(
                    "desk",
                    one(["/desk", "/following", "/desk/start", f"/papers/{one(world.papers)}/marks"]),
                ),
            ),
            _Kind(2, lambda: self._own("for you", one(["/for-you", "/for-you", "/for-you/interests"]))),
            of(3, "API: search", lambda: f"/api/v1/search?{urlencode({'q': self._query(), 'limit': 10})}"),
            of(
                3,
                "API: paper",
                lambda: f"/api/v1/papers/{one(world.papers)}",
                lambda: f"/api/v1/papers/{one(world.papers)}/similar",
            ),
            of(
                2,
                "API: edition",
                lambda: f"/api/v1/editions/{one(world.days)}",
                lambda: "/api/v1/editions",
            ),
            of(
                1,
                "API: lists",
                lambda: "/api/v1/changes?limit=50",
                lambda: "/api/v1/trending",
                lambda: f"/api/v1/authors/{quote(one(world.authors))}",
            ),
            of(
                2,
                "Hub's API",
                lambda: f"/api/daily_papers?date={one(world.days)}",
                lambda: f"/api/papers/search?{urlencode({'q': self._query()})}",
                lambda: f"/api/papers/{one(world.papers)}",
            ),
            _Kind(1, self._tool),
            _Kind(1, lambda: Request("no such page", "/papers/2612.99999", expected=frozenset({404}))),
            _Kind(4, self._vote, writes=True),
            _Kind(5, self._mark, writes=True),
            _Kind(0.3, self._comment, writes=True),
            _Kind(0.5, self._follow, writes=True),
            _Kind(0.2, self._upload, writes=True),
            _Kind(2, self._api_write, writes=True),
        ]

    def _query(self) -> str:
        return " ".join(self._chance.sample(self._world.words, self._chance.randint(1, 3)))

    def _page(self, kind: str, path: str) -> Request:
        """A page, asked for by a stranger or by somebody who is logged in."""
        headers: tuple[tuple[str, str], ...] = ()
        if self._chance.random() < 0.4 and not path.startswith("/api/"):
            headers = (self._cookie(),)
        return Request(kind, path, headers=headers)

    def _cookie(self) -> tuple[str, str]:
        return "Cookie", f"session={self._chance.choice(self._world.readers)[0]}"

    def _own(self, kind: str, path: str) -> Request:
        return Request(kind, path, headers=(self._cookie(),))

    def _paper(self) -> str:
        return self._chance.choice(self._world.papers)

    def _form(self, kind: str, path: str, fields: dict[str, str]) -> Request:
        headers = (self._cookie(), _HERE, _FORM)
        return Request(kind, path, "POST", headers, urlencode(fields).encode(), _SEEN)

    def _vote(self) -> Request:
        what = self._chance.choice(["vote", "vote", "unvote"])
        return self._form("vote", f"/papers/{self._paper()}/{what}", {"x": "1"})

    def _mark(self) -> Request:
        kind = self._chance.choice(["saved", "saved", "liked", "read", "disliked", "hidden", "tag"])
        what = self._chance.choice(["set", "set", "clear"])
        text = self._chance.choice(self._world.words) if kind == "tag" else ""
        return self._form("mark", f"/papers/{self._paper()}/marks", {what: kind, "text": text})

    def _comment(self) -> Request:
        text = f"On *{self._query()}*: see [this](https://example.org/) and `code`, $x^2$."
        return self._form("comment", f"/papers/{self._paper()}/comments", {"text": text})

    def _follow(self) -> Request:
        what = self._chance.choice(["set", "clear"])
        return self._form(
            "follow", "/following", {what: "category", "value": self._chance.choice(self._world.categories)}
        )

    def _upload(self) -> Request:
        """A reader's own library, which the server takes in while it serves."""
        self._uploads += 1
        number = f"{self._chance.randrange(10**8):08}"
        entry = (
            f"@article{{own{number}, title={{On {self._query()} {number}}}, author={{Reader, Own and Other, An}}, "
            f"year={{2026}}, doi={{10.5555/soak.{number}}}, abstract={{We look at {self._query()}.}}}}\n"
        )
        edge = "soak-edge"
        body = (
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="own.bib"\r\n'
            f"Content-Type: text/plain\r\n\r\n{entry}\r\n--{edge}--\r\n"
        ).encode()
        headers = (self._cookie(), _HERE, ("Content-Type", f"multipart/form-data; boundary={edge}"))
        return Request("upload of papers", "/desk/start/file", "POST", headers, body)

    def _api_write(self) -> Request:
        what = self._chance.choice(["saved", "votes"])
        method = self._chance.choice(["PUT", "PUT", "DELETE"])
        token = ("Authorization", f"Bearer {self._chance.choice(self._world.readers)[1]}")
        path = f"/api/v1/{what}/{self._paper()}"
        return Request("API: write", path, method, (token, _JSON), expected=_DONE)

    def _tool(self) -> Request:
        call = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": "search", "arguments": {"query": self._query()}},
        }
        headers = (
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
            ("MCP-Protocol-Version", "2025-06-18"),
        )
        return Request("MCP", "/mcp", "POST", headers, json.dumps(call).encode())
