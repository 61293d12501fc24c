"""A reader's desk in API v1: marks, what is followed and its news, and what is chosen for the reader."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field

from broadsheet.errors import NotFoundError
from broadsheet.library import Desk, following, shapes
from broadsheet.library.desk import LIMITS
from broadsheet.model import Follow, FollowKind, MarkKind
from broadsheet.serve import foryou
from broadsheet.serve.api.asked import Here, Id, Own, id_of
from broadsheet.serve.api.models import CARD, Card, Given, Moment, Shape, shown
from broadsheet.serve.following import check

Json = dict[str, Any]

router = APIRouter(tags=["desk"])

Name = Annotated[str, Field(min_length=1, max_length=LIMITS[MarkKind.TAG], pattern=r"\S")]
Value = Annotated[
    str,
    Path(
        description="An author's key, a category, a topic's key, or a search page's query string.",
        examples=["cs.CL"],
    ),
]

# Marks that are there or not, by their names in the answer.
_PLAIN = {
    "saved": MarkKind.SAVED,
    "liked": MarkKind.LIKED,
    "read": MarkKind.READ,
    "hidden": MarkKind.HIDDEN,
    "disliked": MarkKind.DISLIKED,
}


class Marks(Shape):
    """How a reader stands to a paper."""

    id: str
    saved: bool
    liked: bool = Field(description="More like this.")
    read: bool
    hidden: bool
    disliked: bool = Field(description="Not interested.")
    reason: str = Field(description="Why not, where the reader said.")
    note: str
    tags: list[str]
    collections: list[str]


class NewMarks(Given):
    """What is to change; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"example": {"read": True, "tags": ["thesis"]}})

    saved: bool | None = None
    liked: bool | None = None
    read: bool | None = None
    hidden: bool | None = None
    disliked: bool | None = None
    reason: str | None = Field(None, max_length=LIMITS[MarkKind.DISLIKED], description="With `disliked`.")
    note: str | None = Field(None, max_length=LIMITS[MarkKind.NOTE], description="Empty: no note any more.")
    tags: list[Name] | None = Field(None, max_length=100, description="All of them, from now on.")
    collections: list[Name] | None = Field(None, max_length=100, description="All of them, from now on.")


class Label(Shape):
    """A tag or a collection, and how many papers have it."""

    name: str
    papers: int


class Labels(Shape):
    """A reader's tags and collections, by name."""

    tags: list[Label]
    collections: list[Label]


_FOLLOWED = {
    "kind": "search",
    "value": "q=language+agents",
    "label": "Language agents",
    "alert": True,
    "since": "2026-03-18T09:30:00Z",
}


class Followed(Shape):
    """Something that a reader follows."""

    model_config = shown(**_FOLLOWED)

    kind: FollowKind
    value: str
    label: str = Field(description="How the reader calls it.")
    alert: bool = Field(description="Whether the digest tells of it.")
    since: Moment


class Follows(Shape):
    """What a reader follows, by kind and label."""

    model_config = shown(follows=[_FOLLOWED])

    follows: list[Followed]


class NewFollow(Given):
    """How something is followed."""

    label: str = Field("", max_length=200, description="Empty: as it is called.")
    alert: bool = True


class Because(Card):
    """A paper, and why it is in the list."""

    why: str


class NewsOf(Shape):
    """What is new in one thing followed."""

    kind: FollowKind
    value: str
    label: str
    papers: list[Because]
    more: bool = Field(description="There are more than were asked for.")


class News(Shape):
    """What came in since the last visit of the page of news, what has some first."""

    model_config = shown(
        since="2026-03-18T09:30:00Z",
        news=[
            {
                "kind": "search",
                "value": "q=language+agents",
                "label": "Language agents",
                "papers": [{**CARD, "why": "“language” and “agents” in the title"}],
                "more": False,
            }
        ],
    )

    since: Moment
    news: list[NewsOf]


class NewsSeen(Given):
    """Whether all of the news was seen."""

    done: bool = Field(False, description="True: nothing that came in before now is new.")


