"""API v1 as an application of its own, and its description. Knows the resources, not what they answer."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from broadsheet import __version__
from broadsheet.serve.api import (
    account,
    curation,
    desk,
    digests,
    discussion,
    holdings,
    namesakes,
    people,
    problems,
    repeats,
    resources,
    submissions,
    topics,
)
from broadsheet.serve.api.models import Problem
from broadsheet.serve.press import API, PROBLEM
from broadsheet.serve.site import Site

PREFIX = API.rstrip("/")

Json = dict[str, Any]

# What is a paper's before any paper.
MODULES: Final = (
    discussion,
    submissions,
    desk,
    holdings,
    namesakes,
    digests,
    curation,
    account,
    people,
    topics,
    resources,
)
ROUTERS: Final = tuple(module.router for module in MODULES)

_EXAMPLES = Path(__file__).with_name("examples.json")
_DESCRIPTION = """\
What the pages do, for programs. Errors are RFC 9457 problem documents; lists go on by `cursor`; answers to a GET have
an `ETag`; `RateLimit` says how much may still be asked. The examples are answers about the sample edition, or made up
where an answer tells of a person."""
_TAGS = {
    "archive": "The archive as a whole, and how to follow it.",
    "editions": "The paper of each day, and what trends.",
    "papers": "Finding papers, and one by one.",
    "discussion": "What readers make of papers.",
    "shelf": "What the reader keeps.",
    "desk": "What the reader says of papers, follows, and is offered.",
    "digest": "Digests by mail, one's own and the public list.",
    "curation": "What curators do; needs the scope `curate`.",
    "account": "One's own account; needs the scope `account`.",
    "administration": "What administrators do; needs the scope `admin`.",
}


def create_api(site: Site) -> FastAPI:
    """The API of a site."""
    api = FastAPI(
        title=f"{site.press.title} API",
        version=__version__,
        docs_url=None,  # its page would load script from another host
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_named,
    )
    api.state.site = site
    for router in ROUTERS:
        api.include_router(router)
    problems.explain_errors(api, press=site.press, routes=[r for router in ROUTERS for r in router.routes])
    described = cache(lambda: describe(api))
    api.openapi = described  # type: ignore[method-assign]  # as FastAPI's documentation has it
    return api


def describe(api: FastAPI) -> Json:
    """The OpenAPI 3.1 document: what FastAPI says, with our errors, headers and examples."""
    document = get_openapi(
        title=api.title,
        version=api.version,
        description=_DESCRIPTION,
        routes=api.routes,
        servers=[{"url": PREFIX}],
        tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    parts: Json = document["components"]
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own form of errors, which is not ours
        parts["schemas"].pop(name, None)
    parts["schemas"] |= models_json_schema(
        [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )[1]["$defs"]
    parts["headers"] = _HEADERS
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{}, {"token": []}]  # without one as a stranger, or as the one reader there is
    parts["responses"] = {
        name: {
            "description": text,
            "content": _AS_PROBLEM,
        }
        for name, (_, text) in (_PROBLEMS | _REPEATED).items()
    }
    examples = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
    for methods in document["paths"].values():
        for method, operation in methods.items():
            _complete(operation, reads=method == "get", example=examples.get(operation["operationId"]))
    return document


def _complete(operation: Json, *, reads: bool, example: Json | None) -> None:
    answers = operation["responses"]
    answers.pop("422", None)  # FastAPI's own form of errors
    for name, (status, _) in _PROBLEMS.items():
        if name != "Refused" or not reads:
            answers[str(status)] = {"$ref": f"#/components/responses/{name}"}
    if any(each["name"] == repeats.HEADER for each in operation.get("parameters", ())):
        for name, (status, _) in _REPEATED.items():
            answers[str(status)] = {"$ref": f"#/components/responses/{name}"}
    good = next(answer for status, answer in answers.items() if status.startswith("2"))
    good["headers"] = {"RateLimit": {"$ref": "#/components/headers/RateLimit"}}
    for status, answer in answers.items():
        if status >= "4" and "$ref" not in answer:  # what only this operation answers
            answer["content"] = _AS_PROBLEM
    if reads and "application/json" in good["content"]:
        good["headers"]["ETag"] = {"$ref": "#/components/headers/ETag"}
        answers["304"] = {"description": "What `If-None-Match` names is still so."}
    if example:
        good["content"]["application/json"]["example"] = example["answer"]


_AS_PROBLEM = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_PROBLEMS = {
    "Unusable": (400, "A parameter cannot be used."),
    "Stranger": (401, "Only somebody may ask this: send a token."),
    "Refused": (403, "The token may not do this, or another site's page would write."),
    "Unknown": (404, "The name is well formed, but nothing here has it."),
    "TooMuch": (429, "Too many requests; `Retry-After` says how long to wait."),
    "NotReady": (
        503,
        "The index is being made, or the archive is busy; `Retry-After` says how long to wait.",
    ),
}
# Of operations that can be asked for again under a key.
_REPEATED = {
    "UnderWay": (409, "A request under this key is being answered, or nobody knows how it ended."),
    "Reused": (422, "Something else was asked under this key."),
}
_HEADERS = {
    "ETag": {"description": "Names the state of the answer.", "schema": {"type": "string"}},
    "RateLimit": {
        "description": "How many requests are left (`r`) and in how many seconds there will be more (`t`); "
        "absent where there is no limit.",
        "schema": {"type": "string"},
        "example": '"api";r=599;t=1',
    },
}


def _named(route: APIRoute) -> str:
    return route.name
