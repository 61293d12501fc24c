"""The contract of what readers say, follow and prefer. A part of the store's, with its promises.

A reader is a text that names somebody; whoever asks has made sure who it is. Nothing here is public.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final, Protocol

from broadsheet.ids import PaperId
from broadsheet.model import Follow, FollowKind, Mark, MarkKind, Notice, Paper

# Before the name of a setting that holds the number of a private feed's token: with it goes the feed's address.
FEED: Final = "feed:"


class Readers(Protocol):
    """See ``store.contract`` for threads, transactions and errors."""

    def mark(self, reader: str, id: PaperId, kind: MarkKind, *, text: str = "", now: datetime) -> bool:
        """Mark a paper; False where it was marked just so. A note or a reason replaces the former one.

        Marking twice is marking once, at the first moment. Raises NotFoundError.
        """
        ...

    def unmark(self, reader: str, id: PaperId, kind: MarkKind, *, text: str = "") -> bool:
        """Take a mark away, under whichever of the paper's names it was made; False where there was none.

        ``text`` names the tag or collection. With SAVED, the paper's notices go too.
        """
        ...

    def mark_all(self, reader: str, marks: Iterable[Mark]) -> int:
        """Make many marks in one transaction, each at its own moment; how many were made.

        A mark of a paper that is not here is passed over.
        """
        ...

    def marks(self, reader: str, *, kinds: Collection[MarkKind] = ()) -> tuple[Mark, ...]:
        """A reader's marks of these kinds, or all: newest first, then by paper, kind and text.

        A paper stands under its present id; marks of one kind made under several names are one, the newest.
        """
        ...

    def marks_of(self, reader: str, ids: Iterable[PaperId]) -> Mapping[PaperId, tuple[Mark, ...]]:
        """A reader's marks of these papers, keyed by the id asked for; papers without are left out."""
        ...

    def marked(self, reader: str, kind: MarkKind, *, text: str = "") -> tuple[Paper, ...]:
        """The papers that a reader marked so, last marked first, ties by id. ``text``: only with this tag or collection."""
        ...

    def notices(self, reader: str) -> tuple[Notice, ...]:
        """News of saved papers, newest first."""
        ...

    def see_notices(self, reader: str) -> None:
        """Mark a reader's notices as seen."""
        ...

    def follow(self, reader: str, follow: Follow) -> None:
        """Follow something, or call it otherwise: what is followed already keeps its moment."""
        ...

    def unfollow(self, reader: str, kind: FollowKind, value: str) -> bool:
        """No longer follow it; False where it was not followed."""
        ...

    def follows(self, reader: str) -> tuple[Follow, ...]:
        """What a reader follows, by kind, label and value."""
        ...

    def prefer(self, reader: str, name: str, value: str | None) -> None:
        """Keep a reader's setting; None forgets it."""
        ...

    def preferences(self, reader: str) -> Mapping[str, str]:
        """A reader's settings by name."""
        ...

    def state(self, reader: str) -> int:
        """A number that grows whenever any of a reader's marks, follows or settings changes; 0 at first.

        Also ``forget`` makes it grow: what was worked out from a former state is never taken for the present one.
        """
        ...

    def turn(self) -> int:
        """A number that grows whenever any reader's state does."""
        ...

    def names(self) -> tuple[str, ...]:
        """Every reader who has said anything, by name."""
        ...

    def forget(self, reader: str) -> None:
        """Delete all that a reader said, follows and prefers, the notices, and the subscriptions to their digest."""
        ...
