"""Backups, looking an archive over, and tidying it."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from broadsheet.config import Settings
from broadsheet.store.contract import Backup
from broadsheet.wiring.opening import Archive, Count, _folder, _now, turn_of
from broadsheet.wiring.serving import is_team

if TYPE_CHECKING:
    from broadsheet.pipeline.checkup import Finding

_TIDY_EVERY: Final = timedelta(hours=6)
# What expired is kept for so long after: a clock that ran ahead for a while takes nobody's login away.
_SPARED: Final = timedelta(days=30)


def back_up(archive: Archive, file: Path, *, progress: Count | None = None) -> Backup:
    """Everything in the database in one file, taken while it is in use. Raises InputError."""
    return archive.store.back_up(file, now=_now(), progress=progress)


def verify_backup(file: Path, *, progress: Count | None = None) -> Backup:
    """Read a backup to its end. Raises InputError where it is not whole."""
    from broadsheet.store import backup  # noqa: PLC0415

    return backup.verify(file, progress=progress)


def restore(settings: Settings, file: Path, *, progress: Count | None = None) -> Backup:
    """Make the database that the settings name from a backup; the index is made anew afterwards. Raises InputError."""
    if settings.database.startswith(("postgresql://", "postgres://")):
        from broadsheet.store.postgres import PostgresStore  # noqa: PLC0415  an optional extra

        return PostgresStore.restore(settings.database, file, progress=progress)
    from broadsheet.store.sqlite import SqliteStore  # noqa: PLC0415

    return SqliteStore.restore(_folder(settings) / "broadsheet.db", file, progress=progress)


def look_over(archive: Archive, *, whole: bool = False) -> tuple[Finding, ...]:
    """What is wrong with an archive, and what to do."""
    from broadsheet.pipeline import checkup  # noqa: PLC0415

    settings, store = archive.settings, archive.store
    patient = checkup.Patient(
        data=settings.data,
        store=store,
        index=archive.index,
        encoders=[archive.fast] if archive.better is None else [archive.fast, archive.better],
        team=is_team(settings),
        base_url=settings.base_url,
        mail=bool(settings.smtp_host),
        registration=settings.registration,
        counters=settings.counters,
        sources=any(store.cursor(f"arxiv:{name}") for name in settings.arxiv_sets or ("all",)),
    )
    return checkup.look_over(patient, now=_now(), whole=whole)


def tidy(archive: Archive) -> int:
    """Delete logins and links that expired a month ago; how many."""
    return archive.store.people.sweep(now=_now() - _SPARED)


def keep_tidy(archive: Archive, *, stop: threading.Event) -> None:
    """Tidy now and then until ``stop`` is set, where no other process does; for a thread of its own."""
    from broadsheet.pipeline.schedule import repeat  # noqa: PLC0415

    repeat("tidying", lambda _: tidy(archive), every=_TIDY_EVERY, stop=stop, turn=turn_of(archive, "tidying"))
