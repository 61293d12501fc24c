"""TeX that reads right: titles and abstracts as plain Unicode and as safe HTML.

The only door to TeX for the rest of the house. Knows no papers, files or pages.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

from broadsheet.text.delimiters import math_spans
from broadsheet.text.formula import read_formula
from broadsheet.text.letters import resolve_accents, tex_name
from broadsheet.text.mathml import mathml
from broadsheet.text.prose import read_prose
from broadsheet.text.repair import drop_comments, mend, needs_mending, shows_damage
from broadsheet.text.segment import Markup, Segment, SegmentKind
from broadsheet.text.tree import UnreadableError

__all__ = ["Markup", "Segment", "SegmentKind", "parse", "tex_name", "to_html", "to_html_spans"]

_MARKED = re.compile(r"[\\$~`&^_{*]")
_PLAIN_MARKS = ("''", "--", " %", "//", "www.", "github", ".co/", ".org/", ".ly/", ".io/")
# What neither HTML nor a feed may hold.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SPACED_COLON = re.compile(r"(?<=\w) :(?= )")
_ENTITY = re.compile(
    r"&(?:lt|gt|amp|quot|apos|nbsp|ndash|mdash|hellip|[aeiouAEIOU](?:acute|grave|uml|circ)|#\d{2,6}|#x[0-9A-Fa-f]{2,5});"
)


def parse(source: str, *, title: bool = False) -> Markup:
    r"""A title or abstract read: TeX resolved, upstream damage repaired where the repair is certain.

    >>> parse(r"An $O(n\sqrt{m})$ algorithm -- by Nystr\"om's method").plain
    "An O(n√m) algorithm – by Nyström's method"
    >>> parse("within mathcal{O}(n{m}) time").complete
    False

    Never raises; never loses a letter or digit of prose.
    """
    if title and " :" in source:
        source = _SPACED_COLON.sub(":", source)
    if _reads_as_it_is(source):
        tidy = source.isprintable() and "  " not in source
        plain = source.strip() if tidy else " ".join(_CONTROL.sub(" ", source).split())
        return Markup((Segment(SegmentKind.TEXT, plain, plain),) if plain else ())
    if not source.isprintable():
        source = _CONTROL.sub(" ", source)
    text = _ENTITY.sub(lambda m: html.unescape(m[0]), source) if "&" in source else source
    text = drop_comments(text) if "%" in text else text
    text = " ".join(text.split())
    if "\\" in text:
        text = _outside_formulas(text)
    if not needs_mending(text):
        return Markup(tuple(_tidied(read_prose(text))))
    mended = mend(text)
    return Markup(tuple(_tidied(read_prose(mended.text, incomplete=mended.incomplete))))


def to_html(markup: Markup, *, marks: Sequence[tuple[int, int]] = ()) -> str:
    """The whole text as safe HTML; ``marks`` are ranges of ``markup.plain`` to highlight."""
    return to_html_spans(markup, [(0, len(markup.plain))], marks=marks)[0]


def to_html_spans(
    markup: Markup, spans: Sequence[tuple[int, int]], *, marks: Sequence[tuple[int, int]] = ()
) -> list[str]:
    """Safe HTML of each of ``spans``, ranges of ``markup.plain`` in order.

    Formulas, links and TeX are never cut: each belongs whole to the span that holds its first character.
    """
    pieces: list[str] = []
    for start, end in spans:
        parts: list[str] = []
        offset = 0
        for segment in markup.segments:
            first, last = offset, offset + len(segment.plain)
            offset = last
            if segment.kind is SegmentKind.TEXT:
                if last > start and first < end:
                    inside = (max(start, first), min(end, last))
                    parts.append(_marked(segment.plain, inside, first, marks))
            elif start <= first < end:
                parts.append(_element(segment))
        pieces.append("".join(parts))
    return pieces


def _reads_as_it_is(source: str) -> bool:
    """Whether a text holds nothing to resolve. Most do, so this decides how fast an import is."""
    if _MARKED.search(source):
        return False
    for mark in _PLAIN_MARKS:
        if mark in source:
            return False
    return not shows_damage(source)


def _outside_formulas(text: str) -> str:
    """The text with accents resolved in its prose."""
    parts: list[str] = []
    at = 0
    for span in math_spans(text):
        parts += [resolve_accents(text[at : span.start]), text[span.start : span.end]]
        at = span.end
    parts.append(resolve_accents(text[at:]))
    return "".join(parts)


def _tidied(segments: list[Segment]) -> list[Segment]:
    """The segments with white space normalised across their borders, neighbouring text joined."""
    tidy: list[Segment] = []
    for segment in segments:
        plain = " ".join(unicodedata.normalize("NFC", segment.plain).split())
        if segment.kind is not SegmentKind.TEXT:
            if plain:
                tidy.append(Segment(segment.kind, segment.source, plain, segment.complete))
            continue
        before = " " if segment.plain[:1].isspace() else ""
        after = " " if segment.plain[-1:].isspace() and plain else ""
        plain = before + plain + after
        if tidy and tidy[-1].kind is SegmentKind.TEXT:
            plain = (tidy.pop().plain + plain).replace("  ", " ")
        plain = plain if tidy else plain.lstrip()
        if plain:
            tidy.append(Segment(SegmentKind.TEXT, plain, plain))
    if tidy and tidy[-1].kind is SegmentKind.TEXT:
        last = tidy.pop().plain.rstrip()
        if last:
            tidy.append(Segment(SegmentKind.TEXT, last, last))
    return tidy


def _marked(text: str, inside: tuple[int, int], first: int, marks: Sequence[tuple[int, int]]) -> str:
    """The text of a range, escaped, with the parts in ``marks`` highlighted."""
    at, end = inside
    parts: list[str] = []
    for mark_start, mark_end in sorted(marks):
        low, high = max(at, mark_start), min(end, mark_end)
        if low >= high:
            continue
        parts.append(html.escape(text[at - first : low - first]))
        parts.append(f"<mark>{html.escape(text[low - first : high - first])}</mark>")
        at = high
    parts.append(html.escape(text[at - first : end - first]))
    return "".join(parts)


def _element(segment: Segment) -> str:
    shown = html.escape(segment.plain)
    if segment.kind is SegmentKind.LINK:
        # Not by urlsplit: it fails on brackets that hold no IPv6 address.
        if segment.source.partition(":")[0].lower() not in ("http", "https", "ftp", "mailto"):
            return shown
        return f'<a href="{html.escape(segment.source)}" rel="nofollow noopener">{shown}</a>'
    if segment.kind is SegmentKind.MATH:
        try:
            shown = mathml(read_formula(segment.source))
        except UnreadableError:
            shown = f'<code class="tex">{html.escape(segment.source)}</code>'
    else:
        shown = f'<code class="tex">{shown}</code>'
    if segment.complete:
        return shown
    return f'<span class="incomplete" title="formula may be incomplete">{shown}</span>'
