"""Source text set as HTML: titles, gists, sentences, marked words. Caches; knows no papers' meaning.

Rendering formulas to MathML is the dear part, so every function remembers what it set last: of an abstract its
digest, as thousands of texts that are kept only to be compared would fill the heaps. All of
them return ``markupsafe.Markup``: safe to put on a page as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Final

from markupsafe import Markup, escape

from broadsheet.library.cache import Kept
from broadsheet.text import markup

Span = tuple[int, int]
_PassagesKey = tuple[bytes, tuple[Span, ...], tuple[str, ...], tuple[Span, ...]]


@lru_cache(maxsize=8192)
def title(source: str) -> Markup:
    """A title as its source wrote it, set."""
    return _lines(markup.to_html(markup.parse(source, title=True)))


@lru_cache(maxsize=1024)
def marked_title(source: str, words: tuple[str, ...]) -> Markup:
    """A title with the words that a search matched marked."""
    read = markup.parse(source, title=True)
    return _lines(markup.to_html(read, marks=places(read.plain, words)))


def passages(
    source: str,
    plain: str,
    spans: tuple[Span, ...],
    words: tuple[str, ...] = (),
    figures: tuple[Span, ...] = (),
) -> tuple[Markup, ...]:
    """Parts of an abstract, set, with ``words`` or else ``figures`` marked.

    ``spans`` and ``figures`` are ranges of ``plain``, the text they were found in.

    Where the source reads differently now, the parts are cut from ``plain`` instead: right words,
    formulas in plain Unicode.
    """
    key = (_digest(source, plain), spans, words, figures)
    return _PASSAGES.made(key, partial(_passages, source, plain, spans, words, figures))


def _passages(
    source: str, plain: str, spans: tuple[Span, ...], words: tuple[str, ...], figures: tuple[Span, ...]
) -> tuple[Markup, ...]:
    marks = places(plain, words) if words else list(figures)
    if _PLAIN.search(source):
        read = _abstract(source)
        if read.plain == plain:
            return tuple(_lines(part) for part in markup.to_html_spans(read, spans, marks=marks))
    return tuple(_marked(plain, span, marks) for span in spans)


def abstract(source: str) -> str:
    """A whole abstract, set, for feeds."""
    return _ABSTRACTS.made(_digest(source), lambda: markup.to_html(markup.parse(source)))


def _abstract(source: str) -> markup.Markup:
    """An abstract read, of which every search shows another sentence."""
    return _READ.made(_digest(source), partial(markup.parse, source))


def _digest(*texts: str) -> bytes:
    return hashlib.blake2b("\0".join(texts).encode(errors="surrogatepass"), digest_size=16).digest()


_PASSAGES: Final[Kept[_PassagesKey, tuple[Markup, ...]]] = Kept(4096)
_ABSTRACTS: Final[Kept[bytes, str]] = Kept(2048)
_READ: Final[Kept[bytes, markup.Markup]] = Kept(1024)


def passage(source: str, plain: str, part: str) -> Markup:
    """One sentence that may stand in an abstract, set with its formulas where it does.

    It may have lost its opening ("In this paper, we show" → "We show"), so its first letter is its own.
    """
    start = plain.find(part[1:]) if part and _PLAIN.search(source) else -1
    if start < 0:
        return escape(part)
    return escape(part[0]) + passages(source, plain, ((start, start + len(part) - 1),))[0]


def places(plain: str, words: Sequence[str]) -> list[Span]:
    """Where whole words stand in a text, in order, whatever their case; of two at one place the longer."""
    low = plain.lower()
    if len(low) != len(plain):  # a letter that becomes two
        low = "".join(c if len(c.lower()) > 1 else c.lower() for c in plain)
    found = [span for word in {word.lower() for word in words if word} for span in _spans(low, word)]
    kept: list[Span] = []
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _spans(low: str, word: str) -> Iterator[Span]:
    """Where a word stands in a text, both in small letters, that is no part of a longer one."""
    start = low.find(word)
    while start >= 0:
        end = start + len(word)
        if not _in_word(low[start - 1 : start]) and not _in_word(low[end : end + 1]):
            yield start, end
        start = low.find(word, start + 1)


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


# What makes the source more than the plain text: formulas, commands, links, odd spacing of quotes.
_PLAIN = re.compile(r"[$\\{}~^_%<>`]|://|www\.|\.com/|''")


def _marked(text: str, span: Span, marks: Sequence[Span]) -> Markup:
    out, at = Markup(), span[0]
    for start, end in marks:
        if span[0] <= start and end <= span[1]:
            out += Markup("{}<mark>{}</mark>").format(text[at:start], text[start:end])
            at = end
    return out + escape(text[at : span[1]])


# A formula with what stands close to it: "(x," and "k-means" must not end up on two lines.
_FORMULA = re.compile(r"([-(\[“‘./\w]{0,24})(<math\b[^>]*>)(.*?)</math>([-,.;:!?)\]’”%\w]{0,24})", re.DOTALL)
_TAG = re.compile(r"<(/?)\w+[^>]*>")
# Where a long formula may go on in the next line: before a relation, or a sum's sign, as TeX does it.
_BREAK = re.compile(r"<mo>(?=(?:=|≤|≥|≈|∼|≃|≡|∝|∈|→|↦|≔|≪|≫|\+|−)</mo>)")
_SHORT, _LONG = 12, 30  # letters and signs that stay together; within brackets
_BRACKET = re.compile(r"(?:<msu(?:b|p|bsup)>)?<mo[^>]*>([(\[{⟨]|[)\]}⟩])</mo>")


def _lines(html: str) -> Markup:
    """Safe HTML whose lines break where a printer would break them. ``html`` is ``markup.to_html``'s."""
    return Markup(_FORMULA.sub(_broken, html) if "<math" in html else html)  # noqa: S704  safe by to_html's contract


def _broken(formula: re.Match[str]) -> str:
    before, opening, body, after = formula.groups()
    parts = [f"{opening}{part}</math>" for part in _cut(body)]
    if before:
        parts[0] = f'<span class="close">{before}{parts[0]}{after if len(parts) == 1 else ""}</span>'
    if after and not (before and len(parts) == 1):
        parts[-1] = f'<span class="close">{parts[-1]}{after}</span>'
    return "<wbr>".join(parts)


def _cut(body: str) -> list[str]:
    """The inside of a formula in parts that may stand on lines of their own."""
    parts, at, depth, within, size, seen = [], 0, 0, 0, 0, 0
    for tag in _TAG.finditer(body):
        size += len(body[seen : tag.start()].strip())
        seen = tag.end()
        if depth == 0 and size >= (_LONG if within else _SHORT) and _BREAK.match(body, tag.start()):
            parts.append(body[at : tag.start()])
            at, size = tag.start(), 0
        if depth == 0 and (bracket := _BRACKET.match(body, tag.start())):
            within += 1 if bracket[1] in "([{⟨" else -1
        depth += -1 if tag[1] else 0 if tag[0].endswith("/>") else 1
    parts.append(body[at:])
    return [parts[0], *(part.replace("<mo>", '<mo form="infix">', 1) for part in parts[1:])]
