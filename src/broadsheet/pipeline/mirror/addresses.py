"""From the addresses of the web application to names of files, and from page to page. Pure.

Names are safe on every file system and need no encoding in an address. Links are relative, so a
mirror works wherever it is put.
"""

from __future__ import annotations

import posixpath
import re
from typing import Final
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from broadsheet.errors import InputError
from broadsheet.ids import PaperId
from broadsheet.serve.feeds import entry_id

SEARCH: Final = "search.html"

_PAGES: Final = {"/": "index.html", "/archive": "archive.html", "/about": "about.html"}
_AS_IT_IS: Final = re.compile(r"/(?:static/.+|feeds/edition\.(?:atom|json)|edition/[\d-]+\.(?:atom|json))")
_PAPER_FILE: Final = re.compile(r"\.(?:bib|ris|json)")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9./-]|^\.+$|(?<=/)\.+(?=/|$)")
_ASKED: Final = ("q", "cat", "type", "since", "until", "code")  # what the search in the browser can take


def file_of(address: str) -> str | None:
    """The file of a mirror for an address of the site, its query included; None for what mirrors do not have.

    >>> file_of("/edition/2026-03-17/cs.CV?page=2"), file_of("/papers/hep-th/9901001")
    ('edition/2026-03-17/cs.CV.p2.html', 'papers/hep-th/9901001.html')
    """
    parts = urlsplit(address)
    path = unquote(parts.path)
    if path in _PAGES:
        return _PAGES[path]
    if _AS_IT_IS.fullmatch(path):
        return path[1:]
    if path == "/search":
        return SEARCH
    section, _, rest = path[1:].partition("/")
    if not rest or section not in {"archive", "edition", "papers"}:
        return None
    if section == "papers":
        if rest.endswith("/similar"):
            return None
        ending = posixpath.splitext(rest)[1]
        if _PAPER_FILE.fullmatch(ending):
            return f"papers/{_safe(rest.removesuffix(ending))}{ending}"
    page = parse_qs(parts.query).get("page", ["1"])[0]
    numbered = f".p{page}" if page.isdecimal() and int(page) > 1 else ""
    return f"{section}/{_safe(rest)}{numbered}.html"


def link(address: str, *, page: str, files: frozenset[str]) -> str | None:
    """The link from a page of a mirror to an address of the site; None where a mirror does not have it.

    ``page`` is the file that it stands in, ``files`` are all that there are. An author's page becomes a
    search for the name, and a paper that the mirror does not have is linked to where it came from.

    >>> link("/papers/2602.1#cite", page="edition/2026-03-17.html", files=frozenset({"papers/2602.1.html"}))
    '../papers/2602.1.html#cite'
    """
    parts = urlsplit(address)
    if parts.path.startswith("/authors/"):
        name = unquote(parts.path.removeprefix("/authors/")).replace("-", " ")
        return f"{relative(SEARCH, page=page)}?{urlencode({'q': name})}"
    file = file_of(address)
    if file is not None and file not in files and parts.path.startswith("/papers/"):
        return _original(unquote(parts.path.removeprefix("/papers/")))
    if file is None or file not in files:
        return None
    query = ""
    if file == SEARCH:
        asked = {k: v[0] for k, v in parse_qs(parts.query).items() if k in _ASKED}
        query = f"?{urlencode(asked)}" if asked else ""
    elif file.startswith("static/") and parts.query:
        query = f"?{parts.query}"
    return relative(file, page=page) + query + (f"#{parts.fragment}" if parts.fragment else "")


def relative(file: str, *, page: str) -> str:
    """A file as another names it."""
    return quote(posixpath.relpath(file, posixpath.dirname(page) or "."))


def _original(id: str) -> str | None:
    """Where a paper came from, if its id tells."""
    try:
        address = entry_id(PaperId.parse(id))
    except InputError:
        return None
    return address if address.startswith("https://") else None


def _safe(path: str) -> str:
    """A name without letters that some file system or address would take as a sign; different names stay so."""
    return _UNSAFE.sub(lambda m: "".join(f"_{byte:02x}" for byte in m[0].encode()), path)
