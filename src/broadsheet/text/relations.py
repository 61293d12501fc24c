"""What a paper's title, abstract and comment say of how it stands to another paper: extends it, disputes it, is a version of it.

Rules for few false finds. Words that tell a relation ("extended version of", "comment on") count where what they speak
of follows closely: an arXiv id or DOI, a quoted title, or a name such as "FreeScale". Merely to cite, to use or to
compare with a paper is no relation. Which paper is meant is for others to find out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from broadsheet import titles
from broadsheet.errors import InputError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Mention, Place, Record, RelationKind, Sentence
from broadsheet.text import sentences

_MOST: Final = 12  # mentions of one paper; a reading list in a comment is none
_SHOWN: Final = 400  # letters of a sentence

# -- what is spoken of

_ID: Final = re.compile(
    r"(?P<new>(?<![\d.])\d\d(?:0[1-9]|1[0-2])\.\d{4,5}(?:v\d{1,2})?(?!\d|\.\d))|"
    r"(?P<old>(?<=[a-z])(?:\.[A-Z]{2})?/\d\d(?:0[1-9]|1[0-2])\d{3}(?:v\d{1,2})?(?!\d))|"
    r"(?P<doi>(?<![\d.])10\.\d{4,9}/[^\s,;)\]]+)"
)
_MAYBE_ID: Final = re.compile(r"\d\d\.\d{4}|\d{7}|/10\.|:10\.|: 10\.")
_ARCHIVE: Final = re.compile(r"[a-z]+(?:-[a-z]+)?$")  # of an old id, before its slash
# What leads up to an id and belongs to it: "https://arxiv.org/abs/", "arXiv:cs/".
_LEAD: Final = re.compile(
    r"(?:(?:https?://)?(?:www\.|export\.)?arxiv(?:\.org/(?:abs|pdf|html)/|\s*(?:preprint)?\s*[:.]?\s*)(?:[a-z-]+/)?|"
    r"(?:https?://)?(?:dx\.)?doi(?:\.org/|:\s*))$",
    re.IGNORECASE,
)
_LONGEST_LEAD: Final = 40
# Between two ids of one list: "arXiv:2501.00001 [cs.LG], and arXiv:2501.00002".
_BETWEEN_IDS: Final = re.compile(r"[\s,;&)\](]*(?:\[[\w.-]+\])?[\s,;&)\](]*(?:and|both|,|\.)?[\s(\[]*")
_QUOTED: Final = re.compile(r"(?:[“\"‘]|``|''|(?<!\w)')(?P<title>[^“”\"]{8,250}?),?(?:[”\"’]|''|'(?!\w))")
_NAME: Final = re.compile(
    r"[\"'“‘(]?(?P<name>(?:[A-Za-z]*[A-Z0-9][\w+.-]*\w|[A-Z][\w+-]*\w)(?:\s\d[\d.]*)?)(?![\w])"
)

# -- what is said of it, nearest before it. The first of two that both fit counts.

_ADJECTIVE = (
    r"(?:extended|expanded|journal|full|long|longer|short|shorter|condensed|conference|workshop|improved|revised|updated|"
    r"enhanced|upgraded|unabridged|complete|earlier|previous|preliminary|final|later|abridged|refined)"
)
_ITS = r"(?:(?:the|a|an|our|my|their|its|this|that|these|both|all|of)\s+)"
_SAYS: Final = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            RelationKind.OVERLAPS,
            r"\boverlaps?\s+with\b",
        ),
        (
            RelationKind.DISPUTES,
            (r"\b(?:comments?|commentary|critique|remarks|criticism)\s+(?:on|of)(?=\W)|\brefut(?:e|es|ed|ing|ation\s+of)\b|\bdisprov(?:e|es|ed|ing)\b|"
            r"\b(?:dispute|disputes|disputing|rebut|rebuts|rebutting|rebuttal\s+(?:of|to))\b|\bcounter-?examples?\s+to\b|"
            r"\b(?:plagiarism|fabrication)\s+in\b|"
            r"\b(?:error|errors|flaw|flaws|gap|gaps|mistake|mistakes)\s+in\s+(?:the\s+(?:proof|paper|main)|a\s+(?:proof|paper|recent))"),
        ),
        (
            RelationKind.ANSWERS,
            r"\b(?:reply|replies|replying|rejoinder|response|responds|responding)\s+to\b",
        ),
        (
            RelationKind.VERSION,
            (rf"\b{_ADJECTIVE}(?:[\s-]+(?:and|or|&)[\s-]+(?:\w+\s+)?{_ADJECTIVE}|[\s-]+(?:\(\w+\)|new|{_ADJECTIVE}))*[\s-]+"
            r"(?:(?:extension\s+)?versions?|extension|abstract|article|paper|edition|manuscript)\s+"
            r"(?:of|(?:derived\s+)?from|based\s+on|following|(?:exists|appears|appeared|is\s+available|available|can\s+be\s+found|is|was\s+posted)(?:\s+\w+)?\s+(?:as|at|in|on|under))"
            rf"|\b{_ADJECTIVE}[\s-]+(?:version|paper)\s*:"
            r"|\bsupersed(?:e|es|ed|ing)(?:\s+by)?\b|\b(?:merged|subsumed)\s+(?:into|by|with)\b|\bduplicates?\s+(?:of|submission)\b|"
            r"\bencompass(?:es)?\s+(?:the\s+)?results\s+of\b"),
        ),
        (
            RelationKind.EXTENDS,
            (r"\bextend(?:s|ing|ed)?\b(?!\s+(?:abstract|version|to\b))|\bextensions?\s+(?:of|to)\b|\bextended\s+work\s+of\b|"
            r"\bexpand(?:s|ing)?\s+(?:on|upon|the\s+results|our)\b|\b(?:build|builds|building|built)\s+(?:up)?on\b|"
            r"\bfollow(?:s|ing)?[\s-]?up\s+(?:\w+\s+){0,2}?(?:to|of|on)\b|\bsequel\s+(?:to|of)\b|\bcontinuation\s+of\b|"
            r"\bgenerali[sz](?:e|es|ing|ations?\s+of)\b|\bimprov(?:e|es|ing)\s+(?:up)?on\b|\bsuccessor\s+(?:to|of)\b|"
            r"\bevolution\s+of\b|\bupgrade\s+(?:of|to)\b"),
        ),
        (
            RelationKind.SERIES,
            (r"\b(?:companion|accompanying|sister)\s+(?:(?:paper|work|study|article|letter|preprint|report|manuscript|piece)s?\b)?(?:\s+(?:to|of|for|is|on|available|at|in|can\s+be\s+found))*|"
            r"\b(?:paper|part)\s+(?:[IVX]{1,5}|\d{1,2})\b(?:\s+(?:of|is|in|can\s+be\s+found|available|also|at|a|the|this|series|trilogy))*"),
        ),
    )
)  # fmt: skip
# What may stand between the words and an id: who wrote it and where it came out, nothing that is done with it.
_NEAR: Final = 110
_ELSE: Final = re.compile(
    r"\b(?:using|use|uses|used|with|via|through|by\s+(?:using|adding|applying|studying)|apply|applying|to|for|as\s+in|see|cf|unlike|"
    r"compared|than|which|that|where|while|we|is|are|was|were|has|have|can|will|shows?|introduc\w+|cites?)\b",
    re.IGNORECASE,
)
# Words that deny it, or speak of the paper's own versions.
_DENIES: Final = re.compile(
    r"\b(?:not|no|without|independent|mistakenly|erroneously|in\s+error|unrelated)\b", re.IGNORECASE
)

# -- names: what stands between the words and a name such as "FreeScale"

_OF_NAMES: Final = re.compile(
    r"\b(?:(?P<version>(?:extended|journal|longer|full)[\s-]+(?:version|extension)\s+of)|"
    r"(?P<extends>extend(?:s|ing)?|extended\s+work\s+of|extensions?\s+of|generalizations?\s+of|generalisations?\s+of|successor\s+(?:to|of)|"
    r"(?:improved|upgraded|enhanced|updated|advanced)\s+(?:version|variant)\s+of|build(?:s|ing)?\s+(?:up)?on|"
    r"follow-up\s+(?:to|of|on)|sequel\s+to|simplifies\s+and\s+extends))\s+"
    r"(?:(?:our|the|its|their|recent|recently|proposed|introduced|original|previous|earlier|prior|preliminary|work|paper|on|framework|"
    r"method|model|conference|benchmark|dataset|existing|and|extends)\s+){0,4}(?:\()?",
    re.IGNORECASE,
)  # fmt: skip
_IS_A_VENUE: Final = re.compile(
    r"\s*(?:['’]?\d{2,4}\b|(?:[\w-]+\s+){0,2}(?:paper|conference|workshop|proceedings)\b)"
)
# "We present a framework called NAME"; not "we present a version of NAME".
_COINED: Final = (
    r"(?:propose|introduce|present|develop|release|construct|design|call|name|named|dubbed|termed|namely)(?:e?[sd])?\b"
    r"(?:(?!\b(?:of|on|upon|over|from|based|built|building|extend\w*|extension)\b)[^.;]){0,80}?(?<![\w-])"
)
# One of these is in each of the words above.
_HINTS: Final = (
    "xten",
    "uild",
    "enerali",
    "uccessor to",
    "uccessor of",
    "ersion of",
    "ariant of",
    "ollow-up",
    "equel",
)
_LETTERS_OF_NAME: Final = 4

# -- titles that begin by saying what they are

_TITLE: Final = re.compile(
    r"(?:(?:a|an|the|some|brief|short|further|critical|additional|my|our|author'?s?)\s+)*"
    r"(?:(?P<disputes>comments?|commentary|critique)|(?P<answers>reply|response|rejoinder|replies)|(?P<version>erratum|corrigendum|addendum))"
    r"(?:\s+(?:on|to)\s*:?\s+|\s*:\s+|\s+(?=[“\"‘']))(?P<rest>\S.*)",
    re.IGNORECASE,
)
_TRAILING: Final = re.compile(r"\s*[\[(][^\])]*[\])]\s*$")


def find(record: Record, *, title: str, abstract: str, spans: Sequence[Sentence]) -> tuple[Mention, ...]:
    """What a record says of other papers, each target once. ``title``, ``abstract`` and its sentences are plain text."""
    own = {record.id.value, *(id.value for id in record.also), *titles.keys(title)[:1]}
    found: dict[str, Mention] = {}
    for mention in _all(record, title, abstract, spans):
        known = found.get(mention.target)
        if mention.target not in own and (known is None or _weight(mention) < _weight(known)):
            found[mention.target] = mention
    return tuple(found.values()) if len(found) <= _MOST else ()


_WEIGHTS: Final = {kind: n for n, kind in enumerate(RelationKind)}


def _weight(mention: Mention) -> int:
    return _WEIGHTS[mention.kind]


def _all(record: Record, title: str, abstract: str, spans: Sequence[Sentence]) -> Iterator[Mention]:
    yield from _by_title(title)
    yield from _by_name(title, title, abstract, Place.TITLE)
    for span in spans:
        text = abstract[span.start : span.end]
        yield from _by_words(text, Place.ABSTRACT)
        yield from _by_name(text, title, abstract, Place.ABSTRACT)
    if record.comment:
        comment = " ".join(record.comment.split())
        for start, end in sentences.split(comment):
            for text in comment[start:end].split("; "):
                yield from _by_words(text, Place.COMMENT)
                yield from _by_name(text, title, abstract, Place.COMMENT)


# -- by id and by quoted title


def _by_words(text: str, place: Place) -> Iterator[Mention]:
    """What a sentence says of papers whose ids or whole titles it gives."""
    named = list(_named(text, place))
    if not named:
        return
    last: tuple[RelationKind, int] | None = None  # what was said of the one before, and where that ended
    free = 0
    for start, end, targets in named:
        kind = _said(
            text[max(free, start - _NEAR) : start], quoted=all(target[0] in "=:" for target in targets)
        )
        if kind is None and last and _BETWEEN_IDS.fullmatch(text, last[1], start):
            kind = last[0]
        if kind is not None:
            for target in targets:
                yield Mention(kind, target, _cut(text, start, end), place)
        last = (kind, end) if kind else None
        free = end


def _named(text: str, place: Place) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Where a text names a paper by id or by a title in quotation marks, and the targets that gives."""
    places: list[tuple[int, int, tuple[str, ...]]] = []
    places += [(start, end, (id,)) for start, end, id in _ids(text, bare=place is Place.COMMENT)]
    for match in _QUOTED.finditer(text):
        targets = () if _MAYBE_ID.search(match["title"]) else _of_title(match["title"])
        if place is Place.ABSTRACT:  # where quotation marks hold more than titles
            targets = tuple(target for target in targets if target[0] != ":")
        if targets:
            places.append((match.start(), match.end(), targets))
    taken = 0
    for start, end, targets in sorted(places):
        if start >= taken:  # an id within quotation marks is the quotation's
            taken = end
            yield start, end, targets


