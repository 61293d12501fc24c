"""Pages of authors: their papers, the people who may share a name, and mending that. Knows the library."""

from __future__ import annotations

from collections import Counter
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.errors import NotFoundError
from broadsheet.library import namesakes
from broadsheet.library.views import Reason
from broadsheet.model import FollowKind, author_key
from broadsheet.rank.authors import Mending
from broadsheet.serve import following, parameters, view
from broadsheet.serve.door import visitor_of
from broadsheet.serve.site import Site

_WRITTEN = Reason("author", "written by this author")

PAPERS = 30


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
            "cards": [view.card(p, standings=standings, why=_WRITTEN) for p in papers[:PAPERS]],
            "texts": view.texts_of(papers[:PAPERS]),
            "with_others": sorted(others.items(), key=lambda item: (-item[1], item[0]))[:12],
            "page": number,
            "more": len(papers) > PAPERS,
            "people": namesakes.people_of(site.library, desk, key) if len(groups) > 1 else (),
            "person": str(group[-1]) if group else "",
            "mended": mending != Mending(),
            "claimants": site.library.commons.claimants(key),
            "may_claim": visitor_of(request).account is not None,
        },
    )


def mend(site: Site, request: Request) -> Response:
    """What a reader knows better of a name: who is one person, where a paper belongs."""
    key = author_key(request.path_params["key"])
    form = request.state.form
    namesakes.mend(
        site.desk(request), key, form.get("do", ""), paper=form.get("a", ""), beside=form.get("b", "")
    )
    return RedirectResponse(f"/authors/{quote(key, safe='')}", status_code=303)
