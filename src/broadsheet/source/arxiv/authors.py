"""arXiv's author line → authors with affiliations. Knows arXiv's conventions, no format around them.

https://info.arxiv.org/help/prep.html#author: names are parted by commas or "and"; affiliations
stand in parentheses, in full or as footnote numbers that a last parenthesis spells out; a
collaboration comes first with a colon, or last with "for the".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from broadsheet.model import Author
from broadsheet.source.people import SUFFIX, unicode_of

_SEPARATOR = re.compile(r",?\s+and\s+|\s+&\s+|[,;:]", re.IGNORECASE)
_ET_AL = re.compile(r"[\s,]*\bet\s+al\.?\s*$", re.IGNORECASE)
_BEHALF = re.compile(r"^(?:on\s+behalf\s+of|for)\s+(?:the\s+)?(?=\w)", re.IGNORECASE)
_MORE = re.compile(r"\(\s*\d+\s+additional\s+authors?\s+not\s+shown\s*\)", re.IGNORECASE)
_THE = re.compile(r"^the\s+(?=.*\bcollaboration\b)", re.IGNORECASE)
_NUMBERS = re.compile(r"\d+(?:\s*(?:,|;|&|and|\s)\s*\d+)*", re.IGNORECASE)
_FOOTNOTE = re.compile(r"\((\d+)\)\s*([^()]*(?:\([^()]*[^()\d][^()]*\)[^()]*)*)")


def authors(line: str) -> tuple[Author, ...]:
    """The authors that a line names, in order. Never raises: what is no name is left out.

    >>> [(a.name, a.affiliation) for a in authors("Author One (1), Two (1 and 2) ((1) Here, (2) There)")]
    [('Author One', 'Here'), ('Two', 'Here; There')]
    """
    pieces = list(_pieces(_MORE.sub("", " ".join(line.split()))))
    footnotes = dict(note for kind, text in pieces if kind == "()" for note in _footnotes(text))
    found: list[Author] = []
    for kind, text in pieces:
        if kind == "()":
            if found and not text.lstrip().startswith("("):
                found[-1] = Author(found[-1].name, _affiliation(text, footnotes) or found[-1].affiliation)
        elif SUFFIX.fullmatch(text) and found:
            found[-1] = Author(f"{found[-1].name} {text}", found[-1].affiliation)
        elif name := person(_THE.sub("", _BEHALF.sub("", _ET_AL.sub("", text), count=1), count=1)):
            found.append(Author(name))
    return tuple(dict.fromkeys(found))


def person(text: str) -> str:
    r"""A name with its TeX accents resolved; "" where no letter is left.

    >>> person("Paulo Andr\\'e Lima de Castro")
    'Paulo André Lima de Castro'
    """
    name = unicode_of(text)
    return name.strip(" ,;") if any(c.isalpha() for c in name) else ""


def _pieces(line: str) -> Iterator[tuple[str, str]]:
    """The line's parts in order: ``("", name)`` and, for what parentheses hold, ``("()", text)``.

    Separators count outside braces and parentheses only. A parenthesis that never closes holds the rest.
    """
    depth = braces = start = place = 0
    while place < len(line):
        char = line[place]
        if char == "\\":
            place += 2
            continue
        if depth == 0 and char in "{}":
            braces = max(0, braces + (1 if char == "{" else -1))
        elif char == "(" and braces == 0:
            if depth == 0:
                yield from _names(line[start:place])
                start = place + 1
            depth += 1
        elif char == ")" and depth:
            depth -= 1
            if depth == 0:
                yield "()", line[start:place].strip()
                start = place + 1
        elif depth == 0 and braces == 0 and (found := _SEPARATOR.match(line, place)):
            yield from _names(line[start:place])
            start = place = found.end()
            continue
        place += 1
    if depth:
        yield "()", line[start:].strip()
    else:
        yield from _names(line[start:])


def _names(text: str) -> Iterator[tuple[str, str]]:
    if text := text.strip():
        yield "", text


def _footnotes(text: str) -> list[tuple[str, str]]:
    """``(1) Here, (2) There`` → [("1", "Here"), ("2", "There")]."""
    return [(number, place.strip(" ,;.")) for number, place in _FOOTNOTE.findall(text)]


def _affiliation(text: str, footnotes: dict[str, str]) -> str | None:
    if not _NUMBERS.fullmatch(text):
        return person(text) or None
    places = [footnotes[n] for n in re.findall(r"\d+", text) if footnotes.get(n)]
    return "; ".join(filter(None, map(person, places))) or None
