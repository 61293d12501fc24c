"""The pieces that a title or abstract reads as. Values only; knows nothing of TeX or HTML."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SegmentKind(StrEnum):
    """What a piece of text is."""

    TEXT = "text"
    MATH = "math"
    TEX = "tex"  # source we cannot convert, shown as it is
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece: what it is made of and how it reads in plain Unicode.

    ``source`` is TeX for MATH (without dollar signs) and TEX, the address for LINK, and the text
    itself for TEXT. ``complete`` is False where the source lost something before it reached us.
    """

    kind: SegmentKind
    source: str
    plain: str
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Markup:
    """A title or abstract as pieces, in reading order, white space normalised."""

    segments: tuple[Segment, ...]

    @property
    def plain(self) -> str:
        """The text in Unicode: single spaces, none at the ends; offsets into it are stable."""
        return "".join(segment.plain for segment in self.segments)

    @property
    def complete(self) -> bool:
        """False where a formula may be incomplete: damaged upstream, and no certain repair."""
        return all(segment.complete for segment in self.segments)
