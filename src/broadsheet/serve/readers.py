"""Pages of authors. Knows the library."""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from broadsheet.errors import NotFoundError
from broadsheet.library.views import Reason
from broadsheet.model import FollowKind, author_key
from broadsheet.serve import following, parameters, view
from broadsheet.serve.site import Site

_WRITTEN = Reason("author", "written by this author")

PAPERS = 30


def author(site: Site, request: Request) -> Response:
    """The papers of everyone who writes their name like this, newest first."""
    key = author_key(request.path_params["key"])
    number = parameters.page(request.query_params.get("page", ""))
    papers = site.library.author(key, limit=PAPERS + 1, offset=(number - 1) * PAPERS)
    if not papers:
        raise NotFoundError(
            f"no author {key!r} in this archive" + (f" on page {number}" if number > 1 else "")
        )
    names = Counter(a.name for p in papers for a in p.record.authors if a.key == key)
    others = Counter((a.key, a.name) for p in papers[:PAPERS] for a in p.record.authors if a.key != key)
    standings = site.desk(request).standings(p.id for p in papers)
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
        },
    )