class Chosen(Because):
    """A paper chosen for a reader."""

    score: float = Field(description="About 1: as good as a kept paper; about 0: as any other.")
    near: list[str] = Field(description="Kept papers that it is like, the likest first.")
    terms: list[str]
    interest: str | None


class ForYou(Shape):
    """The papers of the last editions that suit a reader best."""

    model_config = shown(
        out_of=212,
        dial=0.35,
        papers=[
            {
                **CARD,
                "why": "like a paper that you saved",
                "score": 0.81,
                "near": ["2602.22839"],
                "terms": ["language agents"],
                "interest": "language agents",
            }
        ],
    )

    out_of: int = Field(description="How many it was chosen from.")
    dial: float = Field(description="0: closest; 1: surprise me.")
    papers: list[Chosen]


class Interest(Shape):
    """What we think that a reader is after."""

    key: str
    name: str
    terms: list[str]
    share: float = Field(description="Of the papers kept.")
    weight: float = Field(description="1: as learnt.")
    muted: bool
    papers: list[str] = Field(description="Kept papers that it was learnt from.")


class Interests(Shape):
    """A reader's interests, the largest first."""

    model_config = shown(
        interests=[
            {
                "key": "3f2a91c0",
                "name": "language agents",
                "terms": ["language agents", "tool use"],
                "share": 0.4,
                "weight": 1.0,
                "muted": False,
                "papers": ["2602.22839"],
            }
        ]
    )

    interests: list[Interest]


class NewInterest(Given):
    """How an interest is to be called and weighed."""

    name: str | None = Field(None, max_length=60, description="Null: made of its terms.")
    weight: float = Field(1.0, ge=0, le=5)
    muted: bool = False


class Dial(Given):
    """Where the dial stands."""

    model_config = shown(dial=0.35)

    dial: float = Field(ge=0, le=1, description="0: closest; 1: surprise me.")


@router.get("/marks/{id:path}", response_model=Marks)
def marks(site: Here, desk: Own, id: Id) -> Json:
    """How the reader stands to a paper."""
    held = site.library.known(id_of(id))
    return shapes.standing_shape(held.id, desk.standing(held.id))


@router.patch("/marks/{id:path}", response_model=Marks)
def change_marks(site: Here, desk: Own, id: Id, wanted: NewMarks) -> Json:
    """Save, hide, rate or annotate a paper. A mark takes back what contradicts it."""
    held = site.library.known(id_of(id)).id
    for name, kind in _PLAIN.items():
        want = getattr(wanted, name)
        if kind is MarkKind.DISLIKED and want is None and wanted.reason is not None:
            want = True
        if want:
            desk.mark(held, kind, (wanted.reason or "") if kind is MarkKind.DISLIKED else "")
        elif want is not None:
            desk.unmark(held, kind)
    if wanted.note is not None:
        if wanted.note.strip():
            desk.mark(held, MarkKind.NOTE, wanted.note)
        else:
            desk.unmark(held, MarkKind.NOTE)
    before = desk.standing(held)
    for kind, names, had in (
        (MarkKind.TAG, wanted.tags, before.tags),
        (MarkKind.COLLECTION, wanted.collections, before.collections),
    ):
        if names is None:
            continue
        kept = {" ".join(name.split()) for name in names}
        for name in kept.difference(had):
            desk.mark(held, kind, name)
        for name in set(had) - kept:
            desk.unmark(held, kind, name)
    return shapes.standing_shape(held, desk.standing(held))


@router.get("/labels", response_model=Labels)
def labels(desk: Own) -> Json:
    """The reader's tags and collections."""
    return {
        name: [{"name": label, "papers": count} for label, count in desk.labels(kind)]
        for name, kind in (("tags", MarkKind.TAG), ("collections", MarkKind.COLLECTION))
    }


@router.get("/follows", response_model=Follows)
def follows(desk: Own) -> Json:
    """What the reader follows."""
    return {"follows": [_followed(follow) for follow in desk.follows()]}


@router.put("/follows/{kind}/{value:path}", response_model=Followed)
def follow(desk: Own, kind: FollowKind, value: Value, how: NewFollow) -> Json:
    """Follow an author, a category, a topic or a search, or change how it is followed."""
    check(kind, value)
    return _followed(desk.follow(kind, value, how.label, alert=how.alert))


