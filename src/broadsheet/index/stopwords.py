"""Words that say nothing about what a paper is about."""

from __future__ import annotations

from typing import Final

# A query is better off without these when it has other words: they match almost every abstract.
STOP_WORDS: Final = frozenset(
    (
        "a about an and any are as at be been but by can do does for from has have how i if in into is it "
        "its me my no not of on or our so some such than that the their then there these they this to "
        "use used using via was we were what when where which who why will with you your"
    ).split()
)
