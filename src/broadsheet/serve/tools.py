"""What a language model can do with the archive, as text small enough for its context. Knows no protocol.

Lists give gists instead of abstracts and have a limit; every entry says why it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from broadsheet.errors import NotFoundError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Filter
from broadsheet.library import Desk, Library
from broadsheet.library.views import byline
from broadsheet.model import Aspect, MarkKind, Paper
from broadsheet.serve import foryou, transcript
from broadsheet.serve.editions import allot
from broadsheet.serve.parameters import StrictDay
from broadsheet.serve.trending import why

AUTHORS = 20  # of a paper, by name; a collaboration has thousands
RELATIONS = 8  # of a paper, the most telling
MOST = 25  # papers in a list
_GIST = 400  # letters
_REASON = 200


Limit = Annotated[int, Field(ge=1, le=MOST, description="How many papers at most.")]
Id = Annotated[
    str, Field(description="An arXiv id, a DOI, a link to either, or a name of the archive's own.")
]


class Arguments(BaseModel):
    """What a tool is given; what it does not know is refused, so that a model sees its slip."""

    model_config = ConfigDict(extra="forbid")


class Search(Arguments):
    """Arguments of ``search``."""

    query: Annotated[
        str,
        Field(
            max_length=1000,
            description='Words or a whole question; also "a phrase", -without, author:name, title:word, has:code.',
        ),
    ]
    category: Annotated[str, Field(description="Only this category, such as cs.CL or math.")] = ""
    since: Annotated[StrictDay | None, Field(description="Announced on this day or later.")] = None
    until: Annotated[StrictDay | None, Field(description="Announced on this day or earlier.")] = None
    limit: Limit = 10


class One(Arguments):
    """A paper."""

    id: Id


class Similar(One):
    """Arguments of ``similar``."""

    by: Annotated[
        Literal["problem", "method", "result"] | None, Field(description="Alike in this above all.")
    ] = None
    limit: Limit = 10


class Edition(Arguments):
    """Arguments of ``edition``."""

    day: Annotated[StrictDay | None, Field(description="The latest edition when left out.")] = None
    section: Annotated[str, Field(description="Only this section: a category that the edition names.")] = ""
    offset: Annotated[int, Field(ge=0, description="How many papers of the section to pass over.")] = 0
    limit: Limit = 15


class Trending(Arguments):
    """Arguments of ``trending``."""

    days: Annotated[int, Field(ge=1, le=366, description="1: a day, 7: a week, 30: a month.")] = 7
    limit: Limit = 10


class Feed(Arguments):
    """Arguments of ``my_feed``."""

    limit: Limit = 10


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: how it is described to a model, and what it does. ``writes``: it changes the reader's desk."""

    name: str
    description: str
    arguments: type[Arguments]
    answer: Callable[[Library, Callable[[], Desk], Any], str]
    writes: bool = False


def search(library: Library, _: Callable[[], Desk], asked: Search) -> str:
    """The papers that answer, the sentence that does, and where relevance ends."""
    categories = (asked.category,) if asked.category else ()
    narrowed = Filter(categories=categories, since=asked.since, until=asked.until)
    found = library.search(asked.query, filter=narrowed, limit=asked.limit)
    lines = [*found.notes]
    for place, hit in enumerate(found.hits):
        if found.above is not None and place == found.above:
            lines.append("--- below here only loosely related ---")
        sentence = hit.paper.abstract[slice(*hit.sentence)] if hit.sentence else hit.paper.derived.gist
        lines.append(_entry(place + 1, hit.paper, text=sentence, why=hit.reason.text))
    return _joined(lines, otherwise=f"Nothing found for {asked.query!r}.")


def paper(library: Library, _: Callable[[], Desk], asked: One) -> str:
    """A paper, whole."""
    held = library.paper(library.shown(PaperId.parse(asked.id)).id)
    about = f"Key phrases: {', '.join(held.keyphrases)}\n" if held.keyphrases else ""
    return transcript.written(held.paper, held.relations[:RELATIONS], authors=AUTHORS) + about


def similar(library: Library, _: Callable[[], Desk], asked: Similar) -> str:
    """The papers most like one."""
    by = Aspect(asked.by) if asked.by else None
    hits = library.similar(PaperId.parse(asked.id), by=by, limit=asked.limit)
    lines = [_entry(n, hit.paper, why=hit.reason.text) for n, hit in enumerate(hits, start=1)]
    return _joined(lines, otherwise=f"Nothing like {asked.id!r} found.")


