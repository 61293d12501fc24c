"""What all bibliographies share, each shown in its own words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from broadsheet.ids import PaperId, Scheme
from broadsheet.source import bibtex, ris
from broadsheet.source.citation import comment_of
from broadsheet.source.csl import Csl
from broadsheet.source.zotero import Zotero

Read = Callable[..., Any]


def from_bibtex(tmp_path: Path, *, note: str = "", **fields: str) -> Any:
    named = {"note": note, "title": "Sorting by Hand", "broadsheet-id": fields.get("own", "")}
    named |= {key: fields[key] for key in ("abstract", "doi", "journal") if key in fields}
    text = "".join(f"{key} = {{{value}}},\n" for key, value in named.items() if value)
    (record,) = bibtex.parse(f"@misc{{k,\n{text}}}", name="a.bib")
    return record


def from_ris(tmp_path: Path, *, note: str = "", **fields: str) -> Any:
    tags = {"abstract": "AB", "doi": "DO", "journal": "T2"}
    lines = [f"{tags[key]}  - {value}" for key, value in fields.items() if key in tags]
    lines += [f"N1  - {note}"] if note else []
    lines += [f"AN  - broadsheet:{fields['own']}"] if "own" in fields else []
    (record,) = ris.parse("\n".join(["TY  - JOUR", "TI  - Sorting by Hand", *lines, "ER  - "]), name="a.ris")
    return record


def from_csl(tmp_path: Path, *, note: str = "", **fields: str) -> Any:
    keys = {"abstract": "abstract", "doi": "DOI", "journal": "container-title"}
    item: dict[str, Any] = {keys[key]: value for key, value in fields.items() if key in keys}
    item |= {"title": "Sorting by Hand", "note": note, "custom": {"broadsheet-id": fields.get("own")}}
    path = tmp_path / "a.json"
    path.write_text(json.dumps([item]))
    (record,) = Csl().read(path)
    return record


def from_zotero(tmp_path: Path, *, note: str = "", **fields: str) -> Any:
    keys = {"abstract": "abstractNote", "doi": "DOI", "journal": "publicationTitle"}
    item: dict[str, Any] = {keys[key]: value for key, value in fields.items() if key in keys}
    item |= {"title": "Sorting by Hand", "notes": [{"note": f"<p>{note}</p>"}] if note else []}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"items": [item]}))
    (record,) = Zotero().read(path)
    return record


every = pytest.mark.parametrize("read", [from_bibtex, from_ris, from_csl, from_zotero])
with_own_ids = pytest.mark.parametrize("read", [from_bibtex, from_ris, from_csl])


@every
@pytest.mark.parametrize(
    "note",
    ["This paper has been withdrawn by the author due to an error", "Comment: Withdrawn, see the erratum"],
)
def test_a_note_that_says_withdrawn_marks_the_paper(tmp_path: Path, read: Read, note: str) -> None:
    assert read(tmp_path, note=note).withdrawn


@every
@pytest.mark.parametrize("note", ["", "Comment: 15 pages", "Comment: replaces the withdrawn arXiv:1234.5678"])
def test_another_note_does_not(tmp_path: Path, read: Read, note: str) -> None:
    assert not read(tmp_path, note=note).withdrawn


@every
def test_an_abstract_that_says_withdrawn_marks_the_paper(tmp_path: Path, read: Read) -> None:
    assert read(tmp_path, abstract="This paper has been withdrawn by the author.").withdrawn


@pytest.mark.parametrize("read", [from_ris, from_zotero])
def test_a_readers_own_note_marks_no_paper_in_passing(tmp_path: Path, read: Read) -> None:
    record = read(tmp_path, note="Ask Ada: have the authors withdrawn the first version?")
    assert (record.withdrawn, record.comment) == (False, None)


@every
def test_arxiv_is_no_journal(tmp_path: Path, read: Read) -> None:
    assert read(tmp_path, journal="arXiv preprint").venue is None
    assert read(tmp_path, journal="Nature").venue == "Nature"


@every
def test_the_doi_is_told_once(tmp_path: Path, read: Read) -> None:
    record = read(tmp_path, doi="10.1000/XYZ")
    assert (record.id, record.doi, record.also) == (PaperId("10.1000/xyz", Scheme.DOI), None, ())


@with_own_ids
def test_an_id_that_a_broadsheet_wrote_goes_before_all_others(tmp_path: Path, read: Read) -> None:
    record = read(tmp_path, own="page-206", doi="10.1000/xyz")
    assert record.id == PaperId("page-206", Scheme.OWN)
    assert (record.doi, record.also) == ("10.1000/xyz", (PaperId("10.1000/xyz", Scheme.DOI),))


@with_own_ids
@pytest.mark.parametrize("own", ["2402.01234", "10.1000/abc", "no id"])
def test_what_is_no_id_of_our_own_is_not_taken_for_one(tmp_path: Path, read: Read, own: str) -> None:
    assert read(tmp_path, own=own, doi="10.1000/xyz").id == PaperId("10.1000/xyz", Scheme.DOI)


def test_a_note_that_only_repeats_the_arxiv_id_is_no_comment() -> None:
    assert comment_of("arXiv:1706.03762 [cs]") is None
    assert comment_of("") is None
    assert comment_of("A longer version, with all proofs, is at arXiv:1706.03762") is not None
