from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

from broadsheet.index.contract import Encoder, Vectors
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Paper
from broadsheet.rank import search as ranking
from broadsheet.rank.query import parse
from broadsheet.rank.search import Ranked, search, words_weight

Hashing = Callable[..., Encoder]
Make = Callable[..., Paper]
Indexed = Callable[..., LocalSnapshot]


def ask(snapshot: LocalSnapshot, text: str, **options: Any) -> Ranked:
    return search(snapshot, parse(text, today=date(2026, 3, 31)), **options)


def ids(ranked: Ranked) -> list[str]:
    return [str(hit.id) for hit in ranked.hits]


class Meanings:
    """An encoder that knows what some texts mean: one axis a meaning."""

    def __init__(self, name: str, meanings: dict[str, Sequence[float]]) -> None:
        self.name = name
        self.dim = 64
        self._meanings = meanings

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for part, meaning in self._meanings.items():
                if part in text:
                    rows[row, : len(meaning)] += meaning
        unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-9))
        return unit


@pytest.fixture
def cars(indexed: Indexed, paper: Make) -> tuple[LocalSnapshot, Encoder]:
    encoder = Meanings("meanings", {"car": (1, 0), "automobile": (1, 0.1), "banana": (0, 1)})
    papers = [
        paper("2603.00001", "The automobile industry", "A survey."),
        paper("2603.00002", "Driving a car"),
        paper("2603.00003", "On the banana"),
    ]
    return indexed(papers, encoder), encoder


def test_meaning_finds_what_words_do_not(cars: tuple[LocalSnapshot, Encoder]) -> None:
    snapshot, encoder = cars
    assert ids(ask(snapshot, "car")) == ["2603.00002"]
    ranked = ask(snapshot, "car", fast=encoder)
    assert ids(ranked)[:2] == ["2603.00002", "2603.00001"]
    # Words weigh 0.8 beside vectors of the usual spread of 0.3; these lie 1 apart.
    share = 0.8 / (0.8 + 0.2 * (1 / 0.3) ** 0.5)
    assert [hit.words_share for hit in ranked.hits[:2]] == [pytest.approx(share), 0]
    assert (ranked.encoder, ranked.coverage, ranked.total) == ("meanings", 1, 3)


def test_excluded_words_bind_meaning_too(cars: tuple[LocalSnapshot, Encoder]) -> None:
    snapshot, encoder = cars
    assert ids(ask(snapshot, "car -survey", fast=encoder)) == ["2603.00002", "2603.00003"]
    assert ids(ask(snapshot, 'car "banana"', fast=encoder)) == ["2603.00003"]


def test_filter_alone_lists_the_newest_first(indexed: Indexed, paper: Make, hashing: Hashing) -> None:
    papers = [paper(f"2603.0000{n}", "Same", day=f"2026-03-0{n}") for n in (2, 3, 1)]
    ranked = ask(indexed(papers, hashing()), "cat:cs", fast=hashing(), k=2)
    assert ids(ranked) == ["2603.00003", "2603.00002"]
    assert (ranked.total, ranked.encoder) == (3, None)


def test_mistyped_word_is_searched_as_meant_and_told(indexed: Indexed, paper: Make, hashing: Hashing) -> None:
    snapshot = indexed([paper("2603.00001", "Tensor factorisation"), paper("2603.00002", "Other")], hashing())
    ranked = ask(snapshot, "tensro", fast=hashing())
    assert ids(ranked)[0] == "2603.00001"
    assert ranked.words.terms == ("tensro", "tensor")
    assert "“tensor”" in ranked.notes[0]


def test_phrase_that_nobody_wrote_is_searched_word_by_word(indexed: Indexed, paper: Make) -> None:
    snapshot = indexed([paper("2603.00001", "Tensor methods, trained"), paper("2603.00002", "Other")])
    ranked = ask(snapshot, '"tensor train"')
    assert ids(ranked) == ["2603.00001"]
    assert "one by one" in ranked.notes[0]


