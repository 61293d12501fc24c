"""Which sources and counters there are: those that installed packages offer as entry points. Knows no single one."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from broadsheet.errors import InputError
from broadsheet.model import Counter
from broadsheet.source.contract import FileSource, HostSource
from broadsheet.source.counters import FileCounter, HostCounter, described
from broadsheet.source.files import read_head

GROUP = "broadsheet.sources"
COUNTERS = "broadsheet.counters"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources found, by name; ``problems`` says which plug-ins could not be used, and why."""

    files: Mapping[str, FileSource] = field(default_factory=dict)
    hosts: Mapping[str, HostSource] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """The counters found, by name: what each is, who reads its files, who asks its site."""

    counters: Mapping[str, Counter] = field(default_factory=dict)
    files: Mapping[str, FileCounter] = field(default_factory=dict)
    hosts: Mapping[str, HostCounter] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def discover(offers: Iterable[EntryPoint] | None = None) -> Sources:
    """The sources that installed packages offer; a broken one gives a warning and is left out.

    Where two packages offer the same name, the first by package name counts and the other is a problem.
    """
    files: dict[str, FileSource] = {}
    hosts: dict[str, HostSource] = {}
    problems: list[str] = []
    for called, source in _loaded(
        "source", entry_points(group=GROUP) if offers is None else offers, problems
    ):
        if callable(getattr(source, "read", None)) and callable(getattr(source, "recognises", None)):
            files[called] = source
        elif callable(getattr(source, "harvest", None)):
            hosts[called] = source
        else:
            problems.append(
                f"source {called!r} is left out: it has neither `recognises` and `read` nor `harvest`"
            )
    for problem in problems:
        _log.warning(problem)
    return Sources(files, hosts, tuple(problems))


def discover_counters(offers: Iterable[EntryPoint] | None = None) -> Offered:
    """The counters that installed packages offer; a broken one gives a warning and is left out."""
    counters: dict[str, Counter] = {}
    files: dict[str, FileCounter] = {}
    hosts: dict[str, HostCounter] = {}
    problems: list[str] = []
    found = entry_points(group=COUNTERS) if offers is None else offers
    for called, plug in _loaded("counter", found, problems):
        try:
            counter = described(plug)
        except (AttributeError, TypeError, InputError) as error:
            problems.append(f"counter {called!r} is left out: {error}")
            continue
        if counter.name != called:
            problems.append(f"counter {called!r} is left out: it calls itself {counter.name!r}")
            continue
        counters[called] = counter
        if callable(getattr(plug, "read", None)):
            files[called] = plug
        if callable(getattr(plug, "count", None)):
            hosts[called] = plug
    for problem in problems:
        _log.warning(problem)
    return Offered(counters, files, hosts, tuple(problems))


def _loaded(kind: str, offers: Iterable[EntryPoint], problems: list[str]) -> Iterator[tuple[str, Any]]:
    """What is offered, by name, each name once; what cannot be loaded becomes a problem."""
    names: set[str] = set()
    for offer in sorted(offers, key=lambda o: (o.name, o.dist.name if o.dist else "", o.value)):
        try:
            plug = offer.load()
            plug = plug() if isinstance(plug, type) else plug
        except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way; it is named and left out
            problems.append(
                f"{kind} {offer.name!r} ({offer.value}) cannot be loaded: {type(error).__name__}: {error}"
            )
            continue
        if offer.name in names:
            problems.append(
                f"{kind} {offer.name!r} ({offer.value}) is left out: another package offers that name"
            )
            continue
        names.add(offer.name)
        yield offer.name, plug


def recognise(path: Path, sources: Mapping[str, FileSource]) -> tuple[str, FileSource]:
    """The source that reads a file, and its name: the first by name that recognises it.

    Where only one source is offered there is no choice: it reads the file, whatever that looks like.
    Raises InputError where the file cannot be opened or none does.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder; name the files in it")
    head = read_head(path)
    if not head.strip():
        raise InputError(f"{path} is empty")
    for name, source in sorted(sources.items()):
        if len(sources) == 1 or source.recognises(path, head):
            return name, source
    raise InputError(
        f"{path} is of no kind we can read; wanted one of: {', '.join(sorted(sources)) or 'none'}"
    )
