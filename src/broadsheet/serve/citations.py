"""Write a paper's citation: BibTeX, RIS, CSL-JSON. Pure; knows no page and no store.

What the source does not say is left out. A sample edition's texts are not the authors', so its
abstracts stay out of citations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, count
from typing import Any
from urllib.parse import quote

from broadsheet.ids import Scheme
from broadsheet.model import Paper, author_key, known_parts

_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BODY = re.compile(
    r"\b(?:collaboration|consortium|team|group|project|network|initiative|committee|laboratory|institute|"
    r"university|association|society|foundation|inc|ltd|gmbh)\b",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:jr|sr)\.?|ii|iii|iv", re.IGNORECASE)
# fmt: off
_STOP = frozenset({
    "a", "an", "and", "are", "as", "at", "by", "do", "does", "for", "from", "how", "in", "is", "it", "of",
    "on", "or", "the", "to", "what", "when", "why", "with",
})
# fmt: on


def bibliography(papers: Iterable[tuple[Paper, Sequence[str]]]) -> str:
    """Papers, each with its keywords, as one BibTeX file in which no two entries have the same key."""
    entries, used = [], set[str]()
    for paper, keywords in papers:
        first = key(paper)
        name = next(n for n in chain([first], (f"{first}-{i}" for i in count(2))) if n not in used)
        used.add(name)
        entries.append(bibtex(paper, name=name, keywords=keywords))
    return "\n".join(entries)


def bibtex(paper: Paper, *, name: str = "", keywords: Sequence[str] = ()) -> str:
    """The paper as one BibTeX entry, in Unicode, with arXiv's fields where it is there."""
    record = paper.record
    is_arxiv = paper.id.scheme is Scheme.ARXIV
    issued = _issued(paper)
    month = _MONTHS[issued[1] - 1] if len(issued) > 1 else None
    fields = {
        "title": _braced(_protected(paper.title)),
        "author": _braced(" and ".join(_bibtex_name(a.name) for a in record.authors)),
        "year": _braced(str(issued[0])) if issued else "",
        "month": month or "",  # a macro every style knows, so without braces
        "journal": _braced(_tex(record.venue or "")),
        "eprint": _braced(str(paper.id)) if is_arxiv else "",
        "archivePrefix": _braced("arXiv") if is_arxiv else "",
        "primaryClass": _braced(record.categories[0]) if is_arxiv and record.categories else "",
        "doi": _braced(_verbatim(_doi(paper))),
        "url": _braced(_verbatim(address(paper) or "")),
        "note": _braced(_tex(_comment(paper))),
        "keywords": _braced(_tex(", ".join(keywords))),
        "broadsheet-id": _braced(_own(paper)),
    }
    kind = "article" if record.venue else "misc"
    lines = [f"  {key} = {value}," for key, value in fields.items() if value not in {"", "{}"}]
    return "\n".join([f"@{kind}{{{name or key(paper)},", *lines, "}"]) + "\n"


def ris(paper: Paper) -> str:
    """The paper as one RIS record."""
    record = paper.record
    issued = _issued(paper)
    given_date = [str(issued[0]), *(f"{n:02}" for n in issued[1:])] if issued else []
    lines = [
        ("TY", "JOUR" if record.venue else "GEN"),
        ("ID", key(paper)),
        ("TI", paper.title),
        *(
            ("AU", ", ".join(filter(None, (family, given, suffix))))
            for given, family, suffix in _names(paper)
        ),
        ("PY", given_date[0] if given_date else ""),
        ("DA", "/".join(given_date + [""] * (3 - len(given_date))) if given_date else ""),
        ("T2", record.venue or ""),
        ("AB", _abstract(paper)),
        ("DO", _doi(paper)),
        ("UR", address(paper) or ""),
        ("AN", _accession(paper)),
        ("PB", "arXiv" if paper.id.scheme is Scheme.ARXIV and not record.venue else ""),
        ("N1", f"Comment: {_comment(paper)}" if _comment(paper) else ""),
    ]
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in lines if value) + "ER  - \r\n"


def csl(paper: Paper) -> dict[str, Any]:
    """The paper as one CSL-JSON item; a file holds a list of them."""
    record = paper.record
    is_arxiv = paper.id.scheme is Scheme.ARXIV
    issued = _issued(paper)
    item: dict[str, Any] = {
        "id": key(paper),
        "type": "article-journal" if record.venue else "article",
        "title": paper.title,
        "author": [_csl_name(*name) for name in _names(paper)],
        "issued": {"date-parts": [list(issued)]} if issued else None,
        "container-title": record.venue,
        "publisher": "arXiv" if is_arxiv and not record.venue else None,
        "number": f"arXiv:{paper.id}" if is_arxiv else None,
        "abstract": _abstract(paper),
        "DOI": _doi(paper),
        "URL": address(paper),
        "note": _comment(paper),
        # CSL 1.0.2's place for what has no variable of its own.
        "custom": {"broadsheet-id": _own(paper)} if _own(paper) else None,
    }
    return {field: value for field, value in item.items() if value}


