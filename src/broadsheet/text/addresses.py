"""Web addresses in running text: where they end, and how they should have been written. Fetches nothing."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Address(NamedTuple):
    """An address found at ``start:end``: where it leads and how it reads."""

    start: int
    end: int
    url: str
    shown: str


_HOSTS = (
    r"www\.[a-z0-9-]+\.[a-z]|(?:gist\.)?github\.com/|gitlab\.com/|huggingface\.co/|bit\.ly/|doi\.org/10\.|"
    r"zenodo\.org/|arxiv\.org/|osf\.io/|anonymous\.4open\.science/|aka\.ms/|[a-z0-9][a-z0-9-]*\.github\.io\b"
)
_BODY = r"(?:[^\s<>\"{}|\\^`\[\]$]|\\[_%#&~\-/$]|\[[A-Za-z0-9]*\])"
_ADDRESS = re.compile(
    rf"\[(?P<label>[^\[\]]{{1,120}})\]\((?P<target>https?://[^\s()]+)\)"
    rf"|(?P<scheme>https?)\s?:\s?//(?P<rest>{_BODY}+)"
    rf"|(?<![\w./@:-])(?P<bare>(?:{_HOSTS}){_BODY}*)",
    re.IGNORECASE,
)
# What follows an address by mistake: its own copy, or the word that should have been its label.
_DEBRIS = re.compile(
    r"/?\{\s*(?:https?://[^{}\s]*|url|here|link|this (?:link|url|https url|page)|website)?\s*\}",
    re.IGNORECASE,
)
_REACH = 200  # longest label or host before what gives an address away
_TAIL = ".,;:!?'*”’"
_MAY_HOLD = (
    "http",
    "HTTP",
    "Http",
    "www.",
    ".com/",
    ".co/",
    "github.io",
    ".ly/",
    ".org/",
    ".io/",
    ".science/",
    "aka.ms",
)


# One text is asked about at each step of its reading.
@lru_cache(maxsize=4)
def find_addresses(text: str) -> tuple[Address, ...]:
    """The addresses of a text, in order."""
    places = [place for mark in _MAY_HOLD if (place := text.find(mark)) >= 0]
    if not places:
        return ()
    found: list[Address] = []
    for match in _ADDRESS.finditer(text, max(0, min(places) - _REACH)):
        if found and match.start() < found[-1].end:
            continue
        if match["target"]:
            label = " ".join(match["label"].split())
            found.append(Address(match.start(), match.end(), match["target"], label))
            continue
        body = match["bare"] or match["rest"]
        kept = _without_tail(body)
        if not kept:
            continue
        end = match.end() - (len(body) - len(kept))
        kept = re.sub(r"\\(.)", r"\1", kept)
        if debris := _DEBRIS.match(text, end):
            end = debris.end()
        scheme = (match["scheme"] or "https").lower()
        found.append(
            Address(match.start(), end, f"{scheme}://{kept}", kept if match["bare"] else f"{scheme}://{kept}")
        )
    return tuple(found)


def _without_tail(body: str) -> str:
    """The address without the sentence's punctuation: a bracket stays only with its partner inside."""
    while body:
        if body[-1] in _TAIL or (body[-1] == ")" and body.count(")") > body.count("(")):
            body = body[:-1]
        else:
            return body
    return body
