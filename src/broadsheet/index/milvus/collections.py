"""The collections of an index, and a paper as a row of one. Knows no queries.

``papers`` holds words and vectors side by side, ``terms`` how many papers each term is in (the
engine has no dictionary to read), ``details`` the bytes of a second look, ``now`` the one row that
says which generation is the newest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from pymilvus import CollectionSchema, DataType, Function, FunctionType, MilvusClient  # type: ignore[import-untyped]

from broadsheet.index import analysis, fields, senses
from broadsheet.index.contract import text_of
from broadsheet.index.milvus.engine import Engine, Row
from broadsheet.index.papers import digest, to_key
from broadsheet.model import LinkKind, Paper

# What the engine takes at most: bytes of a text, values of a list.
LONGEST: Final = 65_535
_VALUES: Final = 4096
_KEY: Final = 512  # bytes of an id or a term; longer terms are left out
_PRIMARY: Final = 640

# The parts of a paper that words are looked for in. The title is part of the text.
Part = Literal["text", "title", "keys", "authors"]
PARTS: Final[tuple[Part, ...]] = ("text", "title", "keys", "authors")

# Marks between the parts of ``words``; no analysed word is one. The first parts a title from an
# abstract, and one value from the next, so that no phrase reaches over.
BREAK: Final = "|"
KEYS: Final = "||"
AUTHORS: Final = "|||"

# How BM25 weighs, as the local index does.
K1: Final = 1.2
B: Final = 0.75

_SPOTS: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an encoder's vectors lie."""

    name: str
    dim: int
    field: str


def slots_of(encoders: Mapping[str, int]) -> dict[str, Slot]:
    """A field for each encoder, by name."""
    return {name: Slot(name, dim, f"vector_{n}") for n, (name, dim) in enumerate(sorted(encoders.items()))}


PAPER_FIELDS: Final = (
    "words",
    "title",
    "venue",
    "spelling",
    "digest",
    "day",
    "spot",
    "type",
    "code",
    "category",
    "author",
    "name",
    "sense",
    "capitals",
    "made",
)
_PAPER_LISTS: Final = ("category", "author", "name", "sense", "capitals", "made")
TERM_FIELDS: Final = ("papers", "none")
DETAIL_FIELDS: Final = ("paper", "part", "parts", "bytes", "none")


def create_papers(engine: Engine, name: str, slots: Iterable[Slot]) -> None:
    """Make the collection of words and vectors."""
    schema = _versioned()
    schema.add_field(
        "words",
        DataType.VARCHAR,
        max_length=LONGEST,
        enable_analyzer=True,
        enable_match=True,
        analyzer_params={"tokenizer": "standard"},  # parts stems at spaces and drops the marks
    )
    for field in ("title", "venue", "spelling"):
        schema.add_field(field, DataType.VARCHAR, max_length=LONGEST)
    for field in ("digest", "type"):
        schema.add_field(field, DataType.VARCHAR, max_length=64)
    for field in ("day", "spot"):
        schema.add_field(field, DataType.INT64)
    schema.add_field("code", DataType.BOOL)
    for field in _PAPER_LISTS:
        schema.add_field(
            field, DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=_VALUES, max_length=_KEY
        )
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="bm25",
            function_type=FunctionType.BM25,
            input_field_names=["words"],
            output_field_names=["bm25"],
        )
    )
    indexes: dict[str, dict[str, object]] = {
        "bm25": {
            "index_type": "SPARSE_INVERTED_INDEX",
            "metric_type": "BM25",
            "params": {"bm25_k1": K1, "bm25_b": B},
        }
    }
    for slot in slots:
        schema.add_field(slot.field, DataType.FLOAT_VECTOR, dim=slot.dim)
        indexes[slot.field] = {"index_type": "AUTOINDEX", "metric_type": "IP"}
    scalars = ["key", "since", "until", "day", "spot", "type", *_PAPER_LISTS]
    engine.create(name, schema, vectors=indexes, scalars=scalars)


def create_terms(engine: Engine, name: str) -> None:
    """Make the collection of terms and their numbers of papers."""
    schema = _versioned()
    schema.add_field("papers", DataType.INT64)
    _create_plain(engine, name, schema, ["key", "since", "until"])


def create_details(engine: Engine, name: str) -> None:
    """Make the collection of what a second look needs."""
    schema = _versioned()
    schema.add_field("paper", DataType.VARCHAR, max_length=_KEY)
    schema.add_field("part", DataType.INT64)
    schema.add_field("parts", DataType.INT64)
    schema.add_field("bytes", DataType.VARCHAR, max_length=LONGEST)
    _create_plain(engine, name, schema, ["key", "since", "until", "paper"])


def create_now(engine: Engine, name: str) -> None:
    """Make the collection whose one row says what the newest generation is."""
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("pk", DataType.VARCHAR, is_primary=True, max_length=_PRIMARY)
    schema.add_field("body", DataType.VARCHAR, max_length=LONGEST)
    _create_plain(engine, name, schema, [])


def nothing() -> list[float]:
    """The vector of rows that have none: the engine wants one in every collection."""
    return [0.0, 0.0]


def _create_plain(engine: Engine, name: str, schema: CollectionSchema, scalars: Sequence[str]) -> None:
    schema.add_field("none", DataType.FLOAT_VECTOR, dim=len(nothing()))
    indexes = {"none": {"index_type": "FLAT", "metric_type": "IP"}}
    engine.create(name, schema, vectors=indexes, scalars=scalars)


