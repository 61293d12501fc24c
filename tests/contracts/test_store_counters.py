"""Contract of the store: counters, and their readings apart from each other."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from broadsheet.ids import PaperId
from broadsheet.model import AnnounceKind, Counter, Record, VoteReading
from broadsheet.store.contract import Outline, Store, Taken
from broadsheet.store.counters import Told

Rec = Callable[..., Record]
Take = Callable[..., Taken]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
DAY = date(2026, 3, 2)
A, B = PaperId("2603.00001"), PaperId("2603.00002")
HF = Counter(name="huggingface", label="Hugging Face", unit="upvote", worth=1.0)
STARS = Counter(name="stars", label="GitHub", unit="star", worth=0.02, growth=True)


def test_hugging_face_is_known_from_the_beginning(store: Store) -> None:
    assert dict(store.counters.known()) == {"huggingface": Told(counter=HF)}


def test_a_counter_keeps_the_worth_that_it_was_given(store: Store) -> None:
    store.counters.describe(STARS)
    store.counters.weigh("stars", 0.5)
    store.counters.describe(Counter(name="stars", label="Codeberg", unit="Stern", worth=3.0))
    assert list(store.counters.known()) == ["huggingface", "stars"]
    assert store.counters.known()["stars"].counter == Counter(
        name="stars", label="Codeberg", unit="Stern", worth=0.5
    )


def test_what_came_of_the_last_tries_is_known(store: Store) -> None:
    store.counters.describe(STARS)
    store.counters.succeed("stars", now=NOW)
    store.counters.fail("stars", "no ‘answer’: at all", now=NOW + timedelta(hours=1))
    told = store.counters.known()["stars"]
    assert told == Told(
        counter=STARS, counted=NOW, failed=NOW + timedelta(hours=1), error="no ‘answer’: at all"
    )
    assert told.fails
    store.counters.succeed("stars", now=NOW + timedelta(hours=2))
    assert not store.counters.known()["stars"].fails


def readings(store: Store, id: PaperId) -> list[tuple[str, int]]:
    paper = store.get(id)
    assert paper is not None
    return [(r.counter, r.count) for r in paper.record.readings]


def test_readings_of_two_counters_stay_apart_through_merging_folding_and_unfolding(
    store: Store, rec: Rec, take: Take
) -> None:
    late = NOW + timedelta(hours=1)
    take(
        rec("2603.00001", days=["2026-03-02"], readings=(VoteReading(NOW, 3), VoteReading(late, 70, "stars")))
    )
    assert take(rec("2603.00001", readings=(VoteReading(NOW, 3, "stars"),))) == Taken(changed=1)
    assert take(rec("2603.00001", readings=(VoteReading(NOW, 3, "stars"),))) == Taken(unchanged=1)
    assert readings(store, A) == [("huggingface", 3), ("stars", 3), ("stars", 70)]
    assert store.outline(DAY) == (
        Outline(A, AnnounceKind.NEW, votes=VoteReading(NOW, 3), counts=(VoteReading(late, 70, "stars"),)),
    )
    take(rec("2603.00002", days=["2026-03-02"], readings=(VoteReading(NOW, 5, "points"),)))
    assert store.outline(DAY)[1] == Outline(B, AnnounceKind.NEW, counts=(VoteReading(NOW, 5, "points"),))
    store.fold(A, B, now=NOW)
    assert readings(store, B) == [("huggingface", 3), ("stars", 3), ("points", 5), ("stars", 70)]
    store.unfold(B, now=NOW)
    assert readings(store, A) == [("huggingface", 3), ("stars", 3), ("stars", 70)]
    assert readings(store, B) == [("points", 5)]
