"""All that our own reading of a record's text gives. What the source states itself is believed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from broadsheet.model import Aspect, Derived, Record, Sentence
from broadsheet.text import acronyms, aspects, gist, kinds, links, sentences, sketch
from broadsheet.text.markup import Markup, SegmentKind, parse

_NOT_A_LETTER = re.compile(r"[\W_]+")


def derive(record: Record) -> Derived:
    """Read a record's title and abstract. Never raises; pure, so it can be computed again at any time."""
    heading, body = parse(record.title, title=True), parse(record.abstract)
    title, abstract = heading.plain, body.plain
    found = _sentences(abstract, record)
    deed = gist.choose(abstract, found, title=title)
    return Derived(
        title=title,
        abstract=abstract,
        complete=heading.complete and body.complete,
        sentences=found,
        gist=parse(record.gist).plain if record.gist else deed,
        acronyms=acronyms.find(abstract),
        links=links.find(_with_addresses(body, abstract, record.comment), record.links),
        type=record.type or kinds.classify(title, abstract, deed=deed),
        keyphrases=record.keyphrases,
        sketch=sketch.sketch(title, abstract),
    )


def _with_addresses(abstract: Markup, plain: str, comment: str | None) -> str:
    """The abstract with addresses where its links read otherwise ("here"), then the comment."""
    segments = abstract.segments
    if any(segment.kind is SegmentKind.LINK for segment in segments):
        plain = "".join(f"{s.source} " if s.kind is SegmentKind.LINK else s.plain for s in segments)
    return f"{plain}\n{comment}" if comment else plain


def _sentences(plain: str, record: Record) -> tuple[Sentence, ...]:
    spans = sentences.split(plain)
    labels: Sequence[Aspect] = aspects.label(plain, spans)
    if record.aspects:
        labels = _as_stated(plain, spans, labels, record)
    return tuple(Sentence(start, end, aspect) for (start, end), aspect in zip(spans, labels, strict=True))


def _as_stated(
    plain: str, spans: Sequence[sentences.Span], labels: Sequence[Aspect], record: Record
) -> list[Aspect]:
    """The labels, replaced where the source's text of one aspect holds the sentence."""
    stated = [(aspect, _letters(parse(text).plain)) for aspect, text in record.aspects.items()]
    given = []
    for (start, end), label in zip(spans, labels, strict=True):
        sentence = _letters(plain[start:end])
        given.append(next((aspect for aspect, text in stated if sentence and sentence in text), label))
    return given


def _letters(text: str) -> str:
    return _NOT_A_LETTER.sub("", text).casefold()
