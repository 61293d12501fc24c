"""The shapes of API v1, typed, so that its description cannot part from what it answers.

They are those of ``library.shapes``, which the command line's ``--json`` prints too; a test holds the two
together. Knows no route.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Next = Annotated[str | None, Field(description="The `cursor` of the next page; null: this is the last.")]


class Shape(BaseModel):
    """What all of them share."""

    model_config = ConfigDict(frozen=True)


def shown(**example: Any) -> ConfigDict:
    """The configuration of a model that shows an example: of what tells of a person or of the moment."""
    return ConfigDict(json_schema_extra={"example": example})


class Given(BaseModel):
    """What a body that is sent may hold: what is described and nothing else, of the kinds that are described."""

    model_config = ConfigDict(extra="forbid", strict=True)


# A card, for examples of lists that tell of a person.
CARD = {
    "id": "2603.14473",
    "title": "A title",
    "authors": ["Ada Lovelace"],
    "announced": "2026-03-17",
    "categories": ["cs.CL"],
    "type": "method",
    "gist": "One sentence of what it does.",
    "code": None,
    "votes": 12,
    "withdrawn": False,
    "url": "https://arxiv.org/abs/2603.14473",
}


class Author(Shape):
    """An author as the source spells the name."""

    name: str
    key: str = Field(description="The name folded for lookup, as in `/authors/{key}`.")
    affiliation: str | None


class Announcement(Shape):
    """A paper's place in an edition."""

    day: Day
    kind: Literal["new", "cross", "replace", "replace-cross"]
    stated: bool = Field(description="False: no source states the day, it was worked out.")


class Sentence(Shape):
    """A sentence of the abstract and what it is about."""

    text: str
    aspect: Literal["problem", "method", "result", "other"]
    figures: list[str] = Field(
        description="Of a result that it claims, as the authors state it; empty where it claims none with figures."
    )


class Link(Shape):
    """An address in the text, or given by the source."""

    url: str
    kind: Literal["code", "data", "model", "project", "paper", "other"]


class Version(Shape):
    """One version as the source lists it."""

    number: int
    submitted: Moment | None
    source_type: str | None = Field(description="arXiv's letters; `I` is a withdrawal.")


class VoteReading(Shape):
    """How many votes an outside site showed."""

    at: Moment
    count: int


class Counts(Shape):
    """What one counter counted of a paper."""

    counter: str = Field(description="A name as in `/counters`.")
    count: int = Field(description="The last reading.")
    readings: list[VoteReading] = Field(description="Oldest first.")


class Counter(Shape):
    """Somebody outside who counts what people make of papers."""

    name: str = Field(description="As in `counts` and in a score's parts.")
    label: str = Field(description="For people, such as `Hugging Face`.")
    unit: str = Field(description="One of what is counted, such as `upvote`.")
    worth: float = Field(description="What one is worth in trending beside a vote given here.")
    growth: bool = Field(description="Whether only what came after the first reading counts.")
    counted: Moment | None = Field(description="When its readings last came in.")
    fails: bool = Field(description="Whether its site could not be asked the last time.")


class Counters(Shape):
    """Who outside counts, by name."""

    counters: list[Counter]


class SourceText(Shape):
    """The text as its source gave it, TeX and all."""

    name: str = Field(description="The source plug-in, such as `arxiv`.")
    title: str
    abstract: str


