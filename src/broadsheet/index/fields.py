"""What of a paper the words are made of: fields, and a paper as a document of them. Knows no queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from tantivy import Document, Index, Schema, SchemaBuilder

from broadsheet.index import analysis, senses
from broadsheet.model import LinkKind, Paper, author_key

_STEMMED: Final = "stemmed"
_SPELT: Final = "spelt"

# Names as analysers are known to an index.
_ANALYSERS: Final = {_STEMMED: analysis.stemming(), _SPELT: analysis.spelling()}

NO_DAY: Final = 0  # no paper is that old; day one is 0001-01-01


def schema() -> Schema:
    """The fields, in a fixed order."""
    builder = SchemaBuilder()
    # Searched by words.
    builder.add_text_field("text", tokenizer_name=_STEMMED)  # title and abstract as one
    builder.add_text_field("title", tokenizer_name=_STEMMED)  # once more, to count more
    builder.add_text_field("keys", tokenizer_name=_STEMMED)  # what the text itself may not say
    builder.add_text_field("authors", tokenizer_name=_STEMMED)
    builder.add_text_field("venue", tokenizer_name=_SPELT)  # where it appeared, the comment included
    builder.add_text_field("spelling", tokenizer_name=_SPELT, index_option="basic")
    # Asked for exactly.
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("name", tokenizer_name="raw", index_option="basic")  # id and aliases
    builder.add_text_field("category", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("author", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("type", tokenizer_name="raw", index_option="basic")
    # What acronyms stand for in the paper, and its words in capitals.
    builder.add_text_field("sense", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("long", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("capitals", tokenizer_name="raw", index_option="basic")
    builder.add_boolean_field("code", indexed=True)
    builder.add_unsigned_field("day", indexed=True, fast=True)
    builder.add_unsigned_field("ordinal", indexed=True, fast=True)
    return builder.build()


def register(index: Index) -> Index:
    """The same index, knowing our analysers."""
    for name, analyser in _ANALYSERS.items():
        index.register_tokenizer(name, analyser)
    return index


def document(paper: Paper, *, ordinal: int) -> Document:
    """A paper as a document; ``ordinal`` is its line in the paper table."""
    fields = Document()
    title, abstract = analysis.fold(paper.title), analysis.fold(paper.abstract)
    # Two values of one field: no phrase reaches from the title into the abstract.
    fields.add_text("text", title)
    fields.add_text("text", abstract)
    fields.add_text("title", title)
    names = [analysis.fold(author.name) for author in paper.record.authors]
    for name in names:
        fields.add_text("authors", name)
    for key in keys_of(paper):
        fields.add_text("keys", analysis.fold(key))
    for place in filter(None, (paper.record.venue, paper.record.comment)):
        fields.add_text("venue", analysis.fold(place))
    fields.add_text("spelling", " ".join((title, abstract, *names)))
    fields.add_text("id", str(paper.id))
    for id in (paper.id, *paper.aliases):
        fields.add_text("name", str(id).lower())
    for category in with_parents(paper.record.categories):
        fields.add_text("category", category)
    for author_name in author_names(paper):
        fields.add_text("author", author_name)
    fields.add_text("type", paper.derived.type.value)
    for name, terms in senses.terms_of(paper).items():
        for term in terms:
            fields.add_text(name, term)
    fields.add_boolean("code", any(link.kind is LinkKind.CODE for link in paper.derived.links))
    fields.add_unsigned("day", day_number(day_of(paper)))
    fields.add_unsigned("ordinal", ordinal)
    return fields


def day_of(paper: Paper) -> date | None:
    """The day a paper is found under: when it was announced, else published."""
    if (day := paper.day) is not None:
        return day
    return paper.record.published.date() if paper.record.published else None


def day_number(day: date | None) -> int:
    """A day as a number; ``NO_DAY`` for none."""
    return day.toordinal() if day else NO_DAY


def keys_of(paper: Paper) -> Iterator[str]:
    """Key phrases, acronyms, tags and a gist from elsewhere, as far as title and abstract lack them."""
    text = f"{paper.title}\n{paper.abstract}"
    derived = paper.derived
    acronyms = [f"{a.long} ({a.short})" for a in derived.acronyms]
    candidates = (*derived.keyphrases, *acronyms, *paper.record.tags, derived.gist)
    yield from (c for c in candidates if c and c not in text)


def with_parents(categories: tuple[str, ...]) -> Iterator[str]:
    """Each category and its archive, in lower case: ``cs.lg`` and ``cs``."""
    seen = set()
    for category in categories:
        name = category.lower()
        seen |= {name, name.partition(".")[0]}
    yield from sorted(seen)


def author_names(paper: Paper) -> Iterator[str]:
    """Each author's key and its trailing parts: ``lima-de-castro``, ``de-castro``, ``castro``."""
    names = set()
    for author in paper.record.authors:
        parts = author_key(author.name).split("-")
        names |= {"-".join(parts[start:]) for start in range(len(parts))}
    yield from sorted(names)
