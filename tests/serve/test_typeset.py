from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from broadsheet.library.views import byline
from broadsheet.model import Aspect
from broadsheet.serve import typeset, view
from broadsheet.serve.differences import differences
from broadsheet.text import markup


def test_whole_words_are_found_whatever_their_case() -> None:
    assert typeset.places("Net, nets and NET.", ["net"]) == [(0, 3), (14, 17)]


def test_longer_words_win_over_their_beginnings() -> None:
    assert typeset.places("graph-based graphs", ["graph", "graph-based"]) == [(0, 11)]


def test_passages_mark_words_and_escape_the_rest() -> None:
    text = "Is a < b for nets?"
    assert typeset.passages(text, text, ((0, len(text)),), ("nets",)) == (
        "Is a &lt; b for <mark>nets</mark>?",
    )


def test_gist_gets_its_formula_back() -> None:
    source = r"In this paper, we sort in $O(n\sqrt{m})$ time. That is fast."
    plain = "In this paper, we sort in O(n√m) time. That is fast."
    gist = typeset.passage(source, plain, "We sort in O(n√m) time.")
    assert gist.startswith("We sort in <math")
    assert "msqrt" in gist


def test_gist_from_elsewhere_stays_text() -> None:
    assert typeset.passage("About $x$.", "About x.", "Written <by> hand.") == "Written &lt;by&gt; hand."


def test_difference_keeps_what_stayed() -> None:
    assert (
        differences("It takes 1.4 hours.", "It takes 2 hours.")
        == "It takes <del>1.4</del> <ins>2</ins> hours."
    )
    assert differences("a <b>", "a") == "a <del>&lt;b&gt;</del>"


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_can_be_read_out_of_the_difference(old: str, new: str) -> None:
    plain = "".join(c for c in old if c.isprintable()), "".join(c for c in new if c.isprintable())
    tree = html.fragment_fromstring(str(differences(*plain)), create_parent="p")

    def without(tag: str) -> list[str]:
        parts = [tree.text or ""]
        for child in tree:
            parts += ["" if child.tag == tag else child.text_content(), child.tail or ""]
        return " ".join(parts).split()

    assert "".join(without("ins")) == "".join(plain[0].split())
    assert "".join(without("del")) == "".join(plain[1].split())


def test_byline_never_hides_a_single_author() -> None:
    assert byline([]) == ""
    assert byline(["A. Weil"]) == "A. Weil"
    assert byline(["A. Weil", "J. Tate"]) == "A. Weil and J. Tate"
    assert (
        byline(["A. Weil", "J. Tate", "A. Borel", "C. Chevalley"])
        == "A. Weil, J. Tate, A. Borel and C. Chevalley"
    )
    assert byline(["A. Weil", "J. Tate", "A. Borel", "C. Chevalley", "H. Cartan"]).endswith("and 2 others")


def whole(source: str) -> str:
    plain = markup.parse(source).plain
    return str(typeset.passages(source, plain, ((0, len(plain)),))[0])


def test_formula_stays_with_what_stands_close_to_it() -> None:
    text = whole("down to 0.16M$_\\odot$, by ($k$)-means")
    groups = re.findall(r'<span class="close">(.*?)</span>', text)
    assert [re.sub("<[^>]*>", "", group) for group in groups] == ["0.16M⊙,", "(k)-means"]


def test_long_formula_can_go_on_before_a_relation_and_loses_nothing() -> None:
    source = "$f(x_1, x_2, x_3) + g(x_1, x_2, x_3) = h(y_1, y_2) \\le 1$"
    parts = whole(source).split("<wbr>")
    assert [re.sub("<[^>]*>", "", part) for part in parts] == [
        "f(x1,x2,x3)+g(x1,x2,x3)",
        "=h(y1,y2)≤1",
    ]
    assert all(part.count("<math") == part.count("</math>") == 1 for part in parts)


def test_long_formula_does_not_break_within_brackets() -> None:
    assert "<wbr>" not in whole("$\\exp(aaaaaaaaaaaa + b)(1 - c)^{1/3}$")


def test_lone_sentence_goes_with_its_neighbours() -> None:
    problem, method, result, other = Aspect.PROBLEM, Aspect.METHOD, Aspect.RESULT, Aspect.OTHER
    assert view.smoothed([problem, method, problem, problem]) == [problem] * 4
    assert view.smoothed([method, other, result]) == [method, method, result]
    assert view.smoothed([other, problem, method, result]) == [other, problem, method, result]
