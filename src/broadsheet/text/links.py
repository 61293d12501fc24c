"""Web addresses in a text: cleaned of what was glued to them, and what lies behind each. Fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from broadsheet.model import Link, LinkKind

# Hosts that authors write without a scheme.
_BARE = (
    "github.com/", "gitlab.com/", "huggingface.co/", "hf.co/", "bit.ly/", "tinyurl.com/", "zenodo.org/", "kaggle.com/",
    "osf.io/", "bitbucket.org/", "codeberg.org/", "anonymous.4open.science/", "modelscope.cn/",
)  # fmt: skip
_ADDRESS = re.compile(
    r"(?:https?\s?:\s?//\s?|(?<![\w@/.-])(?:www\.|[\w-]+\.github\.io\b|(?:"
    + "|".join(re.escape(host) for host in _BARE)
    + r")))(?P<rest>[^\s<>\"“”‘’`{}|\\^]*)",
    re.IGNORECASE,
)
_HINTS = ("http", "www.", ".github.io", ".com/", ".co/", ".ly/", ".org/", ".science/", ".cn/")
# A scheme inside an address begins the same address again, or another one.
_AGAIN = re.compile(r"(?<=.)https?:/?/?|\]\(|\[", re.IGNORECASE)
_GLUED = re.compile(r"\.(?:The|We|Our|This|These|Code|It|In|All|Data|Project)$")
_HOST = re.compile(r"(?P<host>(?:[\w-]+\.)+[a-z]{2,})(?::\d+)?(?P<rest>(?:[/?#].*)?)", re.IGNORECASE)

_CODE_HOSTS = frozenset(
    "github.com gitlab.com bitbucket.org codeberg.org sourceforge.net gitee.com anonymous.4open.science pypi.org "
    "gist.github.com colab.research.google.com hub.docker.com crates.io npmjs.com cran.r-project.org git.io "
    "sr.ht ascl.net codeocean.com bioconductor.org metacpan.org pkg.go.dev juliahub.com".split()
)
_DATA_HOSTS = frozenset(
    "zenodo.org figshare.com kaggle.com osf.io openneuro.org physionet.org datadryad.org dataverse.harvard.edu "
    "data.mendeley.com ieee-dataport.org archive.ics.uci.edu opendatalab.com openml.org vizier.cds.unistra.fr "
    "vizier.u-strasbg.fr cdsarc.u-strasbg.fr cdsarc.cds.unistra.fr".split()
)
_PAPER_HOSTS = frozenset(
    "arxiv.org doi.org dx.doi.org openreview.net aclanthology.org ieeexplore.ieee.org dl.acm.org biorxiv.org "
    "medrxiv.org semanticscholar.org link.springer.com nature.com sciencedirect.com proceedings.mlr.press "
    "openaccess.thecvf.com ui.adsabs.harvard.edu adsabs.harvard.edu papers.nips.cc ssrn.com papers.ssrn.com "
    "hal.science inspirehep.net eprint.iacr.org iopscience.iop.org journals.aps.org pubs.acs.org".split()
)
_PROJECT_HOSTS = frozenset("youtube.com youtu.be vimeo.com sites.google.com bilibili.com".split())
_MODEL_HOSTS = frozenset("huggingface.co hf.co modelscope.cn".split())
# Where https is known to be served, http is an old habit.
_SECURE = _CODE_HOSTS | _DATA_HOSTS | _PAPER_HOSTS | _PROJECT_HOSTS | _MODEL_HOSTS

# What the words before an address say of it; the last one speaks.
_CONTEXT = re.compile(
    r"\b(?:(?P<code>(?:source |training |our |and |the )?codes?(?!books?)|codebases?|implementations?|software|toolkit|"
    r"library|scripts?|repository|package|github)|(?P<data>datasets?|data|corpus|corpora|benchmarks?|catalogu?es?)"
    r"|(?P<model>models?|weights|checkpoints?)|(?P<project>project|pages?|web ?sites?|homepage|demos?|videos?|webpage))\b",
    re.IGNORECASE,
)
_OFFERED = re.compile(
    r"\b(?:available|accessible|released?|leaderboards?|platform|found|visit)\b[^.;]*$", re.IGNORECASE
)
_APPS = (
    ".streamlit.app",
    ".vercel.app",
    ".web.app",
    ".netlify.app",
    ".readthedocs.io",
    ".gitlab.io",
    ".github.io",
)
_REACH = 110


def find(plain: str, given: Iterable[str] = ()) -> tuple[Link, ...]:
    """The links of a text in order of appearance, then those a source gave; each address once.

    >>> find("Code at github.com/edwardjhu/TP4.")
    (Link(url='https://github.com/edwardjhu/TP4', kind=<LinkKind.CODE: 'code'>),)
    """
    found: dict[str, Link] = {}
    lower = plain.lower()
    if any(map(lower.__contains__, _HINTS)):
        for match in _ADDRESS.finditer(plain):
            _add(found, match[0], plain[max(0, match.start() - _REACH) : match.start()])
    for address in given:
        stated = _ADDRESS.search(address)
        _add(found, stated[0] if stated else address.strip(), "")
    return tuple(found.values())


def clean(address: str) -> str | None:
    """An address without what was glued to it, with its scheme; None where nothing is left.

    >>> clean("https: //github.com/Graph-COM/GSAT).")
    'https://github.com/Graph-COM/GSAT'
    """
    scheme, mark, rest = address.partition("//")
    if not mark:
        scheme, rest = "https:", address
    rest = rest.strip()
    if again := _AGAIN.search(rest):
        rest = rest[: again.start()]
    before = None
    while rest != before:
        before = rest
        rest = _GLUED.sub("", rest.rstrip(".,;:!?'\"*_~…，。、"))
        for opening, closing in ("()", "[]"):
            lone = rest.endswith(closing) and rest.count(opening) < rest.count(closing)
            if lone or rest.endswith(opening):
                rest = rest[:-1]
        # "(https://host/path)and": an address has no closing bracket it did not open.
        if ")" in rest and "(" not in rest:
            rest = rest[: rest.index(")")]
    parts = _HOST.fullmatch(rest)
    if parts is None:
        return None
    host, path = parts["host"].lower(), parts["rest"]
    if host in {"www.github.com", "www.huggingface.co", "www.gitlab.com"}:
        host = host[4:]
    if host in {"github.com", "gitlab.com", "huggingface.co", "hf.co"}:
        path = path.rstrip("/").removesuffix(".git")
        if not path:
            return None
    elif path == "/":
        path = ""
    bare = host.removeprefix("www.")
    secure = scheme[:5].lower() == "https" or bare in _SECURE or bare.endswith(".github.io")
    port = rest[len(parts["host"]) : len(rest) - len(parts["rest"])]
    return f"http{'s' * secure}://{host}{port}{path}"


def classify(url: str, before: str = "") -> LinkKind:
    """What lies behind a clean address, from its host and the text ``before`` it."""
    host, _, path = url.partition("//")[2].partition("/")
    host = host.removeprefix("www.")
    said = _said(before)
    if host in _CODE_HOSTS or host.startswith(("git.", "gitlab.")):
        if "awesome" in path.lower():
            return LinkKind.PROJECT
        return LinkKind.DATA if said == {LinkKind.DATA} else LinkKind.CODE
    if host in _MODEL_HOSTS:
        return _on_a_hub(path, said)
    if host in _DATA_HOSTS:
        return LinkKind.CODE if said == {LinkKind.CODE} else LinkKind.DATA
    if host in _PAPER_HOSTS:
        if path.startswith(
            ("10.5281/", "10.7910/", "10.6084/", "10.17632/")
        ):  # Zenodo, Dataverse, figshare, Mendeley
            return LinkKind.CODE if said == {LinkKind.CODE} else LinkKind.DATA
        return LinkKind.PAPER
    if host in _PROJECT_HOSTS or host.endswith((".github.io", ".gitlab.io")):
        return LinkKind.PROJECT
    for kind in (LinkKind.PROJECT, LinkKind.CODE, LinkKind.DATA, LinkKind.MODEL):
        if kind in said:
            return kind
    return LinkKind.PROJECT if _OFFERED.search(before) or host.endswith(_APPS) else LinkKind.OTHER


def _on_a_hub(path: str, said: set[LinkKind]) -> LinkKind:
    match path.split("/"):
        case ["datasets", *_]:
            return LinkKind.DATA
        case ["spaces" | "blog" | "docs" | "studios", *_]:
            return LinkKind.PROJECT
        case ["papers", *_]:
            return LinkKind.PAPER
    if said == {LinkKind.CODE}:
        return LinkKind.CODE
    return LinkKind.DATA if LinkKind.DATA in said and LinkKind.MODEL not in said else LinkKind.MODEL


def _said(before: str) -> set[LinkKind]:
    """The kinds named in the clause that ends in an address."""
    clause = re.split(r"[.;!?]\s|\)|https?:", before)[-1]
    return {LinkKind(str(match.lastgroup)) for match in _CONTEXT.finditer(clause)}


def _add(found: dict[str, Link], address: str, before: str) -> None:
    url = clean(address)
    if url is None:
        return
    key = url.partition("//")[2].removeprefix("www.").rstrip("/").lower()
    known = found.get(key)
    if known is None or known.kind is LinkKind.OTHER:
        found[key] = Link(url if known is None else known.url, classify(url, before))
