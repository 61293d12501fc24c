"""Answer searches: the rankers' lists become hits with papers and reasons. Knows no page and no database."""

from __future__ import annotations

from datetime import date

from broadsheet.index.contract import Encoder, Filter, Snapshot
from broadsheet.library.views import Hit, Results
from broadsheet.model import Paper
from broadsheet.store.contract import Store


def search(
    query: str,
    *,
    snapshot: Snapshot,
    store: Store,
    fast: Encoder,
    better: Encoder | None,
    filter: Filter,
    today: date,
    limit: int,
    offset: int,
) -> Results:
    """The papers that answer a query, best first."""
    raise NotImplementedError


def similar(
    paper: Paper, *, snapshot: Snapshot, store: Store, fast: Encoder, better: Encoder | None, limit: int
) -> tuple[Hit, ...]:
    """The papers nearest in meaning to one."""
    raise NotImplementedError
