"""Strategies for what nobody writes and anybody can send: repeated pieces, nesting, cut and mixed documents."""

from __future__ import annotations

from hypothesis import strategies as st

# What some reader of ours gives a meaning to: TeX, Markdown, HTML, citations, queries, sentences.
PIECES = (
    r"$ $$ \( \) \[ \] { } ^ _ ' \frac \sqrt \sum \limits \left( \right) \begin{matrix} \end{matrix} & \\ \text{ \color{red} "
    r"\label{a} \href{javascript:alert(1)}{x} \over \mathcal \hat \v \" \' ~ % \$ \url{ "
    "* ** ` ``` > [ ]( ) ![ < <a <script> </script> <!-- --> <a&#10;href=javascript:a> &lt; &#0; &#x110000; &amp "
    "http://a.b https:// www. javascript: data:text/html, mailto: @ @article{a, } = # , ; : "
    'and cat: author: date:2026 -x OR AND NOT " ( ) . ! ? … e.g. 1. 10.1/x arXiv:2603.00001v9 '
    "TY&#32;&#32;- a B Aa é İ ﬁ 𝒪 \u0301 \u200b \u202e \ufeff 中 Ж א 0 1 \t"
).split(" ")


def pieces(most: int = 30) -> st.SearchStrategy[str]:
    """Texts of pieces, some of them many times over."""
    some = st.tuples(st.sampled_from([*PIECES, " ", "\n", "\n\n"]), st.sampled_from([1, 1, 1, 2, 7, 60]))
    return st.lists(some.map(lambda one: one[0] * one[1]), max_size=most).map("".join)


def texts() -> st.SearchStrategy[str]:
    """Any text: of pieces, or of any characters, those that stand for no character included."""
    return pieces() | st.text(st.characters(exclude_categories=()), max_size=60)


def damaged(document: bytes) -> st.SearchStrategy[bytes]:
    """A document cut off, with a part left out, doubled, or replaced by something else."""
    place = st.integers(0, len(document))
    other = texts().map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=20)

    def mixed(parts: tuple[int, int, bytes, int]) -> bytes:
        one, two, put, times = parts
        start, end = min(one, two), max(one, two)
        return document[:start] + (put or document[start:end]) * times + document[end:]

    return st.tuples(place, place, other, st.sampled_from([0, 1, 1, 3, 50])).map(mixed)
