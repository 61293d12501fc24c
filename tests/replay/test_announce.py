from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from broadsheet.errors import RecordError, SourceError
from broadsheet.model import AnnounceKind, Announcement, Record
from broadsheet.source.arxiv import AnnouncementFeed, Arxiv
from broadsheet.source.contract import Announced

if TYPE_CHECKING:
    from tests.replay.server import Answer, Replay


@pytest.fixture
def feed(arxiv: Callable[..., Arxiv]) -> AnnouncementFeed:
    return arxiv().feeds[0]


def records(announced: Announced) -> list[Record]:
    assert all(isinstance(item, Record) for item in announced.items)
    return [item for item in announced.items if isinstance(item, Record)]


def test_the_four_kinds_of_announcement(replay: Replay, feed: AnnouncementFeed) -> None:
    kinds = ["new", "cross", "replace", "replace-cross"]
    replay.script(replay.feed(*(replay.entry(f"2508.0000{n}v1", kind) for n, kind in enumerate(kinds))))
    announced = feed.today()
    assert announced.day == date(2025, 8, 20)
    assert [r.announcements for r in records(announced)] == [
        (Announcement(date(2025, 8, 20), AnnounceKind(kind), stated=True),) for kind in kinds
    ]


def test_the_prefix_before_the_abstract_is_taken_off(replay: Replay, feed: AnnouncementFeed) -> None:
    replay.script(
        replay.feed(
            replay.entry(
                "2203.01250v3", "replace-cross", abstract="We say: Abstract: it stays. Announce Type: x"
            )
        )
    )
    (record,) = records(feed.today())
    assert record.abstract == "We say: Abstract: it stays. Announce Type: x"
    assert (str(record.id), record.version) == ("2203.01250", 3)


def test_names_in_the_creator_field_get_their_accents(replay: Replay, feed: AnnouncementFeed) -> None:
    replay.script(
        replay.feed(
            replay.entry("2508.00001v1", creator="Paulo Andr\\'e Lima de Castro, Przemys{\\l}aw Uzna\\'nski")
        )
    )
    (record,) = records(feed.today())
    assert [a.name for a in record.authors] == ["Paulo André Lima de Castro", "Przemysław Uznański"]


def test_an_empty_feed_is_a_day_without_announcement(replay: Replay, feed: AnnouncementFeed) -> None:
    replay.script(replay.feed(day="2025-08-23"))
    assert feed.today() == Announced(date(2025, 8, 23), (), capped=False)


def test_two_thousand_items_are_marked_as_capped(replay: Replay, feed: AnnouncementFeed) -> None:
    replay.script(
        replay.feed(*(replay.entry(f"2508.{n:05}v1") for n in range(2000))),
        replay.feed(*(replay.entry(f"2508.{n:05}v1") for n in range(1999))),
    )
    assert feed.today().capped
    assert not feed.today().capped


def test_the_day_is_the_one_in_new_york(replay: Replay, feed: AnnouncementFeed) -> None:
    entry = replay.entry("2508.00001v1").replace("2025-08-20T00:00:00-04:00", "2025-08-20T03:59:00Z")
    replay.script(replay.feed(entry))
    announced = feed.today()
    assert announced.day == date(2025, 8, 19)
    assert records(announced)[0].announcements[0].day == date(2025, 8, 19)


def test_rss_says_the_same_as_atom(replay: Replay, feed: AnnouncementFeed) -> None:
    replay.script(
        '<?xml version="1.0"?><rss xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
        "<title>math.OC updates on arXiv.org</title><pubDate>Fri, 23 Feb 2024 00:00:00 -0500</pubDate>"
        "<item><title>Mass concentration</title><link>https://arxiv.org/abs/2203.01250</link>"
        "<description>arXiv:2203.01250v3 Announce Type: replace-cross \nAbstract: We consider problems."
        '</description><guid isPermaLink="false">oai:arXiv.org:2203.01250v3</guid>'
        "<category>math.AP</category><category>math.OC</category>"
        "<pubDate>Fri, 23 Feb 2024 00:00:00 -0500</pubDate>"
        "<arxiv:announce_type>replace-cross</arxiv:announce_type>"
        "<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>"
        "<arxiv:DOI>10.5802/jep.257</arxiv:DOI>"
        "<arxiv:journal_reference>Tome 11 (2024), pp. 431-472</arxiv:journal_reference>"
        "<dc:creator>Antonin Monteil, Paul Pegon</dc:creator></item></channel></rss>"
    )
    announced = feed.today()
    (record,) = records(announced)
    assert announced.day == date(2024, 2, 23)
    assert record.announcements == (Announcement(date(2024, 2, 23), AnnounceKind.REPLACE_CROSS),)
    assert record.abstract == "We consider problems."
    assert record.categories == ("math.AP", "math.OC")
    assert record.doi == "10.5802/jep.257"
    assert record.venue == "Tome 11 (2024), pp. 431-472"
    assert [a.name for a in record.authors] == ["Antonin Monteil", "Paul Pegon"]


def test_an_item_that_cannot_be_used_is_reported_and_the_others_are_taken(
    replay: Replay, feed: AnnouncementFeed
) -> None:
    replay.script(
        replay.feed(
            replay.entry("2508.00001v1", "hype"),
            replay.entry("not-an-id!"),
            replay.entry("2508.00002v1", title=""),
            replay.entry("2508.00003v1"),
        )
    )
    items = feed.today().items
    assert [isinstance(item, RecordError) for item in items] == [True, True, True, False]
    assert "announce_type" in str(items[0])


def test_an_error_in_the_form_of_a_feed_is_an_error(
    replay: Replay, feed: AnnouncementFeed, answer: Callable[..., Answer]
) -> None:
    replay.script(
        answer(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>Feed error for query: cs.XX</title>"
            "<subtitle>Bad archive 'cs.XX'</subtitle></feed>",
            status=400,
        )
    )
    with pytest.raises(SourceError, match="Bad archive 'cs.XX'"):
        feed.today()


@pytest.mark.parametrize(
    ("set", "path"),
    [
        ("cs", "/atom/cs"),
        ("cs:cs", "/atom/cs"),
        ("cs:cs:CL", "/atom/cs.CL"),
        ("physics:hep-th", "/atom/hep-th"),
        ("physics:astro-ph:CO", "/atom/astro-ph.CO"),
    ],
)
def test_each_set_has_its_feed(replay: Replay, arxiv: Callable[..., Arxiv], set: str, path: str) -> None:
    replay.script(replay.feed())
    arxiv(sets=(set,)).feeds[0].today()
    assert replay.requests[0].path == path


def test_the_recorded_feed(replay: Replay, feed: AnnouncementFeed) -> None:
    replay.script(replay.recorded("arxiv_rss/arxiv_rss_example.xml"))
    announced = feed.today()
    found = records(announced)
    assert announced.day == date(2025, 8, 20)
    assert [str(r.id) for r in found] == [
        "2508.13426", "2508.13428", "2508.13429", "2508.13434", "2508.13435", "2508.14001", "2508.14002",
    ]  # fmt: skip
    assert [r.announcements[0].kind.value for r in found] == ["cross"] * 5 + ["new"] * 2
    assert [a.name for a in found[2].authors] == ["Paulo André Lima de Castro"]
    assert found[2].categories == ("q-fin.CP", "cs.AI")
    assert found[3].abstract.startswith("Time series forecasting plays a vital role")
    assert "$1.13\\times$" in found[3].abstract
