"""Votes counted elsewhere come in: from files, and from the sites that the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet.errors import InputError
from broadsheet.model import Counter
from broadsheet.wiring.opening import Archive, _now, claimed

if TYPE_CHECKING:
    from broadsheet.pipeline.votes import VotesReport
    from broadsheet.source.registry import Offered


def describe_counter(
    archive: Archive,
    name: str,
    *,
    label: str | None = None,
    unit: str | None = None,
    worth: float | None = None,
    growth: bool | None = None,
) -> Counter:
    """What a counter is: as its plug-in says, else as the archive knows it, but for what is said anew here.

    Raises InputError for one that is neither, until it is said what it counts and what that is worth.
    """
    from broadsheet.source.counters import describe  # noqa: PLC0415  keeps start-up short

    told = archive.store.counters.known().get(name)
    known = _counters().counters.get(name) or (told and told.counter)
    if known is None and (unit is None or worth is None):
        raise InputError(
            f"no counter called {name!r} yet; say what it counts and what one is worth beside a vote, such as "
            "--unit star --worth 0.02, or name one of: "
            + ", ".join(sorted({*archive.store.counters.known(), *_counters().counters}))
        )
    counter = describe(
        name,
        label=label or (known.label if known else name),
        unit=unit or (known.unit if known else ""),
        worth=worth if worth is not None else told.counter.worth if told else known.worth if known else 0.0,
        growth=growth if growth is not None else bool(known and known.growth),
    )
    archive.store.counters.describe(counter)
    archive.store.counters.weigh(name, counter.worth)
    return counter


def take_votes(archive: Archive, path: Path, *, counter: Counter, at: datetime) -> VotesReport:
    """Take in a file of a counter's readings. ``at``: when one that does not say so was counted."""
    from broadsheet.pipeline.votes import take_votes as take  # noqa: PLC0415  keeps start-up short
    from broadsheet.source import counts  # noqa: PLC0415

    plug = _counters().files.get(counter.name)
    counted = plug.read(path, at=at) if plug else counts.read(path, at=at)
    return take(counted, counter=counter, store=archive.store, now=_now())


def ask_counters(archive: Archive, names: Sequence[str] = ()) -> list[VotesReport]:
    """Ask the sites of these counters, of all that the settings name where none is named here.

    A site that fails does not keep the others from being asked. Of several processes, one asks at a time. Raises
    InputError for a counter that the settings do not name, or that has no site to ask; BusyError.
    """
    from broadsheet.pipeline.votes import ask  # noqa: PLC0415  keeps start-up short

    allowed, hosts = archive.settings.counters, _counters().hosts
    for name in names:
        if name not in allowed:
            raise InputError(
                f"counter {name!r} is asked only where the setting 'counters' names it; it names "
                f"{', '.join(allowed) or 'none'}"
            )
    for name in (asked := names or allowed):
        if name not in hosts:
            raise InputError(
                f"no counter called {name!r} has a site to ask; known: {', '.join(sorted(hosts))}"
            )
    if not asked:
        raise InputError(
            "name a file of votes, or in the setting 'counters' those whose sites are to be asked"
        )
    turn = claimed(archive.store.leases, "counters", doing="asking counters")
    try:
        return [ask(hosts[name], store=archive.store, now=_now) for name in dict.fromkeys(asked)]
    finally:
        turn.release()


@cache  # a broken plug-in is told of once
def _counters() -> Offered:
    from broadsheet.source.registry import discover_counters  # noqa: PLC0415  loads every plug-in

    return discover_counters()
