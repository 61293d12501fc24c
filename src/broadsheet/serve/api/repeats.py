"""Operations of API v1 that a program can ask for again without having them done twice. Knows no resource."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from functools import partial, wraps
from typing import Annotated, Any, Final

from fastapi import Depends, Header
from pydantic import BaseModel
from starlette.requests import Request

from broadsheet.serve.api.asked import Asking, Here
from broadsheet.store.replies import Asker

HEADER: Final = "Idempotency-Key"

Once = Callable[..., Any]


def _once(
    request: Request,
    site: Here,
    visitor: Asking,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias=HEADER,
            min_length=1,
            max_length=200,
            description="Names this request, so that it can be sent again: for a day the same request under the same "
            "key is answered as the first time, and nothing is done. For whoever is known by a token or a login.",
            examples=['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
        ),
    ] = None,
) -> Once:
    if idempotency_key is None or not visitor.reader:
        return lambda do, body: do()  # noqa: ARG005  called as the other
    asker = Asker(visitor.reader, visitor.token.key if visitor.token else "")
    # The draft asks for a quoted string; most programs send the bare letters.
    key = idempotency_key.strip('"')
    where = f"{request.method} {request.url.path}?{request.url.query}"

    def once(do: Callable[[], Any], body: str) -> Any:
        return site.library.repeats.once(do, asker=asker, key=key, asked=f"{where}\n{body}")

    return once


def repeatable(operation: Callable[..., Any]) -> Callable[..., Any]:
    """The operation with one parameter more, ``Idempotency-Key``; what it gives is its answer in JSON."""
    signature = inspect.signature(operation, eval_str=True)

    @wraps(operation)
    def asked(*, once: Once, **given: Any) -> Any:
        bodies = [each.model_dump(mode="json") for each in given.values() if isinstance(each, BaseModel)]
        return once(partial(operation, **given), json.dumps(bodies, sort_keys=True))

    added = inspect.Parameter(
        "once", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Once, Depends(_once)]
    )
    asked.__signature__ = signature.replace(  # type: ignore[attr-defined]  # what FastAPI reads
        parameters=[*signature.parameters.values(), added]
    )
    return asked
