"""Titles and sentences as HTML that mail clients show: formulas in Unicode with raised and lowered text.

Mail clients know no MathML, and many drop style sheets, so a formula is its one-line form in which
``x_max`` and ``10^(−0.93)`` become ``<sub>`` and ``<sup>``. Knows no papers and no pages.
"""

from __future__ import annotations

import html
import unicodedata
from functools import lru_cache

from broadsheet.text.markup import Segment, SegmentKind, parse
from broadsheet.text.symbols import SUBSCRIPTS, SUPERSCRIPTS

_MARKS = {"^": "sup", "_": "sub"}
# So that a raised letter does not push the line above away.
_STYLE = ' style="font-size:72%;line-height:0"'
_RAISED = frozenset([*SUPERSCRIPTS.values(), *SUBSCRIPTS.values()])


@lru_cache(maxsize=8192)
def title(source: str) -> str:
    """A title as its source wrote it, as safe HTML."""
    return "".join(_shown(segment) for segment in parse(source, title=True).segments)


@lru_cache(maxsize=8192)
def passage(source: str, sentence: str) -> str:
    """A sentence, in plain Unicode, as safe HTML: with its formulas where it stands in the abstract ``source``.

    It may have lost its opening ("In this paper, we show" → "We show"), so its first letter is its own.
    """
    read = parse(source)
    start = read.plain.find(sentence[1:]) if sentence else -1
    if start < 0:
        return html.escape(sentence)
    end, at, parts = start + len(sentence) - 1, 0, [html.escape(sentence[0])]
    for segment in read.segments:
        first, at = at, at + len(segment.plain)
        if segment.kind is SegmentKind.TEXT:
            parts.append(html.escape(segment.plain[max(start - first, 0) : max(end - first, 0)]))
        elif start <= first < end:
            parts.append(_shown(segment))
    return "".join(parts)


def _shown(segment: Segment) -> str:
    match segment.kind:
        case SegmentKind.MATH if "\\_" not in segment.source and "\\^" not in segment.source:
            return _scripts(segment.plain)
        case SegmentKind.LINK if segment.source.partition(":")[0].lower() in {"http", "https"}:
            return f'<a href="{html.escape(segment.source)}">{html.escape(segment.plain)}</a>'
        case _:
            return html.escape(segment.plain)


def _scripts(text: str) -> str:
    """A formula in one line, as ``text.linear`` writes it, with its ``^`` and ``_`` made elements."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        element = _MARKS.get(text[at])
        end = _end_of_script(text, at + 1) if element else at
        if element is None or end == at + 1:
            parts.append(html.escape(text[at]))
            at += 1
            continue
        inside = text[at + 1 : end]
        if inside[0] == "(" and len(inside) > 1:
            inside = inside[1:-1]
        parts.append(f"<{element}{_STYLE}>{_scripts(inside)}</{element}>")
        at = end
    return "".join(parts)


def _end_of_script(text: str, at: int) -> int:
    """Where the script that begins here ends: a bracket with what it holds, a word, or a single sign."""
    if text[at : at + 1] == "(":
        depth = 0
        for place in range(at, len(text)):
            depth += {"(": 1, ")": -1}.get(text[place], 0)
            if depth == 0:
                return place + 1
        return at + 1  # a bracket that is raised itself
    end = at
    while end < len(text) and text[end].isalnum() and text[end] not in _RAISED:
        end += 1
    if end == at and at < len(text) and not text[at].isspace():
        end += 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end
