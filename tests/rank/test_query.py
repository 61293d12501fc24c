from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadsheet.index.contract import (
    AllOf,
    AnyOf,
    Condition,
    Filter,
    Holds,
    Named,
    Without,
    Words,
)
from broadsheet.model import PaperType
from broadsheet.rank.dates import days
from broadsheet.rank.query import LONGEST, ParsedQuery, parse

TODAY = date(2026, 3, 31)


def read(text: str) -> ParsedQuery:
    return parse(text, today=TODAY)


def test_words_phrases_and_exclusions_are_told_apart() -> None:
    query = read('tensor "low rank" -survey -"neural network" factorisation')
    assert query.words == Words(
        terms=("tensor", "factorisation"), phrases=("low rank",), excluded=("survey", "neural network")
    )
    assert query.free_text == "tensor low rank factorisation"
    assert query.notes == ()


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("find papers about paper folding", "paper folding"),
        ("What articles exist which deal with time sharing?", "time sharing?"),
        ("the paper that showed attention suffices", "showed attention suffices"),
        ("papers by author:castro", ""),
        ("paper folding", "paper folding"),
        ("this paper shows that attention suffices", "this paper shows that attention suffices"),
        ("find papers", "find papers"),
    ],
)
def test_what_only_asks_for_papers_is_passed_over(text: str, subject: str) -> None:
    query = read(text)
    assert (query.words.terms, query.free_text) == (tuple(subject.split()), subject)


@pytest.mark.parametrize(
    ("text", "filter"),
    [
        ("author:Castro", Filter(authors=("castro",))),
        ('author:"Lima de Castro"', Filter(authors=("lima-de-castro",))),
        ("author:“Przemysław Uznański”", Filter(authors=("przemyslaw-uznanski",))),
        ("cat:cs.CL", Filter(categories=("cs.CL",))),
        ("category:cs.CL", Filter(categories=("cs.CL",))),
        ("-Category:cs.CV", Filter(where=Without(Filter(categories=("cs.CV",))))),
        ("cat:cs.CL,stat cat:math", Filter(categories=("cs.CL", "stat", "math"))),
        ("type:survey", Filter(types=(PaperType.SURVEY,))),
        ('type:"empirical study"', Filter(types=(PaperType.EMPIRICAL,))),
        ("Type:Empirical", Filter(types=(PaperType.EMPIRICAL,))),
        ("has:code", Filter(has_code=True)),
        ("-has:code", Filter(where=Without(Filter(has_code=True)))),
        ("-cat:cs.CV", Filter(where=Without(Filter(categories=("cs.CV",))))),
        ("cat:cs -author:castro", Filter(categories=("cs",), where=Without(Filter(authors=("castro",))))),
        ("date:2026-03", Filter(since=date(2026, 3, 1), until=date(2026, 3, 31))),
        ("date:>=2026 date:<2026-02", Filter(since=date(2026, 1, 1), until=date(2026, 1, 31))),
    ],
)
def test_fields_become_a_filter(text: str, filter: Filter) -> None:
    query = read(text)
    assert query.filter == filter
    assert query.words == Words()
    assert query.free_text == ""
    assert query.notes == ()


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2026", (date(2026, 1, 1), date(2026, 12, 31))),
        ("2024-02", (date(2024, 2, 1), date(2024, 2, 29))),
        ("2026-3-1", (date(2026, 3, 1), date(2026, 3, 1))),
        ("2025-12..2026-02", (date(2025, 12, 1), date(2026, 2, 28))),
        ("..2026", (None, date(2026, 12, 31))),
        ("2026..", (date(2026, 1, 1), None)),
        (">2026-02", (date(2026, 3, 1), None)),
        (">=2026-02", (date(2026, 2, 1), None)),
        ("<2026-02", (None, date(2026, 1, 31))),
        ("<=2026-02", (None, date(2026, 2, 28))),
        ("today", (TODAY, TODAY)),
        ("yesterday", (date(2026, 3, 30), date(2026, 3, 30))),
        ("7d", (date(2026, 3, 24), TODAY)),
        ("2w", (date(2026, 3, 17), TODAY)),
        ("9999y", (date.min, TODAY)),
        ("2026-13", None),
        ("2026-02-30", None),
        ("0000", None),
        ("..", None),
        ("<0001", None),
        (">9999", None),
        ("march", None),
        ("2026-01..march", None),
    ],
)
def test_dates(text: str, span: tuple[date | None, date | None] | None) -> None:
    assert days(text, today=TODAY) == span


@pytest.mark.parametrize(
    ("text", "terms", "said"),
    [
        ("date:soon tensor", ("date:soon", "tensor"), "not a date"),
        ("type:poem", ("type:poem",), "not a type"),
        ("has:music", ("has:music",), "has:code"),
        ("author:", ("author:",), ""),
        ('cat:""', ("cat:",), "no value"),
        ("shelf:3a", ("shelf:3a",), "not a field"),
        ("id:a/b", ("id:a/b",), "not a paper's id"),
        ('tensor "low rank', ("tensor", "low", "rank"), "quotation mark"),
    ],
)
def test_what_is_no_field_is_searched_as_words_and_told(text: str, terms: tuple[str, ...], said: str) -> None:
    query = read(text)
    assert query.words.terms == terms
    assert query.filter == Filter()
    assert said in " ".join(query.notes)


