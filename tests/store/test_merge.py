"""Merging records: what must hold for any of them."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.ids import PaperId
from broadsheet.model import Author, Derived, Record
from broadsheet.store.merge import Content, merge, revises, unite

_TEXTS = st.sampled_from(["", "One.", "One.  ", "Two."])
_MOMENTS = st.sampled_from([None, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)])


@st.composite
def contents(draw: st.DrawFn) -> Content:
    record = Record(
        id=PaperId("2603.00001"),
        title=draw(st.sampled_from(["A", "B", ""])),
        source=draw(st.sampled_from(["x", "y"])),
        abstract=draw(_TEXTS),
        version=draw(st.sampled_from([None, 1, 2])),
        updated=draw(_MOMENTS),
        withdrawn=draw(st.booleans()),
        licence=draw(st.sampled_from([None, "", "CC BY"])),
        authors=tuple(Author(name) for name in draw(st.sampled_from(["", "A", "AB"]))),
        tags=draw(st.sampled_from([(), ("a",), ("b", "a")])),
        gist=draw(st.sampled_from([None, "G"])),
    )
    title, abstract = " ".join(record.title.split()), " ".join(record.abstract.split())
    return Content(record, Derived(title=title, abstract=abstract, gist=record.gist or abstract))


@given(contents(), contents())
def test_merging_a_record_again_changes_nothing(held: Content, new: Content) -> None:
    once = merge(held, new)
    assert merge(once, new) == once


@given(contents(), contents())
def test_what_is_known_stays_known(held: Content, new: Content) -> None:
    after = merge(held, new).record
    for name in ("title", "abstract", "authors", "version", "updated", "licence", "gist"):
        known = getattr(held.record, name) or getattr(new.record, name)
        assert bool(known) == bool(getattr(after, name))
    assert set(after.tags) == {*held.record.tags, *new.record.tags}


@given(contents(), contents())
def test_the_plain_text_is_that_of_the_source_text(held: Content, new: Content) -> None:
    after = merge(held, new)
    assert after.derived.title == " ".join(after.record.title.split())
    assert after.derived.abstract == " ".join(after.record.abstract.split())
    assert after.derived.gist == (after.record.gist or after.derived.abstract)


@given(contents(), contents())
def test_a_lower_version_revises_nothing(held: Content, new: Content) -> None:
    if held.record.version == 2 and new.record.version == 1:
        assert not revises(held.record, merge(held, new).record)


@given(contents(), contents())
def test_uniting_keeps_the_kept_text(kept: Content, other: Content) -> None:
    shown = unite(kept, other).record
    assert shown.version == kept.record.version
    assert not revises(kept.record, shown)
