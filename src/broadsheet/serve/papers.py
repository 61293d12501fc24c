"""A paper's page and its citations. Knows the library and the citation forms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet import categories
from broadsheet.errors import NotFoundError
from broadsheet.ids import PaperId, Scheme, parse_versioned
from broadsheet.library.desk import NONE
from broadsheet.library.people import Scope
from broadsheet.library.shapes import links_of
from broadsheet.model import Paper, Record
from broadsheet.serve import away, citations, marks, parameters, previews, transcript, trending, typeset, view
from broadsheet.serve.community import discussion
from broadsheet.serve.door import visitor_of
from broadsheet.serve.press import sentence
from broadsheet.serve.site import Site
from broadsheet.store.counters import Told
from broadsheet.store.people import Role

# A longer list of authors is folded after the first ones; a list hardly longer is not.
AUTHORS, AUTHORS_FOLDED = 12, 20

SIMILAR = 20  # on a page of their own
READINGS = 8  # of each counter


def paper(site: Site, request: Request) -> Response:
    """A paper, whole, as a page or as Markdown. Other names of it lead to the one it has here."""
    if transcript.wanted(request):
        return transcript.page(site, request)
    asked = request.path_params["id"]
    id, version = parse_versioned(asked)
    try:
        found = site.library.paper(id)
    except NotFoundError as error:
        return _unknown(site, request, id, error)
    held = found.paper
    kept_out = site.library.kept_out().get(held.id)
    if kept_out is not None and not visitor_of(request).may(Scope.CURATE, Role.CURATOR):
        raise NotFoundError(f"{held.id} was taken out of this archive by a moderator")
    if held.id != id or version is not None:
        return RedirectResponse(view.paper_url(held.id), status_code=302)
    record = held.record
    put_away = away.of(site, request)
    desk = site.desk(request)
    standings = desk.standings((held.id, *(hit.paper.id for hit in found.similar)))
    near = [hit for hit in found.similar if hit.paper.id not in put_away.ids]
    return site.press.page(
        request,
        "paper.html",
        {
            "view": found,
            "kept_out": kept_out,
            "preview": previews.preview(site, request, held),
            "standing": standings.get(held.id, NONE),
            **marks.known_labels(desk),
            "paper": held,
            "record": record,
            "url": view.paper_url(held.id),
            "title": typeset.title(record.title),
            "gist": view.gist(held),
            "authors_shown": AUTHORS if len(record.authors) > AUTHORS_FOLDED else len(record.authors),
            "passages": view.abstract_passages(held),
            "categories": [(code, categories.name(code)) for code in record.categories],
            "links": view.outward_links(held),
            "edits": view.edits(found),
            "relations": view.relations(found.relations),
            "similar": [view.hit_card(hit, standings=standings) for hit in near],
            "parts": _parts(held),
            "counted": _counted(record, site.library.counters()),
            "texts": view.texts_of((held, *(hit.paper for hit in near))),
            "bibtex": citations.bibtex(held),
            "abstract_url": links_of(held.id)["abstract"],
            **discussion.shown(site, request, held),
        },
        headers={"Vary": "Accept"},
    )


def _counted(record: Record, counters: Mapping[str, Told]) -> list[tuple[str, str, list[tuple[date, int]]]]:
    """What each counter counts, its name for people, and what it counted by the end of the last days that it did."""
    names = sorted({reading.counter for reading in record.readings})
    return [
        (
            *trending.unit_of(name, counters),
            view.readings_by_day(r for r in record.readings if r.counter == name)[-READINGS:],
        )
        for name in names
    ]


def similar(site: Site, request: Request) -> Response:
    """The papers most like one, as wholes or, with ``by``, in one aspect."""
    asked = request.path_params["id"]
    by = parameters.aspect(request.query_params.get("by", ""))
    id, version = parse_versioned(asked)
    try:
        held = site.library.shown(id)
    except NotFoundError as error:
        return _unknown(site, request, id, error)
    url = view.paper_url(held.id)
    if held.id != id or version is not None:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{url}/similar{query}", status_code=302)
    hits = site.library.similar(held.id, by=by, limit=SIMILAR)
    put_away = away.of(site, request)
    near = [hit for hit in hits if hit.paper.id not in put_away.ids]
    standings = site.desk(request).standings(hit.paper.id for hit in near)
    return site.press.page(
        request,
        "similar.html",
        {
            "paper": held,
            "url": url,
            "title": typeset.title(held.record.title),
            "by": by.value if by else "",
            "parts": _parts(held),
            "cards": [view.hit_card(hit, standings=standings) for hit in near],
            "left_out": away.left_out(put_away, (hit.paper.id for hit in hits)),
            "texts": view.texts_of((held, *(hit.paper for hit in near))),
        },
    )


def bibtex(site: Site, request: Request) -> Response:
    """The paper as BibTeX, to be saved."""
    held = _held(site, request)
    return _download(citations.bibtex(held), "application/x-bibtex", f"{citations.key(held)}.bib")


def ris(site: Site, request: Request) -> Response:
    """The paper as RIS, to be saved."""
    held = _held(site, request)
    return _download(citations.ris(held), "application/x-research-info-systems", f"{citations.key(held)}.ris")


def csl(site: Site, request: Request) -> Response:
    """The paper as CSL-JSON, to be saved."""
    held = _held(site, request)
    text = json.dumps([citations.csl(held)], ensure_ascii=False, indent=2)
    return _download(text, "application/vnd.citationstyles.csl+json", f"{citations.key(held)}.json")


def _parts(paper: Paper) -> list[str]:
    """The aspects that a paper's abstract speaks of, in their usual order."""
    spoken = {sentence.aspect for sentence in paper.derived.sentences}
    return [aspect.value for aspect in parameters.ASPECTS if aspect in spoken]


def _held(site: Site, request: Request) -> Paper:
    return site.library.shown(PaperId.parse(request.path_params["id"]))


def _download(text: str, media_type: str, name: str) -> Response:
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name)
    return Response(
        text,
        media_type=f"{media_type}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{safe}"',
            "Cache-Control": "private, no-cache",
        },
    )


def _unknown(site: Site, request: Request, id: PaperId, error: NotFoundError) -> Response:
    elsewhere = links_of(id)["abstract"]
    where = {Scheme.ARXIV: "arXiv", Scheme.DOI: "its publisher"}.get(id.scheme)
    return site.press.error(
        request,
        status=404,
        message=sentence(str(error)),
        elsewhere=((f"Look for it at {where}", elsewhere),) if elsewhere and where else (),
    )
