"""Opening files, plain and gzipped."""

import gzip
import tracemalloc
from pathlib import Path

import pytest

from broadsheet.errors import InputError
from broadsheet.source import files


def test_lines_are_numbered_and_blank_ones_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\n\n  \ntwo")
    with files.LineReader(path) as reader:
        assert list(reader.lines()) == [(1, b"one"), (4, b"two")]
        assert reader.position == reader.size == path.stat().st_size


def test_gzip_is_known_by_its_content_not_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(gzip.compress(b"one\ntwo\n"))
    with files.LineReader(path) as reader:
        assert [line for _, line in reader.lines()] == [b"one", b"two"]
        assert reader.position <= reader.size


def test_a_gzip_file_cut_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(bytes(range(256)) * 4000)[:-400])
    with pytest.raises(InputError, match="damaged or cut off"):
        files.read_bytes(path)


def test_a_gzip_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(5 << 20)))
    with pytest.raises(InputError, match="more than 1 MB"):
        files.read_bytes(path, limit=1 << 20)


def test_a_small_file_takes_little_memory_however_large_it_might_be(tmp_path: Path) -> None:
    path = tmp_path / "own.bib"
    path.write_bytes(b"@misc{a, title={A}}")
    tracemalloc.start()
    try:
        assert files.read_bytes(path, limit=files.MAX_FILE) == path.read_bytes()
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        files.read_head(tmp_path / "none")
    with pytest.raises(InputError, match="directory"):
        files.read_head(tmp_path)


def test_an_endless_line_is_cut_and_the_next_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LINE", 10)
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 95 + b"\nshort\n" + b"y" * 11)
    with files.LineReader(path) as reader:
        lines = list(reader.lines())
    assert [(n, len(line)) for n, line in lines] == [(1, 11), (2, 5), (3, 11)]


@pytest.mark.parametrize(
    "data", ["Erdős Pál".encode(), "Erdős Pál".encode("utf-16"), "\ufeffErdős Pál".encode()]
)
def test_encodings_with_a_mark_and_utf8_are_read(data: bytes) -> None:
    assert files.decode(data) == "Erdős Pál"


def test_windows_1252_is_read_where_utf8_fails() -> None:
    assert files.decode("Gödel – “naïve”".encode("cp1252")) == "Gödel – “naïve”"
