"""Whatever is asked, both lists hold what the query asks for, and miss nothing of it.

What holds is worked out here from each paper's own text, word by word, without the search engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.index.analysis import spelt, stems
from broadsheet.index.contract import (
    AllOf,
    AnyOf,
    Condition,
    Encoder,
    Filter,
    Holds,
    Named,
    Without,
    Words,
    text_of,
)
from broadsheet.index.local import LocalIndex
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import LinkKind, Paper, PaperType, author_key
from broadsheet.rank.query import parse
from broadsheet.rank.search import search

TODAY = date(2026, 3, 31)
WORDS = ("tensor", "graph", "train", "survey")
AUTHORS = ("Ada Castro", "Paulo Lima de Castro", "Jin Wu", "Eva Graph")
CATEGORIES = (("cs.LG", "stat.ML"), ("cs.CL",), ("math.AG",), ())
TYPES = (PaperType.METHOD, PaperType.SURVEY, PaperType.THEORY)
VENUES = (None, "ICLR 2026", "NeurIPS 2025", "Workshop at ICLR")
DAYS = ("2026-03-01", "2026-03-15", "2025-12-31", None)


@pytest.fixture(scope="module")
def papers(paper: Callable[..., Paper]) -> list[Paper]:
    titles = [" ".join(words) for words in product(WORDS, repeat=2)]
    made = []
    for n, title in enumerate(titles * 3):
        one = paper(
            f"2603.{n:05}",
            title,
            " ".join(WORDS[(n * m + m) % 4] for m in range(1, n % 4)),
            authors=[AUTHORS[n % 4], AUTHORS[(n // 4) % 4]],
            categories=CATEGORIES[(n // 3) % 4],
            day=DAYS[(n // 5) % 4],
            type=TYPES[n % 3],
            code=n % 2 == 0,
            keyphrases=["graph train"] if n % 7 == 0 else [],
        )
        made.append(replace(one, record=replace(one.record, comment=VENUES[(n // 2) % 4])))
    return made


@pytest.fixture(scope="module")
def snapshot(
    tmp_path_factory: pytest.TempPathFactory, papers: Sequence[Paper], hashing: Callable[..., Encoder]
) -> LocalSnapshot:
    index = LocalIndex(tmp_path_factory.mktemp("index"))
    with index.writer(store="store") as writer:
        writer.put(papers)
        for encoder in (hashing(), hashing("other")):
            writer.put_vectors(papers, encoder.encode([text_of(p) for p in papers]), encoder=encoder.name)
        writer.publish(seq=1)
    return index.snapshot()


def occurs(wanted: Sequence[str], texts: Sequence[Sequence[str]]) -> bool:
    size = len(wanted)
    return size > 0 and any(
        list(text[place : place + size]) == list(wanted)
        for text in texts
        for place in range(len(text) - size + 1)
    )


def texts_of(paper: Paper) -> list[list[str]]:
    names = [author.name for author in paper.record.authors]
    return [stems(text) for text in (paper.title, paper.abstract, *names, *paper.derived.keyphrases)]


def holds(condition: Condition, paper: Paper) -> bool:
    match condition:
        case Holds(place="venue"):
            return occurs(spelt(condition.words), [spelt(paper.record.comment or "")])
        case Holds(place="title"):
            return occurs(stems(condition.words), [stems(paper.title)])
        case Holds():
            return occurs(stems(condition.words), texts_of(paper))
        case Named():
            return condition.id == str(paper.id)
        case AllOf():
            return all(holds(part, paper) for part in condition.parts)
        case AnyOf():
            return any(holds(part, paper) for part in condition.parts)
        case Without():
            return not holds(condition.part, paper)
    keys = [author_key(author.name) for author in paper.record.authors]
    return (
        (
            not condition.categories
            or any(
                own == asked or own.startswith(f"{asked}.")
                for own in paper.record.categories
                for asked in condition.categories
            )
        )
        and (
            not condition.authors
            or any(key == asked or key.endswith(f"-{asked}") for key in keys for asked in condition.authors)
        )
        and (not condition.types or paper.derived.type in condition.types)
        and (
            condition.has_code is None
            or condition.has_code is any(link.kind is LinkKind.CODE for link in paper.derived.links)
        )
        and (condition.since is None or (paper.day is not None and paper.day >= condition.since))
        and (condition.until is None or (paper.day is not None and paper.day <= condition.until))
        and (condition.where is None or holds(condition.where, paper))
    )


def passes(words: Words, filter: Filter, paper: Paper) -> bool:
    texts = texts_of(paper)
    return (
        holds(filter, paper)
        and all(occurs(stems(phrase), texts) for phrase in words.phrases)
        and not any(occurs(stems(text), texts) for text in words.excluded)
    )


leaves = st.sampled_from(
    [
        *WORDS,
        "trains",
        '"tensor train"',
        '"graph train"',
        '"survey graph tensor"',
        "author:castro",
        'author:"de castro"',
        "cat:cs",
        "cat:stat.ML",
        "cat:math,cs.CL",
        "type:survey",
        "has:code",
        "date:2026",
        "date:..2026-03-01",
        "venue:ICLR",
        'venue:"iclr 2026"',
        "title:tensor",
        'title:"graph train"',
        "id:2603.00007",
    ]
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" AND ", " OR ", " "]), inner).map(lambda t: f"({''.join(t)})"),
        inner.map(lambda t: f"-{t}"),
        inner.map(lambda t: f"(NOT {t})"),
    ),
    max_leaves=6,
)
queries = st.lists(trees, min_size=1, max_size=4).map(" ".join)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # papers are long to print
@settings(max_examples=150, deadline=None)
@given(text=queries, encoder=st.sampled_from(["hashing", "other"]))
def test_both_lists_hold_what_is_asked_and_miss_nothing(
    snapshot: LocalSnapshot,
    papers: Sequence[Paper],
    hashing: Callable[..., Encoder],
    text: str,
    encoder: str,
) -> None:
    query = parse(text, today=TODAY)
    may = {p.id for p in papers if passes(query.words, query.filter, p)}
    vector = hashing(encoder).encode(["tensor graph"])[0]
    by_meaning = snapshot.vectors(vector, encoder=encoder, k=1000, filter=query.filter, words=query.words)
    assert {scored.id for scored in by_meaning} == may
    terms = query.words.terms
    asked = [stem for term in terms for stem in stems(term)]
    any_term = {p.id for p in papers if not terms or any(occurs([stem], texts_of(p)) for stem in asked)}
    by_words = snapshot.words(query.words, k=1000, filter=query.filter)
    assert {scored.id for scored in by_words} == may & any_term
    assert snapshot.count(query.words, filter=query.filter) == len(by_words)


# What the words of a query mean by the usual rules of logic, apart from our own reader.
written = st.recursive(
    st.sampled_from(WORDS).map(lambda w: (w, lambda p, w=w: occurs([w], texts_of(p)))),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(
            lambda t: (f"({t[0][0]} AND {t[1][0]})", lambda p, t=t: t[0][1](p) and t[1][1](p))
        ),
        st.tuples(inner, inner).map(
            lambda t: (f"({t[0][0]} OR {t[1][0]})", lambda p, t=t: t[0][1](p) or t[1][1](p))
        ),
        inner.map(lambda t: (f"(NOT {t[0]})", lambda p, t=t: not t[1](p))),
    ),
    max_leaves=6,
)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
@settings(max_examples=100, deadline=None)
@given(one=written)
def test_operators_mean_what_logic_says(
    snapshot: LocalSnapshot,
    papers: Sequence[Paper],
    one: tuple[str, Callable[[Paper], bool]],
) -> None:
    text, true = one
    query = parse(text, today=TODAY)
    found = {s.id for s in snapshot.words(query.words, k=1000, filter=query.filter)}
    assert found == {p.id for p in papers if true(p)}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("tensor AND graph OR survey", "(tensor AND graph) OR survey"),
        ("NOT tensor AND graph", "(NOT tensor) AND graph"),
        ("cat:(cs.LG OR math)", "cat:cs.LG OR cat:math"),
        ("venue:ICLR venue:NeurIPS", "venue:ICLR OR venue:NeurIPS"),
        ("-(tensor OR graph)", "-tensor -graph"),
    ],
)
def test_two_ways_to_say_the_same(snapshot: LocalSnapshot, text: str, same: str) -> None:
    one, other = (parse(t, today=TODAY) for t in (text, same))
    found = snapshot.words(one.words, k=1000, filter=one.filter)
    assert {s.id for s in found} == {s.id for s in snapshot.words(other.words, k=1000, filter=other.filter)}
    assert 0 < len(found) < 48


def test_whole_search_obeys_its_conditions(
    snapshot: LocalSnapshot, papers: Sequence[Paper], hashing: Callable[..., Encoder]
) -> None:
    query = parse('train (venue:ICLR OR cat:math) NOT "tensor train"', today=TODAY)
    ranked = search(snapshot, query, fast=hashing(), better=hashing("other"), k=1000)
    assert {hit.id for hit in ranked.hits} == {p.id for p in papers if passes(query.words, query.filter, p)}


def test_words_that_an_operator_joins_count_in_the_ranking(snapshot: LocalSnapshot) -> None:
    query = parse("survey OR cat:cs", today=TODAY)
    scores = [s.score for s in snapshot.words(query.words, k=1000, filter=query.filter)]
    assert scores[0] > 0
    assert scores[-1] == 0
