"""What other programs read of a paper's page: citation tags, link previews, JSON-LD, oEmbed. Knows no layout.

Everything is made from the paper's citation, so that all forms say the same and leave out the same:
what the source does not say, and the abstracts of a sample edition, which are not the authors'.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import takewhile
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId, Scheme
from broadsheet.library.shapes import links_of
from broadsheet.library.views import byline
from broadsheet.model import Author, Paper
from broadsheet.serve import citations, view
from broadsheet.serve.site import Site

_DESCRIPTION = 300  # letters of a description; who shows link previews cuts sooner
_KEPT = 86_400  # seconds that an embedding program may keep an answer
_PATH = "/papers/"


@dataclass(frozen=True, slots=True)
class Preview:
    """The head of a paper's page: ``names`` and ``properties`` are meta elements, in their order."""

    url: str
    description: str
    names: tuple[tuple[str, str], ...]
    properties: tuple[tuple[str, str], ...]
    json_ld: Markup
    oembed: str


def preview(site: Site, request: Request, paper: Paper) -> Preview:
    """What the head of a paper's page says to other programs."""
    url = site.absolute(request, view.paper_url(paper.id))
    description = _described(paper)
    return Preview(
        url=url,
        description=description,
        names=citation_tags(paper),
        properties=_open_graph(paper, url=url, description=description, site_name=site.press.title),
        json_ld=data_block(json_ld(paper, url=url)),
        oembed=site.absolute(request, f"/oembed?format=json&url={quote(url, safe='')}"),
    )


def citation_tags(paper: Paper) -> tuple[tuple[str, str], ...]:
    """The Highwire Press tags that Google Scholar and Zotero's connector read.

    https://scholar.google.com/intl/en/scholar/inclusion.html#indexing
    """
    item = citations.csl(paper)
    is_arxiv = paper.id.scheme is Scheme.ARXIV
    venue = item.get("container-title")
    issued = "/".join(f"{part:02}" for part in _issued(item))
    tags = [
        ("citation_title", item.get("title")),
        *(("citation_author", _inverted(author)) for author in paper.record.authors),
        ("citation_publication_date", issued),
        ("citation_online_date", f"{paper.day:%Y/%m/%d}" if paper.day else None),
        ("citation_journal_title", venue),
        ("citation_technical_report_institution", "arXiv" if is_arxiv and not venue else None),
        ("citation_technical_report_number", f"arXiv:{paper.id}" if is_arxiv and not venue else None),
        ("citation_arxiv_id", str(paper.id) if is_arxiv else None),
        ("citation_doi", item.get("DOI")),
        ("citation_public_url", item.get("URL")),
        ("citation_pdf_url", links_of(paper.id)["pdf"]),
        ("citation_abstract", item.get("abstract")),
        ("citation_keywords", "; ".join(paper.derived.keyphrases)),
    ]
    return tuple((name, " ".join(value.split())) for name, value in tags if value)


def json_ld(paper: Paper, *, url: str) -> dict[str, Any]:
    """The paper as a schema.org ScholarlyArticle; ``url`` is its page."""
    record, item = paper.record, citations.csl(paper)
    elsewhere = [item.get("URL"), f"https://doi.org/{item['DOI']}" if item.get("DOI") else None]
    names = (("arXiv", str(paper.id)) if paper.id.scheme is Scheme.ARXIV else None, ("DOI", item.get("DOI")))
    pdf, venue, licence = links_of(paper.id)["pdf"], item.get("container-title"), record.licence or ""
    article = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "@id": url,
        "url": url,
        "headline": paper.title,
        "author": [_person(author) for author in record.authors],
        "datePublished": "-".join(f"{part:02}" for part in _issued(item)),
        "dateModified": f"{record.updated:%Y-%m-%d}" if record.updated else None,
        "abstract": item.get("abstract"),
        "keywords": list(paper.derived.keyphrases),
        "identifier": [
            {"@type": "PropertyValue", "propertyID": name[0], "value": name[1]}
            for name in names
            if name and name[1]
        ],
        "sameAs": list(dict.fromkeys(filter(None, elsewhere))),
        "isPartOf": {"@type": "CreativeWork", "name": venue} if venue else None,
        "license": licence if licence.startswith(("https://", "http://")) else None,
        "encoding": {"@type": "MediaObject", "contentUrl": pdf, "encodingFormat": "application/pdf"}
        if pdf
        else None,
    }
    return {name: value for name, value in article.items() if value}


