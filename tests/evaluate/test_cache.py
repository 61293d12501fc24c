from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.evaluate.cache import VectorCache, encoded
from broadsheet.index.contract import Encoder, Vectors

Hashing = Callable[..., Encoder]


class _Counting:
    """Encodes a text as its length, and counts what it was asked."""

    name = "counting"
    dim = 2

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += len(texts)
        return np.array([(len(text), 1.0) for text in texts], dtype=np.float32)


def test_vectors_come_back_in_the_order_asked_for(tmp_path: Path) -> None:
    encoder = _Counting()
    encoded(["a", "bb", "ccc"], encoder, cache=tmp_path)
    again = encoded(["ccc", "a", "ccc"], encoder, cache=tmp_path)
    assert again.tolist() == [[3, 1], [1, 1], [3, 1]]
    assert again.dtype == np.float32
    assert encoder.asked == 3


def test_grown_collection_encodes_only_what_is_new(tmp_path: Path) -> None:
    encoder = _Counting()
    encoded(["a", "bb"], encoder, cache=tmp_path)
    told: list[tuple[int, int]] = []
    encoded(
        ["new text", "bb", "a"],
        encoder,
        cache=tmp_path,
        progress=lambda done, total: told.append((done, total)),
    )
    assert encoder.asked == 3
    assert told == [(1, 1)]


def test_text_that_comes_twice_is_encoded_once(tmp_path: Path) -> None:
    encoder = _Counting()
    assert encoded(["a", "a"], encoder, cache=tmp_path).tolist() == [[1, 1], [1, 1]]
    assert encoder.asked == 1


def test_encoders_do_not_share_vectors(tmp_path: Path, hashing: Hashing) -> None:
    first = encoded(["same words"], hashing("one", 8), cache=tmp_path)
    second = encoded(["same words"], hashing("two", 8), cache=tmp_path)
    assert not np.array_equal(first, second)


def test_vectors_made_elsewhere_come_in(tmp_path: Path) -> None:
    encoder = _Counting()
    kept = VectorCache(tmp_path, name=encoder.name, dim=encoder.dim)
    assert kept.add(["x", "y", "x"], np.array([(5, 0), (6, 0), (5, 0)], dtype=np.float32)) == 2
    assert kept.add(["x"], np.array([(9, 9)], dtype=np.float32)) == 0
    assert encoded(["y", "x"], encoder, cache=tmp_path).tolist() == [[6, 0], [5, 0]]
    assert encoder.asked == 0


def test_vectors_of_another_shape_are_refused(tmp_path: Path) -> None:
    kept = VectorCache(tmp_path, name="counting", dim=2)
    with pytest.raises(InputError, match=r"expected 2 vectors of 2 numbers for counting, got shape \(2, 3\)"):
        kept.add(["x", "y"], np.zeros((2, 3), dtype=np.float32))


def test_label_says_what_the_folder_holds(tmp_path: Path) -> None:
    kept = VectorCache(tmp_path, name="maker/model v2", dim=2)
    label = json.loads((kept.folder / "label.json").read_text())
    assert (label["encoder"], label["dim"]) == ("maker/model v2", 2)
    (kept.folder / "label.json").write_text(json.dumps({**label, "dim": 3}))
    with pytest.raises(InputError, match="delete the folder"):
        VectorCache(tmp_path, name="maker/model v2", dim=2)


def test_one_run_leaves_one_shard(tmp_path: Path) -> None:
    texts = ["x" * n for n in range(1, 1300)]
    encoded(texts, _Counting(), cache=tmp_path)
    assert len(list(tmp_path.rglob("*.npy"))) == 1
    assert encoded(texts, _Counting(), cache=tmp_path)[:, 0].tolist() == list(range(1, 1300))


def test_damaged_shard_is_left_out_and_its_texts_are_encoded_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    encoder = _Counting()
    encoded(["a", "bb"], encoder, cache=tmp_path)
    (shard,) = tmp_path.rglob("*.npy")
    shard.write_bytes(shard.read_bytes()[:-3])
    assert encoded(["a", "bb"], encoder, cache=tmp_path).tolist() == [[1, 1], [2, 1]]
    assert encoder.asked == 4
    assert "not a shard" in caplog.text


def test_killed_run_keeps_what_it_made(tmp_path: Path) -> None:
    script = """
import sys, time
from pathlib import Path
import numpy as np
from broadsheet.evaluate.cache import encoded

class Slow:
    name, dim = "counting", 2
    def encode(self, texts):
        time.sleep(0.02)
        return np.array([(len(text), 1.0) for text in texts], dtype=np.float32)

encoded(["x" * n for n in range(1, 60_000)], Slow(), cache=Path(sys.argv[1]))
"""
    process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)])
    end = time.monotonic() + 60
    while len(list(tmp_path.rglob("*.npy"))) < 3:
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    encoder = _Counting()
    texts = ["x" * n for n in range(1, 3000)]
    assert encoded(texts, encoder, cache=tmp_path)[:, 0].tolist() == [
        np.float32(np.float16(n)) for n in range(1, 3000)
    ]
    assert encoder.asked <= 3000 - 3 * 512
