from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from broadsheet.text.formula import read_formula
from broadsheet.text.linear import linear
from broadsheet.text.mathml import mathml
from broadsheet.text.symbols import COMMANDS, STYLES, styled
from broadsheet.text.tree import UnreadableError


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (r"O(n\sqrt{m})", "O(n√m)"),
        (r"\tilde{O}(\sqrt{KT}+(m+M)K)", "Õ(√(KT)+(m+M)K)"),
        (r"n+\frac{nk}{\sqrt{m}}", "n+nk/√m"),
        (r"\frac{1}{2}-\epsilon", "½−ε"),
        (r"\frac{a+b}{c}x", "((a+b)/c)x"),
        (r"\varepsilon^{-\frac{1+p}{p}}", "ε^(−(1+p)/p)"),
        (r"10^{-3}", "10⁻³"),
        (r"10^12", "10¹²"),
        (r"\mathcal{O}(n\log n)", "𝒪(n log n)"),
        (r"x \in \mathbb{R}^{d\times k}", "x ∈ ℝ^(d×k)"),
        (r"\sum_{i=1}^n x_i", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"\{\pm 1, \pm i\}", "{±1, ±i}"),
        (r"\left( \frac{a}{b} \right)^2", "(a/b)²"),
        (r"\Big(\big|x\big|\Big)", "(|x|)"),
        (r"\binom{n}{k}", "(n choose k)"),
        (r"{n \choose k}", "(n choose k)"),
        (r"{a \over b}", "a/b"),
        (r"\operatorname{softmax}(QK^\top/\sqrt{d_k})", "softmax(QKᵀ/√dₖ)"),
        (r"\text{if } x > 0", "if x > 0"),
        (r"30^\circ", "30°"),
        (r"f'(x)", "f′(x)"),
        (r"8.6\,\mathrm{km\,s^{-1}}", "8.6 km s⁻¹"),
        (r"1{,}000", "1,000"),
        (r"\sim 50\%", "∼50%"),
        (r"a <= b", "a ≤ b"),
        (r"a \not= b", "a ≠ b"),
        (r"\sqrt[3]{n}", "∛n"),
        (r"\hat{x}", "x̂"),
        (r"\Omega_{\rm DM}h^2", "Ω_DM h²"),
        (r"M_\odot", "M⊙"),
    ],
)
def test_formula_in_one_line(source: str, line: str) -> None:
    assert linear(read_formula(source)) == unicodedata.normalize("NFC", line)


@pytest.mark.parametrize(
    "source", [r"\sysname", r"5\,\foo", r"\frac{1}", "{x", "x}", r"\left", r"\begin{tikz}x\end{tikz}"]
)
def test_what_cannot_be_read_is_refused_not_guessed(source: str) -> None:
    with pytest.raises(UnreadableError):
        read_formula(source)


def test_square_root_is_a_square_root_in_mathml() -> None:
    assert mathml(read_formula(r"O(n\sqrt{m})")) == (
        '<math><mi>O</mi><mo stretchy="false">(</mo><mi>n</mi><msqrt><mi>m</mi></msqrt>'
        '<mo stretchy="false">)</mo></math>'
    )


def test_fraction_and_scripts_in_mathml() -> None:
    assert mathml(read_formula(r"\frac{1}{2}x_i^2")) == (
        "<math><mfrac><mn>1</mn><mn>2</mn></mfrac><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></math>"
    )


@pytest.mark.parametrize(
    ("source", "operator"),
    [
        # The TeXbook, chapter 18: what is not between two things has no space, nor has a slash, nor a script.
        (r"g-", '<mo lspace="0" rspace="0">−</mo>'),
        (r"\alpha<-1", '<mo lspace="0" rspace="0">−</mo>'),
        (r"\sim 400", '<mo lspace="0">∼</mo>'),
        (r"(\ge 2)", '<mo lspace="0">≥</mo>'),
        (r"k/n", '<mo lspace="0" rspace="0">/</mo>'),
        (r"n^{1-k}", '<mo lspace="0" rspace="0">−</mo>'),
        (r"a-b", "<mo>−</mo>"),
        (r"a<b", "<mo>&lt;</mo>"),
    ],
)
def test_operators_stand_as_close_to_their_neighbours_as_tex_sets_them(source: str, operator: str) -> None:
    assert operator in mathml(read_formula(source))


def test_letters_of_other_alphabets_are_characters_since_browsers_ignore_mathvariant() -> None:
    assert (
        mathml(read_formula(r"\mathcal{O}\mathbb{R}\mathbf{x}"))
        == "<math><mi>𝒪</mi><mi>ℝ</mi><mi>𝐱</mi></math>"
    )


@pytest.mark.parametrize(
    ("char", "style", "expected"),
    [
        ("R", "bb", "DOUBLE-STRUCK CAPITAL R"),
        ("x", "bb", "MATHEMATICAL DOUBLE-STRUCK SMALL X"),
        ("H", "cal", "SCRIPT CAPITAL H"),
        ("O", "cal", "MATHEMATICAL SCRIPT CAPITAL O"),
        ("C", "frak", "BLACK-LETTER CAPITAL C"),
        ("α", "bf", "MATHEMATICAL BOLD SMALL ALPHA"),
        ("1", "bb", "MATHEMATICAL DOUBLE-STRUCK DIGIT ONE"),
    ],
)
def test_styled_letter_has_its_unicode_name(char: str, style: str, expected: str) -> None:
    assert unicodedata.name(styled(char, style)) == expected


_PIECES = st.sampled_from(
    [
        *(rf"\{name} " for name in [*list(COMMANDS)[:120], *STYLES, "frac", "sqrt", "left(", "right)", "text", "hat", "over"]),
        *"{}{}{}^_'&%~$ abcxyz0123456789+-=<>()[]|,.",
        r"\\", r"\{", r"\}", r"\begin{matrix}", r"\end{matrix}",
    ]
)  # fmt: skip


@settings(max_examples=3 * settings().max_examples)
@given(st.lists(_PIECES, max_size=25).map("".join) | st.text(max_size=60))
def test_any_formula_is_read_or_refused_and_its_mathml_is_well_formed(source: str) -> None:
    try:
        node = read_formula(source)
    except UnreadableError:
        return
    linear(node)
    written = mathml(node)
    if not any(unicodedata.category(char) in ("Cc", "Cs") for char in written):
        etree.fromstring(written)
