"""One reader's desk: what they keep, say of papers, follow and prefer. Knows no page and no database engine."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from broadsheet.errors import InputError, StrangerError
from broadsheet.ids import PaperId
from broadsheet.library import tokens
from broadsheet.library.views import Shelf
from broadsheet.model import Follow, FollowKind, Mark, MarkKind, Notice, Paper
from broadsheet.store.contract import Store
from broadsheet.store.readers import FEED

# The longest text that each kind of mark takes, in characters.
LIMITS: Final[Mapping[MarkKind, int]] = {
    MarkKind.TAG: 80,
    MarkKind.COLLECTION: 80,
    MarkKind.NOTE: 20_000,
    MarkKind.DISLIKED: 500,
}
_NAMED = frozenset({MarkKind.TAG, MarkKind.COLLECTION})

# What there are private feeds of; of a collection, its name follows.
FEEDS: Final = ("kept", "following", "for-you")
COLLECTION_FEED: Final = "collection:"

# Papers with these marks leave lists.
AWAY: Final = (MarkKind.HIDDEN, MarkKind.DISLIKED)

# What one mark takes back: nobody wants more of what they are not interested in.
_TAKES_BACK: Final[Mapping[MarkKind, tuple[MarkKind, ...]]] = {
    MarkKind.SAVED: AWAY,
    MarkKind.LIKED: AWAY,
    MarkKind.HIDDEN: (MarkKind.LIKED,),
    MarkKind.DISLIKED: (MarkKind.LIKED,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a reader stands to a paper."""

    saved: bool = False
    liked: bool = False
    read: bool = False
    hidden: bool = False
    disliked: bool = False
    reason: str = ""  # why it was disliked, where the reader said
    note: str = ""
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


NONE: Final = Standing()


def standing(marks: Iterable[Mark]) -> Standing:
    """What the marks of one paper come to."""
    texts: dict[MarkKind, list[str]] = {kind: [] for kind in MarkKind}
    for mark in marks:
        texts[mark.kind].append(mark.text)
    return Standing(
        saved=bool(texts[MarkKind.SAVED]),
        liked=bool(texts[MarkKind.LIKED]),
        read=bool(texts[MarkKind.READ]),
        hidden=bool(texts[MarkKind.HIDDEN]),
        disliked=bool(texts[MarkKind.DISLIKED]),
        reason="".join(texts[MarkKind.DISLIKED]),
        note="".join(texts[MarkKind.NOTE]),
        tags=tuple(sorted(texts[MarkKind.TAG])),
        collections=tuple(sorted(texts[MarkKind.COLLECTION])),
    )


