"""Author names in every shape sources write them → ``First Last`` in Unicode. Knows no format."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress

from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]  # has no stubs

from broadsheet.errors import InputError
from broadsheet.model import Author

_AND = re.compile(r"\s+and\s+|\s*&\s+", re.IGNORECASE)
# What stands behind a name and is none: parted from it by a comma, it still belongs to it.
SUFFIX = re.compile(r"(?:jr|sr|ph\.?\s?d|m\.?\s?d|ii|iii|iv)\.?", re.IGNORECASE)
_OTHERS = re.compile(r"(?:others|et al\.?)", re.IGNORECASE)
_TEX = LatexNodes2Text(math_mode="text", strict_latex_spaces=False)
# It warns of each command that lacks its argument; a file of names can be full of them.
logging.getLogger("pylatexenc.latex2text").setLevel(logging.CRITICAL)


def authors(value: object) -> tuple[Author, ...]:
    """The authors a value lists: a list of names or of objects, or one text of all of them.

    >>> [a.name for a in authors("Vaswani, Ashish and Shazeer, Noam")]
    ['Ashish Vaswani', 'Noam Shazeer']

    Raises InputError, saying what was got and wanted.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(Author(n) for part in split(value) if (n := first_last(part)))
    if isinstance(value, list | tuple):
        return tuple(author for entry in value if (author := _author(entry)) is not None)
    raise InputError(f"authors: got {_short(value)}, wanted a list of names")


def split(text: str) -> list[str]:
    """The names in a text that lists several.

    ``and`` parts names, then semicolons; commas part them only where they cannot be the comma
    of ``Last, First``.

    >>> split("A. Vaswani, N. Shazeer"), split("Vaswani, Ashish"), split("Smith, J.; Lee, M.")
    (['A. Vaswani', 'N. Shazeer'], ['Vaswani, Ashish'], ['Smith, J.', 'Lee, M.'])
    """
    if "{" in text:
        return split_and(text)
    text = " ".join(text.split())  # a long gap would be looked through from each of its spaces
    if ";" in text:
        names = text.split(";")
    else:
        names = _AND.split(text)
        parts = [p.strip() for p in names[0].split(",")]
        full = [p for p in parts if " " in p or SUFFIX.fullmatch(p)]
        if len(parts) > 1 and len(full) == len(parts) and not SUFFIX.fullmatch(parts[1]):
            names = [*parts, *names[1:]]  # "Ann Lee, Bo Xu and Cy Young"
        elif len(parts) > 3:
            names = [*parts, *names[1:]]
    return _cleaned(names)


def split_and(text: str) -> list[str]:
    """The names in a BibTeX text: ``and`` parts them, outside braces, and nothing else does."""
    names, depth, start = [], 0, 0
    for found in re.finditer(r"[{}]|(?<=\s)and(?=\s)", text, re.IGNORECASE):
        if found[0] in "{}":
            depth = max(0, depth + (1 if found[0] == "{" else -1))
        elif depth == 0:
            names.append(text[start : found.start()])
            start = found.end()
    return _cleaned([*names, text[start:]])


def first_last(name: str) -> str:
    r"""A name as ``First Last`` in Unicode.

    >>> first_last("Lov{\\'a}sz, L{\\'a}szl{\\'o}"), first_last("King, Jr., Martin Luther")
    ('László Lovász', 'Martin Luther King Jr.')
    """
    name = " ".join(name.split())
    if name.startswith("{") and _closes_last(name):
        return unicode_of(name)  # a body such as {LIGO Scientific Collaboration, Virgo}
    if "," not in name:
        return unicode_of(name)
    parts = [p.strip() for p in name.split(",") if p.strip()]
    if len(parts) == 2 and SUFFIX.fullmatch(parts[1]):
        return unicode_of(name)
    suffix = next((p for p in (parts[1:2] + parts[2:]) if len(parts) > 2 and SUFFIX.fullmatch(p)), "")
    given = [p for p in parts[1:] if p is not suffix]
    return unicode_of(" ".join([*given, *parts[:1], suffix]))


def unicode_of(text: str) -> str:
    r"""A short text with its TeX accents, macros and braces resolved to Unicode; what is no TeX stays.

    >>> unicode_of("Mart{\\'i}n-{\\'A}lvarez"), unicode_of("Erd\\H{o}s~P\\'al")
    ('Martín-Álvarez', 'Erdős Pál')
    """
    if any(c in text for c in "\\{}~$"):
        # Whatever stands in a name must not end the reading of a file.
        with suppress(ValueError, IndexError, TypeError, AttributeError, RecursionError):
            text = str(_TEX.latex_to_text(text.replace("%", "\\%")))
    return " ".join(text.split())


def _cleaned(names: Iterable[str]) -> list[str]:
    return [n for name in names if (n := name.strip(" ,\t\n")) and not _OTHERS.fullmatch(n)]


def _author(entry: object) -> Author | None:
    if isinstance(entry, str):
        # Lists that were cut at their commas keep the last one's "and", and colons that stood alone.
        name = first_last(entry.strip().removeprefix("and "))
        return Author(name) if any(map(str.isalpha, name)) else None
    if not isinstance(entry, Mapping):
        raise InputError(f"authors: got {_short(entry)} in the list, wanted a name")
    affiliation = entry.get("affiliation")
    if isinstance(affiliation, list):
        affiliation = "; ".join(a for a in affiliation if isinstance(a, str))
    name = _whole_name(entry)
    if not name:
        return None
    return Author(name, affiliation if isinstance(affiliation, str) and affiliation else None)


def _whole_name(entry: Mapping[object, object]) -> str:
    """The name in an object: whole, in CSL's parts, or in Zotero's."""
    for key in ("name", "literal", "full_name", "fullname"):
        if isinstance(whole := entry.get(key), str) and whole.strip():
            return unicode_of(whole) if key == "literal" else first_last(whole)
    keys = (
        ("given", "first", "firstName", "forenames"),
        ("dropping-particle",),
        ("non-dropping-particle",),
        ("family", "last", "lastName", "keyname"),
        ("suffix",),
    )
    parts = (_first_text(entry, alternatives) for alternatives in keys)
    return unicode_of(" ".join(part for part in parts if part))


def _first_text(entry: Mapping[object, object], keys: Iterable[str]) -> str:
    return next((v.strip() for k in keys if isinstance(v := entry.get(k), str) and v.strip()), "")


def _closes_last(name: str) -> bool:
    """Whether the brace that opens the name closes it, too."""
    depth = 0
    for place, char in enumerate(name):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return place == len(name) - 1
    return False


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
