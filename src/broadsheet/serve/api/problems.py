"""Errors of API v1, all in one shape: RFC 9457. Knows no resource."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from broadsheet.errors import BroadsheetError
from broadsheet.serve.press import Press, problem, sentence, where_it_is_logged


def explain_errors(app: FastAPI, *, press: Press, routes: Sequence[BaseRoute]) -> None:
    """Have an application of these routes answer every error with a problem document."""

    def explained(request: Request, error: Exception) -> Response:
        if not isinstance(error, BroadsheetError):
            raise error
        return press.failure(request, error)

    def invalid(_: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        faults = [
            {"where": ".".join(map(str, fault["loc"])), "message": sentence(fault["msg"])}
            for fault in error.errors()
        ]
        named = ", ".join(fault["where"] for fault in faults)
        return problem(400, f"These cannot be used: {named}.", errors=faults)

    def refused(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        detail = {
            404: f"There is nothing at {request.url.path}.",
            405: f"{request.url.path} does not take {request.method} requests.",
        }.get(error.status_code, sentence(str(error.detail)))
        headers = (
            {"Allow": ", ".join(_allowed(routes, request))} if error.status_code == 405 else error.headers
        )
        return problem(error.status_code, detail, headers=headers)

    def broken(_: Request, __: Exception) -> Response:
        return problem(500, f"This is a fault of Broadsheet’s, not yours. {where_it_is_logged()}")

    app.add_exception_handler(BroadsheetError, explained)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, broken)


def _allowed(routes: Sequence[BaseRoute], request: Request) -> list[str]:
    """What a path takes: its routes are one for each method, and the router names only the first one's."""
    fitting = (r for r in routes if isinstance(r, APIRoute) and r.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in fitting for method in route.methods or ()})
