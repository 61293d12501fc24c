"""What a form sends, read before its handler runs and bounded. Knows no page."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

LARGEST: Final = 256 * 1024  # bytes of a form; the longest note is 20,000 characters
_FIELDS: Final = 200
_URLENCODED: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form: what the reader's machine calls it, and its bytes."""

    name: str
    body: bytes


async def read(request: Request, *, largest: int = LARGEST) -> Mapping[str, str]:
    """A form's fields by name, the last of a name counting; empty for a request without a form.

    Raises HTTPException: 413 for a body that is too large, 400 for one that is no form.
    """
    body = await body_of(request, largest=largest)
    if not body or request.headers.get("content-type", "").partition(";")[0].strip().lower() != _URLENCODED:
        return {}
    try:
        fields = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise HTTPException(400, "this is not a form: expected UTF-8 and at most 200 fields") from error
    return dict(fields)


async def read_file(request: Request, name: str, *, largest: int) -> Upload | None:
    """The file that a form sent in the field ``name``; None where it sent none.

    Raises HTTPException: 413 for a body that is too large, 400 for one that is no such form.
    """
    body = await body_of(request, largest=largest)

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        found = await MultiPartParser(request.headers, stream(), max_files=1, max_fields=8).parse()
    except (MultiPartException, KeyError) as error:
        raise HTTPException(400, "this is not a form with a file") from error
    file = found.get(name)
    if not isinstance(file, UploadFile):
        return None
    upload = Upload(file.filename or "", await file.read())
    await found.close()
    return upload if upload.body else None


async def body_of(request: Request, *, largest: int) -> bytes:
    """What a request sends. Raises HTTPException: 413 for what is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise HTTPException(413, f"what was sent is larger than {largest:,} bytes")
    return bytes(body)
