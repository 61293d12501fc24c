"""Pages and feeds of the web application as files that stand alone. Pure.

What needs a server goes: forms that write, and links to what a mirror does not have. The policy that
the server would send as a header stands in the page.
"""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import urljoin, urlsplit

from broadsheet.pipeline.mirror.addresses import SEARCH, file_of, link, relative

# The application's address while a mirror is made of it; no such host can exist (RFC 2606).
SITE: Final = "https://mirror.invalid"

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)
_HEAD: Final = '<meta charset="utf-8">'
_WRITES: Final = re.compile(r'<form\b[^>]*\bmethod="post".*?</form>', re.DOTALL)
_LINK: Final = re.compile(r'\s(href|src|action)="([^"]*)"')
# What can be done on the site alone. A paragraph or an entry of a list that offers it goes.
_DOINGS: Final = re.compile(
    r"/(?:login|account|admin|saved|comments|discussion|submit)\b|.*/(?:similar|curate|claim)$"
)
_GONE: Final = " data-gone"
_OFFER: Final = re.compile(rf"<(p|li)\b[^>]*>(?:(?!</\1>).)*?{_GONE}(?:(?!</\1>).)*</\1>\s*", re.DOTALL)
_NO_FEED: Final = re.compile(r"<link\b(?![^>]*\bhref=)[^>]*>\s*")
_BY_MEANING: Final = 'placeholder="Search by words and meaning"'
_SITE_ADDRESS: Final = re.compile(re.escape(SITE) + r"(/[^\s\"<>\\&]*)?(?:\?[^\s\"<>\\&]*)?")
_MAIN: Final = re.compile(r'(<main id="main"[^>]*>).*?(</main>)', re.DOTALL)

_SEARCH: Final = """
<h1 class="hidden">Search</h1>
<form class="search" role="search" action="search.html">
<div class="query"><label for="find">Search for</label><input id="find" type="search" name="q" maxlength="1000" autocomplete="off"><button>Search</button></div>
</form>
<div class="found"><div class="answer">
<p class="total" id="total" role="status">{about}</p>
</div><div class="list"><ol class="hits" id="hits"></ol><p class="all"><button type="button" id="more" hidden>More</button></p></div></div>
<noscript><p class="note">This search runs in the browser and needs its script.</p></noscript>
"""


def page(text: str, *, address: str, file: str, files: frozenset[str]) -> str:
    """A page of the application at an address as it stands in a file of a mirror, which has these files."""

    def linked(match: re.Match[str]) -> str:
        asked = html.unescape(match[2])
        if not asked or asked.startswith(("#", "mailto:", "data:")):
            return match[0]
        whole = urljoin(SITE + address, asked)
        if not whole.startswith(SITE):
            return match[0]
        path = whole.removeprefix(SITE) or "/"
        found = link(path, page=file, files=files)
        if found is None:
            return _GONE if _DOINGS.match(urlsplit(path).path) else ""
        return f' {match[1]}="{html.escape(found)}"'

    text = _LINK.sub(linked, _WRITES.sub("", text))
    text = _NO_FEED.sub("", _OFFER.sub("", text)).replace(_GONE, "")
    text = text.replace(_BY_MEANING, 'placeholder="Search the last editions"')
    return text.replace(_HEAD, f'{_HEAD}\n<meta http-equiv="Content-Security-Policy" content="{_POLICY}">', 1)


def search_page(text: str, *, about: str, files: frozenset[str]) -> str:
    """The page that searches in the browser, in the application's frame; ``about`` says what it searches."""
    main = _SEARCH.format(about=html.escape(about))
    text = page(text, address="/search", file=SEARCH, files=files)
    text = _MAIN.sub(lambda match: f"{match[1]}{main}{match[2]}", text, count=1)
    script = f'<script src="{relative("static/mirror.js", page=SEARCH)}" defer></script>'
    return text.replace("</head>", f"{script}\n</head>", 1)


def public(text: str, *, address: str) -> str:
    """A page or feed of the application with the public addresses of a mirror."""

    def of_mirror(match: re.Match[str]) -> str:
        file = file_of(match[1] or "/")
        return f"{address.rstrip('/')}/{file or ''}".removesuffix("index.html")

    return _SITE_ADDRESS.sub(of_mirror, text)
