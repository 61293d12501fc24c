"""Entity tags: a program that has an answer already is told so, and sent nothing. Knows no route."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class EntityTags:
    """Gives answers of the API to a GET an ``ETag`` made from their body, and 304 to who has it (RFC 9110)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, once its answer is whole where it has a tag."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body: list[bytes] = []
        passing = False

        async def gather(message: Message) -> None:
            nonlocal passing
            if message["type"] == "http.response.start":
                start.update(message)
                # What nobody may keep needs no name, and may be too long to be held here whole.
                passing = "no-store" in Headers(raw=message["headers"]).get("cache-control", "")
                if passing:
                    await send(message)
                return
            if passing:
                await send(message)
                return
            body.append(message.get("body", b""))
            if message.get("more_body"):
                return
            if start["status"] == 200:
                tag = f'"{hashlib.sha256(b"".join(body)).hexdigest()[:32]}"'
                headers = MutableHeaders(scope=start)
                headers["ETag"] = tag
                headers.setdefault("Cache-Control", "private, no-cache")
                if matches(Headers(scope=scope).get("if-none-match"), tag):
                    start["status"] = 304
                    body.clear()
                    del headers["Content-Length"]
                    del headers["Content-Type"]
            await send(start)
            await send({"type": "http.response.body", "body": b"".join(body)})

        await self._app(scope, receive, gather)


def matches(asked: str | None, tag: str) -> bool:
    """Whether ``If-None-Match`` names a tag, by the weak comparison of RFC 9110, 8.8.3.2."""
    return asked is not None and any(one.strip().removeprefix("W/") in {tag, "*"} for one in asked.split(","))
