"""Where the sentences of a scientific abstract begin and end. Knows nothing of what they say."""

from __future__ import annotations

import re

Span = tuple[int, int]

# A possible end: marks, whatever closes after them, then space or a capital glued on ("trained.We use").
_BREAK = re.compile(
    r"""(?<![.!?…])(?P<marks>[.!?…]+)[\"'”’»)\]]*(?:\s+|(?=[A-Z][a-z]*[ ,]))(?=[\"'“‘«(\[]*(?P<next>\S{1,60}))"""
)
_OPENERS = "\"'“‘«([{"

# Abbreviations that lead on to what they abbreviate: never an end.
_LEADING = frozenset(
    "e.g eg i.e ie vs v.s cf viz resp fig figs eq eqs eqn eqns sec secs sect ref refs tab thm lem def prop cor alg "
    "algs app ch chap vol pp dr prof mr mrs ms mx st mt ca approx incl esp no nos art proc univ dept a.k.a aka "
    "w.r.t wrt s.t i.i.d n.b c.f q.v".split()
)
# Abbreviations that may stand last: an end where the next word is one that begins sentences.
_TRAILING = frozenset(
    "al inc ltd corp co jr sr ph.d u.s u.k u.n e.u a.m p.m hr hrs min mins avg max std est dim deg yr yrs "
    "jan feb mar apr jun jul aug sep sept oct nov dec sp spp mag pop inst "
    # words of journal names: "Phys. Rev. Lett."
    "phys rev lett astron astrophys nat mach comput math appl soc trans philos mon chem natl acad sci mech numer "
    "harmon anal intell".split()
)
_STARTERS = frozenset(
    "a above accordingly across additionally after all also although among an and applying as at based because "
    "besides beyond both building but by code compared consequently data despite due during each empirically "
    "even every experiments extensive finally first firstly following for from furthermore given hence here how "
    "however if importantly in indeed instead interestingly it its last lastly many most motivated moreover "
    "motivation nevertheless next notably numerical objective on once one our overall particularly previous prior "
    "recent recently regarding results second secondly several similarly since so some specifically still such "
    "surprisingly that the their then there therefore these they third this those though through throughout thus "
    "to together towards two ultimately under unfortunately unlike until upon using various via we what when "
    "whereas whether which while whilst why with within without yet you".split()
)
# Headings of structured abstracts belong to the sentence that they head.
_HEADING = re.compile(
    r"(?:(?:main|key|study|primary|clinical|research|expected|and|of|the|this|materials?|background|context|"
    r"introduction|motivation|problem|purposes?|aims?|objectives?|goals?|rationale|methods?|methodology|approach|"
    r"design|procedure|results?|findings?|outcomes?|conclusions?|discussion|interpretation|significance|"
    r"implications?|impact|relevance|originality|contributions?|availability|implementation|summary|"
    r"limitations?|abstract|setting|participants|measurements?)[ ,/&]*){1,5}[.:]",
    re.IGNORECASE,
)
_HEADING_LENGTH = 45


def split(plain: str) -> tuple[Span, ...]:
    """The sentences of a text as ``(start, end)``, in order, without the space around them.

    Every character that is not space lies in exactly one sentence. A heading ("Main results.") opens
    the sentence it heads.

    >>> split("See Fig. 2. It is O(n).")
    ((0, 11), (12, 23))
    """
    spans: list[Span] = []
    end = len(plain.rstrip())
    start = len(plain) - len(plain.lstrip())
    if start >= end:
        return ()
    for found in _BREAK.finditer(plain, start, end):
        if _ends(plain, start, found):
            stop = found.end()
            while plain[stop - 1].isspace():
                stop -= 1
            if stop - start <= _HEADING_LENGTH and _HEADING.fullmatch(plain, start, stop):
                continue
            spans.append((start, stop))
            start = found.end()
    spans.append((start, end))
    return tuple(spans)


def _ends(plain: str, start: int, found: re.Match[str]) -> bool:
    """Whether a sentence that began at ``start`` ends at this possible end."""
    marks, following = found["marks"], found["next"]
    first = following[0]
    spaced = plain[found.end() - 1].isspace()
    at = found.start()
    if first.islower() and not _begins_in_lower_case(following, plain[start:at]):
        return False
    if marks != ".":
        return spaced and (not first.isdigit() or marks[0] in "!?")
    word = plain[max(start, plain.rfind(" ", start, at) + 1) : at].lstrip(_OPENERS)
    if not spaced:  # "trained.We use", but not "Ph.D" or "example.Org"
        return word.isalpha() and word.islower() and (len(word) > 2 or _starts(following))
    if not word:
        return at > start
    if word.isdecimal():
        # "0. 85" is a number torn apart; "1. Foo" numbers an item.
        return not first.isdigit() and (len(word) > 2 or not _numbers_an_item(plain, start, at - len(word)))
    if len(word) > 6:
        return True
    lower = word.lower()
    if lower in _LEADING:
        # "No." is a word unless a number follows; so are a few others when they are not abbreviations.
        return lower in {"no", "art", "prop", "app"} and first.isupper() and _starts(following)
    if lower in _TRAILING or (len(word) == 1 and word.isalpha() and (word.isupper() or word in "eip")):
        return _starts(following)
    if len(word) > 2 and word[1] == "." and word[-2] == ".":  # U.S, J.K
        return _starts(following)
    return True


def _starts(word: str) -> bool:
    return word.rstrip(",:;").lower() in _STARTERS


def _numbers_an_item(plain: str, start: int, at: int) -> bool:
    before = plain[start:at].rstrip()
    return not before or before[-1] in ":;,(" or before.endswith(("and", "or"))


def _begins_in_lower_case(word: str, before: str) -> bool:
    """Whether a sentence may begin with this word: a name such as ``vLLM``, or an author's slip (``we``)."""
    if not before[-3:].isalpha() or not before[-3:].islower():
        return False
    last = before[before.rfind(" ") + 1 :]
    if last.lower() in _LEADING or last.lower() in _TRAILING or last == "etc":
        return False
    name = word.rstrip(",:;.")
    return name in {"we", "this", "our", "however", "https"} or (
        len(name) > 2 and not name.islower() and name.isascii() and name.replace("-", "").isalnum()
    )