def data_block(value: dict[str, Any]) -> Markup:
    """JSON that can stand in a script element of a data type: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False)
    return Markup("".join(f"\\u{ord(c):04x}" if c in _ENDING else c for c in text))  # noqa: S704  nothing of HTML left


# https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements; the last two end a line of script.
_ENDING = frozenset("<>&\u2028\u2029")


def oembed(site: Site, request: Request) -> Response:
    """What a program needs to show a link to a paper: https://oembed.com/. Raises NotFoundError.

    A link and no frame: our pages cannot be framed.
    """
    asked = request.query_params
    if (form := asked.get("format") or "json") != "json":
        message = f"oEmbed is given as JSON; got format={form[:20]!r}"
        return site.press.error(request, status=501, message=message)
    paper = site.library.shown(_addressed(site, request, asked.get("url", "")))
    names = [author.name for author in paper.record.authors]
    answer = {
        "version": "1.0",
        "type": "link",
        "title": paper.title,
        "author_name": byline(names) or None,
        "provider_name": site.press.title,
        "provider_url": site.absolute(request, "/"),
        "cache_age": _KEPT,
        "url": site.absolute(request, view.paper_url(paper.id)),
        "description": _described(paper) or None,
    }
    known = {name: value for name, value in answer.items() if value is not None}
    return JSONResponse(known, headers={"Cache-Control": "private, no-cache"})


def _addressed(site: Site, request: Request, url: str) -> PaperId:
    """The paper whose page here an address names."""
    try:
        here, there = urlsplit(site.absolute(request, "/")), urlsplit(url)
    except ValueError as error:
        raise InputError(f"not an address: {url[:200]!r}") from error
    if not url:
        raise InputError("oEmbed needs the address of a paper's page: ?url=…")
    path = there.path.removeprefix(here.path.rstrip("/"))
    if there.netloc != here.netloc or not path.startswith(_PATH) or there.scheme not in {"http", "https"}:
        raise NotFoundError(f"no page of a paper here: {url[:200]!r}")
    return PaperId.parse(unquote(path.removeprefix(_PATH)))


def _open_graph(paper: Paper, *, url: str, description: str, site_name: str) -> tuple[tuple[str, str], ...]:
    """https://ogp.me/: what chats and networks show beside a link."""
    published = "-".join(f"{part:02}" for part in _issued(citations.csl(paper)))
    tags = [
        ("og:type", "article"),
        ("og:title", paper.title),
        ("og:description", description),
        ("og:url", url),
        ("og:site_name", site_name),
        ("article:published_time", published if len(published) == len("2026-03-17") else None),
        *(("article:author", author.name) for author in paper.record.authors),
        *(("article:tag", phrase) for phrase in paper.derived.keyphrases),
    ]
    return tuple((name, value) for name, value in tags if value)


def _described(paper: Paper) -> str:
    """The gist or the beginning of the abstract, up to where TeX had to stay as it was: nothing can mark it here."""
    text = paper.derived.gist or paper.abstract
    if "\\" in text:
        whole = [paper.abstract[s.start : s.end] for s in paper.derived.sentences]
        text = " ".join(takewhile(lambda sentence: "\\" not in sentence, whole))
    return text if len(text) <= _DESCRIPTION else text[:_DESCRIPTION].rsplit(" ", 1)[0] + " …"


def _issued(item: dict[str, Any]) -> list[int]:
    parts: list[int] = item["issued"]["date-parts"][0] if "issued" in item else []
    return parts


def _person(author: Author) -> dict[str, Any]:
    person: dict[str, Any] = {"@type": "Person", "name": author.name}
    if author.affiliation:
        person["affiliation"] = {"@type": "Organization", "name": author.affiliation}
    return person


def _inverted(author: Author) -> str:
    """The name with the family name first, which says where it begins.

    Zotero takes a comma between two pairs of words for one between two authors: such a name stays as it is.
    """
    given, family, suffix = citations.name_parts(author.name)
    if not given or suffix or (" " in given and " " in family):
        return author.name
    return f"{family}, {given}"
