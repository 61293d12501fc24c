"""Papers as pages show them: cards, bylines, links, dates. Knows no request and no template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

from markupsafe import Markup

from broadsheet import categories
from broadsheet.errors import InputError
from broadsheet.ids import PaperId, Scheme
from broadsheet.library.desk import NONE, Standing
from broadsheet.library.relations import label
from broadsheet.library.shapes import links_of
from broadsheet.library.views import Entry, Hit, PaperView, Reason, Relation, byline
from broadsheet.model import Aspect, Link, LinkKind, Paper, PaperType, Place, VoteReading
from broadsheet.serve import typeset
from broadsheet.serve.differences import differences
from broadsheet.text import claims, markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A paper in a list, and why it is there. What its source does not give is None or empty."""

    id: str
    url: str
    title: Markup
    authors: str
    day: date | None
    day_word: str  # what happened on that day: "announced", "submitted"
    categories: tuple[tuple[str, str], ...]  # code, readable name
    type: str | None
    gist: Markup
    code: str | None
    votes: int | None
    why: Reason | None
    withdrawn: bool
    standing: Standing
    more: tuple[Markup, ...] = ()  # sentences beyond the gist
    words_share: float | None = None  # of a search hit: by words, the rest by meaning
    aspect: str | None = None  # what the sentence shown in place of the gist is about


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences of an abstract that follow each other and are about the same."""

    aspect: str
    label: str
    html: Markup
    claims_figures: bool = False  # the authors state results in it; they are marked


@dataclass(frozen=True, slots=True)
class Related:
    """Another paper and the words that relate the two; "" where a title says it all."""

    url: str
    title: Markup
    authors: str
    day: date | None
    says: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A former version of a paper's text against the one that came after it."""

    until: date
    version: int | None
    title: Markup | None
    abstract: Markup | None


def paper_url(id: PaperId) -> str:
    """The address of a paper's page on this site."""
    return "/papers/" + quote(str(id), safe="/:@!$&'()*+,;=~")


Standings = Mapping[PaperId, Standing]
NOBODYS: Standings = {}


def anchor(id: PaperId) -> str:
    """The place of a paper's card on a page, as the end of an address."""
    return quote(str(id), safe="/:@!$&'()*+,;=~")


@dataclass(frozen=True, slots=True)
class Done:
    """What was just done to a paper, and where it can be undone."""

    kind: str  # the mark that was made
    id: str
    url: str
    title: str


def done(text: str) -> Done | None:
    """What a cookie says was done; None where it does not."""
    kind, _, rest = text.partition(" ")
    name, _, title = rest.partition(" ")
    if kind not in {"hidden", "disliked"}:
        return None
    try:
        id = PaperId.parse(name)
    except InputError:
        return None
    return Done(kind, str(id), paper_url(id), title)


def card(
    paper: Paper,
    *,
    why: Reason | None = None,
    standings: Standings = NOBODYS,
    day: date | None = None,
    title: Markup | None = None,
    sentence: Markup | None = None,
) -> Card:
    """A paper as a card. ``day``: the edition it stands in, whose date every card there would repeat.

    ``title`` and ``sentence`` are shown in place of the paper's own title and gist.
    """
    record, derived = paper.record, paper.derived
    shown: date | None = paper.day
    word = "announced"
    if shown is None or shown == day:
        word = "submitted" if paper.id.scheme is Scheme.ARXIV else "published"
        shown, word = (record.published, word) if record.published else (shown, "announced")
    return Card(
        id=str(paper.id),
        url=paper_url(paper.id),
        title=typeset.title(record.title) if title is None else title,
        authors=byline([a.name for a in record.authors]),
        day=shown,
        day_word=word,
        categories=tuple((code, categories.name(code)) for code in record.categories[:3]),
        type=None if derived.type is PaperType.OTHER else derived.type.value,
        gist=gist(paper) if sentence is None else sentence,
        code=next((link.url for link in derived.links if link.kind is LinkKind.CODE), None),
        votes=paper.votes,
        why=why,
        withdrawn=record.withdrawn,
        standing=standings.get(paper.id, NONE),
    )


