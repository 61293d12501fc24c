"""The search page. Knows the form, the library's results and how to page them."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.categories import ARCHIVES, CATEGORIES
from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import Scheme, parse_versioned
from broadsheet.library import Hit
from broadsheet.model import FollowKind, PaperType
from broadsheet.serve import away, following, narrowing, parameters, view
from broadsheet.serve.parameters import SearchForm
from broadsheet.serve.site import Site

HITS = 20

_TYPES = tuple(kind.value for kind in PaperType if kind is not PaperType.OTHER)


def search(site: Site, request: Request) -> Response:
    """The papers that answer, with reasons; a paper's id or link goes straight to its page."""
    form = SearchForm.of(request.query_params)
    choices = {"form": form, "types": _TYPES, "archives": ARCHIVES, "codes": CATEGORIES}
    if not form.asked:
        return site.press.page(request, "search.html", {**choices, "results": None})
    if (url := _named_paper(form.q)) is not None:
        return RedirectResponse(url, status_code=303)
    number = parameters.page(request.query_params.get("page", ""))
    start = (number - 1) * HITS
    results = site.library.search(form.q, filter=form.filter(), limit=HITS, offset=start, facets=True)
    if start and start >= results.total:
        raise NotFoundError(f"this search ends before page {number}: {results.total:,} papers match")
    put_away = away.of(site, request)
    standings = site.desk(request).standings(hit.paper.id for hit in results.hits)
    above = len(results.hits) if results.above is None else min(max(results.above - start, 0), HITS)
    shown = [[hit for hit in part if hit.paper.id not in put_away.ids] for part in _cut(results.hits, above)]
    better, loose = ([view.hit_card(hit, standings=standings) for hit in part] for part in shown)
    return site.press.page(
        request,
        "search.html",
        {
            **choices,
            "results": results,
            "cards": better + loose,
            "above": len(better),
            "left_out": away.left_out(put_away, (hit.paper.id for hit in results.hits)),
            "followed": following.is_followed(site, request, FollowKind.SEARCH, form.query_string()),
            "chips": narrowing.chips(form),
            "facets": narrowing.groups(form, results.facets) if results.facets else (),
            "texts": view.texts_of(hit.paper for hit in results.hits),
            "by_meaning_alone": bool(results.hits)
            and all(h.reason.kind == "meaning" and not h.matched for h in results.hits),
            "newest": bool(results.hits) and results.hits[0].reason.kind == "newest",
            "first": start + 1,
            "page": number,
            "last": start + HITS >= results.total or number == parameters.LAST_PAGE,
        },
    )


def _cut(hits: Sequence[Hit], place: int) -> tuple[Sequence[Hit], Sequence[Hit]]:
    return hits[:place], hits[place:]


def _named_paper(query: str) -> str | None:
    """The page of the paper that a query names by arXiv id, DOI or link; None where it is words."""
    try:
        id, _ = parse_versioned(query)
    except InputError:
        return None
    return None if id.scheme is Scheme.OWN else view.paper_url(id)
