"""Names of papers: arXiv ids old, new and versioned; DOIs; our own. Knows nothing of papers."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import unquote

from broadsheet.errors import InputError

# New style: YYMM.NNNN to 1412, YYMM.NNNNN since. https://info.arxiv.org/help/arxiv_identifier.html
_NEW = re.compile(
    r"(?P<yymm>\d{2}(?:0[1-9]|1[0-2]))\.(?P<number>\d{4,5})(?:v(?P<version>[1-9]\d{0,3}))?", re.ASCII
)
_OLD = re.compile(
    r"(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.[A-Za-z-]{2,})?/(?P<number>\d{2}(?:0[1-9]|1[0-2])\d{3})"
    r"(?:v(?P<version>[1-9]\d{0,3}))?",
    re.ASCII,
)
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
# What arXiv would have named so, had there been such a month: no name of ours.
_NUMBERED = re.compile(r"\d{4}\.\d{4,5}(?:v\d+)?", re.ASCII)
_OWN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}")
_PREFIX = re.compile(
    r"(?:https?://)?(?:www\.|export\.|dx\.)?"
    r"(?:arxiv\.org/(?:abs|pdf|html)/|doi\.org/|huggingface\.co/papers/)|oai:arxiv\.org:|arxiv:\s*|doi:\s*",
    re.IGNORECASE,
)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)


class Scheme(StrEnum):
    """Who gave a paper its name."""

    ARXIV = "arxiv"
    DOI = "doi"
    OWN = "own"

    __hash__ = str.__hash__  # an enum's own is ten times slower, and ids are looked up all the time


class PaperId(NamedTuple):
    """The name of one paper, without version; a tuple, as these are compared and looked up the quickest.

    ``str(id)`` is the name in its usual form (``2402.01234``, ``hep-th/9901001``,
    ``10.1145/3292500``, ``page-206``); ``PaperId.parse`` reads it back.
    """

    value: str
    scheme: Scheme = Scheme.ARXIV

    def __str__(self) -> str:
        return self.value

    @staticmethod
    def parse(text: str) -> PaperId:
        """The id that a text names, its version dropped. Raises InputError."""
        return parse_versioned(text)[0]


def parse_versioned(text: str) -> tuple[PaperId, int | None]:
    """The id and version that a text names: an id, a DOI, or a link to either.

    >>> parse_versioned("https://arxiv.org/pdf/2402.01234v2")
    (PaperId(value='2402.01234', scheme=<Scheme.ARXIV: 'arxiv'>), 2)

    Raises InputError where the text is none of these.
    """
    name = unquote(text.strip())
    if prefix := _PREFIX.match(name):
        name = name[prefix.end() :].split("#")[0].split("?")[0].removesuffix(".pdf").rstrip("/")
    if prefix := _ARXIV_DOI.match(name):
        name = name[prefix.end() :]
    if (new := _NEW.fullmatch(name)) and len(new["number"]) == (5 if _five_digits(new["yymm"]) else 4):
        return PaperId(f"{new['yymm']}.{new['number']}"), _version(new["version"])
    if old := _OLD.fullmatch(name):
        return PaperId(f"{old['archive']}/{old['number']}"), _version(old["version"])
    if _DOI.fullmatch(name):
        return PaperId(name.lower(), Scheme.DOI), None
    if _OWN.fullmatch(name) and not _NUMBERED.fullmatch(name):
        return PaperId(name, Scheme.OWN), None
    raise InputError(
        f"not a paper id: {text!r}; expected an arXiv id such as '2402.01234v2' or 'hep-th/9901001', "
        "a DOI such as '10.1145/3292500.3330701', or a name of letters, digits, '.', '_', ':' and '-'"
    )


def _five_digits(yymm: str) -> bool:
    return yymm >= "1501"


def _version(digits: str | None) -> int | None:
    return int(digits) if digits else None
