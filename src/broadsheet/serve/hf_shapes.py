"""Papers in the shapes that ``huggingface_hub`` reads. What we do not know is null or empty. Knows no request.

The client's parsing has its ways, which decide some of the shapes: its datetimes end in ``Z``, it reads some
fields at the top level alone, and takes a nested 0 for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from broadsheet.ids import Scheme
from broadsheet.library import Library
from broadsheet.model import LinkKind, Paper
from broadsheet.serve import view
from broadsheet.text.keyphrases import extract

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the readers of this archive made of a paper."""

    votes: int
    comments: int
    submitter: str  # a name, "" where nobody submitted it

    @property
    def user(self) -> Json | None:
        """Both spellings: the service sends ``name`` and ``avatar``, the client reads ``user`` and ``avatarUrl``."""
        if not self.submitter:
            return None
        name = self.submitter
        named = {"_id": name, "user": name, "name": name, "fullname": name, "type": "user"}
        return named | {"avatar": "", "avatarUrl": ""}


def _standings(library: Library, papers: Sequence[Paper]) -> list[_Standing]:
    ids, commons = [paper.id for paper in papers], library.commons
    votes, comments, submitted = commons.votes(ids), commons.comment_counts(ids), commons.submissions(ids)
    return [
        _Standing(votes.get(id, 0), comments.get(id, 0), submitted[id][1] if id in submitted else "")
        for id in ids
    ]


def _paper(paper: Paper, standing: _Standing) -> Json:
    """What wrapped and flat papers have in common."""
    record, derived = paper.record, paper.derived
    code = [link.url for link in derived.links if link.kind is LinkKind.CODE]
    listed = datetime.combine(paper.day, time(), UTC) if paper.day else None
    known = paper.votes is not None or standing.votes
    return {
        "id": str(paper.id),
        "authors": [
            {"_id": f"{paper.id}:{place}", "name": author.name, "hidden": False}
            for place, author in enumerate(record.authors)
        ],
        "publishedAt": _stamp(record.published),
        "submittedOnDailyAt": _stamp(listed),
        "title": paper.title,
        "submittedOnDailyBy": standing.user,
        "summary": paper.abstract,
        "source": "arxiv" if paper.id.scheme is Scheme.ARXIV else record.source,
        "upvotes": (paper.votes or 0) + standing.votes if known else None,
        "numComments": standing.comments,
        "discussionId": None,
        "projectPage": next((k.url for k in derived.links if k.kind is LinkKind.PROJECT), None),
        "githubRepo": next((url for url in code if _is_at(url, "github.com")), None),
        "githubStars": None,
        "ai_summary": derived.gist or None,
        "ai_keywords": list(derived.keyphrases or extract(paper.title, paper.abstract)),
        "organization": None,
    }


# The client reads these at the top level of a wrapper alone; ``upvotes`` there too, where it is 0.
_REPEATED = (
    "title summary source upvotes numComments submittedOnDailyAt submittedOnDailyBy projectPage githubRepo "
    "githubStars ai_summary ai_keywords organization"
).split()


def wrapped(library: Library, papers: Sequence[Paper]) -> list[Json]:
    """Papers as lists have them. The outer ``publishedAt`` is when a paper was listed here."""
    wrapped = []
    for inner in flat(library, papers):
        # The client takes the outer one for a missing inner one; it finds ``submittedOnDailyAt`` as well.
        listed = inner["submittedOnDailyAt"] if inner["publishedAt"] else None
        outer = {
            **{name: inner[name] for name in _REPEATED},
            "publishedAt": listed,
            "mediaUrls": [],
            "thumbnail": None,
            "submittedBy": inner["submittedOnDailyBy"],
            "isAuthorParticipating": False,
        }
        wrapped.append({"paper": inner, **outer})
    return wrapped


def flat(library: Library, papers: Sequence[Paper]) -> list[Json]:
    """Papers by themselves."""
    return [_paper(p, standing) for p, standing in zip(papers, _standings(library, papers), strict=True)]


def repos(paper: Paper) -> dict[str, list[Json]]:
    """The repositories of the Hub among a paper's links, by kind."""
    found: dict[str, list[Json]] = {"models": [], "datasets": [], "spaces": []}
    for link in paper.derived.links:
        parts = link.url.split("://")[-1].split("?")[0].split("#")[0].strip("/").split("/")[1:]
        if not _is_at(link.url, "huggingface.co", "hf.co") or len(parts) < 2:
            continue
        kind = parts.pop(0) if parts[0] in found else "models"
        if len(parts) >= 2 and (kind != "models" or link.kind is LinkKind.MODEL):
            repo = {"id": f"{parts[0]}/{parts[1]}"}
            if repo not in found[kind]:
                found[kind].append(repo)
    return found


def _is_at(url: str, *hosts: str) -> bool:
    return view.host(url).lower() in hosts


def _stamp(at: datetime | None) -> str | None:
    """A moment as the client reads it; the form has no place for a year or a month alone."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z" if at else None
