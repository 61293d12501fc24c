"""Texts of strangers: read in bounded time and depth, and set as HTML that does nothing."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html
from tests.fuzz.hostile import PIECES, texts

from broadsheet.errors import InputError
from broadsheet.ids import PaperId
from broadsheet.model import Record
from broadsheet.rank import query
from broadsheet.serve import markdown, typeset
from broadsheet.serve.differences import differences
from broadsheet.source import people
from broadsheet.source.feed import text_of
from broadsheet.text import inline
from broadsheet.text.derive import derive

# MathML Core's elements, and what prose is set with. https://www.w3.org/TR/mathml-core/
MATH = frozenset(
    "math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd "
    "mstyle mpadded mphantom merror ms semantics annotation mmultiscripts mprescripts".split()
)
PROSE = frozenset("a b br cite code del em i ins mark p q s small span strong sub sup tt u wbr".split())
COMMENT = PROSE | {"blockquote", "pre", "ul", "ol", "li"}
INERT = frozenset(
    "class title rel start display mathvariant stretchy form fence separator lspace rspace minsize maxsize symmetric "
    "movablelimits largeop accent accentunder linethickness columnalign rowspacing columnspacing scriptlevel "
    "displaystyle width height depth data-source lang dir".split()
)


def check(set_: object, *, elements: frozenset[str]) -> None:
    """Nothing but these elements, no attribute that acts, and links to the web alone."""
    tree = html.fragment_fromstring(f"<div>{set_}</div>")
    for element in tree.iterdescendants():
        assert isinstance(element.tag, str), "a comment or an instruction"
        assert element.tag in elements | MATH, element.tag
        for name, value in element.attrib.items():
            if name == "href":
                assert re.match(r"https?://", value, re.IGNORECASE), value
            else:
                assert name in INERT, (element.tag, name)


def record(title: str, abstract: str) -> Record:
    return Record(id=PaperId("2603.00001"), title=title, abstract=abstract, source="test")


@given(texts(), texts())
@example("http://[a]/b", "See www.a.b[](https://[x and https://[::1]/.")
def test_any_title_and_abstract_is_derived_and_set_safely(title: str, abstract: str) -> None:
    made = derive(record(title, abstract))
    check(typeset.title(title), elements=PROSE)
    check(inline.title(title), elements=PROSE)
    check(typeset.abstract(abstract), elements=PROSE)
    spans = tuple((s.start, s.end) for s in made.sentences)
    for part in typeset.passages(abstract, made.abstract, spans, ("a", "B", "1")):
        check(part, elements=PROSE)
    check(differences(title, abstract), elements=PROSE)


@given(texts())
def test_any_comment_is_set_safely(text: str) -> None:
    check(markdown.render(text), elements=COMMENT)


@given(texts())
def test_any_query_is_read_or_refused(text: str) -> None:
    try:
        query.parse(text, today=date(2026, 3, 18))
    except InputError:
        return


# Long enough that what takes the square of its time does not come to an end before the test is stopped.
ENDLESS = 25_000
RUNS = (
    *PIECES, "(", "[", "((a", "a_", "x^", r"\sum_", r"x^a\label{b}", "aB ", "Aa Bb (AB) ", ".A,", "\n", " ", "<a ",
    "<!", "http://a.b/(", "TY  - JOUR\n",
)  # fmt: skip


@pytest.mark.timeout(120)  # 5 s on an idle core
def test_endless_repetition_is_read_to_its_end() -> None:
    for number, piece in enumerate(RUNS):
        long = (piece * ENDLESS)[:ENDLESS] + ("!x" if number % 2 else "")
        derive(record("A title", long))
        text_of(long)
        people.split(long)
        differences(long, long[::-1])


def test_a_script_of_scripts_without_end_is_shown_as_it_was_written() -> None:
    for piece in (r"\sum_", r"x^a\label{b}", "'^a", "_{a"):
        made = derive(record("$" + piece * 3000 + "$", ""))
        assert made.title


@given(st.sampled_from(RUNS), st.sampled_from(RUNS), st.integers(1, 400))
def test_comments_of_repeated_pieces_are_set(one: str, two: str, times: int) -> None:
    check(markdown.render((one * times + two * times)[:10_000]), elements=COMMENT)
