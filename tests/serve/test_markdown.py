from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from broadsheet.serve.markdown import render

# What may come out, whatever goes in: (element, attributes).
ALLOWED = {
    "p": set(), "em": set(), "strong": set(), "code": {"class"}, "pre": set(), "blockquote": set(), "br": set(),
    "ul": set(), "ol": {"start"}, "li": set(), "a": {"href", "title", "rel"}, "span": {"class", "title"},
}  # fmt: skip


def check(text: str) -> None:
    tree = html.fragment_fromstring(str(render(text)), create_parent="div")
    for element in tree.iterdescendants():
        if any(parent.tag == "math" for parent in (element, *element.iterancestors())):
            assert not any(
                name.startswith("on") or name in {"href", "style", "src"} for name in element.attrib
            )
            continue
        assert element.tag in ALLOWED, (element.tag, text)
        assert set(element.attrib) <= ALLOWED[element.tag], (element.attrib, text)
        if element.tag == "a":
            assert re.match(r"https?:", element.attrib["href"], re.IGNORECASE), text
            assert element.attrib["rel"] == "nofollow ugc noopener"


def test_marks_lists_quotes_and_code() -> None:
    out = render("**Yes**, _but_ `x < y`:\n\n> said\n\n- one\n- two\n\n```\na & b\n```")
    for part in (
        "<strong>Yes</strong>", "<em>but</em>", "<code>x &lt; y</code>", "<blockquote>", "<li>one</li>", "a &amp; b",
    ):  # fmt: skip
        assert part in out
    check(str(out))


def test_mathematics_is_set_and_prices_are_not() -> None:
    out = render(r"It is $O(n\sqrt{m})$, not $$n^2$$; it costs $5 or $6.")
    assert out.count("<math") == 2
    assert "<msqrt>" in out
    assert "$5 or $6" in out


def test_a_formula_in_code_is_code() -> None:
    assert "<math" not in render("`$x$` and\n\n    $y$")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](&#106;avascript:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](//elsewhere.example)",
        "[x](/admin/people)",
        '[x](https://a.b "\\" onclick=alert(1) x=\\"")',
        "![x](https://a.b/spy.png)",
        '<https://a.b/"onclick=alert(1)>',
        "<javascript:alert(1)>",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\text{<script>alert(1)</script>}$",
        "$<img src=x onerror=alert(1)>$",
        "[a]: javascript:alert(1)\n\n[a]",
        "`<b>`",
        "# Heading\n\n---\n\n|a|b|\n|-|-|",
    ],
)
def test_nothing_unsafe_comes_through(text: str) -> None:
    check(text)


@given(st.text(alphabet=st.sampled_from("<>\"'&$\\[]()!`*_#-:/ \nabjsx=1{}^"), max_size=120))
def test_whatever_is_typed_comes_out_safe(text: str) -> None:
    check(text)
