"""What a digest holds: chosen from the days asked for, for this reader, and the news of what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote_plus

import numpy as np
import pytest

from broadsheet import wiring
from broadsheet.deliver.digest import Judgement, Pool, gather, make_digest
from broadsheet.deliver.judging import judge_of
from broadsheet.ids import PaperId
from broadsheet.library import Reason
from broadsheet.model import FollowKind, MarkKind, NoticeKind
from broadsheet.text.derive import derive

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
DAY = date(2026, 3, 20)


def nobody(_: str, __: Sequence[PaperId]) -> None:
    """Of no reader anything is known."""


@pytest.fixture
def pool(archive: wiring.Archive) -> Pool:
    return gather(archive.library, [DAY])


def test_pool_is_what_was_new_that_day(archive: wiring.Archive, pool: Pool) -> None:
    assert len(pool.ids) == archive.library.days(DAY, DAY)[0].new
    edition = archive.library.edition(DAY)
    listed = {e.id for s in edition.sections for e in s.entries} | {e.id for e in edition.leads}
    assert set(pool.ids) == listed
    best = max(range(len(pool.ids)), key=lambda n: pool.standing[n])
    assert pool.ids[best] == edition.leads[0].id
    assert np.allclose(np.linalg.norm(pool.vectors, axis=1), 1.0, atol=1e-3)


def test_paper_announced_on_two_days_is_one(archive: wiring.Archive) -> None:
    twice = gather(archive.library, [DAY, DAY])
    assert twice.ids == gather(archive.library, [DAY]).ids


def test_public_digest_opens_with_the_lead_stories_and_says_why(archive: wiring.Archive, pool: Pool) -> None:
    digest = make_digest(archive.library, pool, reader="", judge=nobody)
    leads = archive.library.edition(DAY).leads
    assert [pick.paper.id for pick in digest.picks[: len(leads)]] == [e.id for e in leads]
    assert [pick.why for pick in digest.picks[: len(leads)]] == [e.reason for e in leads]
    assert (len(digest.picks), digest.outside, digest.news, digest.personal) == (10, (), (), False)
    assert max(Counter(p.paper.record.categories[0] for p in digest.picks).values()) <= 5


def judge_by(order: Sequence[PaperId], home: frozenset[str]) -> Callable[..., Judgement]:
    """A reader who likes papers in an order, half of them for one interest."""

    def judge(reader: str, ids: Sequence[PaperId]) -> Judgement:
        assert reader == "me"
        place = {id: n for n, id in enumerate(order)}
        return Judgement(
            scores=np.array([-float(place[id]) for id in ids]),
            interests=np.array([[1.0, 0.0] if place[id] % 2 else [0.0, 1.0] for id in ids]),
            home=home,
            reasons=lambda shown: {id: Reason("like", f"like {id}") for id in shown},
        )

    return judge


def test_readers_digest_follows_what_suits_the_reader(archive: wiring.Archive, pool: Pool) -> None:
    order = sorted(pool.ids, reverse=True)
    home = frozenset(pool.groups)
    digest = make_digest(archive.library, pool, reader="me", judge=judge_by(order, home))
    ids = [pick.paper.id for pick in digest.picks]
    assert ids == sorted(ids, reverse=True)
    assert order[0] in ids
    assert all(pick.why == Reason("like", f"like {pick.paper.id}") for pick in digest.picks)
    assert (digest.outside, digest.personal) == ((), True)


def test_one_paper_comes_from_outside_the_readers_field(archive: wiring.Archive, pool: Pool) -> None:
    order = sorted(pool.ids, key=lambda one: (not pool.groups[pool.ids.index(one)].startswith("cs."), one))
    home = frozenset(group for group in pool.groups if group.startswith("cs."))
    digest = make_digest(archive.library, pool, reader="me", judge=judge_by(order, home))
    (outside,) = digest.outside
    assert not outside.paper.record.categories[0].startswith("cs.")
    assert outside.paper.id not in {pick.paper.id for pick in digest.picks}
    assert "a field that you keep nothing of" in outside.why.text


@pytest.mark.parametrize("kind", [MarkKind.SAVED, MarkKind.READ, MarkKind.HIDDEN, MarkKind.DISLIKED])
def test_what_the_reader_is_done_with_does_not_come_again(
    archive: wiring.Archive, pool: Pool, kind: MarkKind
) -> None:
    lead = archive.library.edition(DAY).leads[0].id
    archive.library.desk("me").mark(lead, kind)
    digest = make_digest(archive.library, pool, reader="me", judge=nobody)
    assert lead not in {pick.paper.id for pick in digest.picks}
    assert lead in {
        pick.paper.id for pick in make_digest(archive.library, pool, reader="", judge=nobody).picks
    }


def test_news_of_what_is_kept_is_told_once(archive: wiring.Archive, pool: Pool) -> None:
    store, desk = archive.store, archive.library.desk("me")
    first, second, third = (archive.library.papers(pool.ids[:3])[id] for id in pool.ids[:3])
    for paper in (first, second, third):
        desk.mark(paper.id, MarkKind.SAVED)
    later = [
        (replace(first.record, withdrawn=True, version=2), NOW),
        (replace(second.record, title="Another Title", version=2), NOW + timedelta(hours=1)),
        (replace(third.record, deleted=True), NOW + timedelta(hours=2)),
    ]
    for record, at in later:
        store.put([(record, derive(record))], now=at)
    digest = make_digest(archive.library, pool, reader="me", judge=nobody)
    assert [(n.id, n.kind, n.paper is None) for n in digest.news] == [
        (third.id, NoticeKind.DELETED, True),
        (second.id, NoticeKind.REVISED, False),
        (first.id, NoticeKind.WITHDRAWN, False),
    ]
    again = make_digest(archive.library, pool, reader="me", judge=nobody, told=NOW + timedelta(hours=1))
    assert [n.id for n in again.news] == [third.id]
    assert make_digest(archive.library, pool, reader="other", judge=nobody).news == ()


def test_paper_by_a_followed_author_is_told_of_once_and_only_if_wanted(
    archive: wiring.Archive, pool: Pool
) -> None:
    chosen = make_digest(archive.library, pool, reader="me", judge=nobody)
    shown = {pick.paper.id for pick in chosen.picks}
    left = [paper for id, paper in archive.library.papers(pool.ids).items() if id not in shown]
    author, other = left[0].record.authors[0], chosen.picks[0].paper.record.authors[0]
    desk = archive.library.desk("me")
    desk.follow(FollowKind.AUTHOR, author.key, author.name)
    desk.follow(FollowKind.AUTHOR, other.key, other.name)
    followed = make_digest(archive.library, pool, reader="me", judge=nobody).followed
    # The other's paper is among the picks already.
    assert [(one.label, one.papers[0][0].id, one.more) for one in followed] == [(author.name, left[0].id, 0)]
    desk.follow(FollowKind.AUTHOR, author.key, author.name, alert=False)
    assert make_digest(archive.library, pool, reader="me", judge=nobody).followed == ()


def test_what_answers_a_saved_search_is_told_of_with_its_reason(archive: wiring.Archive, pool: Pool) -> None:
    chosen = make_digest(archive.library, pool, reader="me", judge=nobody)
    shown = {pick.paper.id for pick in chosen.picks}
    left = [paper for id, paper in sorted(archive.library.papers(pool.ids).items()) if id not in shown]
    desk = archive.library.desk("me")
    desk.follow(FollowKind.SEARCH, f"q={quote_plus(left[0].title)}", "My search")
    desk.follow(FollowKind.SEARCH, "since=soon", "No search any more")
    (found,) = make_digest(archive.library, pool, reader="me", judge=nobody).followed
    assert found.label == "My search"
    assert left[0].id in {paper.id for paper, _ in found.papers}
    assert {paper.id for paper, _ in found.papers} <= set(pool.ids) - shown


def test_saved_papers_choose_the_digest_with_the_papers_like_them_as_reasons(
    archive: wiring.Archive, pool: Pool
) -> None:
    desk = archive.library.desk("me")
    kept = [hit.paper for hit in archive.library.search("diffusion image generation", limit=8).hits]
    for paper in kept:
        if paper.id not in pool.ids:
            desk.mark(paper.id, MarkKind.SAVED)
    digest = make_digest(archive.library, pool, reader="me", judge=judge_of(archive.library))
    assert digest.personal
    titles = [paper.title for paper in kept]
    assert any(title in pick.why.text for pick in digest.picks for title in titles)
    everybody = make_digest(archive.library, pool, reader="other", judge=judge_of(archive.library))
    assert not everybody.personal
    assert [p.paper.id for p in everybody.picks] != [p.paper.id for p in digest.picks]


def test_day_without_papers_is_empty(archive: wiring.Archive) -> None:
    digest = make_digest(archive.library, gather(archive.library, []), reader="me", judge=nobody)
    assert digest.empty
    assert digest.announced == 0