def _ids(text: str, *, bare: bool) -> Iterator[tuple[int, int, str]]:
    """Where a text gives ids, and the ids as we write them. ``bare``: also new arXiv ids with nothing before them."""
    if not _MAYBE_ID.search(text):  # as in nearly every sentence, and told sooner
        return
    for match in _ID.finditer(text):
        start, written = match.start(), match[0]
        if match["old"]:
            archive = _ARCHIVE.search(text, max(0, start - 20), start)
            if archive is None:
                continue
            start, written = archive.start(), archive[0] + written
        elif match["doi"]:
            written = written.rstrip(".”\"'")
        lead = _LEAD.search(text, max(0, start - _LONGEST_LEAD), start)
        if lead is None and match["new"] and not bare:
            continue
        try:
            id = PaperId.parse(written)
        except InputError:
            continue
        if id.scheme is not Scheme.OWN:
            yield lead.start() if lead else start, match.end(), id.value


def _of_title(title: str) -> tuple[str, ...]:
    """The targets that a title in quotation marks gives: as a whole, and as what stands before another's colon."""
    whole = titles.whole(title)
    short = titles.name_key(title) if len(title.split()) <= titles.NAME_WORDS else None
    return tuple(target for target in (whole, short) if target)


def _said(before: str, *, quoted: bool) -> RelationKind | None:
    """What the words before a paper's name say of it: the last that do, with nothing else between."""
    if _DENIES.search(before):
        return None
    best: tuple[int, RelationKind] | None = None
    for kind, pattern in _SAYS:
        for match in pattern.finditer(before):
            between = re.sub(r"[“\"][^“”\"]*[”\"]", "", before[match.end() :])
            if _ELSE.search(between) or "; " in between or (quoted and len(between.split()) > 8):
                continue
            if best is None or match.end() > best[0]:
                best = match.end(), kind
    return best[1] if best else None


