"""Whether a paper's own words say that it is withdrawn. Knows no format and no host."""

from __future__ import annotations

import re

_IN_COMMENT = re.compile(
    r"^\W*withdrawn\b"
    r"|\b(?:this|the)\s+(?:[\w-]+\s+){0,3}?(?:has|have|had|is|was|are|were)\s+(?:now\s+|been\s+|being\s+|temporarily\s+)*withdrawn\b(?!\s+from\s+(?!(?:the\s+)?arxiv|publication))"
    r"|\bwithdrawn\s+(?:by|due\s+to|because)\b"
    r"|\b(?:authors?|we)\s+(?:have\s+|has\s+)?(?:withdr[ae]w|withdrawn)\b",
    re.IGNORECASE,
)
_IN_ABSTRACT = re.compile(
    r"^\W*this\s+(?:paper|article|manuscript|submission|preprint|work)\s+(?:has|is|was)\s+(?:been\s+|being\s+)*withdrawn\b",
    re.IGNORECASE,
)


def is_withdrawn(comment: str | None, abstract: str = "") -> bool:
    """Whether an author's comment, or an abstract in its place, says that the paper is withdrawn.

    >>> is_withdrawn("This paper has been withdrawn by the author due to an error in Lemma 2")
    True
    >>> is_withdrawn("12 pages; replaces the withdrawn arXiv:1234.5678")
    False
    """
    # Hardly any paper speaks of it, so a plain look spares the patterns.
    return bool(
        (comment and _speaks(comment) and _IN_COMMENT.search(comment))
        or (_speaks(abstract) and _IN_ABSTRACT.match(abstract))
    )


def _speaks(text: str) -> bool:
    return "ithdr" in text or "ITHDR" in text
