"""Which sources there are: those that installed packages offer as entry points. Knows no single one."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from broadsheet.errors import InputError
from broadsheet.source.contract import FileSource, HostSource
from broadsheet.source.files import read_head

GROUP = "broadsheet.sources"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources found, by name; ``problems`` says which plug-ins could not be used, and why."""

    files: Mapping[str, FileSource] = field(default_factory=dict)
    hosts: Mapping[str, HostSource] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def discover(offers: Iterable[EntryPoint] | None = None) -> Sources:
    """The sources that installed packages offer; a broken one gives a warning and is left out.

    Where two packages offer the same name, the first by package name counts and the other is a problem.
    """
    files: dict[str, FileSource] = {}
    hosts: dict[str, HostSource] = {}
    problems: list[str] = []
    found = entry_points(group=GROUP) if offers is None else offers
    for offer in sorted(found, key=lambda o: (o.name, o.dist.name if o.dist else "", o.value)):
        try:
            source = offer.load()
            source = source() if isinstance(source, type) else source
        except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way; it is named and left out
            problems.append(
                f"source {offer.name!r} ({offer.value}) cannot be loaded: {type(error).__name__}: {error}"
            )
            continue
        if offer.name in files or offer.name in hosts:
            problems.append(
                f"source {offer.name!r} ({offer.value}) is left out: another package offers that name"
            )
        elif callable(getattr(source, "read", None)) and callable(getattr(source, "recognises", None)):
            files[offer.name] = source
        elif callable(getattr(source, "harvest", None)):
            hosts[offer.name] = source
        else:
            problems.append(
                f"source {offer.name!r} ({offer.value}) is left out: "
                "it has neither `recognises` and `read` nor `harvest`"
            )
    for problem in problems:
        _log.warning(problem)
    return Sources(files, hosts, tuple(problems))


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