@router.delete("/follows/{kind}/{value:path}", status_code=204)
def unfollow(desk: Own, kind: FollowKind, value: Value) -> None:
    """No longer follow it."""
    if not desk.unfollow(kind, value):
        raise NotFoundError(f"no {kind.value} {value!r} is followed")


@router.get("/news", response_model=News)
def news(
    site: Here, desk: Own, limit: Annotated[int, Query(ge=1, le=50, description="Papers of each.")] = 6
) -> Json:
    """What is new in what the reader follows. Reading it is no visit: the page of news shows the same afterwards."""
    since = following.seen_until(desk, now=site.now())
    away = desk.away()
    found = following.all_news(site.library, desk.follows(), since=since, limit=limit)
    return {
        "since": shapes.moment(since),
        "news": [
            {
                "kind": each.follow.kind,
                "value": each.follow.value,
                "label": each.follow.label,
                "papers": [
                    {**shapes.card_shape(paper), "why": why.text}
                    for paper, why in each.papers
                    if paper.id not in away
                ],
                "more": each.more,
            }
            for each in found
        ],
    }


@router.post("/news/seen", status_code=204)
def see_news(site: Here, desk: Own, seen: NewsSeen) -> None:
    """Note a visit of the news, as the page does; with `done`, that all of it was seen."""
    following.visit(desk, now=site.now(), done=seen.done)


@router.get("/for-you", response_model=ForYou)
def for_you(site: Here, desk: Own, limit: Annotated[int, Query(ge=1, le=100)] = 30) -> Json:
    """The papers of the last editions that suit the reader best, each with its reason."""
    ids = foryou.candidates(site.library)
    choices = site.library.for_you.choose(desk, ids, limit=limit) if desk.reader else ()
    return {
        "out_of": len(ids),
        "dial": site.library.for_you.dial(desk),
        "papers": [
            {
                **shapes.card_shape(choice.paper),
                "why": choice.reason.text,
                "score": choice.score,
                "near": [str(id) for id, _ in choice.near],
                "terms": list(choice.terms),
                "interest": choice.interest,
            }
            for choice in choices
        ],
    }


@router.put("/for-you/dial", response_model=Dial)
def turn_dial(site: Here, desk: Own, wanted: Dial) -> Json:
    """Say how far from what one keeps the papers may be."""
    site.library.for_you.set_dial(desk, wanted.dial)
    return {"dial": site.library.for_you.dial(desk)}


@router.get("/for-you/interests", response_model=Interests)
def interests(site: Here, desk: Own) -> Json:
    """What we think that the reader is after."""
    return _interests(site, desk)


@router.put("/for-you/interests/{key}", response_model=Interests)
def wish(site: Here, desk: Own, key: str, wanted: NewInterest) -> Json:
    """Rename, weigh or mute an interest."""
    if key not in {liking.key for liking in site.library.for_you.likings(desk)}:
        raise NotFoundError(f"the reader has no interest {key[:80]!r}")
    site.library.for_you.wish(desk, key, name=wanted.name, weight=wanted.weight, muted=wanted.muted)
    return _interests(site, desk)


@router.delete("/for-you/interests", status_code=204)
def reset_interests(site: Here, desk: Own) -> None:
    """Forget names, weights, mutes and the dial; what is kept stays."""
    site.library.for_you.reset(desk)


def _followed(follow: Follow) -> Json:
    return {
        "kind": follow.kind,
        "value": follow.value,
        "label": follow.label,
        "alert": follow.alert,
        "since": shapes.moment(follow.at),
    }


def _interests(site: Here, desk: Desk) -> Json:
    return {
        "interests": [
            {
                "key": liking.key,
                "name": liking.name,
                "terms": list(liking.terms),
                "share": liking.share,
                "weight": liking.weight,
                "muted": liking.muted,
                "papers": [str(id) for id in liking.papers],
            }
            for liking in site.library.for_you.likings(desk)
        ]
    }
