from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from broadsheet.index import fields
from broadsheet.index.contract import AnyOf, Filter, Without, Words
from broadsheet.index.local import LocalIndex
from broadsheet.index.queries import Queries
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Paper, PaperType

ALL = {"2603.00001", "2603.00002", "hep-th/9901001", "10.1145/3292500"}


def found(snapshot: LocalSnapshot, *terms: str, filter: Filter | None = None, **words: Any) -> list[str]:
    asked = Words(terms=terms, **words)
    counted = snapshot.count(asked, filter=filter or Filter())
    hits = [str(s.id) for s in snapshot.words(asked, k=10, filter=filter or Filter())]
    assert counted == len(hits) == snapshot.count(asked, filter=filter or Filter())
    return hits


def test_title_counts_more_than_abstract(snapshot: LocalSnapshot) -> None:
    assert found(snapshot, "tensor") == ["2603.00001", "2603.00002"]


@pytest.mark.parametrize(
    ("typed", "id"),
    [
        ("FACTORISATIONS", "2603.00001"),
        ("Schrodinger", "2603.00001"),
        ("schrödinger", "2603.00001"),
        ("uznanski", "2603.00002"),
        ("maldacena", "hep-th/9901001"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("10.1145/3292500", "10.1145/3292500"),
    ],
)
def test_stems_accents_names_and_ids_are_found(snapshot: LocalSnapshot, typed: str, id: str) -> None:
    assert found(snapshot, typed)[0] == id


def test_phrase_must_stand_as_it_is(snapshot: LocalSnapshot) -> None:
    assert found(snapshot, phrases=("message passing",)) == ["2603.00002"]
    assert found(snapshot, phrases=("passing message",)) == []


def test_excluded_words_and_phrases_do_not_occur(snapshot: LocalSnapshot) -> None:
    assert found(snapshot, "tensor", excluded=("survey",)) == ["2603.00001"]
    assert found(snapshot, "tensor", excluded=("least squares",)) == ["2603.00002"]


def test_only_excluded_words_list_the_rest_newest_first(snapshot: LocalSnapshot) -> None:
    assert found(snapshot, excluded=("survey",)) == ["2603.00001", "hep-th/9901001", "10.1145/3292500"]


def test_stop_words_count_only_when_alone(snapshot: LocalSnapshot) -> None:
    assert found(snapshot, "the", "branes") == ["hep-th/9901001"]
    assert set(found(snapshot, "the")) == {"2603.00001", "hep-th/9901001"}


def test_signs_alone_find_nothing(snapshot: LocalSnapshot) -> None:
    assert found(snapshot, "+++") == []
    assert found(snapshot, phrases=("?",)) == []


@pytest.mark.parametrize(
    ("filter", "ids"),
    [
        (Filter(), ALL),
        (Filter(categories=("cs",)), {"2603.00001", "2603.00002"}),
        (Filter(categories=("CS.lg",)), {"2603.00001"}),
        (Filter(categories=("stat", "hep-th")), {"2603.00001", "hep-th/9901001"}),
        (Filter(categories=("c",)), set()),
        (Filter(authors=("castro",)), {"2603.00001", "2603.00002"}),
        (Filter(authors=("lima-de-castro",)), {"2603.00001"}),
        (Filter(authors=("lima",)), set()),
        (Filter(types=(PaperType.SURVEY, PaperType.THEORY)), {"2603.00002", "hep-th/9901001"}),
        (Filter(has_code=True), {"2603.00001"}),
        (Filter(has_code=False), ALL - {"2603.00001"}),
        (Filter(since=date(2026, 3, 3)), {"2603.00002"}),
        (Filter(until=date(2026, 3, 2)), {"2603.00001", "hep-th/9901001"}),
        (Filter(since=date(2026, 3, 2), until=date(2026, 3, 2)), {"2603.00001"}),
        (Filter(categories=("cs",), has_code=False), {"2603.00002"}),
        (Filter(where=Without(Filter(categories=("cs",)))), {"hep-th/9901001", "10.1145/3292500"}),
        (
            Filter(where=Without(AnyOf((Filter(categories=("hep-th",)), Filter(types=(PaperType.SURVEY,)))))),
            {"2603.00001", "10.1145/3292500"},
        ),
        (Filter(categories=("cs",)).narrowed(Filter(categories=("stat.ML",))), {"2603.00001"}),
        (Filter(since=date(2026, 3, 1)).narrowed(Filter(until=date(2026, 3, 2))), {"2603.00001"}),
    ],
)
def test_filter_passes_what_it_says(snapshot: LocalSnapshot, filter: Filter, ids: set[str]) -> None:
    assert set(found(snapshot, filter=filter)) == ids


def test_filters_add_nothing_to_scores(snapshot: LocalSnapshot) -> None:
    words = Words(terms=("tensor",))
    plain = {s.id: s.score for s in snapshot.words(words, k=10)}
    filtered = {s.id: s.score for s in snapshot.words(words, k=10, filter=Filter(has_code=True))}
    assert [plain[id] for id in filtered] == pytest.approx(list(filtered.values()))


def test_equal_scores_are_in_order_of_ids(
    index: LocalIndex, publish: Callable[..., Any], paper: Callable[..., Paper]
) -> None:
    publish([paper(f"2603.0000{n}", "Same title") for n in (3, 1, 2)])
    hits = index.snapshot().words(Words(terms=("same",)), k=3)
    assert [str(s.id) for s in hits] == ["2603.00001", "2603.00002", "2603.00003"]


def test_alias_names_its_paper(
    index: LocalIndex, publish: Callable[..., Any], paper: Callable[..., Paper]
) -> None:
    publish([paper("2603.00001", "One"), paper("2603.00002", "Two", aliases=["10.1145/3292500.3330701"])])
    hits = index.snapshot().words(Words(terms=("10.1145/3292500.3330701",)), k=1)
    assert [str(s.id) for s in hits] == ["2603.00002"]


def test_key_phrases_are_searched(
    index: LocalIndex, publish: Callable[..., Any], paper: Callable[..., Paper]
) -> None:
    publish([paper("2603.00001", "One", keyphrases=["tropical geometry"]), paper("2603.00002", "Two")])
    hits = index.snapshot().words(Words(phrases=("tropical geometry",)), k=2)
    assert [str(s.id) for s in hits] == ["2603.00001"]


def test_analysis_keeps_the_place_of_each_word(snapshot: LocalSnapshot) -> None:
    text = "Schrödinger’s “naïve” factorisations"
    tokens = snapshot.analyse(text)
    assert [text[t.start : t.end] for t in tokens] == ["Schrödinger", "s", "naïve", "factorisations"]
    assert tokens[3].stem == snapshot.analyse("FACTORISATION")[0].stem


def test_frequency_is_the_number_of_papers(snapshot: LocalSnapshot) -> None:
    assert snapshot.frequencies(["tensor", "xyzzy"]) == {"tensor": 2, "xyzzy": 0}


def test_mistyped_word_is_mended_by_the_archive(snapshot: LocalSnapshot) -> None:
    assert snapshot.suggestion("factorisatoin") == "factorisation"  # one slip: neighbours swapped
    assert snapshot.suggestion("factorizatoin") == "factorisation"  # two
    assert snapshot.suggestion("factorizatoins") is None  # three
    assert snapshot.suggestion("Maldacina") == "maldacena"
    assert snapshot.suggestion("tensor") is None
    assert snapshot.suggestion("xyzzy") is None


def test_of_neighbours_in_very_many_papers_only_the_rarest_are_looked_for() -> None:
    asked = Words(terms=("graph", "neural", "network"))

    def pairs(frequency: Callable[[str], int] | None) -> list[str]:
        query = repr(Queries(fields.schema(), frequency=frequency).ranked(asked, Filter()))
        return [
            two for two in ("graph.*neural", "neural.*network") if re.search(f"PhraseQuery[^}}]*{two}", query)
        ]

    assert pairs(None) == pairs(lambda _: 50_000) == ["graph.*neural", "neural.*network"]
    many = {"graph": 60_000, "neural": 300_000, "network": 500_000}
    assert pairs(many.__getitem__) == ["graph.*neural"]


def test_abbreviation_is_no_formula(
    index: LocalIndex, publish: Callable[..., Any], paper: Callable[..., Paper]
) -> None:
    publish([paper("2603.00001", "One", "Where x y stand."), paper("2603.00002", "Two")])

    def score(*terms: str) -> float:
        return index.snapshot().words(Words(terms=terms), k=1)[0].score

    assert score("x<y") > score("x", "y")
    assert score("x.y.,") == pytest.approx(score("x", "y"))


def test_neighbours_count_twice_as_much_in_a_text_of_more_than_twenty_words(
    index: LocalIndex, publish: Callable[..., Any], paper: Callable[..., Paper]
) -> None:
    publish(
        [
            paper("2603.00001", "One", "Of neural graph lore."),
            paper("2603.00002", "Two", "Of graph neural lore."),
        ]
    )

    def lead(*terms: str) -> float:
        first, second = index.snapshot().words(Words(terms=terms), k=2)
        assert str(first.id) == "2603.00002"
        return first.score - second.score

    others = [f"absent{n}" for n in range(19)]
    assert lead("graph", "neural", *others) == pytest.approx(2 * lead("graph", "neural", *others[1:]))
