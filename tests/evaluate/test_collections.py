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
        ("queries.jsonl", "{", r"queries\.jsonl:1: expected a JSON object"),
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
    with pytest.raises(InputError, match=r"corpus\.jsonl:2: a second document of the _id 'a'"):
        collections.load(folder)


def test_collection_whose_judgements_fit_no_query_is_refused(write_collection: Callable[..., Path]) -> None:
    folder = write_collection(
        documents=[{"_id": "a", "text": "x"}],
        queries=[{"_id": "q", "text": "x"}],
        judgements=[("other", "a", 1)],
    )
    with pytest.raises(InputError, match="right answer"):
        collections.load(folder)


def test_layout_of_beir_is_read(fruit: Path) -> None:
    (fruit / "qrels").mkdir()
    (fruit / "qrels.tsv").rename(fruit / "qrels" / "test.tsv")
    (fruit / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq3\tapple\t1\n")
    assert [query.id for query in collections.load(fruit).queries] == ["q1", "q2"]
    dev = collections.load(fruit, split="dev")
    assert (dev.name, [query.id for query in dev.queries]) == ("small/dev", ["q3"])


def test_split_has_files_of_its_own(fruit: Path) -> None:
    (fruit / "queries_train.jsonl").write_text('{"_id": 7, "text": "blue"}\n')
    (fruit / "qrels_train.tsv").write_text("7\tplum\t1\n")
    assert collections.load(fruit, split="train").grades == {"7": {"plum": 1}}


def test_files_may_be_named_outright(fruit: Path) -> None:
    (fruit / "mine.jsonl").write_text('{"_id": "m", "text": "blue"}\n')
    (fruit / "mine.tsv").write_text("m\tplum\t1\n")
    collection = collections.load(fruit, queries="mine.jsonl", qrels="mine.tsv")
    assert [query.text for query in collection.queries] == ["blue"]
    with pytest.raises(InputError, match=r"no other\.jsonl"):
        collections.load(fruit, queries="other.jsonl")


@pytest.mark.parametrize(
    "text",
    [
        "q1\tapple\t1\n",
        "query-id\tcorpus-id\tscore\nq1\tapple\t1\n",
        "\ufeffquery\tdoc\trelevance\r\nq1\tapple\t1\r\n\r\n",
        "q1 0 apple 1\n",
        "q1\t0\tapple\t1\n",
        "q1\tapple\t1.0\n",
    ],
)
def test_judgements_are_read_with_and_without_a_heading(fruit: Path, text: str) -> None:
    (fruit / "qrels.tsv").write_text(text, encoding="utf-8")
    assert collections.load(fruit).grades == {"q1": {"apple": 1}}


@pytest.mark.parametrize("grade", ["good", "0.5", "nan", ""])
def test_grade_that_is_no_whole_number_is_reported(fruit: Path, grade: str) -> None:
    (fruit / "qrels.tsv").write_text(f"q1\tapple\t1\nq1\tplum\t{grade}\n")
    with pytest.raises(InputError, match=r"qrels\.tsv:2: expected query, document and grade"):
        collections.load(fruit)


def test_gzipped_queries_and_judgements_are_read(fruit: Path) -> None:
    for name in ("queries.jsonl", "qrels.tsv"):
        (fruit / f"{name}.gz").write_bytes(gzip.compress((fruit / name).read_bytes()))
        (fruit / name).unlink()
    assert len(collections.load(fruit).queries) == 2


def test_judgements_of_another_corpus_are_refused(fruit: Path) -> None:
    (fruit / "qrels.tsv").write_text("q1\tcherry\t1\n")
    with pytest.raises(InputError, match="judges no document of the corpus"):
        collections.load(fruit)


def test_corpus_alone_is_read_in_its_forms(tmp_path: Path) -> None:
    (tmp_path / "papers.jsonl").write_text('{"id": "page-001", "title": "A", "abstract": "b"}\n')
    assert not collections.has_queries(tmp_path)
    collection = collections.load_corpus(tmp_path)
    assert collection.documents == (collections.Document("page-001", "A", "b"),)
    (tmp_path / "papers.jsonl").unlink()
    for half in ("2025H1", "2025H2"):
        line = f'{{"_id": "{half}", "title": "A", "text": ""}}\n'
        (tmp_path / f"{half}.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    assert [document.id for document in collections.load_documents(tmp_path)] == ["2025H1", "2025H2"]


def test_text_that_is_not_utf_8_is_reported_with_its_place(fruit: Path) -> None:
    with (fruit / "corpus.jsonl").open("ab") as file:
        file.write(b'{"_id": "x", "text": "caf\xe9"}\n')
    with pytest.raises(InputError, match=r"corpus\.jsonl:4: expected text in UTF-8"):
        collections.load(fruit)


def test_folder_without_documents_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no corpus\.jsonl"):
        collections.load_corpus(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        collections.load_corpus(tmp_path / "nowhere")


def test_scifact_has_the_published_size(shared_data: Path) -> None:
    # Wadden et al. 2020 as BEIR has it: 5,183 abstracts, 300 test and 809 training claims.
    collection = collections.load(shared_data / "scifact")
    assert (len(collection.documents), len(collection.queries)) == (5183, 300)
    assert len(collections.load(shared_data / "scifact", split="train").queries) == 809
