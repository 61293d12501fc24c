"""Papers, hits and editions as plain JSON values: one shape for the command line and for programs.

What a source did not give is null or empty, never invented. Knows no page and no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from broadsheet.ids import PaperId, Scheme
from broadsheet.library.desk import Standing
from broadsheet.library.relations import label
from broadsheet.library.topics import TopicMap
from broadsheet.library.views import Edition, Entry, Facets, Hit, PaperView, Reason, Relation, Results
from broadsheet.model import Paper, Record, known_parts, latest
from broadsheet.text import claims

Json = dict[str, Any]


def links_of(id: PaperId) -> Json:
    """The addresses that follow from an id: abstract page and, for arXiv, the PDF."""
    match id.scheme:
        case Scheme.ARXIV:
            return {"abstract": f"https://arxiv.org/abs/{id}", "pdf": f"https://arxiv.org/pdf/{id}"}
        case Scheme.DOI:
            return {"abstract": f"https://doi.org/{id}", "pdf": None}
        case Scheme.OWN:
            return {"abstract": None, "pdf": None}


def as_known(at: datetime | None) -> str | None:
    """A moment in ISO 8601, a bare year or month where no more is known."""
    if at is None:
        return None
    parts = [part for part in known_parts(at) if part is not None]
    return moment(at) if len(parts) == 3 else "-".join(f"{part:02}" for part in parts)


def paper_shape(paper: Paper) -> Json:
    """A paper, whole. Texts are plain Unicode; ``source`` holds the title and abstract as they came."""
    record, derived = paper.record, paper.derived
    return {
        "id": str(paper.id),
        "scheme": paper.id.scheme.value,
        "title": paper.title,
        "authors": [{"name": a.name, "key": a.key, "affiliation": a.affiliation} for a in record.authors],
        "announced": _day(paper.day),
        "announcements": [
            {"day": _day(a.day), "kind": a.kind.value, "stated": a.stated} for a in record.announcements
        ],
        "published": as_known(record.published),
        "updated": moment(record.updated),
        "featured": _day(record.featured),
        "categories": list(record.categories),
        "type": derived.type.value,
        "gist": derived.gist,
        "abstract": paper.abstract,
        "formulas_complete": derived.complete,
        "sentences": _sentences(paper),
        "acronyms": {a.short: a.long for a in derived.acronyms},
        "keyphrases": list(derived.keyphrases),
        "extracted": _extracted(record),
        "links": [{"url": link.url, "kind": link.kind.value} for link in derived.links],
        **{f"{name}_url": url for name, url in links_of(paper.id).items()},
        "comment": record.comment,
        "venue": record.venue,
        "doi": record.doi,
        "licence": record.licence,
        "version": record.version,
        "versions": [
            {"number": v.number, "submitted": moment(v.submitted), "source_type": v.source_type}
            for v in record.versions
        ],
        "revised": paper.revised,
        "withdrawn": record.withdrawn,
        "votes": paper.votes,
        "vote_readings": [{"at": moment(v.at), "count": v.count} for v in record.votes],
        "counts": [
            {
                "counter": name,
                "count": last.count,
                "readings": [
                    {"at": moment(r.at), "count": r.count} for r in record.readings if r.counter == name
                ],
            }
            for name, last in latest(record.readings).items()
        ],
        "tags": list(record.tags),
        "collections": list(record.collections),
        "aliases": [str(a) for a in paper.aliases],
        "sample": record.sample,
        "source": {"name": record.source, "title": record.title, "abstract": record.abstract},
    }


def _sentences(paper: Paper) -> list[Json]:
    """The abstract's sentences, each with what it is about and the figures of what it claims."""
    claimed = {claim.start: claim.figures for claim in claims.find(paper.abstract, paper.derived.sentences)}
    return [
        {
            "text": paper.abstract[s.start : s.end],
            "aspect": s.aspect.value,
            "figures": [paper.abstract[start:end] for start, end in claimed.get(s.start, ())],
        }
        for s in paper.derived.sentences
    ]


def standing_shape(id: PaperId, standing: Standing) -> Json:
    """How a reader stands to a paper."""
    return {
        "id": str(id),
        "saved": standing.saved,
        "liked": standing.liked,
        "read": standing.read,
        "hidden": standing.hidden,
        "disliked": standing.disliked,
        "reason": standing.reason,
        "note": standing.note,
        "tags": list(standing.tags),
        "collections": list(standing.collections),
    }


def topics_shape(found: TopicMap) -> Json:
    """Papers by topic, and where each stands on the map."""
    return {
        "topics": [
            {
                "key": topic.key,
                "name": topic.name,
                "new": topic.new,
                "mark": topic.mark,
                "example": str(topic.example),
                "papers": [str(id) for id in topic.ids],
            }
            for topic in found.topics
            if topic.ids
        ],
        "various": [str(id) for id in found.various],
        "points": [
            {
                "id": str(spot.id),
                "x": spot.x,
                "y": spot.y,
                "topic": None if spot.topic is None else found.topics[spot.topic].key,
            }
            for spot in found.spots
        ],
    }


