"""Papers as the store writes them: one compact JSON object each. Knows no SQL.

Fields that hold their default are left out, and what was derived is left out where it equals the
source's text, which is most of it: so a row stays small and is quick to read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

from broadsheet.errors import InputError, StoreError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import (
    HUGGING_FACE,
    Acronym,
    AnnounceKind,
    Announcement,
    Aspect,
    Author,
    Derived,
    Link,
    LinkKind,
    Mention,
    Paper,
    PaperType,
    Place,
    Record,
    RelationKind,
    Revision,
    Sentence,
    Version,
    VoteReading,
)
from broadsheet.store.merge import Content

# The columns of `papers p` that make a Paper, in the order of `paper_of`.
PAPER = "p.id, p.body, p.added, p.revised, p.seq"

_ARXIV = re.compile(r"\d{4}\.\d{4,5}")

# Papers whose text need not be read again, by that text: some 15 kB each. Readers ask for few papers over and over.
_REMEMBERED: Final = 1024
# Ids that need not be made again, a quarter of a kilobyte each.
_IDS: Final = 8192

# Looking a member up in a dict is several times quicker than calling the enum.
_KINDS = {kind.value: kind for kind in AnnounceKind}
_TYPES = {type.value: type for type in PaperType}
_LINK_KINDS = {kind.value: kind for kind in LinkKind}
_ASPECTS = {aspect.value: aspect for aspect in Aspect}
_ASPECT_CODES = {Aspect.OTHER: 0, Aspect.PROBLEM: 1, Aspect.METHOD: 2, Aspect.RESULT: 3}
_ASPECT_OF_CODE = {code: aspect for aspect, code in _ASPECT_CODES.items()}
_PLAIN_TEXT_FIELDS = ("comment", "venue", "doi", "licence", "gist")
_PLAIN_LIST_FIELDS = ("categories", "links", "tags", "collections", "keyphrases")

_SKETCH = '"sketch":['

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_dumps_ascii = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def key_of(id: PaperId) -> str:
    """An id as the database knows it: its usual form. Raises InputError where it would not read back."""
    if _scheme(id.value) is not id.scheme:
        raise InputError(f"not a well-formed {id.scheme.value} id: {id.value!r}; make ids with PaperId.parse")
    return id.value


@lru_cache(maxsize=_IDS)
def id_of(key: str) -> PaperId:
    """The id of a key."""
    return PaperId(key, _scheme(key))


def encode(content: Content, aliases: Iterable[PaperId] = ()) -> str:
    """A work as JSON."""
    record, derived = content.record, content.derived
    body: dict[str, Any] = {
        "title": record.title,
        "abstract": record.abstract,
        "source": record.source,
        "authors": [a.name if a.affiliation is None else [a.name, a.affiliation] for a in record.authors],
    }
    for name in _PLAIN_TEXT_FIELDS:
        if (text := getattr(record, name)) is not None:
            body[name] = text
    for name in _PLAIN_LIST_FIELDS:
        if items := getattr(record, name):
            body[name] = items
    if record.published is not None:
        body["published"] = moment(record.published)
    if record.updated is not None:
        body["updated"] = moment(record.updated)
    if record.announcements:
        body["announced"] = [[a.day.isoformat(), a.kind.value, int(a.stated)] for a in record.announcements]
    if record.versions:
        body["versions"] = [
            [v.number, v.submitted and moment(v.submitted), v.size, v.source_type] for v in record.versions
        ]
    if record.version is not None:
        body["version"] = record.version
    if record.withdrawn:
        body["withdrawn"] = 1
    if record.also:
        body["also"] = [key_of(id) for id in record.also]
    if record.featured is not None:
        body["featured"] = record.featured.isoformat()
    if record.readings:  # the name of the counter is left out where it is the first one's
        body["votes"] = [
            [moment(v.at), v.count] if v.counter == HUGGING_FACE else [moment(v.at), v.count, v.counter]
            for v in record.readings
        ]
    if record.aspects:
        body["aspects"] = {aspect.value: text for aspect, text in record.aspects.items()}
    if record.type is not None:
        body["type"] = record.type.value
    if record.sample:
        body["sample"] = 1
    body["derived"] = _encode_derived(derived, record)
    if names := [key_of(id) for id in aliases]:
        body["aliases"] = names
    return _text(body)


def decode(key: str, text: str) -> tuple[Content, tuple[PaperId, ...]]:
    """A work and its aliases from JSON. Raises StoreError where that is not what was written."""
    try:
        return _decoded(key, text)
    except (ValueError, LookupError, TypeError, AttributeError, InputError) as error:
        raise StoreError(
            f"the database is damaged: what it holds of paper {key} cannot be read ({error}); restore a backup"
        ) from error


@lru_cache(maxsize=_REMEMBERED)
def _decoded(key: str, text: str) -> tuple[Content, tuple[PaperId, ...]]:
    body = json.loads(text)
    get = body.get
    record = Record(
        id=id_of(key),
        title=body["title"],
        source=body["source"],
        abstract=body["abstract"],
        authors=tuple([Author(a) if a.__class__ is str else Author(*a) for a in body["authors"]]),
        categories=tuple(get("categories", ())),
        published=_moment_of(get("published")),
        updated=_moment_of(get("updated")),
        announcements=tuple(
            [
                Announcement(date.fromisoformat(day), _KINDS[kind], bool(stated))
                for day, kind, stated in get("announced", ())
            ]
        ),
        versions=tuple(
            [
                Version(number, _moment_of(submitted), size, source_type)
                for number, submitted, size, source_type in get("versions", ())
            ]
        ),
        version=get("version"),
        withdrawn="withdrawn" in body,
        comment=get("comment"),
        venue=get("venue"),
        doi=get("doi"),
        licence=get("licence"),
        links=tuple(get("links", ())),
        also=tuple([id_of(name) for name in get("also", ())]),
        featured=date.fromisoformat(body["featured"]) if "featured" in body else None,
        readings=tuple(
            [VoteReading(datetime.fromisoformat(at), *counted) for at, *counted in get("votes", ())]
        ),
        tags=tuple(get("tags", ())),
        collections=tuple(get("collections", ())),
        gist=get("gist"),
        aspects={_ASPECTS[aspect]: text for aspect, text in get("aspects", {}).items()},
        keyphrases=tuple(get("keyphrases", ())),
        type=_TYPES[body["type"]] if "type" in body else None,
        sample="sample" in body,
    )
    aliases = tuple([id_of(name) for name in get("aliases", ())])
    return Content(record, _decode_derived(body["derived"], record)), aliases


def paper_of(key: str, body: str, added: str, revised: int, seq: int) -> Paper:
    """A paper from its row."""
    content, aliases = decode(key, body)
    return Paper(
        record=content.record,
        derived=content.derived,
        aliases=aliases,
        revised=revised,
        added=datetime.fromisoformat(added),
        seq=seq,
    )


def sketch_of(body: str) -> list[int]:
    """The sketch of a paper from its row, the rest left unread.

    Within a JSON text quotes are escaped, so no title or abstract holds the mark.
    """
    start = body.rfind(_SKETCH)
    if start < 0:
        return []
    start += len(_SKETCH)
    return list(map(int, body[start : body.index("]", start)].split(",")))


def encode_list(items: Iterable[str]) -> str:
    """A few words as JSON."""
    return _text(list(items))


def encode_revision(revision: Revision) -> str:
    """A former text as JSON."""
    return _text([revision.title, revision.abstract, revision.version, moment(revision.until)])


def decode_revision(text: str) -> Revision:
    """A former text from JSON."""
    title, abstract, version, until = json.loads(text)
    return Revision(title, abstract, version, datetime.fromisoformat(until))


def moment(at: datetime) -> str:
    """A moment as text that sorts as time does. Raises InputError for a naive one."""
    if at.tzinfo is None:
        raise InputError(f"a moment without time zone: {at.isoformat()}; wanted an aware one, in UTC")
    return at.astimezone(UTC).isoformat(timespec="microseconds" if at.microsecond else "seconds")


def time_of(text: str) -> datetime:
    """The moment that ``moment`` wrote."""
    return datetime.fromisoformat(text)


def _scheme(value: str) -> Scheme:
    if "/" in value:
        return Scheme.DOI if value.startswith("10.") else Scheme.ARXIV
    return Scheme.ARXIV if _ARXIV.fullmatch(value) else Scheme.OWN


def _moment_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _encode_derived(derived: Derived, record: Record) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if derived.title != record.title:
        body["title"] = derived.title
    if derived.abstract != record.abstract:
        body["abstract"] = derived.abstract
    if not derived.complete:
        body["damaged"] = 1
    if derived.sentences:
        body["sentences"] = [n for s in derived.sentences for n in (s.start, s.end, _ASPECT_CODES[s.aspect])]
    if derived.gist:
        body["gist"] = _encode_gist(derived)
    if derived.acronyms:
        body["acronyms"] = [[a.short, a.long] for a in derived.acronyms]
    if derived.links:
        body["links"] = [[link.url, link.kind.value] for link in derived.links]
    if derived.type is not PaperType.OTHER:
        body["type"] = derived.type.value
    if derived.keyphrases:
        body["keyphrases"] = derived.keyphrases
    if derived.mentions:
        body["mentions"] = [[m.kind.value, m.target, m.says, m.place.value] for m in derived.mentions]
    if derived.sketch:
        body["sketch"] = derived.sketch
    return body


def _decode_derived(body: dict[str, Any], record: Record) -> Derived:
    get = body.get
    abstract = get("abstract", record.abstract)
    flat = get("sentences", ())
    gist = get("gist", "")
    return Derived(
        title=get("title", record.title),
        abstract=abstract,
        complete="damaged" not in body,
        sentences=tuple(
            [
                Sentence(start, end, _ASPECT_OF_CODE[code])
                for start, end, code in zip(flat[::3], flat[1::3], flat[2::3], strict=True)
            ]
        ),
        gist=gist if gist.__class__ is str else abstract[gist[0] : gist[1]],
        acronyms=tuple([Acronym(short, long) for short, long in get("acronyms", ())]),
        links=tuple([Link(url, _LINK_KINDS[kind]) for url, kind in get("links", ())]),
        type=_TYPES[body["type"]] if "type" in body else PaperType.OTHER,
        keyphrases=tuple(get("keyphrases", ())),
        mentions=tuple(
            [
                Mention(RelationKind(kind), target, says, Place(place))
                for kind, target, says, place in get("mentions", ())
            ]
        ),
        sketch=tuple(get("sketch", ())),
    )


def _encode_gist(derived: Derived) -> str | list[int]:
    """The gist, or where in the abstract it stands: it is mostly one of its sentences."""
    start = derived.abstract.find(derived.gist)
    return derived.gist if start < 0 else [start, start + len(derived.gist)]


def _text(body: object) -> str:
    text = _dumps(body)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # a lone surrogate, which no database takes
            return _dumps_ascii(body)
    return text
