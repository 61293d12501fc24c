"""Pages of authors: their papers, the people who may share a name, and mending that. Knows the library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.library import namesakes
from broadsheet.model import FollowKind, Paper, author_key
from broadsheet.rank.authors import Mending
from broadsheet.serve import following, parameters, view
from broadsheet.serve.door import visitor_of
from broadsheet.serve.site import Site

PAPERS = 30
TELLING = 3  # categories and co-authors that tell a person


@dataclass(frozen=True, slots=True)
class Person:
    """One of those who sign with a name: named by their oldest paper, told by where and with whom they write."""

    mark: str
    papers: int
    categories: tuple[str, ...]
    others: tuple[str, ...]
    shown: bool


def author(site: Site, request: Request) -> Response:
    """The papers of everyone who writes their name like this, or of one of them, newest first."""
    key = author_key(request.path_params["key"])
    number = parameters.page(request.query_params.get("page", ""))
    desk = site.desk(request)
    mending = namesakes.mending_of(desk, key)
    groups = site.library.namesakes(key, mending)
    wanted = request.query_params.get("person", "")
    group = next((ids for ids in groups if wanted in map(str, ids)), None) if wanted else None
    start = (number - 1) * PAPERS
    if group is None:
        papers = site.library.author(key, limit=PAPERS + 1, offset=start)
    else:
        shown = group[start : start + PAPERS + 1]
        held = site.library.papers(shown)
        papers = tuple(held[id] for id in shown if id in held)
    if not papers or (wanted and group is None):
        raise NotFoundError(
            f"no author {key!r} in this archive"
            + (f" on page {number}" if number > 1 else "")
            + (f" who wrote {wanted}" if wanted else "")
        )
    names = Counter(a.name for p in papers for a in p.record.authors if a.key == key)
    others = Counter((a.key, a.name) for p in papers[:PAPERS] for a in p.record.authors if a.key != key)
    standings = desk.standings(p.id for p in papers)
    return site.press.page(
        request,
        "author.html",
        {
            "key": key,
            "followed": following.is_followed(site, request, FollowKind.AUTHOR, key),
            "name": min(names, key=lambda n: (-names[n], n)),
            "spellings": sorted(names),
            "cards": [view.card(p, standings=standings) for p in papers[:PAPERS]],
            "texts": view.texts_of(papers[:PAPERS]),
            "with_others": sorted(others.items(), key=lambda item: (-item[1], item[0]))[:12],
            "page": number,
            "more": len(papers) > PAPERS,
            "people": _people(site, key, groups, group) if len(groups) > 1 else [],
            "person": str(group[-1]) if group else "",
            "mended": mending != Mending(),
            "claimants": site.library.commons.claimants(key),
            "may_claim": visitor_of(request).account is not None,
        },
    )


def mend(site: Site, request: Request) -> Response:
    """What a reader knows better of a name: who is one person, where a paper belongs."""
    key = author_key(request.path_params["key"])
    desk, form = site.desk(request), request.state.form
    match form.get("do", ""):
        case "join":
            namesakes.join(desk, key, PaperId.parse(form.get("a", "")), PaperId.parse(form.get("b", "")))
        case "move":
            beside = form.get("b", "")
            namesakes.move(
                desk, key, PaperId.parse(form.get("a", "")), PaperId.parse(beside) if beside else None
            )
        case "together":
            namesakes.put_together(desk, key)
        case "forget":
            namesakes.forget(desk, key)
        case other:
            raise InputError(f"not a way to mend a name: {other!r}; expected join, move, together or forget")
    return RedirectResponse(f"/authors/{quote(key, safe='')}", status_code=303)


def _people(
    site: Site, key: str, groups: Sequence[Sequence[PaperId]], shown: Sequence[PaperId] | None
) -> list[Person]:
    papers = site.library.papers(id for ids in groups for id in ids)
    return [_person(key, [papers[id] for id in ids if id in papers], ids, shown is ids) for ids in groups]


def _person(key: str, papers: Sequence[Paper], ids: Sequence[PaperId], shown: bool) -> Person:  # noqa: FBT001  a column of a row
    codes = Counter(p.record.categories[0] for p in papers if p.record.categories)
    others = Counter(a.name for p in papers for a in p.record.authors if a.key != key)
    return Person(str(ids[-1]), len(ids), _most(codes), _most(others), shown)


def _most(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda name: (-counts[name], name))[:TELLING])
