"""How the site stands: the about page, and health for machines. Knows the library's counts."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from broadsheet import __version__
from broadsheet.library import Library
from broadsheet.serve.gauge import CONTENT_TYPE, Gauges
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
            "encoders": [
                (_vectors_of(name), name, ready)
                for name, ready in sorted({**generation.encoders, **generation.details}.items())
            ]
            if generation
            else [],
            "latest": site.library.latest(),
            "counters": [told for told in site.library.counters().values() if told.counted or told.failed],
        },
    )


def _vectors_of(name: str) -> str:
    """What vectors of this name are made of, as a reader would say it."""
    if "/sentences" in name:
        return "Meaning of sentences"
    return "Meaning of single words" if "/piece" in name else "Meaning of papers"


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


def ready(site: Site, request: Request) -> Response:  # noqa: ARG001  the signature of a handler
    """Whether readers can be sent here: the store answers and there is an index to search."""
    generation = site.library.generation()
    if generation is None:
        return JSONResponse(
            {"status": "the index is being made"}, status_code=503, headers={"Retry-After": "5"}
        )
    behind = site.library.state()[0] - generation.seq
    return JSONResponse({"status": "ready", "generation": generation.number, "changes_behind": behind})


def metrics(site: Site, request: Request) -> Response:  # noqa: ARG001  the signature of a handler
    """Numbers for Prometheus. Routes and counts only: nothing of who reads what."""
    return Response(site.gauges.shown(), media_type=CONTENT_TYPE)


def gauges_of(library: Library) -> Gauges:
    """The gauges of a library: how large it is, and how far its index is behind."""
    gauges = Gauges()
    gauges.fact("broadsheet_papers", "Papers in the archive.", library.count)
    gauges.fact("broadsheet_changes", "The number of the archive's last change.", lambda: library.state()[0])
    gauges.fact(
        "broadsheet_index_change",
        "The change that the index stands at, -1 for none.",
        lambda: library.state()[1],
    )
    return gauges


def favicon(site: Site, request: Request) -> Response:  # noqa: ARG001  the signature of a handler
    """Where browsers look that do not read the page's own link."""
    return RedirectResponse("/static/favicon.svg", status_code=301)
