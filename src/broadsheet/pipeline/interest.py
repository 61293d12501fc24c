"""Learn expected interest from an archive's own votes. Knows the store by its contract.

A machine that gathers votes (``broadsheet import-votes``) so gets a model of what its own list takes, from
its own days; the recipe is that of the model which comes with Broadsheet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from broadsheet.errors import InputError
from broadsheet.library.expectations import WINDOW, recent
from broadsheet.rank.expected import Interest
from broadsheet.rank.expected_days import examples_of, past_of
from broadsheet.rank.expected_fit import learn
from broadsheet.store.contract import Store


def learn_from(store: Store, *, today: date, progress: Callable[[str], None] = lambda _: None) -> Interest:
    """What the votes of the last year teach, up to the last one counted.

    Raises InputError where the archive has no votes, or too few to learn from.
    """
    records = list(recent(store, since=today - WINDOW))
    until = max((max(record.votes).at.date() for record in records if record.votes), default=None)
    if until is None:
        raise InputError(
            "no paper of the last year has votes; take some in with `broadsheet import-votes` first"
        )
    examples = examples_of(records, until)
    facts = {
        "data": "the votes in this archive",
        "made": today.isoformat(),
        "until": until.isoformat(),
        "papers": str(len(examples)),
        "listed": str(sum(example.votes is not None for example in examples)),
    }
    return learn(examples, past_of(records), facts=facts, progress=progress)
