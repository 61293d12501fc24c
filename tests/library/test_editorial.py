from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.errors import NotFoundError
from broadsheet.ids import PaperId
from broadsheet.wiring import Archive

DAY = date(2026, 3, 20)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    settings = Settings(data=tmp_path_factory.mktemp("sample"), encoder="none")
    with wiring.open_archive(settings) as archive:
        wiring.take_sample(archive)
        yield archive


@pytest.fixture
def archive(sample: Archive) -> Iterator[Archive]:
    yield sample
    commons = sample.library.commons
    for id in commons.kept_out():
        commons.let_in(id)
    for pin in commons.curation(DAY, scheduled=True).pins:
        commons.unpin(DAY, pin.paper)
    commons.write_note(DAY, "", by="mo")


def test_pinned_papers_lead_in_their_order_and_leave_their_place(archive: Archive) -> None:
    library = archive.library
    before = library.edition(DAY)
    inside, other = before.sections[-1].entries[-1].id, before.leads[-1].id
    library.commons.pin(DAY, inside, place=2, note="Read this.", by="mo")
    library.commons.pin(DAY, other, place=1, note="", by="mo")
    after = library.edition(DAY)
    assert [entry.id for entry in after.leads[:2]] == [other, inside]
    assert [entry.reason.text for entry in after.leads[:2]] == [
        "chosen by the editor",
        "chosen by the editor: Read this.",
    ]
    assert sorted(e.id for e in after.entries) == sorted(e.id for e in before.entries)
    assert library.leads(DAY) == after.leads
    library.commons.unpin(DAY, inside)
    library.commons.unpin(DAY, other)
    assert library.edition(DAY) == before


def test_a_paper_of_another_day_can_be_pinned(archive: Archive) -> None:
    library = archive.library
    older = library.edition(library.days()[0].day).entries[0].id
    library.commons.pin(DAY, older, place=1, note="", by="mo")
    assert library.edition(DAY).leads[0].id == older
    assert library.edition(DAY).count == library.days()[-1]


def test_a_note_shows_when_its_time_has_come(archive: Archive) -> None:
    library = archive.library
    library.commons.write_note(DAY, "Good *morning*.", by="mo")
    assert library.edition(DAY).note == "Good *morning*."
    library.commons.write_note(DAY, "Soon.", by="mo", since=datetime.now(UTC) + timedelta(days=1))
    assert library.edition(DAY).note == ""


def test_what_is_kept_out_is_in_no_list(archive: Archive) -> None:
    library = archive.library
    lead = library.edition(DAY).leads[0].id
    paper = library.papers([lead])[lead]
    author = paper.record.authors[0].key
    near = library.similar(lead, limit=1)[0].paper.id

    def places() -> list[bool]:
        return [
            any(entry.id == lead for entry in library.edition(DAY).entries),
            any(hit.paper.id == lead for hit in library.search(paper.title, limit=50).hits),
            any(found.id == lead for found in library.author(author)),
            any(hit.paper.id == lead for hit in library.similar(near, limit=50)),
        ]

    assert all(places())
    library.commons.keep_out(lead, by="mo", why="not a paper")
    assert not any(places())
    library.commons.let_in(lead)
    assert all(places())


def test_a_pinned_paper_that_is_kept_out_stays_out(archive: Archive) -> None:
    library = archive.library
    lead = library.edition(DAY).leads[0].id
    library.commons.pin(DAY, lead, place=1, note="", by="mo")
    library.commons.keep_out(lead, by="mo", why="not a paper")
    assert lead not in {entry.id for entry in library.edition(DAY).entries}


def test_a_day_without_announcements_can_be_edited(archive: Archive) -> None:
    library = archive.library
    sunday = date(2026, 3, 22)
    assert library.edition(sunday).empty
    lead = library.edition(DAY).leads[0].id
    library.commons.pin(sunday, lead, place=1, note="Of the week.", by="mo")
    assert library.edition(sunday).empty is None
    assert [entry.id for entry in library.edition(sunday).leads] == [lead]
    library.commons.unpin(sunday, lead)
    assert library.edition(sunday).empty


def test_only_papers_that_are_here_are_pinned(archive: Archive) -> None:
    with pytest.raises(NotFoundError):
        archive.library.commons.pin(DAY, PaperId("2603.99999"), place=1, note="", by="mo")
