from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from broadsheet.errors import InputError
from broadsheet.evaluate import collections


def test_documents_queries_and_grades_are_read(fruit: Path) -> None:
    collection = collections.load(fruit)
    assert collection.name == "small"
    assert [document.id for document in collection.documents] == ["apple", "pear", "plum"]
    assert collection.documents[2].title == ""
    assert collection.grades["q1"] == {"apple": 2, "plum": 1}


def test_query_without_a_right_answer_is_left_out(fruit: Path) -> None:
    assert [query.id for query in collections.load(fruit).queries] == ["q1", "q2"]


def test_paper_a_query_is_made_of_is_no_answer_to_it(fruit: Path) -> None:
    collection = collections.load(fruit)
    assert (collection.queries[1].paper, collection.queries[1].facet) == ("pear", "method")
    assert collection.grades["q2"] == {"plum": 1}


def test_gzipped_corpus_is_read(fruit: Path) -> None:
    plain = fruit / "corpus.jsonl"
    with gzip.open(fruit / "corpus.jsonl.gz", "wb") as file:
        file.write(plain.read_bytes())
    plain.unlink()
    assert len(collections.load(fruit).documents) == 3


def test_missing_file_is_named(fruit: Path) -> None:
    (fruit / "qrels.tsv").unlink()
    with pytest.raises(InputError, match=r"qrels\.tsv"):
        collections.load(fruit)


@pytest.mark.parametrize(
    ("file", "line", "place"),
    [
        ("corpus.jsonl", '{"_id": "x", "text": 3}', r"corpus\.jsonl:1: expected a string 'text'"),
        ("corpus.jsonl", "[]", r"corpus\.jsonl:1: expected a JSON object"),
        ("queries.jsonl", "{", r"queries\.jsonl: expected JSON lines"),
        ("qrels.tsv", "q1 apple 1", r"qrels\.tsv:1: expected query, document and grade"),
    ],
)
def test_bad_line_is_reported_with_its_place(fruit: Path, file: str, line: str, place: str) -> None:
    (fruit / file).write_text(line + "\n")
    with pytest.raises(InputError, match=place):
        collections.load(fruit)


def test_truncated_gzip_is_reported(fruit: Path) -> None:
    plain = fruit / "corpus.jsonl"
    (fruit / "corpus.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes())[:-12])
    plain.unlink()
    with pytest.raises(InputError, match=r"corpus\.jsonl"):
        collections.load(fruit)


def test_two_documents_of_one_id_are_refused(write_collection: Callable[..., Path]) -> None:
    twice = [{"_id": "a", "text": "x"}, {"_id": "a", "text": "y"}]
    folder = write_collection(
        documents=twice, queries=[{"_id": "q", "text": "x"}], judgements=[("q", "a", 1)]
    )
    with pytest.raises(InputError, match="1 documents share"):
        collections.load(folder)


def test_collection_whose_judgements_fit_no_query_is_refused(write_collection: Callable[..., Path]) -> None:
    folder = write_collection(
        documents=[{"_id": "a", "text": "x"}],
        queries=[{"_id": "q", "text": "x"}],
        judgements=[("other", "a", 1)],
    )
    with pytest.raises(InputError, match="right answer"):
        collections.load(folder)


def test_scifact_has_the_published_size(shared_data: Path) -> None:
    # Wadden et al. 2020 as BEIR has it: 5,183 abstracts, 300 test and 809 training claims.
    collection = collections.load(shared_data / "scifact")
    assert (len(collection.documents), len(collection.queries)) == (5183, 300)
    assert len(collections.load(shared_data / "scifact", split="train").queries) == 809
