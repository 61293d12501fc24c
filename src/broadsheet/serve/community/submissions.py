"""Bring a paper to everybody's notice: by id, by link, or by describing it. And what readers know of papers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.errors import BroadsheetError, InputError, SourceError, http_status
from broadsheet.ids import PaperId, Scheme, parse_versioned
from broadsheet.library.people import Scope
from broadsheet.model import Author, LinkKind, Record, author_key
from broadsheet.serve import view
from broadsheet.serve.community import curation
from broadsheet.serve.door import visitor_of
from broadsheet.serve.press import sentence
from broadsheet.serve.site import Site
from broadsheet.store.people import Role

LINK_KINDS = (LinkKind.CODE, LinkKind.DATA, LinkKind.MODEL, LinkKind.PROJECT)
_LONGEST = {"title": 500, "abstract": 10_000, "authors": 5_000, "link": 500}


def page(site: Site, request: Request) -> Response:
    """The form."""
    visitor_of(request).need(Scope.COMMUNITY)
    return _page(site, request, {"id": request.query_params.get("id", "")})


def submit(site: Site, request: Request) -> Response:
    """Submit what was typed: a paper that is here or can be fetched by its id, else one that is described."""
    visitor, form = visitor_of(request), request.state.form
    visitor.need(Scope.COMMUNITY)
    try:
        paper = take(site, form)
        site.library.commons.submit(visitor.reader, paper)
    except (InputError, SourceError) as error:
        return _page(site, request, form, error=error)
    return RedirectResponse(view.paper_url(paper), status_code=303)


def take(site: Site, form: Mapping[str, str]) -> PaperId:
    """The paper that is named or described, taken in where it was not here. Raises InputError, SourceError."""
    return _described(site, form) if form.get("title", "").strip() else _named(site, form.get("id", ""))


def offer_link(site: Site, request: Request) -> Response:
    """Offer a paper's code, data or project page; a curator looks at it first, and at no own one twice."""
    visitor, form = visitor_of(request), request.state.form
    visitor.need(Scope.COMMUNITY)
    id = PaperId.parse(request.path_params["id"])
    url = form.get("url", "").strip()
    site.library.commons.offer_link(visitor.reader, id, url, form.get("kind", "code"))
    if visitor.may(Scope.CURATE, Role.CURATOR):
        site.library.commons.judge_link(id, url, accept=True)
        curation.record(site, visitor, "accept link", str(id), url)
        return RedirectResponse(view.paper_url(id), status_code=303)
    return site.press.page(
        request,
        "said.html",
        {"heading": "Thank you", "text": "A curator will look at the link before it shows."},
    )


def claim_page(site: Site, request: Request) -> Response:
    """The form to say that one is an author."""
    visitor_of(request).need(Scope.COMMUNITY)
    return _claim_page(site, request)


def claim(site: Site, request: Request) -> Response:
    """Say that one is an author; a curator looks at the evidence."""
    visitor, form = visitor_of(request), request.state.form
    visitor.need(Scope.COMMUNITY)
    try:
        site.library.commons.claim(visitor.reader, request.path_params["key"], form.get("evidence", ""))
    except InputError as error:
        return _claim_page(site, request, error=error)
    return site.press.page(
        request, "said.html", {"heading": "Thank you", "text": "A curator will look at it."}
    )


def _named(site: Site, text: str) -> PaperId:
    """The paper that an id or a link names, fetched where it is not here yet."""
    if not text.strip():
        raise InputError("nothing to submit; expected an arXiv id, a DOI, a link, or a title below")
    id, _ = parse_versioned(text)
    held = site.library.papers([id]).get(id)
    if held is not None:
        return held.id
    if id.scheme is Scheme.ARXIV and site.fetch is not None:
        site.fetch(id)
        held = site.library.papers([id]).get(id)
        if held is not None:
            return held.id
        raise InputError(f"arXiv knows no paper {id}; look at the id once more")
    raise InputError(f"{text.strip()[:80]!r} is not in this archive and cannot be fetched; describe it below")


def _described(site: Site, form: Mapping[str, str]) -> PaperId:
    """A paper taken in from what somebody typed."""
    fields = {name: " ".join(form.get(name, "").split()) for name in _LONGEST}
    for name, longest in _LONGEST.items():
        if len(fields[name]) > longest:
            raise InputError(f"{name}: {len(fields[name]):,} characters; expected at most {longest:,}")
    if len(fields["title"]) < 5:
        raise InputError(f"a title of {len(fields['title'])} characters; expected at least 5")
    if len(fields["abstract"]) < 50:
        raise InputError(
            "an abstract of a few words; expected at least 50 characters, so that it can be found"
        )
    names = [name.strip() for name in fields["authors"].replace(";", ",").split(",") if name.strip()]
    doi = _doi(form.get("id", ""))
    link = fields["link"]
    if link and not link.startswith(("http://", "https://")):
        raise InputError(f"not a web address: {link[:80]!r}; expected e.g. 'https://example.org/paper'")
    mark = hashlib.sha256(
        "|".join([fields["title"].casefold(), *map(author_key, names)]).encode()
    ).hexdigest()
    id = doi or PaperId.parse(f"submitted:{mark[:16]}")
    record = Record(
        id=id,
        title=fields["title"],
        abstract=fields["abstract"],
        authors=tuple(Author(name) for name in names),
        source="submitted",
        published=site.now(),
        links=(link,) if link else (),
    )
    if site.library.papers([id]).get(id) is None:  # what a source said of it is not overwritten by a form
        site.library.take_in(record)
    return id


def _doi(text: str) -> PaperId | None:
    try:
        id, _ = parse_versioned(text)
    except InputError:
        return None
    return id if id.scheme is Scheme.DOI else None


def _page(
    site: Site, request: Request, form: dict[str, str], *, error: BroadsheetError | None = None
) -> Response:
    values: dict[str, Any] = {name: form.get(name, "") for name in ("id", *_LONGEST)}
    return site.press.page(
        request,
        "submit.html",
        {
            **values,
            "error": sentence(str(error)) if error else "",
            "describe": bool(error) or bool(values["title"]),
            "fetches": site.fetch is not None,
        },
        status=http_status(error) if error else 200,
    )


def _claim_page(site: Site, request: Request, *, error: InputError | None = None) -> Response:
    key = author_key(request.path_params["key"])
    papers = site.library.author(key, limit=5)
    return site.press.page(
        request,
        "claim.html",
        {"key": key, "papers": papers, "error": sentence(str(error)) if error else ""},
        status=http_status(error) if error else 200,
    )
