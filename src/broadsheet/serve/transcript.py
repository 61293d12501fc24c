"""A paper as Markdown, for models and notebooks. Text of papers is escaped: it cannot become markup."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from broadsheet.ids import PaperId
from broadsheet.library.relations import label
from broadsheet.library.views import Relation, byline
from broadsheet.model import Paper, Place
from broadsheet.serve import view
from broadsheet.serve.press import short_day
from broadsheet.serve.site import Site

# What CommonMark and its common extensions may read as markup within a line, and at its beginning:
# https://spec.commonmark.org/0.31.2/#backslash-escapes
_WITHIN = re.compile(r"([\\`*_\[\]<>&|~$])")
_FIRST = re.compile(r"^((?:\d+(?=[.)] ))?)([-+=#.)])")


def page(site: Site, request: Request) -> Response:
    """The paper that the address names, as Markdown. Raises NotFoundError."""
    paper = site.library.shown(PaperId.parse(request.path_params["id"]))
    return PlainTextResponse(
        written(paper, site.library.relations(paper)),
        media_type="text/markdown; charset=utf-8",
        headers={"Cache-Control": "private, no-cache", "Vary": "Accept"},
    )


def wanted(request: Request) -> bool:
    """Whether a program asks for Markdown and not for a page."""
    accept = request.headers.get("accept", "")
    return "text/markdown" in accept and "text/html" not in accept


def written(paper: Paper, relations: Sequence[Relation] = (), *, authors: int | None = None) -> str:
    """A paper as Markdown: title, authors, facts, gist, abstract, relations, links. What is not known is left out.

    ``authors``: how many are named at most; None: all.
    """
    record, derived = paper.record, paper.derived
    names = [author.name for author in record.authors]
    signed = byline(names, most=authors) if authors and len(names) > authors else ", ".join(names)
    facts = [
        ("Id", str(paper.id)),
        ("Announced", short_day(paper.day) if paper.day else None),
        ("Submitted", short_day(record.published) if record.published else None),
        ("Categories", ", ".join(record.categories)),
        ("Type", derived.type.value if derived.type.value != "other" else None),
        ("Published in", record.venue),
        ("Comment", record.comment),
        ("Withdrawn", "its source marks it as withdrawn" if record.withdrawn else None),
    ]
    links = [f"- {escaped(label)}: <{_address(url)}>" for label, url in view.outward_links(paper)]
    related = [
        f"- {label(one)}: {escaped(one.paper.title)} ({escaped(str(one.paper.id))})"
        + (f": “{escaped(one.says)}”" if one.says and one.place is not Place.TITLE else "")
        for one in relations
    ]
    blocks = [
        f"# {escaped(paper.title)}",
        escaped(signed),
        "\n".join(f"- {name}: {escaped(value)}" for name, value in facts if value),
        f"> {escaped(derived.gist)}" if derived.gist else "",
        f"## Abstract\n\n{escaped(paper.abstract)}" if paper.abstract else "",
        "Gist and abstract were written for the sample edition." if record.sample else "",
        "## Related, by their own words\n\n" + "\n".join(related) if related else "",
        "## Links\n\n" + "\n".join(links) if links else "",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def escaped(text: str) -> str:
    r"""Plain text on one line of Markdown, shown as it is.

    >>> escaped("# 2*3 <b>")
    '\\# 2\\*3 \\<b\\>'
    """
    return _FIRST.sub(r"\1\\\2", _WITHIN.sub(r"\\\1", " ".join(text.split())))


def _address(url: str) -> str:
    return url.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
