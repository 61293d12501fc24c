"""arXiv as a source: OAI-PMH for everything, the feed for the day, the API for single papers.

All three go through one polite gate, shared by every process that uses the same folder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import platformdirs

from broadsheet.errors import InputError
from broadsheet.ids import PaperId
from broadsheet.source.arxiv.announce import URL as FEED_URL
from broadsheet.source.arxiv.announce import AnnouncementFeed
from broadsheet.source.arxiv.api import URL as API_URL
from broadsheet.source.arxiv.api import Api
from broadsheet.source.arxiv.client import Client, Limits
from broadsheet.source.arxiv.gate import FileGate, Gate
from broadsheet.source.arxiv.oai import URL as OAI_URL
from broadsheet.source.arxiv.oai import OaiSource
from broadsheet.source.arxiv.records import SOURCE
from broadsheet.source.contract import Batch, Item

__all__ = ["AnnouncementFeed", "Api", "Arxiv", "Client", "FileGate", "Gate", "Limits", "OaiSource"]

_WEEK = timedelta(days=7)


class Arxiv:
    """Everything asked of arXiv by one installation; also a ``HostSource`` over all its sets.

    ``folder`` holds the gate's file (default: Broadsheet's data folder) unless a ``gate`` is given; ``contact`` is told to
    arXiv with every request; ``sets`` are OAI-PMH sets; ``since`` is where the first harvest of
    a set starts (default: a week ago). ``harvests`` and ``feeds`` are its parts, one for each set.
    A ``client`` brings its own gate and contact.
    """

    name = SOURCE

    def __init__(
        self,
        folder: Path | None = None,
        *,
        contact: str = "",
        sets: Sequence[str] = ("cs", "stat"),
        since: date | None = None,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
        gate: Gate | None = None,
        client: Client | None = None,
        oai_url: str = OAI_URL,
        feed_url: str = FEED_URL,
        api_url: str = API_URL,
    ) -> None:
        folder = folder or Path(platformdirs.user_data_dir("broadsheet"))
        self._client = client or Client(gate or FileGate(folder / "arxiv.gate"), contact=contact)
        self._api = Api(self._client, url=api_url)
        start = since or today() - _WEEK
        self.harvests = tuple(OaiSource(self._client, set=s, since=start, url=oai_url) for s in sets)
        self.feeds = tuple(AnnouncementFeed(self._client, set=s, url=feed_url) for s in sets if s)

    def harvest(self, cursor: str | None) -> Iterator[Batch]:
        """Batches of all sets in turn; the cursor holds the places of them all."""
        places = _places(cursor)
        for source in self.harvests:
            for batch in source.harvest(places.get(source.name)):
                if batch.cursor is not None:
                    places[source.name] = batch.cursor
                yield replace(batch, cursor=json.dumps(places, sort_keys=True))

    def fetch(self, ids: Iterable[PaperId]) -> Iterator[Item]:
        """The latest records of single papers. See ``Api.fetch``."""
        return self._api.fetch(ids)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def _places(cursor: str | None) -> dict[str, str]:
    if cursor is None:
        return {}
    try:
        return {str(name): str(place) for name, place in json.loads(cursor).items()}
    except (ValueError, AttributeError) as error:
        raise InputError(f"not a cursor of arXiv's harvests: {cursor!r}") from error
