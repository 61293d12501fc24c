"""The index follows the store, here or on a cluster."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from broadsheet.errors import AwayError, BusyError, InputError
from broadsheet.index.encode import StaticEncoder
from broadsheet.pipeline import reindex, rereading
from broadsheet.pipeline.schedule import Complaint
from broadsheet.text.derive import read_mentions
from broadsheet.wiring.opening import Archive, Count, _better, _log, _now

if TYPE_CHECKING:
    from broadsheet.pipeline import bulk

_RETRY = 5.0  # seconds
_BREATH = 0.2  # seconds between two batches that are read again, for others to write
_KNOCK = 1.0  # seconds between two tries of a database that does not answer: papers wait behind that door


def catch_up(
    archive: Archive, *, rebuild: bool = False, better: bool = False, progress: Count | None = None
) -> None:
    """Bring the index up to the store, then return. Raises BusyError while another process does so."""
    if rebuild:
        archive.index.delete()
    rereading.reread(archive.store, read_mentions, now=_now, stop=threading.Event())
    reindex.follow(
        archive.store,
        archive.index,
        fast=archive.fast,
        better=archive.better if better else None,
        progress=(lambda p: progress(p.done, p.total)) if progress else None,
        once=True,
    )


def build_in_bulk(
    archive: Archive,
    *,
    ray: str,
    workers: int | None = None,
    with_sentences: bool = True,
    progress: Count | None = None,
) -> None:
    """Bring the index up to the store, the encoding done by a Ray cluster; see ``pipeline.bulk``."""
    from broadsheet.pipeline import bulk  # noqa: PLC0415

    try:
        from broadsheet.pipeline.cluster import RayPool  # noqa: PLC0415  an optional extra
    except ImportError as error:
        raise InputError("bulk work needs the extra: pip install 'broadsheet[ray]'") from error
    with RayPool(ray, load=partial(_encoders, archive.settings.encoder), workers=workers) as pool:
        bulk.build(
            archive.store,
            archive.index,
            encoders=bulk.Encoders(archive.fast, archive.better),
            pool=pool,
            with_sentences=with_sentences,
            progress=(lambda p: progress(p.done, p.total)) if progress else None,
        )


def _encoders(better: str) -> bulk.Encoders:
    """The encoders of the setting, for a process of their own."""
    from broadsheet.pipeline import bulk  # noqa: PLC0415

    return bulk.Encoders(StaticEncoder(), _better(better))


def read_again(archive: Archive, *, stop: threading.Event) -> None:
    """Read papers again that an older version took in, until that is done; for a thread of its own."""
    complaint = Complaint("reading what papers say of others")
    while not stop.is_set():
        try:
            done = rereading.reread(archive.store, read_mentions, now=_now, stop=stop, pause=_BREATH)
        except Exception as error:  # noqa: BLE001  a job loop: whatever failed is recorded, and tried again
            complaint.about(error)
            stop.wait(_RETRY)
        else:
            complaint.over()
            if done:
                _log.info("%d papers were read again for what they say of others", done)
            return


def follow(archive: Archive, *, stop: threading.Event) -> None:
    """Follow the store until ``stop`` is set, making better vectors meanwhile; for a thread of its own.

    A failure is complained of and tried again: readers are served from the last generation until then.
    """
    complaint = Complaint("following the store with the index")
    run = partial(reindex.follow, archive.store, archive.index, fast=archive.fast, stop=stop)
    while not stop.is_set():
        try:
            if complaint.is_open:
                with suppress(BusyError):  # another process follows
                    run(once=True)
                complaint.over()
            run(better=archive.better)
        except Exception as error:  # noqa: BLE001  a job loop: whatever failed is recorded, and tried again
            complaint.about(error)
            stop.wait(_KNOCK if isinstance(error, AwayError) else _RETRY)
