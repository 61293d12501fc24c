"""Source text set as HTML: titles, gists, sentences, marked words. Caches; knows no papers' meaning.

Rendering formulas to MathML is the dear part, so every function remembers what it set last. All of
them return ``markupsafe.Markup``: safe to put on a page as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from broadsheet.text import markup

Span = tuple[int, int]


@lru_cache(maxsize=8192)
def title(source: str) -> Markup:
    """A title as its source wrote it, set."""
    return Markup(markup.to_html(markup.parse(source, title=True)))  # noqa: S704  safe by to_html's contract


@lru_cache(maxsize=1024)
def marked_title(source: str, words: tuple[str, ...]) -> Markup:
    """A title with the words that a search matched marked."""
    read = markup.parse(source, title=True)
    return Markup(markup.to_html(read, marks=places(read.plain, words)))  # noqa: S704  as above


@lru_cache(maxsize=4096)
def passages(
    source: str, plain: str, spans: tuple[Span, ...], words: tuple[str, ...] = ()
) -> tuple[Markup, ...]:
    """Parts of an abstract, set. ``spans`` are ranges of ``plain``, the text they were found in.

    Where the source reads differently now, the parts are cut from ``plain`` instead: right words,
    formulas in plain Unicode.
    """
    if _PLAIN.search(source):
        read = markup.parse(source)
        if read.plain == plain:
            marks = places(plain, words)
            return tuple(Markup(part) for part in markup.to_html_spans(read, spans, marks=marks))  # noqa: S704  as above
    return tuple(_marked(plain[start:end], words) for start, end in spans)


@lru_cache(maxsize=2048)
def abstract(source: str) -> str:
    """A whole abstract, set, for feeds."""
    return markup.to_html(markup.parse(source))


def passage(source: str, plain: str, part: str) -> Markup:
    """One sentence that may stand in an abstract, set with its formulas where it does.

    It may have lost its opening ("In this paper, we show" → "We show"), so its first letter is its own.
    """
    start = plain.find(part[1:]) if part and _PLAIN.search(source) else -1
    if start < 0:
        return escape(part)
    return escape(part[0]) + passages(source, plain, ((start, start + len(part) - 1),))[0]


def places(plain: str, words: Sequence[str]) -> list[Span]:
    """Where whole words stand in a text, in order, whatever their case."""
    kept = sorted({w for w in words if w}, key=lambda w: (-len(w), w))
    if not kept:
        return []
    pattern = r"(?<!\w)(?:" + "|".join(re.escape(w) for w in kept) + r")(?!\w)"
    return [m.span() for m in re.finditer(pattern, plain, re.IGNORECASE)]


# What makes the source more than the plain text: formulas, commands, links, odd spacing of quotes.
_PLAIN = re.compile(r"[$\\{}~^_%<>`]|://|www\.|\.com/|''")


def _marked(text: str, words: Sequence[str]) -> Markup:
    out, at = Markup(), 0
    for start, end in places(text, words):
        out += Markup("{}<mark>{}</mark>").format(text[at:start], text[start:end])
        at = end
    return out + escape(text[at:])