def entry_cards(
    entries: Iterable[Entry],
    papers: Mapping[PaperId, Paper],
    *,
    standings: Standings = NOBODYS,
    day: date | None = None,
    headed: bool = False,
) -> list[Card]:
    """The papers of an edition as cards; one that left meanwhile is passed over.

    ``headed``: they stand under the name of their section, which says where they were announced.
    """
    return [
        card(
            papers[e.id],
            why=None if headed and e.reason.kind == "announced" else e.reason,
            standings=standings,
            day=day,
        )
        for e in entries
        if e.id in papers
    ]


def lead_card(entry: Entry, paper: Paper, *, standings: Standings, day: date, room: int) -> Card:
    """A lead story: a card with the sentences of its abstract, beside the gist, that fit ``room`` letters."""
    plain, spans, used = paper.abstract, [], 0
    for sentence in paper.derived.sentences:
        used += sentence.end - sentence.start
        if used > room:
            break
        if plain[sentence.start : sentence.end].strip() != paper.derived.gist:
            spans.append((sentence.start, sentence.end))
    made = card(paper, why=entry.reason, standings=standings, day=day)
    return replace(made, more=typeset.passages(paper.record.abstract, plain, tuple(spans)) if spans else ())


def hit_card(hit: Hit, *, standings: Standings) -> Card:
    """A search result: matched words marked, and the sentence that answers in place of the gist."""
    paper, sentence = hit.paper, hit.sentence
    words = tuple(sorted(set(hit.matched)))
    return replace(
        card(
            paper,
            why=hit.reason,
            standings=standings,
            title=typeset.marked_title(paper.record.title, words) if words else None,
            sentence=typeset.passages(paper.record.abstract, paper.abstract, (sentence,), words)[0]
            if sentence
            else None,
        ),
        aspect=hit.aspect.value if sentence and hit.aspect and hit.aspect is not Aspect.OTHER else None,
        words_share=None if hit.reason.kind in {"similar", "newest"} else hit.words_share,
    )


def texts_of(papers: Iterable[Paper]) -> str:
    """Whose the texts of these papers are: their "source", the "sample" edition's, "mixed"; "" for no papers."""
    kinds = {"sample" if paper.record.sample else "source" for paper in papers}
    return "mixed" if len(kinds) > 1 else next(iter(kinds), "")


def gist(paper: Paper) -> Markup:
    """The one-sentence gist, with formulas where the abstract has them."""
    return typeset.passage(paper.record.abstract, paper.abstract, paper.derived.gist)


def abstract_passages(paper: Paper) -> list[Passage]:
    """The abstract cut where its sentences turn from one aspect to another, the figures that it claims marked."""
    plain, sentences = paper.abstract, paper.derived.sentences
    figures = tuple(figure for claim in claims.find(plain, sentences) for figure in claim.figures)
    if not sentences:
        whole = typeset.passages(paper.record.abstract, plain, ((0, len(plain)),)) if plain else ()
        return [Passage("other", "", html) for html in whole]
    runs: list[tuple[Aspect, int, int]] = []
    for sentence, aspect in zip(sentences, smoothed([s.aspect for s in sentences]), strict=True):
        if runs and runs[-1][0] is aspect:
            runs[-1] = (aspect, runs[-1][1], sentence.end)
        else:
            runs.append((aspect, sentence.start, sentence.end))
    spans = tuple((start, end) for _, start, end in runs)
    html = typeset.passages(paper.record.abstract, plain, spans, figures=figures)
    return [
        Passage(
            aspect.value,
            "" if aspect is Aspect.OTHER else aspect.value.capitalize(),
            part,
            claims_figures=any(start <= figure[0] < end for figure in figures),
        )
        for (aspect, start, end), part in zip(runs, html, strict=True)
    ]


