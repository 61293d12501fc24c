"""Open source files, plain or gzipped, within limits. Knows bytes, lines and encodings, no format."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self, cast

from broadsheet.errors import InputError

HEAD = 4096
MAX_FILE = 512 << 20  # formats that are read whole; a library of 100,000 entries is about 300 MB
MAX_LINE = 16 << 20

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"


def suffix(path: Path) -> str:
    """A file's suffix in lower case, ``.gz`` not counted.

    >>> suffix(Path("papers.JSONL.gz"))
    '.jsonl'
    """
    return Path(path.name.lower().removesuffix(".gz")).suffix


def read_head(path: Path) -> bytes:
    """The first (decompressed) 4 kB of a file. Raises InputError where it cannot be opened."""
    with LineReader(path) as reader:
        return reader.peek()


def read_bytes(path: Path, *, limit: int = MAX_FILE) -> bytes:
    """A whole file, decompressed. Raises InputError where it cannot be read or holds over ``limit`` bytes."""
    with LineReader(path) as reader:
        return reader.rest(limit)


def read_text(path: Path, *, limit: int = MAX_FILE) -> str:
    r"""A whole file as text with ``\n`` line ends, whatever its encoding."""
    return decode(read_bytes(path, limit=limit)).replace("\r\n", "\n").replace("\r", "\n")


def decode(data: bytes) -> str:
    r"""Bytes as text: by byte order mark, as UTF-8, or else as the Windows-1252 of older programs.

    >>> decode(b"Erd\xf6s")
    'Erdös'
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


class LineReader:
    """The lines of a file, plain or gzipped, as bytes.

    ``size`` is the file's size on disk, ``position`` how much of that has been read: both count
    compressed bytes, so their ratio is the share that is done. Errors come as InputError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from error
        try:
            self.size = self._file.seek(0, io.SEEK_END)
            self._file.seek(0)
            zipped = self._file.peek(2)[:2] == _GZIP
        except OSError as error:
            self._file.close()
            raise InputError(f"cannot read {path}: {error.strerror or error}") from error
        self._stream: BinaryIO = (
            # GzipFile.readline is slow; the buffer makes it as fast as a plain file's.
            cast("BinaryIO", io.BufferedReader(gzip.GzipFile(fileobj=self._file), 1 << 18))
            if zipped
            else self._file
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def position(self) -> int:
        """How many bytes on disk have been read."""
        return self._file.tell()

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Numbered lines from 1, without line ends, blank ones left out.

        A line over 16 MB is cut off there (and so will not parse); its rest is skipped.
        """
        number = 0
        while line := self._line():
            number += 1
            if len(line) > MAX_LINE and not line.endswith(b"\n"):
                while (rest := self._line()) and not rest.endswith(b"\n"):
                    pass
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if line := line.strip():
                yield number, line

    def peek(self) -> bytes:
        """The first 4 kB, for recognising the format."""
        try:
            return self._stream.read(HEAD)
        except (OSError, EOFError, zlib.error) as error:
            raise self._unreadable(error) from error

    def rest(self, limit: int) -> bytes:
        """All bytes not read yet. Raises InputError where they are more than ``limit``."""
        data = bytearray()
        try:
            # Piece by piece: asked for all at once, a stream sets aside as much memory as the limit allows.
            while len(data) <= limit and (chunk := self._stream.read(_CHUNK)):
                data += chunk
        except (OSError, EOFError, zlib.error) as error:
            raise self._unreadable(error) from error
        if len(data) > limit:
            raise InputError(f"{self.path} holds more than {limit >> 20} MB; split it into smaller files")
        return bytes(data)

    def _line(self) -> bytes:
        try:
            return self._stream.readline(MAX_LINE + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> InputError:
        return InputError(f"{self.path} is damaged or cut off: {error}")
