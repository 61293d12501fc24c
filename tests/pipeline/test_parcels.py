"""Batches between processes."""

import gc
from datetime import UTC, date, datetime

from broadsheet.errors import RecordError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import (
    Acronym,
    AnnounceKind,
    Announcement,
    Aspect,
    Author,
    Derived,
    Link,
    LinkKind,
    PaperType,
    Record,
    Sentence,
    Version,
    VoteReading,
)
from broadsheet.pipeline.parcels import pack, unpack

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
RECORD = Record(
    id=PaperId("2402.01234"),
    title="T",
    source="x",
    authors=(Author("Ann Lee", "Here"),),
    published=AT,
    announcements=(Announcement(date(2026, 3, 2), AnnounceKind.CROSS, stated=False),),
    versions=(Version(1, AT, "3kb", "I"),),
    also=(PaperId("10.1000/x", Scheme.DOI),),
    readings=(VoteReading(AT, 3),),
    aspects={Aspect.METHOD: "M"},
    type=PaperType.SURVEY,
)
DERIVED = Derived(
    title="T",
    abstract="A.",
    sentences=(Sentence(0, 2, Aspect.RESULT),),
    acronyms=(Acronym("A", "all"),),
    links=(Link("https://x.example", LinkKind.CODE),),
    sketch=(-5, 2**62),
)


def test_what_is_packed_comes_out_equal() -> None:
    pairs, errors = unpack(
        pack([(RECORD, DERIVED)] * 2, [RecordError("f:1", "bad", "{"), RecordError("f:2", "worse")])
    )
    assert pairs == [(RECORD, DERIVED)] * 2
    assert [(e.where, e.reason, e.raw) for e in errors] == [("f:1", "bad", "{"), ("f:2", "worse", None)]


def test_garbage_collection_is_as_it_was() -> None:
    parcel = pack([], [])
    unpack(parcel)
    assert gc.isenabled()
    gc.disable()
    try:
        unpack(parcel)
        assert not gc.isenabled()
    finally:
        gc.enable()
