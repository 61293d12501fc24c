"""Tell a WebSub hub that feeds have changed (https://www.w3.org/TR/websub/); it fetches them and tells their readers.

How a publisher tells its hub is left open there (section 5). This is the form that hubs have taken since
PubSubHubbub 0.3, section 7.1: a POST of ``hub.mode=publish`` and ``hub.url``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

import httpx

from broadsheet import __version__
from broadsheet.errors import SourceError

_PATIENCE: Final = 20.0  # seconds for an answer


class Herald:
    """Tells a hub of ``topics``, the addresses of feeds, whenever their state is another. For one thread.

    A state is told when it has stood for one look: an import changes it hundreds of times. One that has not stood still
    for ``longest`` looks is told all the same.
    """

    def __init__(
        self,
        hub: str,
        topics: Sequence[str],
        *,
        longest: int = 20,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._hub = hub
        self._topics = tuple(topics)
        self._longest = longest
        self._transport = transport
        self._told: Hashable = None  # what the last process told is not known, and telling twice does no harm
        self._seen: Hashable = None
        self._looks = 0  # since the state that was told

    def look(self, state: Hashable) -> bool:
        """Whether the hub was told. Raises SourceError where it cannot be; the next look tries again."""
        if state == self._told:
            return False
        moving = state != self._seen
        self._seen = state
        self._looks += 1
        if moving and self._looks < self._longest:
            return False
        self._tell()
        self._told = state
        self._looks = 0
        return True

    def _tell(self) -> None:
        agent = {"User-Agent": f"Broadsheet/{__version__}"}
        with httpx.Client(timeout=_PATIENCE, headers=agent, transport=self._transport) as client:
            for topic in self._topics:
                try:
                    answer = client.post(self._hub, data={"hub.mode": "publish", "hub.url": topic})
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    raise SourceError(
                        f"the WebSub hub {self._hub} cannot be told of {topic}: {error or type(error).__name__}"
                    ) from error
                if not answer.is_success:
                    said = " ".join(answer.text.split())[:200]
                    raise SourceError(
                        f"the WebSub hub {self._hub} was told of {topic} and answered {answer.status_code} {said}"
                    )