def smoothed(aspects: Sequence[Aspect]) -> list[Aspect]:
    """Aspects for reading: a sentence without one, or alone between two of one aspect, goes with the last.

    Single sentences are where the aspects are least certain, and where labels break the text most.

    >>> [a.value for a in smoothed([Aspect.METHOD, Aspect.RESULT, Aspect.METHOD, Aspect.OTHER])]
    ['method', 'method', 'method', 'method']
    """
    smooth: list[Aspect] = []
    for at, aspect in enumerate(aspects):
        alone = at > 0 and aspects[at + 1 : at + 2] == [smooth[-1]]
        smooth.append(smooth[-1] if smooth and (alone or aspect is Aspect.OTHER) else aspect)
    return smooth


def relations(found: Iterable[Relation]) -> list[tuple[str, list[Related]]]:
    """A paper's relations under what they are called, in their own order."""
    groups: dict[str, list[Related]] = {}
    for one in found:
        record = one.paper.record
        day = one.paper.day or (record.published.date() if record.published else None)
        related = Related(
            paper_url(one.paper.id),
            typeset.title(record.title),
            byline([author.name for author in record.authors]),
            day,
            "" if one.place is Place.TITLE else one.says,
        )
        groups.setdefault(label(one), []).append(related)
    return list(groups.items())


def edits(view: PaperView) -> list[Edit]:
    """What changed from version to version, latest change first."""
    paper, history = view.paper, view.history
    found = []
    texts = [*((r.title, r.abstract) for r in history), (paper.record.title, paper.record.abstract)]
    for revision, (title, abstract) in zip(history, texts[1:], strict=True):
        found.append(
            Edit(
                revision.until.date(),
                revision.version,
                _change(revision.title, title, is_title=True),
                _change(revision.abstract, abstract, is_title=False),
            )
        )
    return found[::-1]


def outward_links(paper: Paper) -> list[tuple[str, str]]:
    """Where a paper can be read and what it comes with: label and address, the paper itself first."""
    made = links_of(paper.id)
    where = {"arxiv": "arXiv", "doi": "publisher"}.get(paper.id.scheme.value, "")
    links = [(f"Abstract at {where}", made["abstract"]), ("PDF", made["pdf"])]
    if paper.record.doi and made["abstract"] != f"https://doi.org/{paper.record.doi}":
        links.append(("Published version", f"https://doi.org/{paper.record.doi}"))
    links += [(_LINK_LABELS[link.kind], link.url) for link in _by_kind(paper.derived.links)]
    return [(label, url) for label, url in dict.fromkeys(links) if url]


def one_line(text: str) -> str:
    """What a reader wrote, formulas between dollar signs in Unicode."""
    return markup.parse(text).plain if text.count("$") > 1 else text


def readings_by_day(readings: Iterable[VoteReading]) -> list[tuple[date, int]]:
    """What a counter counted, the last count of each day."""
    return sorted({reading.at.date(): reading.count for reading in sorted(readings)}.items())


def host(url: str) -> str:
    """The host of an address, for showing where a link leads."""
    return url.split("://", 1)[-1].split("/", 1)[0].removeprefix("www.")


_LINK_LABELS = {
    LinkKind.CODE: "Code",
    LinkKind.DATA: "Data",
    LinkKind.MODEL: "Model",
    LinkKind.PROJECT: "Project page",
    LinkKind.PAPER: "Paper",
    LinkKind.OTHER: "Link",
}


def _by_kind(links: tuple[Link, ...]) -> list[Link]:
    order = list(_LINK_LABELS)
    return sorted(links, key=lambda link: (order.index(link.kind), link.url))


def _change(old: str, new: str, *, is_title: bool) -> Markup | None:
    if old == new:
        return None
    return differences(markup.parse(old, title=is_title).plain, markup.parse(new, title=is_title).plain)