def _cut(text: str, start: int, end: int) -> str:
    """The sentence, or the part of a long one that names the paper."""
    if len(text) <= _SHOWN:
        return text.strip()
    first = max(0, min(start - _SHOWN // 2, len(text) - _SHOWN))
    first = text.find(" ", first) + 1 if first else 0
    last = len(text) if first + _SHOWN >= len(text) else max(text.rfind(" ", 0, first + _SHOWN), end)
    return ("… " if first else "") + text[first:last].strip() + (" …" if last < len(text) else "")


# -- by a name


def _by_name(text: str, title: str, abstract: str, place: Place) -> Iterator[Mention]:
    """What a sentence says of works that it names: "extends FreeScale"."""
    if not any(map(text.__contains__, _HINTS)):
        return
    for cue in _OF_NAMES.finditer(text):
        match = _NAME.match(text, cue.end())
        if match is None:
            continue
        name = match["name"]
        if (
            _IS_A_VENUE.match(text, match.end())
            or not is_coined(name)
            or _names_itself(name, title, abstract)
        ):
            continue
        kind = RelationKind.VERSION if cue["version"] else RelationKind.EXTENDS
        yield Mention(kind, titles.name_key(name), _cut(text, cue.start(), match.end()), place)


def is_coined(name: str) -> bool:
    """Whether a name is one that somebody made up: two capitals or more, or letters with a digit."""
    letters = sum(map(str.isalpha, name))
    capitals = sum(map(str.isupper, name))
    return letters >= _LETTERS_OF_NAME and (capitals > 1 or any(map(str.isdigit, name)))


def _names_itself(name: str, title: str, abstract: str) -> bool:
    """Whether a paper calls its own work so."""
    own = titles.name_in(title)
    if own is not None and own.casefold() == name.casefold():
        return True
    return coins(abstract, name)


def coins(abstract: str, name: str) -> bool:
    """Whether an abstract calls by this name what it presents."""
    return re.search(_COINED + re.escape(name) + r"(?![\w+-]|\s?[vV]?\d)", abstract) is not None


# -- by a title


def _by_title(title: str) -> Iterator[Mention]:
    """What a title itself says: "Comment on …", "…: Part II"."""
    if match := _TITLE.match(title):
        kind = RelationKind(
            str(match.lastgroup and next(k for k in ("disputes", "answers", "version") if match[k]))
        )
        rest = match["rest"]
        quoted = _QUOTED.match(rest)
        for _, _, id in _ids(rest, bare=True):
            yield Mention(kind, id, title, Place.TITLE)
        if quoted:
            for target in _of_title(quoted["title"]):
                yield Mention(kind, target, title, Place.TITLE)
        elif whole := titles.whole(_TRAILING.sub("", rest)):
            yield Mention(kind, whole, title, Place.TITLE)
    if part := titles.series(title):
        yield Mention(RelationKind.SERIES, part[0], title, Place.TITLE)
        stem = titles.series_stem(title)
        if (
            part[1] > 1 and stem and (whole := titles.whole(stem))
        ):  # the first part did not know that it was one
            yield Mention(RelationKind.SERIES, whole, title, Place.TITLE)
