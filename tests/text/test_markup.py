from __future__ import annotations

import gzip
import itertools
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from broadsheet.text.markup import Markup, SegmentKind, parse, tex_name, to_html, to_html_spans

SHARED = Path(os.environ.get("BROADSHEET_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        (r"An $O(n\sqrt{m})$ bound", "An O(n√m) bound"),
        ("``quality'' of ``cluster\"", "“quality” of “cluster”"),
        ("a mild ''informative'' condition", "a mild “informative” condition"),
        ("known as `Hubble tension' today", "known as ‘Hubble tension’ today"),
        ("the model's and users' needs", "the model's and users' needs"),
        (r"na\"ive Nystr\"om by Uzna\'{n}ski, Amp\`ere", "naïve Nyström by Uznański, Ampère"),
        (r"Fran\c{c}ois, Erd\H{o}s, Stra\ss e, {\o}re, {\'e}t{\'e}", "François, Erdős, Straße, øre, été"),
        (r"the LLM\'s answer \"quoted\"", 'the LLM\'s answer "quoted"'),
        (r"\textbf{D}irect and \emph{well \textsc{put}}", "Direct and well put"),
        (r"{\em on-policy} and {\bf bold}", "on-policy and bold"),
        (r"up to 5\%, R\&D, \$5, \#1, a\_b", "up to 5%, R&D, $5, #1, a_b"),
        ("Figure~1 of Smith~et al.", "Figure 1 of Smith et al."),
        ("~35% smaller, 30%~50%, at z~6", "~35% smaller, 30%~50%, at z~6"),
        ("range 1--5 -- that is --- long", "range 1–5 – that is — long"),
        ("run with --help", "run with --help"),
        (r"as shown in \cite{a,b} and~\citep[p.~3]{c}", "as shown in […] and […]"),
        (r"text\footnote{A note.} more", "text (A note.) more"),
        (r"line\\ break\ here", "line break here"),
        (
            r"\href{https://example.org/x}{our page} and \url{https://example.org/a_b}",
            "our page and https://example.org/a_b",
        ),
        ("5 &lt; 6 &amp; more", "5 < 6 & more"),
        (r"about \sim 5 and 30\textdegree", "about ∼ 5 and 30°"),
        ("costs $5 million or $10 million", "costs $5 million or $10 million"),
        ("only $0.86-0.90$ here", "only 0.86−0.90 here"),
        ("a lone $ sign and $x$", "a lone $ sign and x"),
        (r"\(x^2\) and \[y\]", "x² and y"),
        ("SP^2OT: a method", "SP²OT: a method"),
        ("ReST^EM works", "ReSTᴱᴹ works"),
        ("3.5 km s^-1 and 10^41.9 erg", "3.5 km s⁻¹ and 10^(41.9) erg"),
        ("snake_case and file_name stay", "snake_case and file_name stay"),
        ("{M}ixture {of} experts", "Mixture of experts"),
        (r"\begin{itemize}\item One \item Two\end{itemize}", "• One • Two"),
        (r"\texorpdfstring{$x$}{x}-ray", "x-ray"),
        (r"CO\textsubscript{2} and m\textsuperscript{2}", "CO₂ and m²"),
        ("  spaces\n and\tlines ", "spaces and lines"),
    ],
)
def test_plain_text(source: str, plain: str) -> None:
    assert parse(source).plain == plain


def test_unknown_command_stays_visible_as_its_source() -> None:
    markup = parse(r"We present \sysname{}, and $5\,\foo$ of \emph{wind}.")
    assert markup.plain == r"We present \sysname{}, and $5\,\foo$ of wind."
    assert [s.source for s in markup.segments if s.kind is SegmentKind.TEX] == [r"\sysname{}", r"$5\,\foo$"]
    assert '<code class="tex">\\sysname{}</code>' in to_html(markup)


