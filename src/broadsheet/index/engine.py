"""What the search engine's binding does not say of itself. Knows no index."""

from __future__ import annotations


def panicked(error: BaseException) -> bool:
    """Whether the engine gave up on a damaged segment.

    Its binding raises that as a BaseException of a class that cannot be imported; hence the look
    at the name.
    """
    return type(error).__name__ == "PanicException"
