"""Formulas where there is no MathML: raised and lowered text, nothing lost, nothing unsafe."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.text import inline, markup


def bare(text: str) -> str:
    """Without the styles, for reading."""
    return re.sub(r' style="[^"]*"', "", text)


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"An $O(n\sqrt{m})$ algorithm", "An O(n√m) algorithm"),
        (r"$\lambda_{\max}$", "λ<sub>max</sub>"),
        (r"$\tilde{O}(\epsilon^{-0.93}n)$", "Õ(ε<sup>−0.93</sup>n)"),
        (r"$e^{x^{2}+y_{abc}}$", "e<sup>x²+y<sub>abc</sub></sup>"),
        (r"$x_{ij}^2$", "xᵢⱼ²"),
        (r"$\mathbb{E}_{x\sim p}[f(x)]$", "𝔼<sub>x∼p</sub>[f(x)]"),
        (r"$C^\infty$ functions", "C<sup>∞</sup> functions"),
        (r"$a < b$ & c", "a &lt; b &amp; c"),
        (r"the file my_name", "the file my_name"),
    ],
)
def test_formula_reads_as_it_is_printed(tex: str, shown: str) -> None:
    assert bare(inline.title(tex)) == shown


def test_underscore_that_the_author_wrote_stays_one() -> None:
    assert bare(inline.title(r"$\mathrm{max\_len}$")) == "max_len"


def test_sentence_is_set_with_the_formulas_it_has_in_the_abstract() -> None:
    source = r"It is known. In this paper, we show $\lambda_{\max} \le 2$ & more. So what."
    assert bare(inline.passage(source, "We show λ_max ≤ 2 & more.")) == (
        "We show λ<sub>max</sub> ≤ 2 &amp; more."
    )


def test_sentence_that_is_not_in_the_abstract_is_shown_as_it_is() -> None:
    assert inline.passage("Something else.", "A <b> gist.") == "A &lt;b&gt; gist."
    assert inline.passage("Something else.", "") == ""


def test_link_of_an_abstract_can_be_followed() -> None:
    shown = inline.passage("Code: https://github.com/a/b is here.", "Code: https://github.com/a/b is here.")
    assert '<a href="https://github.com/a/b">' in shown


@given(st.text(alphabet="ab12^_(){}$\\ <&²ᵢ", max_size=40))
def test_no_letter_is_lost_and_no_element_is_left_open(source: str) -> None:
    shown = inline.title(source)
    opened = re.findall(r"<(\w+)", shown)
    assert opened == [] or sorted(opened) == sorted(re.findall(r"</(\w+)>", shown))
    text = html.unescape(re.sub(r"<[^>]*>", "", shown))
    plain = markup.parse(source, title=True).plain
    assert re.sub(r"\W|_", "", text) == re.sub(r"\W|_", "", plain)