# -- damage upstream


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("a 100times reduction, 1.45times faster", "a 100× reduction, 1.45× faster"),
        ("ImageNet 256times256", "ImageNet 256×256"),
        (r"low sparsity (sim50\%), sim0.6 point", "low sparsity (∼50%), ∼0.6 point"),
        ("even at geq 50% and leq 2%", "even at ≥ 50% and ≤ 2%"),
        ("pre-trainingrightarrowfine-tuning", "pre-training→fine-tuning"),
        ("with All Parameters in {pm1, pm i}", "with All Parameters in {±1, ±i}"),
        ("called {em mirror descent}", "called mirror descent"),
        ("weight quantization (rm StatsQ) helps", "weight quantization (StatsQ) helps"),
        ("constraint |x|_infty leq 1/lambda.", "constraint |x|_∞ ≤ 1/λ."),
        ("matrix Min R^{mtimes n}, the", "matrix M ∈ R^(m×n), the"),
        ("p : R^d rightarrow R is", "p : Rᵈ → R is"),
        ("a baseline rho_{BL} and ell_2", "a baseline ρ_BL and ℓ₂"),
        ("bounded by proptoleft(d/mright)^{1/2}.", "bounded by ∝(d/m)^(1/2)."),
        ("defined by mathcal O_i(u) = sigmaleft( sum_j mathcal W_{ij} u + mathcal B_{ij}right).",
         "defined by 𝒪ᵢ(u) = σ(∑ⱼ 𝒲ᵢⱼ u + ℬᵢⱼ)."),
        ("Netrapalli and Sanghavi~jns13 showed", "Netrapalli and Sanghavi […] showed"),
        ("https://github.com/x/SVDD{https://github.com/x/SVDD}.", "https://github.com/x/SVDD."),
        ("at https://a.example/r/T-527C{here}", "at https://a.example/r/T-527C"),
        ("code: https: //github.com/G/N.", "code: https://github.com/G/N."),
        ("our iteration,our optimizer", "our iteration, our optimizer"),
        ("We extend *Tensor Programs* here", "We extend Tensor Programs here"),
        ("D = diag( exp(QK^top) {bf 1}_n ).", "D = diag( exp(QKᵀ) 1ₙ )."),
        ("Norouzi{-}Fard", "Norouzi-Fard"),
    ],
)  # fmt: skip
def test_certain_repair(source: str, plain: str) -> None:
    markup = parse(source)
    assert (markup.plain, markup.complete) == (plain, True)


@pytest.mark.parametrize(
    "source",
    [
        "running time O(nm(log mloglog m)^{1/4}) holds",
        "a (1{2}-epsilon)-approximate solution",
        "running time Obig(n+nk{m}big), removing",
        "algorithm has O left( KT + (m+M)K right) CPR",
        "norm residual, is mathcal{O}( n + nLvarepsilon^{-1}), which",
        "bounds is Omegabig(epsilon^{-1+p{p}}big) regarding",
        "runs in time widetilde O(|Omega| k), which",
    ],
)
def test_formula_that_may_have_lost_a_command_is_marked(source: str) -> None:
    markup = parse(source)
    assert not markup.complete
    assert 'title="formula may be incomplete"' in to_html(markup)
    assert not re.search(r"[{}\\]|mathcal|widetilde|epsilon|big|left", markup.plain)


@pytest.mark.parametrize(
    "prose",
    [
        "It is 3 times faster in times of need, and 10 times a day.",
        "On the left and right of a big star, sim2real transfer in a cap.",
        "We train to the max, or at min cost, with alpha and beta testers in the Gamma region.",
        "circuit circles, a triangle, the wrangle over pi, and in it to win",
        "PM2.5 levels at 5 pm or 3 am; int8 and bf16; top_k and log_softmax; C++ and C#",
        "Prior work (2023) reports 5% of 10% and 100% improvement; see Section 3.",
        "A* search, p*q*r, the 90/10 rule, a 2-step, x-axis and AT&T.",
    ],
)
def test_sound_prose_passes_unchanged(prose: str) -> None:
    markup = parse(prose)
    assert (markup.plain, markup.complete) == (prose, True)