def _versioned() -> CollectionSchema:
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("pk", DataType.VARCHAR, is_primary=True, max_length=_PRIMARY)
    schema.add_field("key", DataType.VARCHAR, max_length=_KEY)
    schema.add_field("since", DataType.INT64)
    schema.add_field("until", DataType.INT64)
    return schema


# -- a paper as a row


def key_of(paper: Paper) -> str:
    """A paper's key in the collections."""
    return to_key(paper.id).decode()


def digest_of(paper: Paper) -> str:
    """A paper's present text, as its row names it."""
    return f"{digest(text_of(paper)):016x}"


def row_of(paper: Paper, slots: Iterable[Slot]) -> Row:
    """A paper as a row, without vectors yet."""
    title, abstract = _stemmed(paper.title), _stemmed(paper.abstract)
    names = [author.name for author in paper.record.authors]
    places = [place for place in (paper.record.venue, paper.record.comment) if place]
    spelt = analysis.spelt(" ".join((paper.title, paper.abstract, *names)))
    text = f"{title} {BREAK} {abstract}"
    keys = f" {BREAK} ".join(map(_stemmed, fields.keys_of(paper)))
    authors = f" {BREAK} ".join(map(_stemmed, names))
    terms = senses.terms_of(paper)
    return {
        # Two spaces before a mark, so that the last word before it has one of its own.
        "words": _cut(f" {text}  {KEYS} {keys}  {AUTHORS} {authors} "),
        "title": _cut(f" {title} "),
        "venue": _cut(f" {f' {BREAK} '.join(' '.join(analysis.spelt(place)) for place in places)} "),
        "spelling": _cut(" ".join(dict.fromkeys(spelt))),
        "digest": digest_of(paper),
        "day": fields.day_number(fields.day_of(paper)),
        "spot": spot_of(key_of(paper)),
        "type": paper.derived.type.value,
        "code": any(link.kind is LinkKind.CODE for link in paper.derived.links),
        "category": _listed(fields.with_parents(paper.record.categories)),
        "author": _listed(fields.author_names(paper)),
        "name": _listed(str(id).lower() for id in (paper.id, *paper.aliases)),
        "sense": _listed(terms["sense"]),
        "capitals": _listed(terms["capitals"]),
        "made": [],
        **{slot.field: [0.0] * slot.dim for slot in slots},
    }


def spot_of(key: str) -> int:
    """A number below ``2 ** 32`` that is a paper's for ever, evenly spread: for samples."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big")


def threshold(share: float) -> int:
    """Below which spots a share of all papers lies."""
    return int(min(1.0, share) * _SPOTS)


def parts_of(words: str) -> dict[Part, list[str]]:
    """The stems of each part that ``row_of`` put together, marks among them."""
    text, _, rest = words.partition(f" {KEYS} ")
    keys, _, authors = rest.partition(f" {AUTHORS} ")
    stems = text.split()
    title = stems[: stems.index(BREAK)] if BREAK in stems else stems
    return {"text": stems, "title": title, "keys": keys.split(), "authors": authors.split()}


# Marks among stems, which are no words.
MARKS: Final = frozenset((BREAK, KEYS, AUTHORS))


def length_of(stems: Iterable[str]) -> int:
    """How many words are among stems and marks."""
    return sum(stem not in MARKS for stem in stems)


def terms_of(row: Row) -> Iterator[str]:
    """The terms that a row is counted under, each once, as ``terms`` keys them."""
    of_each: dict[str, Iterable[str]] = dict(parts_of(row["words"]).items())
    of_each |= {
        "spelling": row["spelling"].split(),
        "venue": row["venue"].split(),
        "author": row["author"],
        "sense": row["sense"],
        "long": _longs(row["sense"]),
        "capitals": row["capitals"],
    }
    for kind, terms in of_each.items():
        for term in dict.fromkeys(terms):
            if term not in MARKS and len(key := term_key(kind, term)) <= _KEY // 4:
                yield key


def term_key(kind: str, term: str) -> str:
    """How ``terms`` keys a term of a kind."""
    return f"{kind} {term}"


def _longs(terms: Iterable[str]) -> Iterator[str]:
    """Long forms' keys, alone and with their acronyms, of sense terms; as ``senses.terms_of`` gives them."""
    for term in terms:
        short, _, long = term.split("|", 2)
        yield (key := senses.long_key(long))
        yield f"{key}|{short}"


def _stemmed(text: str) -> str:
    return " ".join(analysis.stems(text))


def _cut(text: str) -> str:
    raw = text.encode()
    if len(raw) <= LONGEST:
        return text
    return raw[: LONGEST - 1].decode(errors="ignore").rpartition(" ")[0] + " "


def _listed(values: Iterable[str]) -> list[str]:
    return [value for value in values if len(value.encode()) <= _KEY][:_VALUES]


def neighbours_in(stems: Sequence[str], phrase: Sequence[str]) -> int:
    """How often stems stand next to each other in this order."""
    if len(phrase) == 1:
        return stems.count(phrase[0])
    if len(phrase) == 2:
        return sum(pair == (phrase[0], phrase[1]) for pair in pairwise(stems))
    wide = len(phrase)
    return sum(list(stems[n : n + wide]) == list(phrase) for n in range(len(stems) - wide + 1))
