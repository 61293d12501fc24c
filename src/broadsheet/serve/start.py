"""The cold start: a library's file, one's own papers, an ORCID, categories, or three papers of the last days."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.categories import name
from broadsheet.errors import (
    BroadsheetError,
    InputError,
    NotFoundError,
    SourceError,
    StaleIndexError,
    http_status,
)
from broadsheet.ids import PaperId
from broadsheet.library import Belongings, Entry, Intake
from broadsheet.library.belongings import put_down
from broadsheet.library.editions import section_title
from broadsheet.model import FollowKind, Mark, MarkKind, author_key
from broadsheet.serve import view
from broadsheet.serve.site import Site

LARGEST: Final = 32 << 20  # bytes of a library's file
DAYS, SPREAD = 5, 12  # the papers to choose from: so many of the last days
AUTHORS, OWN = 8, 200  # authors of a name, papers of one
CATEGORIES = 24


def page(site: Site, request: Request) -> Response:
    """The ways to begin."""
    return _page(site, request)


def bring_file(site: Site, request: Request) -> Response:
    """Take in a library's file, and keep its papers."""
    desk, intake, file = site.desk(request), _intake(site), request.state.file
    if file is None:
        return _page(site, request, error=InputError("no file came; choose one first"))
    try:
        brought = intake.from_file(file.name, file.body)
    except (InputError, SourceError) as error:
        return _page(site, request, error=error)
    return _page(site, request, brought=brought, made=put_down(desk, brought))


def bring_works(site: Site, request: Request) -> Response:
    """Take in the works that an ORCID iD names, and keep them."""
    desk, intake, orcid = site.desk(request), _intake(site), request.state.form.get("orcid", "")
    try:
        brought = intake.from_orcid(orcid)
    except (InputError, SourceError) as error:
        return _page(site, request, error=error, orcid=orcid)
    return _page(site, request, brought=brought, made=put_down(desk, brought))


def keep_author(site: Site, request: Request) -> Response:
    """Keep an author's papers, oneself's perhaps."""
    desk, key = site.desk(request), author_key(request.state.form.get("key", ""))
    papers = site.library.author(key, limit=OWN)
    if not papers:
        raise NotFoundError(f"no author {key!r} in this archive")
    made = desk.keep(Mark(paper.id, MarkKind.SAVED, site.now()) for paper in papers)
    return _page(site, request, brought=Belongings(papers=len(papers)), made=made)


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
    entries = _spread(site)
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
            "authors": _authors(site, wanted) if wanted else [],
            "categories": [(code, title, code in followed) for code, title in _categories(site)],
            "papers": [
                (view.card(papers[e.id]), section_title(e.section)) for e in entries if e.id in papers
            ],
            "can_bring": site.intake is not None,
        },
        status=http_status(error) if error else 200,
    )


def _intake(site: Site) -> Intake:
    if site.intake is None:
        raise NotFoundError("papers cannot be brought to this site")
    return site.intake


def _spread(site: Site) -> list[Entry]:
    """Papers of the last days from as many sections as there are: leads first, then the first of each section."""
    found: dict[str, list[Entry]] = {}
    for count in site.library.days()[: -DAYS - 1 : -1]:
        edition = site.library.edition(count.day)
        for entry in (*edition.leads, *(s.entries[0] for s in edition.sections)):
            found.setdefault(entry.section, []).append(entry)
    rounds = max((len(entries) for entries in found.values()), default=0)
    turns = (entries[turn] for turn in range(rounds) for entries in found.values() if turn < len(entries))
    return list(dict.fromkeys(turns))[:SPREAD]


def _categories(site: Site) -> list[tuple[str, str]]:
    """The categories that the last days' papers have, the largest sections first."""
    sizes: dict[str, int] = {}
    for count in site.library.days()[: -DAYS - 1 : -1]:
        edition = site.library.edition(count.day)
        for entry in (*edition.leads, *(e for s in edition.sections for e in s.entries)):
            sizes[entry.section] = sizes.get(entry.section, 0) + 1
    codes = sorted((c for c in sizes if c != "other"), key=lambda c: (-sizes[c], c))
    return [(code, section_title(code)) for code in codes[:CATEGORIES]]


def _authors(site: Site, wanted: str) -> list[tuple[str, str, int, str]]:
    """Authors of that name: key, name, how many papers here (at most as many as are kept), and a title."""
    key = author_key(wanted)
    names = {key: wanted}
    try:
        quoted = wanted.replace('"', "")
        for hit in site.library.search(f'author:"{quoted}"', limit=50).hits:
            for author in hit.paper.record.authors:
                if author.key == key or author.key.endswith(f"-{key}"):
                    names.setdefault(author.key, author.name)
    except StaleIndexError:
        pass  # while there is no index, the name as it was given is all that is looked for
    found = []
    for one, label in names.items():
        if papers := site.library.author(one, limit=OWN):
            spelt = next(a.name for a in papers[0].record.authors if a.key == one)
            found.append((one, spelt or label, len(papers), papers[0].title))
    return sorted(found, key=lambda a: (-a[2], a[0]))[:AUTHORS]