def test_title_loses_the_space_before_its_colon() -> None:
    assert parse("NUPES : Non-Uniform Search", title=True).plain == "NUPES: Non-Uniform Search"


def test_commented_out_lines_are_dropped() -> None:
    assert (
        parse("First line.\n% a comment here\nSecond at 5 % of all.").plain
        == "First line. Second at 5 % of all."
    )
    broken = "It is hard. %However, spaces pose problems. %As a result, they these Since weights share."
    assert parse(broken).plain == "It is hard. Since weights share."


# -- names


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (r"Paulo Andr\'e Lima de Castro", "Paulo André Lima de Castro"),
        (r"{\L}ukasz~Kaiser", "Łukasz Kaiser"),
        (r"J\"urgen Schmidhuber", "Jürgen Schmidhuber"),
        (r"H{\aa}kon M\o{}ller", "Håkon Møller"),
        (r"Miroslav Dud\'{\i}k", "Miroslav Dudík"),
        ("Plain Name", "Plain Name"),
    ],
)  # fmt: skip
def test_author_name(source: str, name: str) -> None:
    assert tex_name(source) == name


# -- HTML


def test_html_escapes_and_links() -> None:
    html = to_html(parse(r"<b>5 &lt; 6</b> at https://example.org/?a=1&b=2. \href{javascript:alert(1)}{x}"))
    assert html == (
        '&lt;b&gt;5 &lt; 6&lt;/b&gt; at <a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener">'
        "https://example.org/?a=1&amp;b=2</a>. x"
    )


def test_spans_cut_text_but_never_formulas() -> None:
    markup = parse("One $x^2$. Two.")
    assert markup.plain == "One x². Two."
    assert to_html_spans(markup, [(0, 7), (8, 12)]) == [
        "One <math><msup><mi>x</mi><mn>2</mn></msup></math>.",
        "Two.",
    ]


def test_marks_highlight_plain_ranges_across_spans() -> None:
    markup = parse("tensor factor & more")
    assert to_html(markup, marks=[(0, 6), (14, 15)]) == "<mark>tensor</mark> factor <mark>&amp;</mark> more"
    assert to_html_spans(markup, [(0, 3), (3, 6)], marks=[(2, 4)]) == ["te<mark>n</mark>", "<mark>s</mark>or"]


# -- properties

_TEX = st.sampled_from(
    [
        "$", "$$", "\\(", "\\)", "{", "}", "\\", "\\\\", "``", "''", "'", '"', "~", "--", "%", "&", "&lt;", "^", "_", "*", "\n",
        "\\textbf{", "\\emph ", "\\cite{", "\\frac", "\\sqrt{", "\\alpha", "\\foo", "\\'", '\\"', "\\c", "\\left(", "\\right)",
        "mathcal{", "times", "left(", "right)", "sim", "Omega(", "log", "R^{", "https://", "http://x.y/", "{here}", "<script>",
        "\\href{", "\\url{", "\\verb|", "\\footnote{", "\\item", "\\begin{", "\\unicode{", "alert(1)", "word", "a", "I", " ", " ", "12", "1.5", ".", ",",
    ]
)  # fmt: skip
_ANY = st.text(max_size=120) | st.lists(_TEX, max_size=40).map("".join)


@settings(max_examples=4 * settings().max_examples)
@given(source=_ANY, title=st.booleans())
def test_any_text_is_read_and_its_spaces_are_normal(*, source: str, title: bool) -> None:
    plain = parse(source, title=title).plain
    assert plain == plain.strip()
    assert "  " not in plain
    assert "\n" not in plain
    tex_name(source)


@settings(max_examples=3 * settings().max_examples)
@given(_ANY)
def test_html_is_well_formed_and_runs_nothing(source: str) -> None:
    html = to_html(parse(source.replace("\x00", "")), marks=[(1, 4)])
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    allowed = {"div", "a", "mark", "code", "span", "math"}
    for element in root.iter():
        tag = str(element.tag)
        assert tag in allowed or tag.startswith("m"), tag
        assert not [name for name in element.attrib if str(name).startswith("on")]
        if tag == "a":
            assert str(element.get("href")).startswith(("http://", "https://", "ftp://", "mailto:"))


