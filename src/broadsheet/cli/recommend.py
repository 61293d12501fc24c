"""Commands of "For you": rank, eval recommend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from broadsheet import wiring
from broadsheet.cli import output
from broadsheet.cli.measure import Directory, Json, as_json, cache, echo_metrics, write_to
from broadsheet.errors import InputError

if TYPE_CHECKING:  # keeps start-up short
    from broadsheet.model import Record
    from broadsheet.rank.recommend import Why


@dataclass(frozen=True, slots=True)
class _Paper:
    title: str
    abstract: str
    at: datetime | None

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.abstract}".strip()


class Method(StrEnum):
    """What can be measured."""

    PROFILE = "profile"
    CENTROID = "centroid"
    WORDS = "words"


def rank(
    context: typer.Context,
    library: Annotated[Path, typer.Option(help="File of papers that the reader kept.")],
    candidates: Annotated[Path, typer.Option(help="File of papers to be ranked.")],
    negatives: Annotated[
        Path | None, typer.Option(help="File of papers that the reader turned down.")
    ] = None,
    dial: Annotated[
        float, typer.Option(min=0, max=1, help="From 0, closest to the library, to 1, surprise me.")
    ] = 0.0,
    limit: Annotated[int, typer.Option(min=1, help="How many to print.")] = 100,
    json: Json = False,
) -> None:
    """Rank papers for a reader, with the reason for each. Files are of any kind that `import` reads.

    Needs no archive. Candidates that are in the library or among the negatives are left out.
    """
    del context  # no setting matters here
    from broadsheet.rank.recommend import (  # noqa: PLC0415  keeps start-up short
        Act,
        Bags,
        Mark,
        Profile,
        Space,
        explain,
        portraits,
        ranked,
        spellings,
    )

    kept = _papers(library)
    hidden = _papers(negatives) if negatives else {}
    known = kept | hidden
    offered = {id: paper for id, paper in _papers(candidates).items() if id not in known}
    papers = offered | known
    if not offered:
        raise InputError(f"{candidates} holds no paper that is not in the library already")
    ids = list(papers)
    texts = [paper.text for paper in papers.values()]
    bags, vectors = Bags.of(texts), wiring.encoder_named("static").encode(texts)
    space = Space.fitted(ids, bags, vectors, unlabelled=len(offered))
    points = space.place(ids, bags, vectors)
    marks = {id: Mark(Act.HIDDEN if id in hidden else Act.SAVED, papers[id].at) for id in known}
    marked = points.take(range(len(offered), len(ids)))
    now = max((mark.at for mark in marks.values() if mark.at), default=None)
    profile = Profile.fitted(space, marked, marks, now=now)
    offers = points.take(range(len(offered)))
    picks = ranked(profile, offers, dial=dial)[:limit]
    at = {id: n for n, id in enumerate(offers.ids)}
    reasons = explain(profile, offers.take([at[pick.id] for pick in picks]))
    written = spellings(texts)
    if not json:
        for place, (pick, why) in enumerate(zip(picks, reasons, strict=True), start=1):
            output.echo(f"{place:>3}. {papers[pick.id].title or pick.id}")
            output.echo(f"     {pick.id}   {pick.score:.3f}   {_said(why, papers, written)}")
        return
    output.echo_json(
        {
            "interests": [
                {
                    "key": each.interest.key,
                    "share": round(each.share, 4),
                    "terms": [written[term] for term, _ in each.terms],
                    "papers": list(each.interest.papers),
                }
                for each in portraits(profile)
            ],
            "ranking": [
                {
                    "rank": place,
                    "id": pick.id,
                    "title": papers[pick.id].title,
                    "score": round(pick.score, 6),
                    "near": [{"id": id, "closeness": round(near, 4)} for id, near in why.near],
                    "terms": [{"term": written[term], "adds": round(adds, 4)} for term, adds in why.terms],
                    "interest": why.interest,
                    "common": round(why.common, 4),
                }
                for place, (pick, why) in enumerate(zip(picks, reasons, strict=True), start=1)
            ],
        }
    )


def recommend(
    directory: Directory,
    by: Annotated[Method, typer.Option(help="Ours, or a plain way to stand beside it.")] = Method.PROFILE,
    run: Annotated[Path | None, typer.Option(help="Write what was found as a TREC run.")] = None,
    against: Annotated[
        Path | None, typer.Option(help="Compare with a TREC run, reader by reader: difference, interval, p.")
    ] = None,
    library: Annotated[int | None, typer.Option(min=1, help="Cut libraries to so many papers.")] = None,
    readers: Annotated[int | None, typer.Option(min=1, help="Measure so many readers only.")] = None,
    encoder: Annotated[str, typer.Option(help="Whose vectors: static, minilm, or one of a hub.")] = "static",
    json: Json = False,
) -> None:
    """How well we recommend: readers' libraries, candidates, and what they kept of them.

    The folder holds corpus.jsonl and readers.jsonl, each may be gzipped; `scripts/build_reader_sets.py`
    makes such folders. Readers are the queries of the run.
    """
    from broadsheet.evaluate import recommend as measured  # noqa: PLC0415  keeps start-up short
    from broadsheet.evaluate.cache import encoded  # noqa: PLC0415
    from broadsheet.evaluate.retrieval import judge, read_run  # noqa: PLC0415

    chosen = measured.load(directory)
    if readers is not None:
        chosen = measured.sampled(chosen, readers)
    if library is not None:
        chosen = measured.cut(chosen, library)
    other = None
    if against is not None:  # before the work, so that a wrong file is said at once
        found = read_run(against, chosen.judged())
        other = judge(chosen.judged(), found, name=against.name, metrics=measured.METRICS)
    made = wiring.encoder_named(encoder)
    # What the fast encoder makes is sooner made again than read.
    kept = None if encoder == "static" else cache()
    with output.progress(f"points of {chosen.name}") as told:
        stage = measured.Stage(chosen, lambda texts: encoded(texts, made, cache=kept), progress=told)
    scorers = {
        Method.PROFILE: stage.profile,
        Method.CENTROID: stage.centroid,
        Method.WORDS: stage.words,
    }
    with output.progress(f"readers of {chosen.name}") as told:
        report = stage.evaluate(scorers[by](), name=by.value, progress=told)
    if run is not None:
        write_to(report.report, run)
    tau = sum(report.tau.values()) / len(report.tau) if report.tau else None
    if json:
        head = {"set": chosen.name, "method": by.value, "documents": len(chosen.documents)}
        graded = {"weighted_tau": tau, "graded": len(report.tau)} if report.tau else {}
        output.echo_json(head | graded | as_json(chosen.judged(), report.report, other))
        return
    output.echo(
        f"{chosen.name}: {len(chosen.documents)} documents, {len(chosen.readers)} readers, {by.value}"
    )
    echo_metrics(chosen.judged(), report.report, other)
    if tau is not None:
        output.echo(f"  {'weighted τ':<11} {tau:.4f}   over {len(report.tau)} readers with several grades")


def _papers(path: Path) -> dict[str, _Paper]:
    """The papers of a file by id. Lines of JSON need no title, as in a collection's corpus."""
    from broadsheet.evaluate import collections  # noqa: PLC0415  keeps start-up short

    if ".jsonl" in path.suffixes:
        found = [
            (document.id, _Paper(document.title, document.text, _start(document.announced)))
            for document, _ in collections.read_documents(path)
        ]
    else:
        found = [
            (str(record.id), _Paper(record.title, record.abstract, _day(record)))
            for record in wiring.read_records(path)
        ]
    if not found:
        raise InputError(f"{path} holds no paper")
    return dict(found)


def _day(record: Record) -> datetime | None:
    days = [each.day for each in record.announcements]
    return _start(min(days)) if days else record.published


def _start(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _said(why: Why, papers: dict[str, _Paper], written: dict[int, str]) -> str:
    parts = []
    if why.near:
        id, _ = why.near[0]
        parts.append(f"like “{papers[id].title or id}”")
    if why.terms:
        parts.append("for " + ", ".join(written[term] for term, _ in why.terms[:3]))
    return "; ".join(parts)
