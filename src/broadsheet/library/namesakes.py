"""What a reader knows better of people who share a name: kept as a setting of theirs. Knows no page."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from broadsheet.errors import BroadsheetError, InputError
from broadsheet.ids import PaperId
from broadsheet.library.desk import Desk
from broadsheet.rank.authors import Mending

SETTING: Final = "namesakes:"  # and the author's key
_MOST = 500  # changes kept for one name


def mending_of(desk: Desk, key: str) -> Mending:
    """What the reader said of a name; nothing where the setting cannot be read."""
    try:
        kept = json.loads(desk.preferences().get(SETTING + key, "{}"))
        return Mending(
            together=kept.get("together", False) is True,
            joined=tuple((PaperId.parse(a), PaperId.parse(b)) for a, b in kept.get("joined", ())),
            moved=tuple(
                (PaperId.parse(a), PaperId.parse(b) if b else None) for a, b in kept.get("moved", ())
            ),
        )
    except (ValueError, TypeError, AttributeError, BroadsheetError):
        return Mending()


def join(desk: Desk, key: str, one: PaperId, other: PaperId) -> None:
    """The people who wrote these two are one person. Raises InputError for too many changes."""
    mending = mending_of(desk, key)
    _keep(desk, key, replace(mending, joined=(*mending.joined, (one, other))))


def move(desk: Desk, key: str, paper: PaperId, beside: PaperId | None) -> None:
    """A paper belongs with who wrote another one; None: with nobody of the others. Raises InputError."""
    mending = mending_of(desk, key)
    others = tuple(pair for pair in mending.moved if pair[0] != paper)
    _keep(desk, key, replace(mending, moved=(*others, (paper, beside))))


def put_together(desk: Desk, key: str) -> None:
    """All papers of this name are one person's."""
    _keep(desk, key, Mending(together=True))


def forget(desk: Desk, key: str) -> None:
    """Take back what was said of a name."""
    desk.prefer(SETTING + key, None)


def _keep(desk: Desk, key: str, mending: Mending) -> None:
    if len(mending.joined) + len(mending.moved) > _MOST:
        raise InputError(f"more than {_MOST} changes of one name; take them back and begin anew")
    kept = {
        "together": mending.together,
        "joined": [[str(a), str(b)] for a, b in mending.joined],
        "moved": [[str(a), str(b) if b else ""] for a, b in mending.moved],
    }
    desk.prefer(SETTING + key, json.dumps({name: value for name, value in kept.items() if value}))