@pytest.mark.parametrize(
    "text", ["BERT: pre-training of", "https://arxiv.org/abs/2402.01234", "ratio 3:1", "a - b"]
)
def test_titles_addresses_and_ratios_need_no_note(text: str) -> None:
    query = read(text)
    assert query.notes == ()
    assert query.words.excluded == ()


TENSOR, GRAPH, LOW_RANK = Holds("tensor"), Holds("graph"), Holds("low rank")
LEARNING, STATISTICS = Filter(categories=("cs.LG",)), Filter(categories=("stat.ML",))


@pytest.mark.parametrize(
    ("text", "where", "free"),
    [
        ("tensor AND graph", AllOf((TENSOR, GRAPH)), "tensor graph"),
        ('tensor OR "low rank"', AnyOf((TENSOR, LOW_RANK)), "tensor low rank"),
        ("tensor AND NOT graph", AllOf((TENSOR, Without(GRAPH))), "tensor"),
        ("(cat:cs.LG OR cat:stat.ML)", AnyOf((LEARNING, STATISTICS)), ""),
        ("cat:(cs.LG OR stat.ML)", AnyOf((LEARNING, STATISTICS)), ""),
        ("NOT (tensor OR graph)", Without(AnyOf((TENSOR, GRAPH))), ""),
        ("tensor AND graph OR low-rank", AnyOf((AllOf((TENSOR, GRAPH)), Holds("low-rank"))), None),
        ("venue:ICLR", Holds("ICLR", "venue"), ""),
        ('title:"tensor train"', Holds("tensor train", "title"), "tensor train"),
        ("id:2402.01234v2", Named("2402.01234"), ""),
        ("-date:2025", Without(Filter(since=date(2025, 1, 1), until=date(2025, 12, 31))), ""),
    ],
)
def test_operators_and_further_fields_become_conditions(
    text: str, where: Condition, free: str | None
) -> None:
    query = read(text)
    assert query.filter == Filter(where=where)
    assert query.words.terms == ()
    assert query.notes == ()
    if free is not None:
        assert query.free_text == free


def test_words_that_nothing_joins_stay_ranked_words() -> None:
    assert read("neural tensor OR graph").words.terms == ("neural",)
    assert read("(neural network) f(x) (2nd ed.").words.terms == ("neural", "network", "f(x)", "2nd", "ed.")
    assert read("(neural network) f(x) (2nd ed.").notes == ()
    assert read("NOT survey -review").words.excluded == ("survey", "review")


@pytest.mark.parametrize(
    ("text", "same", "said"),
    [
        ("tensor OR", "tensor", "“OR” joins nothing"),
        ("AND tensor", "tensor", "“AND” joins nothing"),
        ("tensor NOT", "tensor", "“NOT” joins nothing"),
        ("(tensor AND graph", "tensor AND graph", "parenthesis"),
        ("tensor AND graph)", "tensor AND graph", "parenthesis"),
        ("tensor OR OR graph", "tensor OR graph", "joins nothing"),
        (f"{'(' * 400}tensor AND graph{')' * 400}", "tensor AND graph", "too deep"),
    ],
)
def test_what_joins_nothing_is_told_and_the_rest_is_searched(text: str, same: str, said: str) -> None:
    query, other = read(text), read(same)
    assert query.filter == other.filter
    assert set(query.words.terms) - {"AND", "OR", "NOT"} == set(other.words.terms)
    assert said in " ".join(query.notes)


def test_author_may_be_written_last_name_first() -> None:
    assert read('author:"Bengio, Yoshua"').filter.authors == ("yoshua-bengio",)


@given(
    st.lists(
        st.sampled_from(
            ["a", "OR", "AND", "NOT", "(", ")", "-", '"', "cat:", "cat:(", "-(", "x:(", "f(", " "]
        )
    ).map("".join)
)
def test_no_order_of_signs_raises(text: str) -> None:
    assert read(text).text == text


def test_hyphen_inside_a_word_excludes_nothing() -> None:
    assert read("self-supervised co-training").words == Words(terms=("self-supervised", "co-training"))


def test_long_query_is_cut_and_told() -> None:
    query = read("tensor " * 1000)
    assert len(query.free_text) <= LONGEST
    assert "long" in query.notes[0]


@given(st.text())
@example('"')
@example('-""-')
@example("date:..")
@example("date:>9999-12-31")
@example("author:-")
@example("-:")
@example('cat:"')
def test_nothing_raises(text: str) -> None:
    query = read(text)
    assert query.text == text


# A longer one is read as prose, in which signs ask for nothing.
@given(
    st.lists(st.sampled_from(["alpha", "beta", "gamma", "-delta", '"epsilon zeta"', "cat:cs"]), max_size=8)
)
def test_every_piece_is_read_once(pieces: list[str]) -> None:
    query = read(" ".join(pieces))
    words = query.words
    assert len(words.terms) + len(words.phrases) + len(words.excluded) + len(query.filter.categories) == len(
        pieces
    )


def test_signs_that_no_paper_is_found_by_are_said_to_be_left_out() -> None:
    query = parse("🙂 attention", today=date(2026, 3, 31))
    assert query.words.terms == ("attention",)
    assert query.notes == ("“🙂” has no letter and no digit; it was left out.",)
