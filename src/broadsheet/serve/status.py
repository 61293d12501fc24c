"""How the site stands: the about page, and health for machines. Knows the library's counts."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from broadsheet import __version__
from broadsheet.serve.site import Site


def about(site: Site, request: Request) -> Response:
    """How Broadsheet works, and what it stands on right now."""
    generation = site.library.generation()
    return site.press.page(
        request,
        "about.html",
        {
            "version": __version__,
            "count": site.library.count(),
            "generation": generation,
            "encoders": sorted({**generation.encoders, **generation.details}.items()) if generation else [],
            "latest": site.library.latest(),
        },
    )


def health(site: Site, request: Request) -> Response:  # noqa: ARG001  the signature of a handler
    """That the store answers, and where the index stands."""
    latest = site.library.latest()
    generation = site.library.generation()
    return JSONResponse(
        {
            "status": "ok",
            "version": __version__,
            "latest": latest.isoformat() if latest else None,
            "generation": generation.number if generation else None,
        }
    )


def favicon(site: Site, request: Request) -> Response:  # noqa: ARG001  the signature of a handler
    """Where browsers look that do not read the page's own link."""
    return RedirectResponse("/static/favicon.svg", status_code=301)