class Paper(Shape):
    """A paper, whole. What no source gave is null or empty."""

    id: str
    scheme: Literal["arxiv", "doi", "own"]
    title: str = Field(description="In plain Unicode.")
    authors: list[Author]
    announced: Day | None = Field(description="The first day it was announced.")
    announcements: list[Announcement]
    published: str | None = Field(
        description="When the first version came out, in ISO 8601; a bare year or month where no more is known."
    )
    updated: Moment | None
    featured: Day | None = Field(description="When it came onto a curated list.")
    categories: list[str] = Field(description="The first is the primary one.")
    type: str
    gist: str = Field(description="One sentence: of the abstract, where no source states one.")
    abstract: str = Field(description="In plain Unicode.")
    formulas_complete: bool = Field(description="False: a formula was damaged before it came here.")
    sentences: list[Sentence]
    acronyms: dict[str, str]
    keyphrases: list[str]
    extracted: list[str] = Field(
        description="Which of `gist`, `keyphrases`, `sentences` and `type` no source states: they are read "
        "from the text by rules and counts. No language model writes them."
    )
    links: list[Link]
    abstract_url: str | None
    pdf_url: str | None
    comment: str | None
    venue: str | None
    doi: str | None
    licence: str | None
    version: int | None
    versions: list[Version]
    revised: int = Field(description="How many times title or abstract changed since it came here.")
    withdrawn: bool
    votes: int | None = Field(description="The last reading of Hugging Face's votes; null: nobody counted.")
    vote_readings: list[VoteReading] = Field(description="Those of Hugging Face's votes, oldest first.")
    counts: list[Counts] = Field(description="What every counter counted, each for itself; Hugging Face too.")
    tags: list[str]
    collections: list[str]
    aliases: list[str] = Field(description="Other ids of the same work.")
    sample: bool = Field(description="Gist and abstract were written for the sample edition.")
    source: SourceText


class Card(Shape):
    """A paper in short."""

    id: str
    title: str
    authors: list[str]
    announced: Day | None
    categories: list[str]
    type: str
    gist: str
    code: str | None
    votes: int | None
    withdrawn: bool
    url: str | None = Field(description="The abstract's page at its source.")


class Why(Shape):
    """Why a paper stands where it stands."""

    kind: str
    text: str


class Placed(Card):
    """A card in an edition."""

    why: Why


class Matched(Placed):
    """A card that something was compared with."""

    score: float
    matched: list[str] = Field(description="Words of the paper that matched, as they stand in its text.")
    sentence: str | None = Field(description="The sentence of the abstract that answers best.")


class Hit(Matched):
    """What a search found."""

    words_share: float = Field(description="The share of the score that came from words, 0 to 1.")
    meaning_share: float
    aspect: str | None
    relevant: bool | None = Field(
        description="Whether it stands above the line where relevance ends; null: there is no line."
    )


class Alike(Shape):
    """The two sentences in which two papers are most alike."""

    aspect: str
    here: str
    there: str
    cosine: float


class Similar(Matched):
    """A similar paper."""

    alike: Alike | None
    also: list[str] = Field(description="Papers of nearly the same text, folded into this one.")


class Revision(Shape):
    """A title and abstract that a paper used to have, as the source gave them."""

    title: str
    abstract: str
    version: int | None
    until: Moment


class Relation(Shape):
    """How the paper stands to another one here, by the words of one of the two."""

    kind: Literal["disputes", "answers", "version", "extends", "series", "overlaps"]
    outward: bool = Field(
        description="True: the paper itself says so; false: the other one says it of this one."
    )
    label: str = Field(description="What to call it before the other's title.")
    says: str | None = Field(
        description="The sentence that says so; null: none does, the two have one title and the same authors."
    )
    place: Literal["title", "abstract", "comment"] | None = Field(description="Where that sentence stands.")
    paper: Card = Field(description="The other one.")


class PaperView(Paper):
    """A paper with its history, its relations and its neighbours."""

    history: list[Revision]
    relations: list[Relation] = Field(description="Read from the papers' texts by rules.")
    similar: list[Similar]


class Facets(Shape):
    """What the best hits are: values and how many have them."""

    hits: int = Field(description="How many were counted.")
    categories: dict[str, int]
    types: dict[str, int]
    code: int
    years: dict[str, int]
    months: dict[str, int]


