"""Which papers share bands of their sketches, for many papers at once. Knows the tables, and no text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from broadsheet.store.engine import Session
from broadsheet.store.rows import sketch_of

# Above one paper in this many, reading all sketches in order is quicker than looking up those of the papers.
_MANY = 12


def alike(session: Session, keys: Sequence[str]) -> dict[str, list[str]]:
    """For each of these papers, if any, the others that share a band: most shared first, ties by id."""
    (last,) = session.one("SELECT coalesce(max(no), 0) FROM papers")
    rows = _shared(session) if len(keys) * _MANY > last else _shared_with(session, keys)
    names = dict(
        session.all(
            "SELECT no, id FROM papers WHERE no IN (:numbers*)", numbers=sorted({no for _, no in rows})
        )
    )
    sharing: defaultdict[int, list[str]] = defaultdict(list)
    for band, no in rows:
        sharing[band].append(names[no])
    asked = set(keys)
    shared: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for group in sharing.values():
        for key in asked.intersection(group):
            shared[key].update(group)
    for key, others in shared.items():
        del others[key]
    return {
        key: sorted(others, key=lambda other: (-others[other], other))
        for key, others in sorted(shared.items())
    }


def _shared(session: Session) -> list[Any]:
    """Every band of more than one paper, with each of its papers."""
    return session.all(
        "SELECT band, paper FROM sketches WHERE band IN "
        "(SELECT band FROM sketches GROUP BY band HAVING count(*) > 1)"
    )


def _shared_with(session: Session, keys: Sequence[str]) -> list[Any]:
    """The same, of the bands of these papers."""
    bodies = session.all("SELECT body FROM papers WHERE id IN (:keys*) AND state = 0", keys=list(keys))
    bands = {band for (body,) in bodies for band in sketch_of(body)}
    return session.all(
        "SELECT band, paper FROM sketches WHERE band IN "
        "(SELECT band FROM sketches WHERE band IN (:bands*) GROUP BY band HAVING count(*) > 1)",
        bands=sorted(bands),
    )
