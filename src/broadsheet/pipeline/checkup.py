"""Look an archive over and say what is wrong with it, and what to do. Changes nothing.

Each check is a function that gives findings; one that fails itself becomes a finding, so that the others still
run. Knows the contracts of store and index; settings come as values.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from broadsheet.errors import BroadsheetError
from broadsheet.index.contract import Encoder, Index
from broadsheet.model import Paper
from broadsheet.store.contract import Store
from broadsheet.store.counters import Told
from broadsheet.store.people import Role

# Less free space than this, and a large import or the merging of the index may fail.
_LITTLE: Final = 1 << 30
_TIGHT: Final = 100 << 20
# arXiv rests on weekends and for some days at the end of the year.
_STALE: Final = timedelta(days=5)
_BEHIND: Final = 10_000  # changes; a served Broadsheet follows within seconds
_EARLY: Final = timedelta(minutes=5)
_UNCOUNTED: Final = timedelta(days=2)


class Level(StrEnum):
    """How bad it is."""

    GOOD = "good"
    WARNING = "warning"  # it works, but somebody should look
    FAULT = "fault"  # it does not work


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found. ``way_out``: what to do, "" where nothing needs to be done."""

    about: str
    level: Level
    text: str
    way_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """An archive to look over."""

    data: Path
    store: Store
    index: Index
    encoders: Sequence[Encoder]
    team: bool  # people have accounts
    base_url: str
    mail: bool  # mail can be sent
    registration: str
    sources: bool  # somebody syncs: a source's cursor is expected
    counters: Sequence[str] = ()  # whose sites the settings name


Check = Callable[[Patient], Iterable[Finding]]


def look_over(patient: Patient, *, now: datetime, whole: bool = False) -> tuple[Finding, ...]:
    """Everything that the checks find, in their order. ``whole``: also read every file of the index."""
    checks: list[tuple[str, Check]] = [
        ("data folder", _folder),
        ("disk", _disk),
        ("database", _database),
        ("clock", lambda p: _clock(p, now)),
        ("editions", lambda p: _editions(p, now.date())),
        ("index", _index),
        ("encoders", _encoders),
        ("accounts", _accounts),
        ("mail", _mail),
        ("counters", lambda p: _counters(p, now)),
        ("jobs", _jobs),
    ]
    if whole:
        checks.append(("index files", _index_files))
    return tuple(finding for about, check in checks for finding in _run(about, check, patient))


def _run(about: str, check: Check, patient: Patient) -> Iterator[Finding]:
    try:
        yield from check(patient)
    except (BroadsheetError, OSError) as error:
        yield Finding(about=about, level=Level.FAULT, text=str(error))


def _folder(patient: Patient) -> Iterator[Finding]:
    data = patient.data
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        who = f"user {os.geteuid()}" if hasattr(os, "geteuid") else "this user"
        yield Finding(
            about="data folder",
            level=Level.FAULT,
            text=f"{who} may not write to {data}",
            way_out=f"give the folder to the user that serves: chown -R USER {data}",
        )
        return
    loose = [path.name for path in data.glob("*.db*") if path.stat().st_mode & 0o007]
    if patient.team and loose:
        yield Finding(
            about="data folder",
            level=Level.WARNING,
            text=f"every user of this machine may read {', '.join(sorted(loose))}, and people have accounts",
            way_out=f"chmod -R o-rwx {data}",
        )
        return
    yield Finding(about="data folder", level=Level.GOOD, text=f"{data} can be written to")


def _disk(patient: Patient) -> Iterator[Finding]:
    free = shutil.disk_usage(patient.data).free
    text = f"{free / (1 << 30):.1f} GB free on the disk of {patient.data}"
    level = Level.FAULT if free < _TIGHT else Level.WARNING if free < _LITTLE else Level.GOOD
    way_out = "" if level is Level.GOOD else "make room, or move the data folder (--data)"
    yield Finding(about="disk", level=level, text=text, way_out=way_out)


def _database(patient: Patient) -> Iterator[Finding]:
    count = patient.store.count()
    yield Finding(
        about="database",
        level=Level.GOOD,
        text=f"{count:,} papers, schema {patient.store.schema_version}, {patient.store.last_seq():,} changes",
    )
    for wrong in patient.store.examine():
        yield Finding(
            about="database",
            level=Level.FAULT,
            text=wrong,
            way_out="restore a backup (broadsheet restore FILE) into another data folder",
        )


def _clock(patient: Patient, now: datetime) -> Iterator[Finding]:
    added = max((paper.added for paper in _last_papers(patient.store)), default=now)
    if added > now + _EARLY:
        yield Finding(
            about="clock",
            level=Level.FAULT,
            text=f"it is {now:%Y-%m-%d %H:%M} UTC by this machine, but a paper was taken in at {added:%Y-%m-%d %H:%M}",
            way_out="set the clock (timedatectl set-ntp true)",
        )
        return
    yield Finding(about="clock", level=Level.GOOD, text=f"it is {now:%Y-%m-%d %H:%M} UTC")


