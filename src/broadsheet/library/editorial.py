"""An edition as its editor made it: pinned papers first, a note, without what is kept out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from broadsheet.ids import PaperId
from broadsheet.library.views import Edition, Entry, Reason
from broadsheet.store.community import Curation, Pin


def edited(
    edition: Edition,
    curation: Curation,
    *,
    kept_out: Collection[PaperId],
    section_of: Callable[[PaperId], str],
) -> Edition:
    """The edition with pinned papers as its first lead stories, in their order, and without what is kept out.

    A pinned paper leaves its place further down; as many of the other lead stories stay as before, after it.
    """
    pins = [pin for pin in curation.pins if pin.paper not in kept_out]
    note = curation.note.text if curation.note else ""
    if not pins and not kept_out:
        return replace(edition, note=note) if note else edition
    gone = {pin.paper for pin in pins}.union(kept_out)

    def rest(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(entry for entry in entries if entry.id not in gone)

    leads = tuple(
        Entry(id=pin.paper, section=section_of(pin.paper), reason=Reason("editor", _reason(pin)))
        for pin in pins
    )
    sections = (replace(section, entries=rest(section.entries)) for section in edition.sections)
    return replace(
        edition,
        leads=leads + rest(edition.leads),
        sections=tuple(section for section in sections if section.entries),
        crossed=rest(edition.crossed),
        revised=rest(edition.revised),
        note=note,
        empty=None if leads else edition.empty,
    )


def _reason(pin: Pin) -> str:
    return f"chosen by the editor: {pin.note}" if pin.note else "chosen by the editor"
