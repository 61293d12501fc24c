"""Commands of "For you": rank, eval recommend."""

from __future__ import annotations

from datetime import UTC, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from broadsheet import wiring
from broadsheet.cli import output
from broadsheet.cli.measure import Directory, Json, as_json, echo_metrics, write_to
from broadsheet.errors import InputError

if TYPE_CHECKING:  # keeps start-up short
    from broadsheet.model import Record
    from broadsheet.rank.recommend import Why


class Method(StrEnum):
    """What can be measured."""

    PROFILE = "profile"
    CENTROID = "centroid"
    WORDS = "words"


def rank(
    context: typer.Context,
    library: Annotated[Path, typer.Option(help="File of papers that the reader kept.")],
    candidates: Annotated[Path, typer.Option(help="File of papers to be ranked.")],
    negatives: Annotated[Path | None, typer.Option(help="File of papers that the reader turned down.")] = None,
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
    offered = {id: record for id, record in _papers(candidates).items() if id not in known}
    papers = offered | known
    if not offered:
        raise InputError(f"{candidates} holds no paper that is not in the library already")
    ids = list(papers)
    texts = [_text(record) for record in papers.values()]
    bags, vectors = Bags.of(texts), wiring.encoder_named("static").encode(texts)
    space = Space.fitted(ids, bags, vectors)
    points = space.place(ids, bags, vectors)
    marks = {id: Mark(Act.HIDDEN if id in hidden else Act.SAVED, _day(papers[id])) for id in known}
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
    cache = None if encoder == "static" else output.cache()
    with output.progress(f"points of {chosen.name}") as told:
        stage = measured.Stage(chosen, lambda texts: encoded(texts, made, cache=cache), progress=told)
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


def _papers(path: Path) -> dict[str, Record]:
    records = wiring.read_papers(path)
    return {str(record.id): record for record in records}


def _text(record: Record) -> str:
    return f"{record.title}\n{record.abstract}".strip()


def _day(record: Record) -> datetime | None:
    days = [each.day for each in record.announcements]
    return datetime.combine(min(days), time(), UTC) if days else record.published


def _said(why: Why, papers: dict[str, Record], written: dict[int, str]) -> str:
    parts = []
    if why.near:
        id, _ = why.near[0]
        parts.append(f"like “{papers[id].title or id}”")
    if why.terms:
        parts.append("for " + ", ".join(written[term] for term, _ in why.terms[:3]))
    return "; ".join(parts)