def card_shape(paper: Paper) -> Json:
    """A paper in short, as on a card."""
    code = next((link.url for link in paper.derived.links if link.kind == "code"), None)
    return {
        "id": str(paper.id),
        "title": paper.title,
        "authors": [a.name for a in paper.record.authors],
        "announced": _day(paper.day),
        "categories": list(paper.record.categories),
        "type": paper.derived.type.value,
        "gist": paper.derived.gist,
        "code": code,
        "votes": paper.votes,
        "withdrawn": paper.record.withdrawn,
        "url": links_of(paper.id)["abstract"],
    }


def hit_shape(hit: Hit) -> Json:
    """A hit with its reasons."""
    sentence = hit.paper.abstract[slice(*hit.sentence)] if hit.sentence else None
    return {
        **card_shape(hit.paper),
        "score": round(hit.score, 6),
        "words_share": round(hit.words_share, 4),
        "meaning_share": round(1 - hit.words_share, 4),
        "matched": list(hit.matched),
        "sentence": sentence,
        "why": _reason(hit.reason),
    }


def similar_shape(hit: Hit) -> Json:
    """A similar paper: the sentences in which the two are most alike, and papers of nearly the same text."""
    shape = hit_shape(hit)
    del shape["words_share"], shape["meaning_share"]  # of a search's score
    alike = hit.likeness
    return {
        **shape,
        "alike": None
        if alike is None
        else {
            "aspect": alike.aspect.value,
            "here": alike.here,
            "there": hit.paper.abstract[slice(*alike.there)],
            "cosine": round(alike.cosine, 4),
        },
        "also": [str(id) for id in hit.also],
    }


def relation_shape(relation: Relation) -> Json:
    """How a paper stands to another one."""
    return {
        "kind": relation.kind.value,
        "outward": relation.outward,
        "label": label(relation),
        "says": relation.says or None,
        "place": relation.place.value if relation.place else None,
        "paper": card_shape(relation.paper),
    }


def results_shape(results: Results) -> Json:
    """The answer to a search. ``above``: how many hits stand above the line where relevance ends."""
    return {
        "query": results.query,
        "total": results.total,
        "by_words": results.by_words,
        "above": results.above,
        "offset": results.offset,
        "encoder": results.encoder,
        "coverage": round(results.coverage, 4),
        "notes": list(results.notes),
        "facets": facets_shape(results.facets) if results.facets else None,
        "hits": [
            {
                **hit_shape(hit),
                "aspect": hit.aspect.value if hit.aspect else None,
                "relevant": hit.relevant,
            }
            for hit in results.hits
        ],
    }


def facets_shape(facets: Facets) -> Json:
    """What the best hits are; ``hits`` says how many were counted."""
    return {
        "hits": facets.hits,
        "categories": dict(facets.categories),
        "types": {kind.value: count for kind, count in facets.types},
        "code": facets.code,
        "years": dict(facets.years),
        "months": dict(facets.months),
    }


def edition_shape(edition: Edition, papers: Mapping[PaperId, Paper]) -> Json:
    """An edition with its papers; one that left meanwhile is left out."""

    def shaped(entries: Iterable[Entry]) -> list[Json]:
        return [{**card_shape(papers[e.id]), "why": _reason(e.reason)} for e in entries if e.id in papers]

    return {
        "day": _day(edition.day),
        "new": edition.count.new,
        "cross": edition.count.cross,
        "replaced": edition.count.replaced,
        "previous": _day(edition.previous),
        "next": _day(edition.next),
        "empty": edition.empty,
        "note": edition.note or None,
        "sample": edition.sample,
        "leads": shaped(edition.leads),
        "sections": [{"key": s.key, "title": s.title, "papers": shaped(s.entries)} for s in edition.sections],
        "crossed": shaped(edition.crossed),
        "revised": shaped(edition.revised),
    }


def view_shape(view: PaperView) -> Json:
    """A paper with its history and neighbours."""
    return {
        **paper_shape(view.paper),
        "keyphrases": list(view.keyphrases),
        "history": [
            {"title": r.title, "abstract": r.abstract, "version": r.version, "until": moment(r.until)}
            for r in view.history
        ],
        "relations": [relation_shape(relation) for relation in view.relations],
        "similar": [similar_shape(h) for h in view.similar],
    }


def _extracted(record: Record) -> list[str]:
    """What our own reading of the text gives, because the source does not state it."""
    stated = {
        "gist": record.gist,
        "keyphrases": record.keyphrases,
        "sentences": record.aspects,
        "type": record.type,
    }
    return [name for name, value in stated.items() if not value]


def _reason(reason: Reason) -> Json:
    return {"kind": reason.kind, "text": reason.text}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def moment(at: datetime | None) -> str | None:
    """A moment in ISO 8601, in UTC."""
    return at.isoformat().replace("+00:00", "Z") if at else None
