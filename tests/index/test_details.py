from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.ids import PaperId
from broadsheet.index import manifest
from broadsheet.index.contract import Snapshot, text_of
from broadsheet.index.local import LocalIndex
from broadsheet.model import Paper

Publish = Callable[..., Any]
Make = Callable[..., Paper]


def details(snapshot: Snapshot, *ids: PaperId, name: str = "bytes") -> list[bytes | None]:
    return [None if each is None else each.tobytes() for each in snapshot.details_of(ids, name=name)]


def test_forgotten_details_go_and_their_files_with_them(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    with index.writer(store="store") as writer:
        writer.put_details(papers, [b"x"] * 4, name="kept")
        writer.keep_only(["kept"])
        writer.publish(seq=1)
        writer.publish(seq=2)
        writer.publish(seq=3)  # the generation before the newest is kept as well
    snapshot = index.snapshot()
    assert (snapshot.generation.encoders, snapshot.generation.details) == ({}, {"kept": 4})
    assert details(snapshot, papers[0].id) == [None]
    assert len(list(index._directory.glob("details-*-bytes.npy"))) == 1


def test_index_of_a_former_make_keeps_its_details(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(manifest, "MAKE", max(manifest.SAME_VECTORS))
        publish(papers)
    with index.writer(store="store") as writer:
        assert writer.lacking(papers, name="bytes") == ()
        writer.put(papers)
        writer.publish(seq=1)
    assert details(index.snapshot(), papers[2].id) == [text_of(papers[2]).encode()]


# Which papers are put in with another text, which get details, which leave, in each of some publications.
STEPS = st.lists(
    st.tuples(*[st.sets(st.integers(1, 6))] * 3),
    min_size=1,
    max_size=8,
)


@given(STEPS)
@settings(max_examples=25, deadline=None)
def test_after_any_changes_each_paper_has_what_was_made_of_its_text(
    paper: Make, steps: list[tuple[set[int], set[int], set[int]]]
) -> None:
    texts: dict[int, Paper] = {}
    expected: dict[int, bytes] = {}
    with TemporaryDirectory() as folder:
        index = LocalIndex(Path(folder) / "index")
        with index.writer(store="store") as writer:
            for seq, (put, made, gone) in enumerate(steps, 1):
                fresh = {n: paper(f"2603.0000{n}", f"Text {n} of {seq}") for n in put}
                leaving = gone - put
                writer.put(list(fresh.values()), [PaperId(f"2603.0000{n}") for n in leaving])
                texts = {n: p for n, p in (texts | fresh).items() if n not in leaving}
                expected = {n: e for n, e in expected.items() if n in texts and n not in fresh}
                given = {n: b"%d of %d" % (n, seq) * n for n in made & set(texts)}
                writer.put_details([texts[n] for n in given], list(given.values()), name="some")
                expected |= given
                generation = writer.publish(seq=seq)
                assert generation.details == {"some": len(expected)}
                found = details(
                    index.snapshot(), *(PaperId(f"2603.0000{n}") for n in range(1, 7)), name="some"
                )
                assert found == [expected.get(n) for n in range(1, 7)]
        index.verify()
        assert len(manifest.read(index._directory).details["some"].parts) <= 3
