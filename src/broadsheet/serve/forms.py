"""What a form sends, read before its handler runs and bounded. Knows no page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

LARGEST: Final = 256 * 1024  # bytes of a form; the longest note is 20,000 characters
_FIELDS: Final = 200
_URLENCODED: Final = "application/x-www-form-urlencoded"


async def read(request: Request, *, largest: int = LARGEST) -> Mapping[str, str]:
    """A form's fields by name, the last of a name counting; empty for a request without a form.

    Raises HTTPException: 413 for a body that is too large, 400 for one that is no form.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise HTTPException(413, f"this form is larger than {largest:,} bytes")
    if not body or request.headers.get("content-type", "").partition(";")[0].strip().lower() != _URLENCODED:
        return {}
    try:
        fields = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise HTTPException(400, "this is not a form: expected UTF-8 and at most 200 fields") from error
    return dict(fields)
