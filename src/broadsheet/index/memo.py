"""Answers kept until there are too many. Knows nothing of what it keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Up to ``limit`` answers by what was asked; past it, it begins anew. Safe to share between threads.

    Of those who ask the same at the same moment each may work it out.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._answers: dict[K, V] = {}

    def made(self, key: K, make: Callable[[], V]) -> V:
        """The answer that is kept, else the one that is made now."""
        answers = self._answers  # another thread may begin anew
        return answers[key] if key in answers else self.keep(key, make())

    def keep(self, key: K, answer: V) -> V:
        """Keep an answer."""
        if len(self._answers) >= self._limit:
            self._answers = {}
        self._answers[key] = answer
        return answer
