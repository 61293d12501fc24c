"""The cold start: a library's file, one's own papers, an ORCID, categories, or three papers of the last days."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.categories import name
from broadsheet.errors import BroadsheetError, InputError, NotFoundError, SourceError, http_status
from broadsheet.ids import PaperId
from broadsheet.library import Belongings, Intake, beginnings
from broadsheet.library.belongings import put_down
from broadsheet.library.editions import section_title
from broadsheet.model import FollowKind, Mark, MarkKind
from broadsheet.serve import view
from broadsheet.serve.site import Site

LARGEST: Final = 32 << 20  # bytes of a library's file


def page(site: Site, request: Request) -> Response:
    """The ways to begin."""
    return _page(site, request)


def bring_file(site: Site, request: Request) -> Response:
    """Take in a library's file, and keep its papers."""
    desk, intake, file = site.desk(request), intake_of(site), request.state.file
    if file is None:
        return _page(site, request, error=InputError("no file came; choose one first"))
    try:
        brought = intake.from_file(file.name, file.body)
    except (InputError, SourceError) as error:
        return _page(site, request, error=error)
    return _page(site, request, brought=brought, made=put_down(desk, brought))


def bring_works(site: Site, request: Request) -> Response:
    """Take in the works that an ORCID iD names, and keep them."""
    desk, intake, orcid = site.desk(request), intake_of(site), request.state.form.get("orcid", "")
    try:
        brought = intake.from_orcid(orcid)
    except (InputError, SourceError) as error:
        return _page(site, request, error=error, orcid=orcid)
    return _page(site, request, brought=brought, made=put_down(desk, brought))


def keep_author(site: Site, request: Request) -> Response:
    """Keep an author's papers, oneself's perhaps."""
    desk, key = site.desk(request), request.state.form.get("key", "")
    papers, made = beginnings.keep_works(site.library, desk, key, now=site.now())
    return _page(site, request, brought=Belongings(papers=papers), made=made)


def pick(site: Site, request: Request) -> Response:
    """Save the papers and follow the categories that were picked."""
    desk, form = site.desk(request), request.state.form
    papers = [PaperId.parse(field[6:]) for field in form if field.startswith("paper:")]
    codes = [field[9:] for field in form if field.startswith("category:")]
    desk.keep(Mark(id, MarkKind.SAVED, site.now()) for id in papers)
    for code in codes:
        desk.follow(FollowKind.CATEGORY, code, name(code))
    if not papers and not codes:
        return _page(site, request, error=InputError("nothing was picked"))
    return RedirectResponse("/desk" if papers else "/following", status_code=303)


def _page(
    site: Site,
    request: Request,
    *,
    error: BroadsheetError | None = None,
    brought: Belongings | None = None,
    made: int = 0,
    orcid: str = "",
) -> Response:
    desk = site.desk(request)
    wanted = " ".join(request.query_params.get("name", "").split())[:100]
    entries = beginnings.spread(site.library)
    papers = site.library.papers(entry.id for entry in entries)
    followed = {one.value for one in desk.follows() if one.kind is FollowKind.CATEGORY}
    return site.press.page(
        request,
        "start.html",
        {
            "error": str(error) if error else None,
            "brought": brought,
            "made": made,
            "orcid": orcid,
            "name": wanted,
            "authors": beginnings.authors_named(site.library, wanted) if wanted else [],
            "categories": [
                (code, title, code in followed) for code, title in beginnings.categories(site.library)
            ],
            "papers": [
                (view.card(papers[e.id]), section_title(e.section)) for e in entries if e.id in papers
            ],
            "can_bring": site.intake is not None,
        },
        status=http_status(error) if error else 200,
    )


def intake_of(site: Site) -> Intake:
    """Who takes readers' own papers in. Raises NotFoundError where nobody does."""
    if site.intake is None:
        raise NotFoundError("papers cannot be brought to this site")
    return site.intake
