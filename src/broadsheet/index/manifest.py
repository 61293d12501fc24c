"""The manifest: which files make up the newest generation. Knows no words and no vectors.

One JSON file, written aside and renamed, is the only thing that changes in an index directory;
all other files are written once and later removed. Whoever reads the manifest therefore sees a
whole generation, the one before or the one after, however a writer ended.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from broadsheet.errors import StaleIndexError
from broadsheet.index.contract import Generation
from broadsheet.index.files import WAY_OUT, Sealed, sync_directory, write_durably

NAME: Final = "manifest.json"

# Changes whenever an index made by older code must not be read: file formats, fields, analysis.
MAKE: Final = "broadsheet-6"

# Former makes whose paper tables and vectors are still good: only their words are made anew.
SAME_VECTORS: Final = frozenset({"broadsheet-2", "broadsheet-3", "broadsheet-4", "broadsheet-5"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorPart:
    """Some vectors of one encoder: whose they are, the vectors, and their bits."""

    rows: int
    keys: Sealed
    vectors: Sealed
    bits: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderParts:
    """All vectors of one encoder; ``count`` says how many papers have one."""

    dim: int
    count: int
    rotation: Sealed
    parts: tuple[VectorPart, ...] = ()

    def files(self) -> Iterator[Sealed]:
        """Every file of them."""
        yield self.rotation
        for part in self.parts:
            yield from (part.keys, part.vectors, part.bits)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailPart:
    """Some details of one name: whose they are, where each begins, and all of them."""

    rows: int
    keys: Sealed
    starts: Sealed
    bytes: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """All details of one name; ``count`` says how many papers have some."""

    count: int
    parts: tuple[DetailPart, ...] = ()

    def files(self) -> Iterator[Sealed]:
        """Every file of them."""
        for part in self.parts:
            yield from (part.keys, part.starts, part.bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPart:
    """Some lines of the paper table."""

    rows: int
    table: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One generation: where it stands and its files."""

    number: int
    seq: int
    store: str
    count: int
    words: tuple[Sealed, ...] = ()  # all in one directory, which is the words' own
    papers: tuple[PaperPart, ...] = ()
    encoders: dict[str, EncoderParts] = field(default_factory=dict)
    details: dict[str, Details] = field(default_factory=dict)

    def generation(self) -> Generation:
        """What readers are told of it."""
        counts = {name: parts.count for name, parts in sorted(self.encoders.items())}
        details = {name: stated.count for name, stated in sorted(self.details.items())}
        return Generation(self.number, self.seq, self.count, counts, details)

    def files(self) -> Iterator[Sealed]:
        """Every file of the generation."""
        yield from self.words
        for paper_part in self.papers:
            yield paper_part.table
        for encoder in self.encoders.values():
            yield from encoder.files()
        for details in self.details.values():
            yield from details.files()

    def words_directory(self) -> str:
        """The directory of the words within the index directory."""
        return self.words[0].name.partition("/")[0]


def whole(directory: Path, manifest: Manifest, *, trusting: bool) -> Manifest:
    """The manifest of a generation whose files are whole; ``trusting`` those that nobody wrote to.

    Where files carry another time than was noted, as in a copied directory, they are read, their times are
    noted, and nobody has to read them again. Where one is damaged the generation is taken back, so that nobody
    answers from it any more, and StaleIndexError names the file.
    """
    times: dict[str, int] = {}
    try:
        for file in manifest.files():
            untouched = file.is_untouched(directory)
            if not (untouched and trusting):
                file.verify(directory)
            if not untouched:
                times[file.name] = (directory / file.name).stat().st_mtime_ns
    except StaleIndexError:
        (directory / NAME).unlink(missing_ok=True)
        sync_directory(directory)
        raise
    if not times:
        return manifest
    noted = _manifest(_noted(asdict(manifest), times))
    write(directory, noted)
    return noted


def _noted(value: Any, times: Mapping[str, int]) -> Any:
    """A manifest's body in which these files were last changed at these times."""
    if isinstance(value, dict):
        body = {name: _noted(part, times) for name, part in value.items()}
        return body | {"written": times[body["name"]]} if body.get("name") in times else body
    return [_noted(part, times) for part in value] if isinstance(value, list | tuple) else value


def write(directory: Path, manifest: Manifest) -> None:
    """Make a generation the newest one, durably and at once."""
    body = {"make": MAKE, **asdict(manifest)}
    write_durably(directory / NAME, json.dumps({"sha256": _checksum(body), **body}, indent=1) + "\n")


def read(directory: Path, *, makes: Collection[str] = ()) -> Manifest:
    """The newest generation's manifest. Raises StaleIndexError where there is none or it is damaged.

    ``makes`` are those to accept beside ours.
    """
    try:
        text = (directory / NAME).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise StaleIndexError(
            f"there is no search index in {directory} yet; `broadsheet index` makes it"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise StaleIndexError(
            f"the search index in {directory} cannot be read: {error}; {WAY_OUT}"
        ) from error
    try:
        body = json.loads(text)
        stated = body.pop("sha256")
        make = body.pop("make")
        if stated != _checksum({"make": make, **body}):
            raise StaleIndexError(f"the manifest of the search index is damaged; {WAY_OUT}")
        if make not in {MAKE, *makes}:
            raise StaleIndexError(f"the search index was made by {make}, expected {MAKE}; {WAY_OUT}")
        return _manifest(body)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StaleIndexError(f"the manifest of the search index is damaged: {error}; {WAY_OUT}") from error


def _checksum(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _manifest(body: dict[str, Any]) -> Manifest:
    return Manifest(
        number=body["number"],
        seq=body["seq"],
        store=body["store"],
        count=body["count"],
        words=tuple(Sealed(**file) for file in body["words"]),
        papers=tuple(PaperPart(rows=p["rows"], table=Sealed(**p["table"])) for p in body["papers"]),
        encoders={name: _encoder(parts) for name, parts in body["encoders"].items()},
        details={name: _details(stated) for name, stated in body.get("details", {}).items()},
    )


def _details(body: dict[str, Any]) -> Details:
    return Details(
        count=body["count"],
        parts=tuple(
            DetailPart(
                rows=part["rows"],
                keys=Sealed(**part["keys"]),
                starts=Sealed(**part["starts"]),
                bytes=Sealed(**part["bytes"]),
            )
            for part in body["parts"]
        ),
    )


def _encoder(body: dict[str, Any]) -> EncoderParts:
    return EncoderParts(
        dim=body["dim"],
        count=body["count"],
        rotation=Sealed(**body["rotation"]),
        parts=tuple(
            VectorPart(
                rows=part["rows"],
                keys=Sealed(**part["keys"]),
                vectors=Sealed(**part["vectors"]),
                bits=Sealed(**part["bits"]),
            )
            for part in body["parts"]
        ),
    )
