from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.ids import PaperId
from broadsheet.model import Counter, VoteReading
from broadsheet.rank.trending import Doing, Part, Signal, arrivals, trending, voices

NOW = datetime(2026, 3, 10, tzinfo=UTC)
DAY = timedelta(days=1)
VOTES = Counter(name="votes", label="There", unit="vote", worth=1.0)


def ago(days: float) -> datetime:
    return NOW - days * DAY


def test_signal_is_worth_half_after_a_half_life() -> None:
    score = trending([Signal("votes", 8, ago(2), ago(2))], now=NOW, half_life=DAY)
    assert score.value == 2.0
    assert score.parts == (Part("votes", 8, 2.0),)


def test_votes_that_came_over_a_day_are_worth_the_mean_of_that_day() -> None:
    # The integral of 2^-t from 0 to 1 is (1 - 1/2) / ln 2 = 0.72135.
    score = trending([Signal("votes", 4, ago(1), NOW)], now=NOW, half_life=DAY)
    assert score.value == pytest.approx(4 * 0.7213475)


def test_every_score_is_the_sum_of_its_parts_by_kind() -> None:
    score = trending(
        [
            Signal("votes", 2, NOW, NOW),
            Signal("saves", 3, ago(1), ago(1)),
            Signal("votes", 4, ago(1), ago(1)),
        ],
        now=NOW,
        half_life=DAY,
    )
    assert score.parts == (Part("saves", 3, 1.5), Part("votes", 6, 4.0))
    assert score.value == 5.5


def test_order_does_not_depend_on_the_moment() -> None:
    few_new, many_old = Signal("votes", 5, ago(1), NOW), Signal("votes", 30, ago(6), ago(3))
    for later in (NOW, NOW + 30 * DAY):
        new, old = (trending([s], now=later, half_life=2 * DAY).value for s in (few_new, many_old))
        # 6 · (2^-1.5 − 2^-3) / 1.5 over (1 − 2^-0.5) / 0.5 = 0.91421 / 0.58579
        assert old / new == pytest.approx(1.5607, abs=1e-4)


def test_what_came_after_the_moment_counts_as_coming_then() -> None:
    assert trending([Signal("votes", 3, ago(-1), ago(-2))], now=NOW, half_life=DAY).value == 3.0


def test_nothing_given_is_nothing() -> None:
    assert trending([], now=NOW, half_life=DAY).value == 0
    assert arrivals([], of=VOTES, since=NOW) == ()


def test_readings_tell_between_which_moments_votes_came() -> None:
    readings = [VoteReading(ago(1), 12), VoteReading(ago(3), 10), VoteReading(NOW, 12)]
    assert arrivals(readings, of=VOTES, since=ago(4)) == (
        Signal("votes", 10, ago(4), ago(3)),
        Signal("votes", 2, ago(3), ago(1)),
    )


def test_votes_taken_back_are_not_counted() -> None:
    readings = [VoteReading(ago(3), 10), VoteReading(ago(2), 12), VoteReading(ago(1), 7)]
    assert arrivals(readings, of=VOTES, since=ago(4)) == (Signal("votes", 7, ago(4), ago(3)),)


def test_reading_older_than_the_paper_s_day_begins_with_itself() -> None:
    assert arrivals([VoteReading(ago(5), 4)], of=VOTES, since=ago(4)) == (Signal("votes", 4, ago(5), ago(5)),)


def test_of_a_counter_of_growth_what_was_there_first_is_not_the_papers() -> None:
    stars = Counter(name="stars", label="GitHub", unit="star", worth=0.02, growth=True)
    readings = [VoteReading(ago(2), 80_000, "stars"), VoteReading(NOW, 80_050, "stars")]
    signals = arrivals(readings, of=stars, since=ago(4))
    assert signals == (Signal("stars", 50, ago(2), NOW, weight=0.02),)
    # Over two half-lives the mean of 2^-t is (1 - 1/4) / (2 ln 2) = 0.54101.
    score = trending(signals, now=NOW, half_life=DAY)
    assert score.value == pytest.approx(50 * 0.02 * 0.54101, rel=1e-4)
    assert arrivals(readings[:1], of=stars, since=ago(4)) == ()


def doing(paper: str, reader: str, kind: str = "votes", at: datetime = NOW) -> Doing:
    return Doing(PaperId(paper), kind, reader, at)


def worth(doings: list[Doing], paper: str, **joined: datetime) -> float:
    signals = voices(doings, joined=joined).get(PaperId(paper), ())
    return trending(signals, now=NOW, half_life=timedelta(days=2)).value


def test_a_reader_counts_once_for_a_paper_and_kind() -> None:
    often = [doing("a", "ada", "reads", NOW - timedelta(minutes=n)) for n in range(50)]
    assert worth(often, "a") == pytest.approx(0.1, rel=0.02)
    both = [doing("a", "ada"), doing("a", "ada", "saves"), doing("a", "bob")]
    assert worth(both, "a") == pytest.approx(2.7)


def test_whoever_votes_for_everything_has_no_more_to_give_out() -> None:
    crowd = [doing(f"p{n}", "eve") for n in range(100)]
    assert worth(crowd, "p0") == pytest.approx(0.2)
    assert sum(worth(crowd, f"p{n}") for n in range(100)) == pytest.approx(20)
    assert worth([doing(f"p{n}", "ada") for n in range(20)], "p0") == 1


def test_a_new_account_begins_with_a_small_voice() -> None:
    votes = [doing("a", "new")]
    assert worth(votes, "a", new=NOW) == pytest.approx(0.2)
    assert worth(votes, "a", new=NOW - timedelta(days=3.5)) == pytest.approx(0.6)
    assert worth(votes, "a", new=NOW - timedelta(days=30)) == 1
    assert worth(votes, "a") == 1  # the house's own reader


def test_fifty_accounts_of_today_weigh_less_than_twenty_old_ones() -> None:
    brigade = [doing("a", f"new{n}") for n in range(50)]
    regulars = [doing("b", f"old{n}") for n in range(20)]
    joined = {f"new{n}": NOW for n in range(50)} | {f"old{n}": NOW - timedelta(days=60) for n in range(20)}
    found = voices(brigade + regulars, joined=joined)
    half_life = timedelta(days=2)
    values = [trending(found[PaperId(paper)], now=NOW, half_life=half_life).value for paper in ("a", "b")]
    assert values == [pytest.approx(10), pytest.approx(20)]
