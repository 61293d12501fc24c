"""Which id a record gets: arXiv's where it names one, a DOI, or one of our own. Knows no format."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from broadsheet.errors import InputError
from broadsheet.ids import PaperId, Scheme, parse_versioned
from broadsheet.model import Author, author_key

_ARXIV = re.compile(
    r"arxiv(?:\.org/(?:abs|pdf|html)/|(?:\.org)?:\s*|\s+preprint\s+(?:arxiv:\s*)?|[./]|\s+)"
    r"((?:[a-z]+(?:-[a-z]+)?(?:\.[a-z-]{2,})?/\d{7}|\d{4}\.\d{4,5})(?:v[1-9]\d*)?)(?!\d)",
    re.IGNORECASE,
)
_BARE_ARXIV = re.compile(
    r"(?:[a-z]+(?:-[a-z]+)?(?:\.[a-z-]{2,})?/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?", re.IGNORECASE
)
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>{}|\\^`]+")
# bioRxiv's and medRxiv's pages carry the version behind the DOI.
_RXIV_VERSION = re.compile(r"(10\.1101/[\d.]+)v\d+.*", re.DOTALL)


def arxiv_id(text: str | None, *, bare: bool = False) -> PaperId | None:
    """The arXiv paper a text names, in a link, an ``arXiv:`` or a DataCite DOI; ``bare``: also the plain id.

    >>> str(arxiv_id("arXiv:1706.03762v5 [cs]")), arxiv_id("pages 1706.03762")
    ('1706.03762', None)
    """
    return versioned_arxiv_id(text, bare=bare)[0]


def versioned_arxiv_id(text: str | None, *, bare: bool = False) -> tuple[PaperId | None, int | None]:
    """The arXiv paper and version a text names."""
    if not text:
        return None, None
    text = text.strip()
    found = _ARXIV.search(text)
    name = found[1] if found else text if bare and _BARE_ARXIV.fullmatch(text) else None
    if name is None:
        return None, None
    try:
        id, version = parse_versioned(name if name[0].isdigit() else name[0].lower() + name[1:])
    except InputError:
        return None, None
    return (id, version) if id.scheme is Scheme.ARXIV else (None, None)


def doi(text: str | None) -> PaperId | None:
    """The DOI a text names, plain or in a link; arXiv's own DOIs give the arXiv id.

    >>> str(doi("https://doi.org/10.1145/3292500.3330701."))
    '10.1145/3292500.3330701'
    """
    if not text or not (found := _DOI.search(text)):
        return None
    name = found[0].split("?")[0].split("#")[0].rstrip(".,;:'")
    while name.endswith((")", "]")) and name.count(")") + name.count("]") > name.count("(") + name.count("["):
        name = name[:-1].rstrip(".,;")
    if page := _RXIV_VERSION.fullmatch(name):
        name = page[1]
    try:
        id = PaperId.parse(name)
    except InputError:
        return None
    return None if id.scheme is Scheme.OWN else id


def own(text: object, *, prefix: str = "") -> PaperId | None:
    """The own id that a citation's field for it holds, behind ``prefix``, as our exports write it.

    >>> str(own("broadsheet:page-206", prefix="broadsheet:")), own("page-206", prefix="broadsheet:")
    ('page-206', None)
    """
    if not isinstance(text, str) or not text.startswith(prefix):
        return None
    try:
        id = PaperId.parse(text.removeprefix(prefix))
    except InputError:
        return None
    return id if id.scheme is Scheme.OWN else None


def links(addresses: Iterable[str]) -> tuple[str, ...]:
    """The web addresses that say more than the paper's id does.

    >>> links(["https://arxiv.org/abs/1706.03762", "https://doi.org/10.1000/x", "https://lab.example/code"])
    ('https://lab.example/code',)
    """
    return tuple(
        url
        for url in addresses
        if url.startswith(("http://", "https://")) and arxiv_id(url) is None and "doi.org/10." not in url
    )


def identify(
    found: Iterable[PaperId | None], *, title: str, authors: tuple[Author, ...], year: int | None
) -> tuple[PaperId, tuple[PaperId, ...]]:
    """The id of a record and the other names of the same work.

    The first arXiv id wins, then the first DOI, then an id of our own made from title, first
    author and year.
    """
    names = list(dict.fromkeys(id for id in found if id is not None))
    for scheme in (Scheme.ARXIV, Scheme.DOI):
        if chosen := next((id for id in names if id.scheme is scheme), None):
            return chosen, tuple(id for id in names if id != chosen)
    return own_id(title, authors=authors, year=year), ()


def own_id(title: str, *, authors: tuple[Author, ...], year: int | None) -> PaperId:
    """An id made from what a citation says, the same each time the record comes.

    >>> str(own_id("The Art", authors=(Author("Donald Knuth"),), year=1968))[:-10]
    'knuth-1968-the-art-'
    """
    words = author_key(title)
    first = author_key(authors[0].name) if authors else ""
    digest = hashlib.sha256(f"{words}|{first}|{year or ''}".encode()).hexdigest()[:10]
    family = first.rsplit("-", 1)[-1][:24]
    slug = "-".join(filter(None, (family, str(year or ""), "-".join(words.split("-")[:4])[:48])))
    ascii_slug = "-".join(re.findall(r"[a-z0-9]+", slug))
    return PaperId(f"{ascii_slug}-{digest}" if ascii_slug else f"paper-{digest}", Scheme.OWN)
