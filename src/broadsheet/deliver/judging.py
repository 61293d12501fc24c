"""How well papers suit a reader of digests, by what the reader keeps. Knows the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from broadsheet.deliver.digest import Judge, Judgement
from broadsheet.ids import PaperId
from broadsheet.library import Library
from broadsheet.library.views import Reason
from broadsheet.model import FollowKind, MarkKind


def judge_of(library: Library) -> Judge:
    """Judges papers for the readers of a library; None for a reader of whom nothing is known."""

    def judge(reader: str, ids: Sequence[PaperId]) -> Judgement | None:
        desk = library.desk(reader)
        found = library.for_you.scores(desk, ids) if reader else None
        if found is None:
            return None
        kept = desk.marked(MarkKind.SAVED)
        home = {paper.record.categories[0] for paper in kept if paper.record.categories}
        home |= {follow.value for follow in desk.follows() if follow.kind is FollowKind.CATEGORY}

        def reasons(shown: Sequence[PaperId]) -> Mapping[PaperId, Reason]:
            return library.for_you.reasons(desk, shown)

        scores, interests = found
        return Judgement(scores=scores, interests=interests, home=frozenset(home), reasons=reasons)

    return judge