def _last_papers(store: Store) -> Iterable[Paper]:
    last = store.last_seq()
    ids = [change.id for change in store.changes(max(0, last - 50)) if not change.gone]
    return store.get_many(ids).values()


def _editions(patient: Patient, today: date) -> Iterator[Finding]:
    latest = patient.store.neighbours(date.max)[0]
    if latest is None:
        yield Finding(
            about="editions",
            level=Level.WARNING,
            text="there is no edition yet",
            way_out="broadsheet sync, or broadsheet import FILE",
        )
        return
    text = f"the latest edition is of {latest}"
    if patient.sources and today - latest > _STALE:
        yield Finding(
            about="editions",
            level=Level.WARNING,
            text=f"{text}, {(today - latest).days} days ago",
            way_out="see whether broadsheet sync runs every day, and what it says",
        )
        return
    yield Finding(about="editions", level=Level.GOOD, text=text)


def _index(patient: Patient) -> Iterator[Finding]:
    generation = patient.index.snapshot().generation
    behind = patient.store.last_seq() - generation.seq
    text = f"generation {generation.number}, {generation.papers:,} papers"
    if behind > _BEHIND:
        yield Finding(
            about="index",
            level=Level.WARNING,
            text=f"{text}, {behind:,} changes behind the database",
            way_out="broadsheet index, or leave a served Broadsheet to it",
        )
        return
    yield Finding(about="index", level=Level.GOOD, text=f"{text}, {behind:,} changes behind")


def _index_files(patient: Patient) -> Iterator[Finding]:
    patient.index.verify()
    yield Finding(about="index files", level=Level.GOOD, text="every file is as it was written")


def _encoders(patient: Patient) -> Iterator[Finding]:
    for encoder in patient.encoders:
        encoder.encode(["a paper"])
        yield Finding(about="encoders", level=Level.GOOD, text=f"{encoder.name} works")


def _accounts(patient: Patient) -> Iterator[Finding]:
    if not patient.team:
        yield Finding(about="accounts", level=Level.GOOD, text="one reader, no accounts")
        return
    people = patient.store.people
    if not people.count(Role.ADMIN):
        yield Finding(
            about="accounts",
            level=Level.WARNING,
            text="there is no administrator",
            way_out="broadsheet account invite --role admin",
        )
    if not patient.base_url:
        yield Finding(
            about="accounts",
            level=Level.WARNING,
            text="base_url is not set: links in mails and invitations may lead nowhere",
            way_out="set base_url to the public address",
        )
    elif not patient.base_url.startswith("https://"):
        yield Finding(
            about="accounts",
            level=Level.WARNING,
            text=f"people log in over {patient.base_url}, which others on the way can read",
            way_out="put a reverse proxy with TLS before it",
        )
    yield Finding(about="accounts", level=Level.GOOD, text=f"{people.count():,} accounts")


def _mail(patient: Patient) -> Iterator[Finding]:
    if patient.mail:
        yield Finding(about="mail", level=Level.GOOD, text="mail is set up")
    elif patient.team and patient.registration == "open":
        yield Finding(
            about="mail",
            level=Level.FAULT,
            text="registration is open, but no mail can be sent to confirm an address",
            way_out="set smtp_host and mail_from, or registration = 'invited'",
        )
    else:
        yield Finding(about="mail", level=Level.GOOD, text="mail is not set up; nothing here needs it")


def _counters(patient: Patient, now: datetime) -> Iterator[Finding]:
    known = patient.store.counters.known()
    for name in dict.fromkeys((*known, *patient.counters)):
        told, asked = known.get(name), name in patient.counters
        if told is not None and told.fails and asked:
            yield Finding(
                about="counters",
                level=Level.WARNING,
                text=f"{name} could not be asked at {told.failed:%Y-%m-%d %H:%M} UTC ({_since(told)}): {told.error}",
                way_out=f"broadsheet import-votes --counter {name}",
            )
        elif asked and (told is None or told.counted is None or now - told.counted > _UNCOUNTED):
            yield Finding(
                about="counters",
                level=Level.WARNING,
                text=f"{name} is to be asked, and was {_since(told)}",
                way_out="see whether broadsheet import-votes runs every few hours, and what it says",
            )
        elif told is not None and told.counted is not None:
            yield Finding(about="counters", level=Level.GOOD, text=f"{name}: {_since(told)}")


def _since(told: Told | None) -> str:
    if told is None or told.counted is None:
        return "never counted"
    return f"last counted at {told.counted:%Y-%m-%d %H:%M} UTC"


def _jobs(patient: Patient) -> Iterator[Finding]:
    held = [f"{name}: {holder}" for name, holder in patient.store.leases.holders().items()]
    text = "; ".join(held) or "no process is at work that several might share"
    yield Finding(about="jobs", level=Level.GOOD, text=text)
