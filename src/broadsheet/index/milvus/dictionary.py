"""How many papers each term is in, at one generation. Knows no ranking.

The engine has no dictionary of its words that could be read, so the writer keeps one: a row for each
term, a generation like everything else. One look asks for many terms at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from broadsheet.index import analysis, senses
from broadsheet.index.contract import Sense, Spelt
from broadsheet.index.milvus.collections import term_key
from broadsheet.index.milvus.engine import MOST, Engine, all_of, beginning
from broadsheet.index.milvus.versions import at
from broadsheet.index.spelling import mend, mend_name, slips

_FORMS_READ: Final = 200  # of one acronym, the most common ones
_KEPT: Final = 50_000
_SHORTEST_PART: Final = 3  # of two words typed as one, as ``spelling`` parts them
_LETTERS_OF_NAMES: Final = "abcdefghijklmnopqrstuvwxyz-"


class Dictionary:
    """The terms of one generation. Safe to share between threads."""

    def __init__(
        self, engine: Engine, collection: str, number: int, *, consistency: Callable[[], str]
    ) -> None:
        self._engine = engine
        self._collection = collection
        self._at = at(number)
        self._consistency = consistency
        self._known: dict[str, int] = {}

    def counts(self, kind: str, terms: Iterable[str]) -> dict[str, int]:
        """In how many papers each term of a kind is."""
        return {term: n for (_, term), n in self.counts_of((kind, term) for term in terms).items()}

    def counts_of(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """In how many papers each term is, of several kinds."""
        keys = {pair: term_key(*pair) for pair in pairs}
        known = self._known  # another thread may begin a new one
        asked = [key for key in dict.fromkeys(keys.values()) if key not in known]
        if len(known) > _KEPT:
            known = self._known = {}
            asked = list(dict.fromkeys(keys.values()))
        if asked:
            rows = self._engine.rows_of(
                self._collection,
                "key",
                asked,
                ("key", "papers"),
                where=self._at,
                consistency=self._consistency(),
            )
            found = {row["key"]: int(row["papers"]) for row in rows}
            for key in asked:
                known[key] = found.get(key, 0)
        return {pair: known[key] for pair, key in keys.items()}

    def beginning(self, kind: str, start: str) -> list[tuple[str, int]]:
        """The terms of a kind with a beginning and their numbers of papers, the most common first.

        Where there are more than the engine gives in one answer, some of them.
        """
        key = term_key(kind, start)
        rows = self._engine.rows(
            self._collection,
            all_of([beginning("key", key), self._at]),
            ("key", "papers"),
            consistency=self._consistency(),
        )
        skipped = len(term_key(kind, ""))
        found = [(row["key"][skipped:], int(row["papers"])) for row in rows if row["papers"]]
        return sorted(found, key=lambda e: (-e[1], e[0]))

    def senses(self, short: str, *, as_written: bool) -> tuple[Sense, ...]:
        """What an acronym stands for, the most common sense first."""
        start = senses.beginning(short, as_written=as_written)
        return senses.taken_together(self.beginning("sense", start)[:_FORMS_READ])

    def shorts(self, long: str) -> tuple[str, ...]:
        """The acronyms that papers give a long form, the most common first."""
        if not (key := senses.long_key(long)):
            return ()
        start = senses.beginning(key)
        return tuple(term.removeprefix(start) for term, _ in self.beginning("long", start))

    def suggestion(self, word: str, *, of: Spelt, together: Callable[[str, str], int]) -> str | None:
        """What ``word`` was probably meant to be; None where it is known well enough."""
        if of == "author":
            return self._name(word, kind="author")
        spelt = analysis.spelt(word)
        if len(spelt) != 1:
            return None
        if of == "venue":
            return self._name(spelt[0], kind="venue")
        typed = spelt[0]
        parts = [
            part
            for place in range(_SHORTEST_PART, len(typed) - _SHORTEST_PART + 1)
            for part in (typed[:place], typed[place:])
        ]
        counts = _Foreseen(self, "spelling", typed, lambda: [*slips(typed), *parts])
        return mend(
            typed,
            frequency=counts,
            beginning=lambda start: self.beginning("spelling", start),
            together=together,
        )

    def _name(self, name: str, *, kind: str) -> str | None:
        def begun(start: str) -> Sequence[tuple[str, int]] | None:
            found = self.beginning(kind, start)
            return found if len(found) < MOST else None

        counts = _Foreseen(self, kind, name, lambda: slips(name, letters=_LETTERS_OF_NAMES))
        return mend_name(name, frequency=counts, beginning=begun)


class _Foreseen:
    """A word's number of papers. Whoever asks for a second word will ask for all the others: one look is enough."""

    def __init__(
        self, dictionary: Dictionary, kind: str, first: str, others: Callable[[], Iterable[str]]
    ) -> None:
        self._dictionary = dictionary
        self._kind = kind
        self._first = first
        self._others = others
        self._all = False
        self._known: dict[str, int] = {}

    def __call__(self, word: str) -> int:
        if word not in self._known:
            further = [word]
            if word != self._first and not self._all:
                self._all = True
                further += self._others()
            self._known |= self._dictionary.counts(self._kind, further)
        return self._known[word]