def test_pages_are_cut_from_one_list(indexed: Indexed, paper: Make, hashing: Hashing) -> None:
    papers = [paper(f"2603.{n:05}", f"Tensor {'tensor ' * (n % 7)}number {n}") for n in range(60)]
    snapshot = indexed(papers, hashing())
    whole = ask(snapshot, "tensor number", fast=hashing(), k=60)
    assert len(set(ids(whole))) == 60
    assert ids(ask(snapshot, "tensor number", fast=hashing(), k=20)) == ids(whole)[:20]


def test_without_any_vectors_words_decide_and_it_says_so(
    indexed: Indexed, paper: Make, hashing: Hashing
) -> None:
    ranked = ask(indexed([paper("2603.00001", "Tensor")]), "tensor", fast=hashing(), better=hashing("b"))
    assert (ids(ranked), ranked.encoder, ranked.coverage) == (["2603.00001"], None, 0)


@pytest.fixture
def half(indexed: Indexed, paper: Make) -> tuple[LocalSnapshot, Encoder, Encoder]:
    """60 papers; only the better encoder tells numbers 1 and 2 from the others, and it knows the first half."""
    titles = {n: f"Paper p{n:02}p" for n in range(60)}
    fast = Meanings("fast", {"query": (1, 0), **{f"p{n:02}p": (1, 0.2 + n / 60) for n in range(60)}})
    better = Meanings(
        "better",
        {
            "query": (1, 0),
            **{f"p{n:02}p": (1, 0.5 + n / 60) for n in range(60)},
            "p01p": (1, 4.0),
            "p20p": (1, 0.0),
        },
    )
    papers = [paper(f"2603.{n:05}", title) for n, title in titles.items()]
    return indexed(papers, fast, partly=[(better, [*papers[::2], papers[1]])]), fast, better


def test_better_scores_count_where_there_are_any_and_others_are_translated(
    half: tuple[LocalSnapshot, Encoder, Encoder],
) -> None:
    snapshot, fast, better = half
    ranked = ask(snapshot, "query", fast=fast, better=better, k=60)
    order = ids(ranked)
    assert ranked.encoder == "better"
    assert ranked.coverage == pytest.approx(31 / 60)
    assert order[0] == "2603.00020"  # 21st by the fast vectors, first by the better ones
    assert order[-1] == "2603.00001"  # second by the fast vectors, last by the better ones
    # The others stand in each other's order, whichever encoder knows them.
    places = [int(id[-2:]) for id in order if id not in {"2603.00020", "2603.00001"}]
    moved = [abs(a - b) for a, b in zip(places, sorted(places), strict=True)]
    assert np.mean(moved) < 3  # places of 60; in a random order it would be 20


def test_words_count_less_the_more_the_better_encoder_knows() -> None:
    weights = [words_weight(share / 10) for share in range(11)]
    assert weights == sorted(weights, reverse=True)
    assert (weights[0], weights[-1]) == (0.8, 0.5)


@pytest.mark.parametrize("typed", ["alpha beta", '"alpha beta"', "cat:cs", "beta -gamma"])
def test_pages_neither_repeat_nor_skip_a_paper(
    indexed: Indexed, paper: Make, hashing: Hashing, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr(ranking, "_DEPTHS", (10, 25, 40))
    words = ["alpha", "beta", "gamma", "delta", "alpha beta", "epsilon"]
    papers = [
        paper(
            f"2603.{n:05}",
            " ".join(words[(n * m) % 6] for m in range(1, 5)),
            " ".join(words[(n + m * m) % 6] for m in range(n % 7)),
            day=f"2026-03-{n % 3 + 1:02}",
        )
        for n in range(1, 90)
    ]
    encoder = hashing()
    snapshot = indexed(papers, encoder)
    whole = ids(ask(snapshot, typed, fast=encoder, k=40))
    for k in range(5, 40, 5):
        assert ids(ask(snapshot, typed, fast=encoder, k=k)) == whole[:k]
    assert len(set(whole)) == len(whole) >= 25
