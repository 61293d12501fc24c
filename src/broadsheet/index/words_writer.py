"""Writes words, in a working directory that no reader sees. Knows no ids but the documents' own.

The engine's segments are written once and never changed. So a finished state of the working
directory is published by giving its files second names in a directory of its own, and a writer that
begins anew takes the published files back: whatever a killed one left undone is forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from tantivy import Index, IndexWriter

from broadsheet.errors import SearchError
from broadsheet.ids import PaperId
from broadsheet.index import fields
from broadsheet.index.files import Sealed, link, remove, seal, sync_directory, write_durably
from broadsheet.model import Paper

WORKING: Final = "working"

_META: Final = "meta.json"
_HEAP: Final = 64_000_000
# Merging in the background takes files away; then the copy is begun again with the newer state.
_ATTEMPTS: Final = 20


class WordsWriter:
    """Adds and deletes documents, and publishes the result under a name."""

    def __init__(self, directory: Path, published: Sequence[Sealed]) -> None:
        self._directory = directory
        self._published = tuple(published)
        self._index: Index | None = None
        self._writer: IndexWriter | None = None
        self._meta: str | None = None  # the engine's state as published
        self._changed = not published

    def put(self, papers: Sequence[Paper], ordinals: Sequence[int], former: Sequence[PaperId]) -> None:
        """Add papers under their ordinals, ``former`` being those among them that were there before."""
        writer = self._open()
        self._delete(writer, former)
        for paper, ordinal in zip(papers, ordinals, strict=True):
            writer.add_document(fields.document(paper, ordinal=ordinal))
        self._changed = self._changed or bool(papers)

    def take_out(self, ids: Sequence[PaperId]) -> None:
        """Delete the papers of these ids."""
        self._delete(self._open(), ids)
        self._changed = self._changed or bool(ids)

    def publish(self, name: str) -> tuple[Sealed, ...]:
        """The files of the present state, under ``name`` where they changed, else those published before."""
        if self._changed:
            self._open().commit()
            self._changed = False
        if self._index is None or self._state() == self._meta:
            return self._published
        target = self._directory / name
        for _ in range(_ATTEMPTS):
            remove(target)
            target.mkdir()
            try:
                self._meta = self._copy(target)
            except FileNotFoundError:
                continue
            self._published = self._sealed(name)
            return self._published
        raise SearchError("the words of the search index would not stand still to be published; try again")

    def settle(self) -> None:
        """Wait for the merging that goes on in the background; ``publish`` then shows its result."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None  # the engine's writer is spent

    def close(self) -> None:
        """Stop, forgetting what was not published."""
        self._writer = None
        self._index = None
        remove(self._directory / WORKING)

    def _open(self) -> IndexWriter:
        if self._index is None:
            working = self._directory / WORKING
            remove(working)
            working.mkdir()
            if self._published:
                for file in self._published:
                    source = self._directory / file.name
                    link(source, working / source.name)
                self._meta = self._state()
            self._index = fields.register(Index(fields.schema(), path=str(working)))
        if self._writer is None:
            # One thread makes few segments; encoding takes far longer than this anyway.
            self._writer = self._index.writer(heap_size=_HEAP, num_threads=1)
        return self._writer

    def _delete(self, writer: IndexWriter, ids: Sequence[PaperId]) -> None:
        for id in ids:
            writer.delete_documents_by_term("id", str(id))

    def _state(self) -> str:
        return (self._directory / WORKING / _META).read_text(encoding="utf-8")

    def _copy(self, target: Path) -> str:
        """Give the files of the present state names in ``target``; the state. Raises FileNotFoundError."""
        state = self._state()
        working = self._directory / WORKING
        wanted = {s["segment_id"].replace("-", ""): s["deletes"] for s in json.loads(state)["segments"]}
        for path in sorted(working.iterdir()):
            segment, _, ending = path.name.partition(".")
            if segment in wanted and (not ending.endswith("del") or _is_newest(ending, wanted[segment])):
                link(path, target / path.name)
        held = {path.name.partition(".")[0] for path in target.iterdir()}
        if missing := set(wanted) - held:
            raise FileNotFoundError(f"segments {sorted(missing)} were merged meanwhile")
        write_durably(target / _META, state)
        sync_directory(self._directory)
        return state

    def _sealed(self, name: str) -> tuple[Sealed, ...]:
        """The files in a new directory; checksums of files that were published before are known."""
        known: Mapping[str, Sealed] = {Path(f.name).name: f for f in self._published}
        sealed = []
        for path in sorted((self._directory / name).iterdir()):
            before = known.get(path.name)
            if before and path.name != _META:
                sealed.append(replace(before, name=f"{name}/{path.name}"))
            else:
                sealed.append(seal(self._directory, f"{name}/{path.name}"))
        return tuple(sealed)


def _is_newest(ending: str, deletes: Mapping[str, int] | None) -> bool:
    """Whether a list of deletions (``<opstamp>.del``) is the one that the state names."""
    return deletes is not None and ending == f"{deletes['opstamp']}.del"