def key(paper: Paper) -> str:
    """A citation key: first author, year, first telling word of the title, in ASCII.

    ``vaswani2017attention``; where none of them is known, the id.
    """
    names = _names(paper)
    family = author_key(names[0][1]) if names else ""
    issued = _issued(paper)
    words = author_key(paper.title).split("-")
    word = next((w for w in words if w not in _STOP and w.isascii() and len(w) > 1), "")
    made = "".join(re.findall(r"[a-z0-9]+", f"{family}{issued[0] if issued else ''}{word}"))
    return made or "".join(re.findall(r"[A-Za-z0-9]+", str(paper.id)))


def address(paper: Paper) -> str | None:
    """Where the paper itself is: its page at arXiv, its DOI, or the first address its source gives."""
    if paper.id.scheme is Scheme.ARXIV:
        return f"https://arxiv.org/abs/{paper.id}"
    if paper.id.scheme is Scheme.DOI:
        return f"https://doi.org/{quote(str(paper.id), safe='/:;().-_')}"
    return next(iter(paper.record.links), None)


def _issued(paper: Paper) -> tuple[int, ...]:
    """Year, month and day as far as they are known."""
    if paper.record.published is not None:
        return tuple(part for part in known_parts(paper.record.published) if part is not None)
    return (paper.day.year, paper.day.month, paper.day.day) if paper.day else ()


def _doi(paper: Paper) -> str:
    return paper.record.doi or (str(paper.id) if paper.id.scheme is Scheme.DOI else "")


def _own(paper: Paper) -> str:
    """The id of our own, if it is one: nobody else's field names it, and we find the paper again by it."""
    return str(paper.id) if paper.id.scheme is Scheme.OWN else ""


def _accession(paper: Paper) -> str:
    house = {Scheme.ARXIV: "arXiv", Scheme.OWN: "broadsheet"}.get(paper.id.scheme)
    return f"{house}:{paper.id}" if house else ""


def _abstract(paper: Paper) -> str:
    return "" if paper.record.sample else paper.abstract


def _comment(paper: Paper) -> str:
    return " ".join((paper.record.comment or "").split())


# -- names


def _names(paper: Paper) -> list[tuple[str, str, str]]:
    return [name_parts(author.name) for author in paper.record.authors]


def name_parts(name: str) -> tuple[str, str, str]:
    """Given name, family name and suffix of a ``First Last``; a body is all family name.

    >>> name_parts("Ludwig van Beethoven"), name_parts("Martin Luther King Jr.")
    (('Ludwig', 'van Beethoven', ''), ('Martin Luther', 'King', 'Jr.'))
    """
    words = name.split()
    if len(words) < 2 or "," in name or _BODY.search(name):
        return "", " ".join(words), ""
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    start = next((i for i, w in enumerate(words[1:-1], start=1) if w[:1].islower()), len(words) - 1)
    return " ".join(words[:start]), " ".join(words[start:]), suffix


def _bibtex_name(name: str) -> str:
    given, family, suffix = name_parts(name)
    if not given:
        return f"{{{_tex(family)}}}"
    return ", ".join(filter(None, (_tex(family), suffix, _tex(given))))


def _csl_name(given: str, family: str, suffix: str) -> dict[str, str]:
    if not given:
        return {"literal": family}
    return {"family": family, "given": given} | ({"suffix": suffix} if suffix else {})


# -- TeX


def _tex(text: str) -> str:
    escaped = " ".join(text.split()).translate(_TEX)
    if _balanced(text):
        return escaped
    # BibTeX counts braces behind backslashes too, so a lone \{ would break the entry.
    return escaped.replace(r"\{", r"\textbraceleft{}").replace(r"\}", r"\textbraceright{}")


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0


def _protected(title: str) -> str:
    """A title whose capitals no bibliography style can lower: ``{BERT}`` and ``{GPT-4}``."""
    return " ".join(
        f"{{{_tex(w)}}}" if any(c.isupper() for c in w[1:]) or (w.isupper() and w != "A") else _tex(w)
        for i, w in enumerate(title.split())
    )


def _verbatim(address: str) -> str:
    """An address or DOI, which TeX takes as it stands but for braces and what would end the field."""
    return quote(address, safe="".join(chr(c) for c in range(33, 127) if chr(c) not in '{}\\"'))


def _braced(text: str) -> str:
    return f"{{{text}}}"
