"""Test collections: documents, queries, and what answers what. Knows files of the BEIR layout only.

A collection is a folder with

- ``corpus.jsonl``: ``_id``, ``title``, ``text``;
- ``queries.jsonl``: ``_id``, ``text``; also ``facet``, and ``paper`` where the query is a document;
- ``qrels.tsv`` or ``qrels/test.tsv``: query, document, grade, with or without a heading; trec_eval's
  four columns are read as well.

Each may be gzipped. https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

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


def load(folder: Path, *, split: str = "", queries: str = "", qrels: str = "") -> Collection:
    """The collection in a folder; queries without a single right answer are left out.

    ``split`` picks other queries of the same corpus: ``split="train"`` reads ``queries_train.jsonl``
    and ``qrels_train.tsv``, or ``queries.jsonl`` and ``qrels/train.tsv``. ``queries`` and ``qrels``
    name the files outright. Raises InputError, with file and line, for what cannot be read.
    """
    asked = _chosen(
        folder, queries, [f"queries_{split}.jsonl", "queries.jsonl"] if split else ["queries.jsonl"]
    )
    judging = _chosen(
        folder,
        qrels,
        [f"qrels_{split}.tsv", f"qrels/{split}.tsv"] if split else ["qrels.tsv", "qrels/test.tsv"],
    )
    documents = load_documents(folder)
    known = {document.id for document in documents}
    judged = _judgements(judging)
    chosen = []
    grades = {}
    found = False
    for row, where in rows(asked):
        query = Query(
            _id(row, where),
            _text(row, ("text", "query"), where),
            _optional(row, "facet", where),
            _optional(row, "paper", where),
        )
        if query.id in grades:
            raise InputError(f"{where}: a second query of the _id {query.id!r}")
        answers = {id: grade for id, grade in judged.get(query.id, {}).items() if id != query.paper}
        if any(grade > 0 for grade in answers.values()):
            chosen.append(query)
            grades[query.id] = answers
            found = found or any(id in known for id in answers)
    if not chosen:
        raise InputError(f"{folder}: no query of {asked.name} has a right answer in {judging.name}")
    if not found:
        raise InputError(
            f"{folder}: {judging.name} judges no document of the corpus; do they belong together?"
        )
    name = folder.resolve().name + (f"/{split}" if split else "")
    return Collection(name, documents, tuple(chosen), grades)


def load_corpus(folder: Path) -> Collection:
    """The documents of a folder without its queries, also where there are none."""
    return Collection(folder.resolve().name, load_documents(folder), (), {})


def has_queries(folder: Path) -> bool:
    """Whether the folder has queries of its own, so that ``load`` has something to read."""
    return any(path.exists() for path in _either(folder / "queries.jsonl"))


def load_documents(folder: Path) -> tuple[Document, ...]:
    """The documents of ``corpus.jsonl``, else of ``papers.jsonl``, else of every JSON lines file there.

    ``id`` and ``abstract`` do as names for ``_id`` and ``text``; a document may lack one of title and
    text. Raises InputError, with file and line.
    """
    documents: dict[str, Document] = {}
    for file in _corpus(folder):
        for row, where in rows(file):
            title = _optional(row, "title", where) or ""
            text = _text(row, ("text", "abstract"), where, empty=bool(title))
            document = Document(_id(row, where), title, text)
            if document.id in documents:
                raise InputError(f"{where}: a second document of the _id {document.id!r}")
            documents[document.id] = document
    if not documents:
        raise InputError(f"{folder}: the corpus is empty")
    return tuple(documents.values())


def rows(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Each line's object, and where it stands; of a path or its gzipped form. Raises InputError."""
    for number, line in _lines(path):
        where = f"{path}:{number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{where}: expected a JSON object: {error}") from error
        if not isinstance(row, dict):
            raise InputError(f"{where}: expected a JSON object, got {line[:40].strip()!r}")
        yield row, where


def _corpus(folder: Path) -> tuple[Path, ...]:
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; a collection is one, with corpus.jsonl in it")
    for name in ("corpus.jsonl", "papers.jsonl"):
        if any(path.exists() for path in _either(folder / name)):
            return (folder / name,)
    files = sorted((*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz")))
    others = tuple(file for file in files if not file.name.startswith("queries"))
    if not others:
        raise InputError(f"{folder} has no corpus.jsonl, nor any other JSON lines with documents")
    return others


def _chosen(folder: Path, named: str, usual: list[str]) -> Path:
    """The file a person named, or the first of the usual ones that is there."""
    for name in [named] if named else usual:
        path = folder / name
        if any(each.exists() for each in _either(path)):
            return path
    raise InputError(
        f"{folder} has no {' nor '.join([named] if named else usual)}; a collection has corpus, queries and qrels"
    )


def _either(path: Path) -> tuple[Path, Path]:
    return path, path.with_name(path.name + ".gz")


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        fields = line.rstrip("\r\n").split("\t")
        if (
            len(fields) != 3 and len(words := line.split()) == 4
        ):  # as trec_eval has it: query, 0, document, grade
            fields = [words[0], *words[2:]]
        if fields == [""]:
            continue
        try:
            query, document, grade = fields
            judged.setdefault(query, {})[document] = _grade(grade)
        except ValueError:
            if number == 1 and len(fields) == 3:  # a heading
                continue
            raise InputError(
                f"{path}:{number}: expected query, document and grade parted by tabs, got {line[:60].strip()!r}"
            ) from None
    return judged


def _grade(text: str) -> int:
    number = float(text)
    if not number.is_integer():
        raise ValueError(text)
    return int(number)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Each line and its number, from the file or its gzipped form."""
    number = 0
    try:
        with _open(path) as file:
            for number, line in enumerate(file, start=1):
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}:{number}: expected text in UTF-8: {error.reason}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot read {path} after line {number}: {error}") from error


def _open(path: Path) -> BinaryIO:
    plain, packed = _either(path)
    if path.suffix != ".gz" and (plain.exists() or not packed.exists()):
        return plain.open("rb")
    return cast("BinaryIO", gzip.open(path if path.suffix == ".gz" else packed, "rb"))


def _id(row: Mapping[str, Any], where: str) -> str:
    value = row.get("_id", row.get("id"))
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise InputError(f"{where}: expected an '_id', got {value!r}")
    return str(value)


def _text(row: Mapping[str, Any], keys: tuple[str, ...], where: str, *, empty: bool = False) -> str:
    value = next((row[key] for key in keys if row.get(key) is not None), "" if empty else None)
    if not isinstance(value, str):
        raise InputError(f"{where}: expected a string {keys[0]!r}, got {value!r}")
    return value


def _optional(row: Mapping[str, Any], key: str, where: str) -> str | None:
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise InputError(f"{where}: expected a string {key!r}, got {value!r}")
    return value
