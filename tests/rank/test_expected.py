"""Expected interest: what it looks at, what it learns, what it promises, and how far authors carry."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Author, Record, VoteReading
from broadsheet.rank import expected, expected_file, expected_traits
from broadsheet.rank.expected_authors import Past, Standing
from broadsheet.rank.expected_days import as_of, examples_of, listed
from broadsheet.rank.expected_fit import Example, learn
from broadsheet.rank.expected_linear import Rows, fit_logistic

START = date(2025, 6, 2)


def record(
    number: int,
    title: str,
    abstract: str = "",
    *,
    authors: Sequence[str] = ("Ada",),
    categories: Sequence[str] = ("cs.LG",),
    comment: str | None = None,
    day: date = START,
    votes: Sequence[VoteReading] = (),
) -> Record:
    return Record(
        id=PaperId(f"2506.{number:05}"),
        title=title,
        abstract=abstract,
        source="test",
        authors=tuple(map(Author, authors)),
        categories=tuple(categories),
        comment=comment,
        announcements=(Announcement(day),),
        readings=tuple(votes),
    )


def past_days(*, days: int = 40) -> list[Example]:
    """Ten papers a day. Of those on agents three in four are listed, of those on matroids one in twenty."""
    dice = random.Random(5)
    found = []
    for number in range(days * 10):
        day = START + timedelta(days=number // 10)
        agents = number % 2 == 0
        won = dice.random() < (0.75 if agents else 0.05)
        title = f"On {'agents' if agents else 'matroids'} of {dice.choice(('red', 'green', 'blue'))} kind"
        found.append(
            Example(
                record(number, title, "We study them.", authors=(f"Author {number % 37}",), day=day),
                day,
                8 if won else None,
            )
        )
    return found


@pytest.fixture(scope="module")
def model() -> expected.Interest:
    examples = past_days()
    past = [
        Past(
            tuple(author.key for author in example.record.authors),
            example.day,
            None if example.votes is None else example.day + timedelta(days=1),
        )
        for example in examples
    ]
    return learn(examples, past, facts={"until": "2025-07-11"})


def test_traits_are_words_pairs_of_the_title_categories_and_form() -> None:
    found = expected_traits.traits(
        record(
            7,
            "SkyNet: Planning Agents",
            "We release a 7B model. Code: https://github.com/sky/net",
            authors=("A", "B", "C"),
            categories=("cs.AI", "cs.LG"),
            comment="Accepted to CoRL",
        ),
        place=0.55,
    )
    assert found["t"] == {"skynet": 1, "planning": 1, "agents": 1, "skynet planning": 1, "planning agents": 1}
    assert found["a"]["release"] == 1
    assert "github" not in found["a"], "an address is no word"
    assert set(found["c"]) == {"cs.AI", "cs.LG"}
    assert set(found["p"]) == {"cs.AI"}
    assert {
        "code on GitHub",
        "accepted somewhere",
        "a name before the title's colon",
        "parameters counted in the abstract",
        "3 authors or more",
    } <= set(found["f"])
    assert "4 authors or more" not in found["f"]
    assert set(found["i"]) == {"1", "2", "3", "4", "5"}


def test_neither_the_collector_nor_what_came_later_is_a_trait() -> None:
    plain = record(7, "Agents", "Text.")
    later = Record(
        id=plain.id,
        title=plain.title,
        abstract=plain.abstract,
        source="another collector",
        authors=plain.authors,
        categories=plain.categories,
        announcements=plain.announcements,
        readings=(VoteReading(datetime(2025, 7, 1, tzinfo=UTC), 90),),
        featured=date(2025, 6, 4),
    )
    assert expected_traits.traits(plain, place=0.2) == expected_traits.traits(later, place=0.2)


def test_places_are_shares_of_lower_ids_of_the_day() -> None:
    ids = [PaperId("2506.00009"), PaperId("2506.00002"), PaperId("hep-th/9901001"), PaperId("2506.00005")]
    assert expected_traits.places(ids) == [pytest.approx(2 / 3), 0.0, None, pytest.approx(1 / 3)]


def test_forecasts_are_made_for_computer_science_and_its_kin() -> None:
    kinds = ("cs.CV", "eess.IV", "stat.ML", "stat.ME", "math.CO", "astro-ph")
    assert [expected.eligible(record(1, "x", categories=(kind,))) for kind in kinds] == [True] * 3 + [
        False
    ] * 3
    assert not expected.eligible(record(1, "x", categories=()))


def test_what_was_listed_often_is_expected_and_the_word_is_the_reason(model: expected.Interest) -> None:
    agents, matroids = model.forecast(
        [record(1, "On agents of red kind"), record(2, "On matroids of red kind")]
    )
    assert agents.probability == pytest.approx(0.75, abs=0.1)
    assert matroids.probability == pytest.approx(0.05, abs=0.06)
    assert agents.said in {"about 7 in 10", "about 8 in 10"}
    assert "agents" in agents.reasons[0].text
    assert agents.reasons[0].factor > 1
    assert all("kind" not in reason.text.split() for reason in agents.reasons), (
        "all of the day have that word"
    )


def test_what_is_known_of_authors_multiplies_the_odds_by_four_at_most(model: expected.Interest) -> None:
    famous = [Past(("star",), START, START + timedelta(days=1)) for _ in range(200)]
    standing = Standing(famous)
    standing.upto(START + timedelta(days=60))
    day = [record(1, "On matroids of red kind", authors=("Star",)), record(2, "On agents of red kind")]
    part = model.authors_part(expected.author_rows(day, standing)) * model.full_calibration.slope
    assert np.abs(part).max() <= math.log(expected.AUTHORS_AT_MOST) + 1e-9
    by_star, by_topic = model.forecast(day, standing=standing)
    assert by_topic.probability > by_star.probability, "fame alone must not decide"


def test_without_any_listing_authors_count_for_nothing(model: expected.Interest) -> None:
    standing = Standing([Past(("ada",), START)])
    standing.upto(START + timedelta(days=9))
    (told,) = model.forecast([record(1, "On agents")], standing=standing)
    assert told.probability == told.without_authors


def test_steps_of_one_number_are_one_reason(model: expected.Interest) -> None:
    many = tuple(f"Author {n}" for n in range(12))
    day = [record(1, "On agents of red kind", authors=many), record(2, "On agents of red kind")]
    for told in model.forecast(day, reasons=50):
        assert len({(reason.group, reason.text) for reason in told.reasons}) == len(told.reasons)
        assert not any("or more" in reason.said for reason in told.reasons)


def test_an_empty_day_has_no_forecasts(model: expected.Interest) -> None:
    assert model.forecast([]) == ()


def test_standing_counts_only_what_was_before_the_day() -> None:
    standing = Standing(
        [Past(("ada", "bob"), date(2025, 6, 1), date(2025, 6, 3)), Past(("ada",), date(2025, 6, 3))]
    )
    standing.upto(date(2025, 6, 3))
    assert standing.listings == 0
    assert standing.traits(["ada"]).tolist() == pytest.approx([0, 0, 0, 0, 0, 0, math.log(2)])
    standing.upto(date(2025, 6, 4))
    # Ada: one of two papers listed, and three unseen ones in our eyes; Cy is unknown.
    assert standing.traits(["ada", "cy"]).tolist() == pytest.approx(
        [math.log(2), 0.1, 0.1, 0.5, 0.2, 0.0, math.log(2)]
    )


def test_nothing_after_the_last_day_is_learnt_from() -> None:
    until = date(2025, 6, 20)
    early, late = datetime(2025, 6, 5, tzinfo=UTC), datetime(2025, 6, 21, tzinfo=UTC)
    records = [
        record(1, "counted in time", votes=(VoteReading(early, 3), VoteReading(late, 50))),
        record(2, "counted too late", votes=(VoteReading(late, 9),)),
        record(3, "too young to tell", day=date(2025, 6, 14)),
        record(4, "before anybody counted", day=date(2025, 5, 1)),
        record(5, "of another field", categories=("math.CO",)),
        record(6, "counted by another counter", votes=(VoteReading(early, 900, "hackernews"),)),
    ]
    found = examples_of([as_of(each, until) for each in records], until)
    assert [(each.record.title, each.votes) for each in found] == [
        ("counted in time", 3),
        ("counted too late", None),
        ("counted by another counter", None),
    ]
    assert listed(records[0]) == date(2025, 6, 5)


def test_too_little_teaches_nothing() -> None:
    with pytest.raises(InputError, match="at least 100"):
        learn(past_days(days=3), [], facts={})


def test_the_file_keeps_the_forecasts_and_the_facts(model: expected.Interest) -> None:
    again = expected_file.from_bytes(expected_file.to_bytes(model), name="m.npz")
    day = [record(1, "On agents of red kind"), record(2, "On matroids of blue kind")]
    for before, after in zip(model.forecast(day), again.forecast(day), strict=True):
        assert after.probability == pytest.approx(before.probability, abs=2e-3)
    assert again.facts == {"until": "2025-07-11"}


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut off", b"no archive at all"])
def test_a_damaged_file_is_refused_by_name(damage: bytes) -> None:
    with pytest.raises(InputError, match=r"m\.npz"):
        expected_file.from_bytes(damage, name="m.npz")


def test_what_ships_says_what_it_is_and_names_no_author() -> None:
    model = expected_file.shipped()
    assert {"made", "since", "until", "data", "licence", "limits", "papers", "listed"} <= set(model.facts)
    assert {name[0] for name in model.vocabulary.names} <= set(expected.SCALES)
    (told,) = model.forecast(
        [
            record(
                1,
                "AgentBench: Multimodal Language Models as Agents",
                "We release a benchmark of large language models that act as agents. https://agent.github.io",
                categories=("cs.CL",),
                authors=("A", "B", "C", "D", "E", "F"),
            )
        ]
    )
    (other,) = model.forecast([record(1, "Fault detection in power grids", categories=("eess.SY",))])
    assert told.probability > 0.2
    assert other.probability < 0.05


def test_the_line_is_where_a_reference_puts_it() -> None:
    """One column, four points, weights: the minimum is checked by its gradient, worked out here by hand."""
    x = np.array([-1.0, 0.0, 1.0, 2.0])
    hits = np.array([False, True, False, True])
    importance = np.array([1.0, 2.0, 1.0, 0.5])
    rows = Rows(
        np.arange(4, dtype=np.int32), np.zeros(4, dtype=np.int32), x.astype(np.float32), count=4, width=1
    )
    line = fit_logistic(rows, hits, importance=importance, ridge=0.3, steps=500)
    odds = x * line.weights[0] + line.constant
    errors = importance * (1 / (1 + np.exp(-odds)) - hits)
    assert float(errors @ x + 0.3 * line.weights[0]) == pytest.approx(0, abs=1e-3)
    assert float(errors.sum()) == pytest.approx(0, abs=1e-3)