def edition(library: Library, _: Callable[[], Desk], asked: Edition) -> str:
    """An edition: its sections with their sizes, its lead stories, the first papers of its sections."""
    day = asked.day or library.latest()
    if day is None:
        raise NotFoundError("the archive holds no editions yet")
    found = library.edition(day)
    if found.empty is not None:
        return found.empty
    sizes = {s.key: len(s.entries) for s in found.sections}
    for lead in found.leads:
        sizes[lead.section] = sizes.get(lead.section, 0) + 1
    if asked.section:
        chosen = [entry for s in found.sections if s.key == asked.section for entry in s.entries]
        entries = [*(lead for lead in found.leads if lead.section == asked.section), *chosen]
        if not entries:
            raise NotFoundError(
                f"the edition of {day} has no section {asked.section!r}; it has {_sized(sizes)}"
            )
        entries = entries[asked.offset : asked.offset + asked.limit]
    else:
        room = max(asked.limit - len(found.leads), 0)
        shares = allot([len(s.entries) for s in found.sections], room=room)
        firsts = (e for s, n in zip(found.sections, shares, strict=True) for e in s.entries[:n])
        entries = [*found.leads, *firsts][: asked.limit]
    papers = library.papers(entry.id for entry in entries)
    head = f"Edition of {day:%A} {day}: {found.count.new} new papers. Sections: {_sized(sizes)}"
    return _joined(
        [
            head,
            *([f"The editor: {_cut(found.note, _GIST)}"] if found.note else []),
            *(
                _entry(n, papers[e.id], why=e.reason.text)
                for n, e in enumerate(entries, start=asked.offset + 1 if asked.section else 1)
                if e.id in papers
            ),
        ]
    )


def trending(library: Library, _: Callable[[], Desk], asked: Trending) -> str:
    """What trends up to the latest edition, with the parts of each score."""
    end = library.latest()
    if end is None:
        raise NotFoundError("the archive holds no editions yet")
    start = end - timedelta(days=asked.days - 1)
    found, counters = library.trending(start, end)[: asked.limit], library.counters()
    papers = library.papers(trend.id for trend in found)
    lines = [
        f"Trending among the papers of {start} to {end}, by what was done with them, worth half after two days:"
    ]
    for place, trend in enumerate(found, start=1):
        if trend.id in papers:
            lines.append(_entry(place, papers[trend.id], why=why(trend.score, counters)))
    return _joined(lines) if len(lines) > 1 else f"Nobody has voted on the papers of {start} to {end}."


def my_feed(library: Library, desk: Callable[[], Desk], asked: Feed) -> str:
    """The papers of the last editions that suit the reader best, each with its reason."""
    reader = desk()
    if not library.for_you.knows(reader):
        return "Nothing is known of this reader yet; save a few papers first."
    choices = library.for_you.choose(reader, foryou.candidates(library), limit=asked.limit)
    lines = ["The new papers that suit this reader best:"]
    lines += [_entry(n, choice.paper, why=choice.reason.text) for n, choice in enumerate(choices, start=1)]
    return _joined(lines) if choices else "Nothing else is new in the last editions."


def save(library: Library, desk: Callable[[], Desk], asked: One) -> str:
    """Keep a paper on the reader's shelf."""
    held = library.known(PaperId.parse(asked.id))
    new = desk().mark(held.id, MarkKind.SAVED)
    return f"{'Saved' if new else 'Was saved already'}: {held.id} {held.title}"


TOOLS = (
    Tool(
        "search",
        "Find papers by words and by meaning, best first, with the sentence that answers.",
        Search,
        search,
    ),
    Tool("paper", "One paper: authors, dates, abstract, links.", One, paper),
    Tool("similar", "The papers most like one, as wholes or by problem, method or result.", Similar, similar),
    Tool(
        "edition", "The daily edition: lead stories, sections, or all papers of a section.", Edition, edition
    ),
    Tool("trending", "The papers with the most votes of late.", Trending, trending),
    Tool("my_feed", "The new papers that suit this reader best, each with the reason.", Feed, my_feed),
    Tool("save", "Keep a paper on this reader's shelf.", One, save, writes=True),
)


def _entry(place: int, paper: Paper, *, why: str, text: str = "") -> str:
    """A paper in three lines."""
    facts = [
        byline([author.name for author in paper.record.authors]),
        str(paper.day) if paper.day else "",
        " ".join(paper.record.categories[:3]),
        f"{paper.votes} votes" if paper.votes is not None else "",
        "withdrawn" if paper.record.withdrawn else "",
    ]
    lines = [
        f"{place}. [{paper.id}] {paper.title}",
        "; ".join(fact for fact in facts if fact),
        _cut(text or paper.derived.gist, _GIST),
        f"Why: {_cut(why, _REASON)}" if why else "",
    ]
    return "\n   ".join(line for line in lines if line)


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"


def _sized(sizes: dict[str, int]) -> str:
    return ", ".join(f"{key} {sizes[key]}" for key in sorted(sizes, key=lambda key: (-sizes[key], key)))


def _joined(lines: Iterable[str], *, otherwise: str = "") -> str:
    return "\n".join(lines) or otherwise