class Desk:
    """What one reader keeps, says of papers, follows and prefers.

    The desk of the reader "" is nobody's: empty, and whoever writes to it gets a StrangerError.
    """

    def __init__(self, store: Store, reader: str, *, now: Callable[[], datetime]) -> None:
        self._readers = store.readers
        self._store = store
        self._now = now
        self.reader = reader

    # -- papers

    def mark(self, id: PaperId, kind: MarkKind, text: str = "") -> bool:
        """Mark a paper; False where it was marked just so. Raises NotFoundError, and InputError for a bad text.

        A mark takes back what contradicts it: a saved or liked paper is neither hidden nor disliked, and the
        other way round, but that what is saved stays saved.
        """
        done = self._readers.mark(self._writer(), id, kind, text=_text(kind, text), now=self._now())
        held = {mark.kind for mark in self._readers.marks_of(self._writer(), [id]).get(id, ())}
        for other in _TAKES_BACK.get(kind, ()):
            if other in held:
                self._readers.unmark(self._writer(), id, other)
        return done

    def unmark(self, id: PaperId, kind: MarkKind, text: str = "") -> bool:
        """Take a mark away; False where there was none. ``text`` names the tag or collection."""
        return self._readers.unmark(self._writer(), id, kind, text=text.strip() if kind in _NAMED else "")

    def standings(self, ids: Iterable[PaperId]) -> Mapping[PaperId, Standing]:
        """How the reader stands to these papers; those without a mark are left out."""
        return {id: standing(marks) for id, marks in self._readers.marks_of(self.reader, ids).items()}

    def marks(self, *kinds: MarkKind) -> tuple[Mark, ...]:
        """The reader's marks of these kinds, or all, newest first."""
        return self._readers.marks(self.reader, kinds=kinds)

    def marked(self, kind: MarkKind, text: str = "") -> tuple[Paper, ...]:
        """The papers marked so, last marked first; ``text``: only with this tag or in this collection."""
        return self._readers.marked(self.reader, kind, text=text)

    def saved_ids(self) -> frozenset[PaperId]:
        """The ids of what the reader keeps."""
        return frozenset(mark.paper for mark in self.marks(MarkKind.SAVED))

    def away(self) -> frozenset[PaperId]:
        """The ids of what the reader hid or is not interested in."""
        return frozenset(mark.paper for mark in self.marks(*AWAY))

    def standing(self, id: PaperId) -> Standing:
        """How the reader stands to a paper."""
        return self.standings([id]).get(id, NONE)

    def labels(self, kind: MarkKind) -> tuple[tuple[str, int], ...]:
        """The reader's tags or collections with the number of papers in each, by name."""
        return tuple(sorted(Counter(mark.text for mark in self.marks(kind)).items()))

    def keep(self, marks: Iterable[Mark]) -> int:
        """Make many marks at once, each at its own moment; how many were made. Raises InputError for a bad text.

        Marks of papers that are not here are passed over.
        """
        checked = [replace(mark, text=_text(mark.kind, mark.text)) for mark in marks]
        return self._readers.mark_all(self._writer(), checked)

    def shelf(self) -> Shelf:
        """What the reader keeps, and the news of it."""
        return Shelf(papers=self.marked(MarkKind.SAVED), notices=self.notices())

    def notices(self) -> tuple[Notice, ...]:
        """News of what the reader keeps, newest first."""
        return self._readers.notices(self.reader)

    def see_notices(self) -> None:
        """Mark the news as read."""
        self._readers.see_notices(self._writer())

    # -- what is followed

    def follow(self, kind: FollowKind, value: str, label: str, *, alert: bool = True) -> Follow:
        """Follow an author, a category, a topic or a search. Raises InputError."""
        value, label = value.strip(), " ".join(label.split())
        if not value:
            raise InputError(f"nothing to follow: expected the {kind.value} as its page names it")
        follow = Follow(kind=kind, value=value, label=label[:200] or value, alert=alert, at=self._now())
        self._readers.follow(self._writer(), follow)
        return follow

    def unfollow(self, kind: FollowKind, value: str) -> bool:
        """No longer follow it; False where it was not followed."""
        return self._readers.unfollow(self._writer(), kind, value.strip())

    def follows(self) -> tuple[Follow, ...]:
        """What the reader follows, by kind and label."""
        return self._readers.follows(self.reader)

    def resume(self, follows: Iterable[Follow], settings: Mapping[str, str]) -> None:
        """Follow these since their own moments, and keep these settings, as they were brought along."""
        for follow in follows:
            self._readers.follow(self._writer(), follow)
        for name, value in settings.items():
            self._readers.prefer(self._writer(), name, value)

    # -- settings, and the whole of it

    def prefer(self, name: str, value: str | None) -> None:
        """Keep a setting of the reader's; None forgets it."""
        self._readers.prefer(self._writer(), name, value)

    def preferences(self) -> Mapping[str, str]:
        """The reader's settings by name."""
        return self._readers.preferences(self.reader)

    # -- private feeds

    def feeds(self) -> Mapping[str, str]:
        """The tokens of the reader's private feeds, by what they are of."""
        purposes = sorted(name.removeprefix(FEED) for name in self.preferences() if name.startswith(FEED))
        return {purpose: token for purpose in purposes if (token := self.feed_token(purpose)) is not None}

    def feed_token(self, purpose: str) -> str | None:
        """The token of the reader's private feed; None where there is none."""
        number = self.preferences().get(FEED + purpose)
        if number is None:
            return None
        return tokens.sign(tokens.Grant(self.reader, purpose, number), secret=self._store.secret())

    def open_feed(self, purpose: str, *, random: Callable[[], str] = lambda: secrets.token_hex(12)) -> str:
        """Make a token of a private feed, or another in place of the former, which is void from now on.

        Raises InputError for what there is no feed of.
        """
        if purpose not in FEEDS and not purpose.removeprefix(COLLECTION_FEED).strip():
            raise InputError(f"no feed of {purpose[:80]!r}; expected {', '.join(FEEDS)} or collection:NAME")
        self.prefer(FEED + purpose, random())
        made = self.feed_token(purpose)
        assert made is not None
        return made

    def close_feed(self, purpose: str) -> None:
        """Take a private feed's token back."""
        self.prefer(FEED + purpose, None)

    def state(self) -> int:
        """A number that grows whenever anything on the desk changes."""
        return self._readers.state(self.reader)

    def forget(self) -> None:
        """Delete everything on the desk."""
        self._readers.forget(self._writer())

    def _writer(self) -> str:
        if not self.reader:
            raise StrangerError("log in to keep anything")
        return self.reader


def _text(kind: MarkKind, text: str) -> str:
    limit = LIMITS.get(kind, 0)
    text = " ".join(text.split()) if kind in _NAMED else text.strip()
    if kind in _NAMED and not text:
        raise InputError(f"a {kind.value} without a name; expected a word or a few")
    if len(text) > limit:
        raise InputError(
            f"a text of {len(text):,} characters for {kind.value!r}; expected at most {limit:,}"
            if limit
            else f"{kind.value!r} takes no text, got {text[:40]!r}"
        )
    return text