# Letters of which no TeX command is made.
_WORDS = st.text("bdfhkouyzBDFHKOUYZäöüßéłøñ0123456789", min_size=1, max_size=12)
_GAPS = st.sampled_from(
    [
        " ",
        ", ",
        ". ",
        " (",
        ") ",
        " - ",
        " / ",
        ": ",
        "; ",
        " $ ",
        " % ",
        " & ",
        " -- ",
        "' ",
        " `",
        '"',
        " {",
        "} ",
        "~",
    ]
)


@settings(max_examples=4 * settings().max_examples)
@given(st.lists(st.tuples(_WORDS, _GAPS), max_size=25))
def test_no_letter_or_digit_of_prose_is_lost(words: list[tuple[str, str]]) -> None:
    source = "".join(word + gap for word, gap in words)
    if re.search(
        r"times|sim\d|approx\d|rightarrow|bullet|eq|gg|ll|(?:19|20)\d\d[a-z]|~[a-z]{2,}\d|%[ ]?[A-Za-z]|[|^_]|https?",
        source,
    ):
        return  # damage, citation keys and comments are not prose
    letters = _letters(source)
    assert _letters(parse(source).plain) == letters


def _letters(text: str) -> str:
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFC", text) if c.isalnum())


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(st.tuples(_WORDS, st.sampled_from([" ", ", ", ". ", "; "])), max_size=25))
def test_plain_words_read_the_same_twice(words: list[tuple[str, str]]) -> None:
    plain = parse("".join(word + gap for word, gap in words)).plain
    assert parse(plain).plain == plain


# -- real text

_DEBRIS = re.compile(
    r"\\|``|''|mathcal|mathbb|widetilde|varepsilon|rightarrow|proptoleft|\bleq\b|\bgeq\b|\binfty\b|\bsqrt\b"
    r"|\dtimes|\bsim\d|\bpm\d|(?<![_^(])[{}]|%However|~[a-z]+\d"
)


def _outside_source(markup: Markup) -> str:
    """What readers see besides TeX shown on purpose; a set in braces is no debris."""
    seen = "".join(s.plain for s in markup.segments if s.kind is not SegmentKind.TEX)
    return re.sub(r"\{[^{}]{1,12}(?:,[^{}]{1,12})+\}", "", seen)


def test_no_seed_page_shows_debris() -> None:
    path = SHARED / "data" / "seed_pages" / "papers.jsonl"
    if not path.exists():
        pytest.skip(f"real seed pages are not here: {path}")
    shown = []
    for line in path.read_text().splitlines():
        paper = json.loads(line)
        for field in ("title", "abstract"):
            markup = parse(paper[field], title=field == "title")
            text = _outside_source(markup) + re.sub(
                r"<math>.*?</math>|<code.*?</code>|</?[a-z][^>]*>", "", to_html(markup)
            ).replace("{±1, ±i}", "")
            shown += [
                (paper["id"], text[max(0, m.start() - 30) : m.end() + 30]) for m in _DEBRIS.finditer(text)
            ]
    assert not shown


def test_real_abstracts_keep_their_prose_and_give_well_formed_html() -> None:
    path = SHARED / "data" / "arxiv_daily" / "2026H1.jsonl.gz"
    if not path.exists():
        pytest.skip(f"real arXiv records are not here: {path}")
    with gzip.open(path, "rt") as lines:
        records = [json.loads(line) for line in itertools.islice(lines, 0, 12000, 12)]
    source_shown = 0
    for record in records:
        markup = parse(record["text"])
        lxml_html.fragment_fromstring(to_html(markup), create_parent="div")
        source_shown += any(s.kind is SegmentKind.TEX for s in markup.segments)
        if not re.search(r"[\\$^_{}~`*%]|20\d\d[a-z]", record["text"]):
            assert _letters(markup.plain) == _letters(record["text"]), record["_id"]
    assert source_shown < len(records) * 0.02
