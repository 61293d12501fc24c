"""What of a query says that papers are looked for, and nothing of what they are about. Knows the index by its contract.

"find papers about tensor trains" asks for tensor trains: with the rest of it, papers would match, be
marked and be explained by "paper" and "find", which say nothing of why they are there.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from broadsheet.index.contract import Filter, Holds, Snapshot, Words

if TYPE_CHECKING:
    from broadsheet.rank.query import ParsedQuery

_PAPERS: Final = "papers?|articles?|preprints?|publications?"
_SEVERAL: Final = frozenset(("papers", "articles", "preprints", "publications"))

# Said before "papers": that somebody asks, and for how many.
_ASKS: Final = (
    "find|show|give|get|list|suggest|recommend|search|searching|look|looking|see|read|what|which|want|need|wanted|"
    "like|interested|is|are|there"
)
_BESIDE: Final = (
    r"please|can|could|would|you|i|i['’](?:m|d|ve)|am|we|me|us|to|for|in|do|exist|a|an|any|all|some|the|this|that|"
    "more|other|recent|new|good"
)
# Said after it: that what they are about comes now.
_ABOUT: Final = (
    "about|on|by|from|describing|discussing|concerning|regarding|treating|dealing with|"
    "(?:that|which)(?: (?:are|is) (?:about|on)| deals? with)?"
)

_OPENING: Final = re.compile(
    rf"(?:(?:(?P<asks>{_ASKS})|{_BESIDE})\s+)*(?:{_PAPERS})\s+(?:exist\s+)?(?P<about>(?:{_ABOUT})\s+)?(?=.*\w)",
    re.IGNORECASE,
)


def opened(text: str) -> str:
    """The text without an opening that only asks for papers.

    >>> opened("I am looking for papers about paper folding"), opened("paper folding")
    ('paper folding', 'paper folding')
    """
    found = _OPENING.match(text)
    return text[found.end() :] if found and (found["asks"] or found["about"]) else text


def closed(query: ParsedQuery, snapshot: Snapshot) -> ParsedQuery:
    """The query without "papers" as its last word, unless the archive speaks of such papers: "research papers"."""
    terms = query.words.terms
    if len(terms) < 2 or (last := terms[-1]).lower() not in _SEVERAL or not query.free_text.endswith(last):
        return query
    if snapshot.count(Words(), filter=Filter(where=Holds(f"{terms[-2]} {last}"))):
        return query
    text = query.free_text.removesuffix(last).rstrip()
    return replace(query, words=replace(query.words, terms=terms[:-1]), free_text=text)