class Results(Shape):
    """The answer to a search."""

    query: str
    total: int = Field(description="How many can be paged through.")
    by_words: int = Field(description="How many have any of the words.")
    above: int | None = Field(
        description="How many stand above the line where relevance ends; null: it was not reached so far."
    )
    offset: int
    encoder: str | None = Field(description="Whose vectors were used; null: words only.")
    coverage: float = Field(description="The share of the archive that has those vectors.")
    notes: list[str] = Field(description="What was searched otherwise than typed.")
    facets: Facets | None
    hits: list[Hit]
    next: Next


class SimilarPapers(Shape):
    """The papers most like one."""

    id: str
    by: Literal["problem", "method", "result"] | None
    papers: list[Similar]


class EditionDay(Shape):
    """An edition in numbers."""

    day: Day
    new: int
    cross: int
    replaced: int
    featured: int


class EditionDays(Shape):
    """The editions there are, newest first."""

    editions: list[EditionDay]
    next: Next


class Section(Shape):
    """A headed part of an edition."""

    key: str
    title: str
    papers: list[Placed]


class Edition(Shape):
    """The paper of one day. Without papers, `empty` says why."""

    day: Day
    new: int
    cross: int
    replaced: int
    previous: Day | None
    next: Day | None
    empty: str | None
    note: str | None = Field(description="What its editor has to say, in Markdown.")
    sample: bool
    leads: list[Placed]
    sections: list[Section]
    crossed: list[Placed]
    revised: list[Placed]


class Part(Shape):
    """What one kind of signal adds to a score."""

    kind: str = Field(
        description="What readers did here: `votes`, `saves`, `comments`, `reads`; or the name of a counter."
    )
    count: float
    unit: str = Field(description="One of what is counted, such as `vote` or `upvote`.")
    counter: str | None = Field(description="The counter for people; null for what was done here.")
    value: float = Field(description="What they are worth now, each the less the longer ago it came.")


class Trending(Card):
    """A paper that trends, and why."""

    day: Day = Field(description="The edition it is new in.")
    score: float
    parts: list[Part]


class Trends(Shape):
    """What trends in a stretch of days, most first."""

    since: Day | None
    until: Day | None
    half_life_days: float
    papers: list[Trending]
    next: Next


class AuthorPapers(Shape):
    """The papers of everyone who writes the name like this, newest first."""

    key: str
    spellings: list[str]
    papers: list[Card]
    next: Next


class NamedAuthor(Shape):
    """An author of a name that was looked for."""

    key: str
    name: str
    papers: int = Field(description="At most 200.")
    newest: str = Field(description="A title to know them by.")


class NamedAuthors(Shape):
    """Authors of a name, those with the most papers first."""

    authors: list[NamedAuthor]


class Notice(Shape):
    """News of a saved paper."""

    paper: str
    kind: Literal["withdrawn", "deleted", "revised", "folded", "disputed"]
    at: Moment
    seen: bool


class Shelf(Shape):
    """What the reader keeps, last saved first, and the news of it."""

    papers: list[Card]
    notices: list[Notice]


class Saved(Shape):
    """Whether a paper is kept."""

    id: str
    saved: bool


class Change(Shape):
    """A paper as it is now, or that it has left."""

    seq: int
    id: str
    gone: bool
    paper: Paper | None


class Changes(Shape):
    """What changed, each paper at its last change."""

    archive: str = Field(
        description="The name of this archive; another one means another archive: begin again from 0."
    )
    changes: list[Change]
    next: int = Field(description="The `since` of the next question.")
    more: bool = Field(description="Whether more can be asked for at once.")


class About(Shape):
    """What answers, and what it stands on."""

    name: str
    version: str
    papers: int
    latest: Day | None
    generation: int | None = Field(description="The generation of the index; null: there is none yet.")
    changes: int = Field(description="The number of the last change, for `/changes?since=`.")


class Fault(Shape):
    """A parameter that cannot be used."""

    where: str
    message: str


class Problem(Shape):
    """What went wrong, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None
