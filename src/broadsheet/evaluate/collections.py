"""Test collections: documents, queries, and what answers what. Knows files of the BEIR layout only.

A collection is a folder with ``corpus.jsonl`` (``_id``, ``title``, ``text``), ``queries.jsonl``
(``_id``, ``text``) and ``qrels.tsv`` (query, document, grade, under a heading), the first two also
gzipped. https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from broadsheet.errors import InputError

Grades = Mapping[str, int]  # document id: how well it answers; 0 means judged and found wanting


@dataclass(frozen=True, slots=True)
class Document:
    """One text of a collection; ``title`` may be empty."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """One question. ``paper`` is the document it is made of, never an answer to itself; ``facet`` its aspect."""

    id: str
    text: str
    facet: str | None = None
    paper: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, judged queries, and each query's grades by document id."""

    name: str
    documents: tuple[Document, ...]
    queries: tuple[Query, ...]
    grades: Mapping[str, Grades]


def load(folder: Path, *, split: str = "") -> Collection:
    """The collection in a folder; queries without a single right answer are left out.

    ``split`` picks other queries of the same corpus: ``split="train"`` reads ``queries_train.jsonl``
    and ``qrels_train.tsv``. Raises InputError, with file and line, for what cannot be read.
    """
    suffix = f"_{split}" if split else ""
    documents = tuple(
        Document(_text(row, "_id", where), str(row.get("title") or ""), _text(row, "text", where))
        for row, where in _rows(folder / "corpus.jsonl")
    )
    known = {document.id for document in documents}
    if len(known) != len(documents):
        raise InputError(f"{folder}: {len(documents) - len(known)} documents share another's _id")
    judged = _judgements(folder / f"qrels{suffix}.tsv")
    queries = []
    grades = {}
    for row, where in _rows(folder / f"queries{suffix}.jsonl"):
        query = Query(_text(row, "_id", where), _text(row, "text", where), row.get("facet"), row.get("paper"))
        answers = {id: grade for id, grade in judged.get(query.id, {}).items() if id != query.paper}
        if any(grade > 0 for grade in answers.values()):
            queries.append(query)
            grades[query.id] = answers
    if not queries:
        raise InputError(
            f"{folder}: no query of queries{suffix}.jsonl has a right answer in qrels{suffix}.tsv"
        )
    return Collection(folder.name + suffix.replace("_", "/"), documents, tuple(queries), grades)


def _rows(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Each line's object, and where it stands."""
    with _open(path) as lines:
        try:
            for number, line in enumerate(lines, start=1):
                where = f"{path}:{number}"
                if not line.strip():
                    continue
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise InputError(f"{where}: expected a JSON object, got {line[:40].strip()!r}")
                yield row, where
        except (ValueError, EOFError, OSError) as error:
            raise InputError(f"{path}: expected JSON lines: {error}") from error


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = {}
    with _open(path) as lines:
        for number, line in enumerate(lines, start=1):
            fields = line.rstrip("\n").split("\t")
            if number == 1 and fields[-1:] == ["score"]:
                continue
            try:
                query, document, grade = fields
                judged.setdefault(query, {})[document] = int(grade)
            except ValueError:
                raise InputError(
                    f"{path}:{number}: expected query, document and grade parted by tabs, got {line[:60]!r}"
                ) from None
    return judged


def _open(path: Path) -> TextIO:
    packed = path.with_name(path.name + ".gz")
    try:
        if path.exists() or not packed.exists():
            return path.open(encoding="utf-8")
        return gzip.open(packed, "rt", encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot read {path}: {error.strerror}; a collection has corpus, queries and qrels"
        ) from error


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise InputError(f"{where}: expected a string {key!r}, got {value!r}")
    return value
