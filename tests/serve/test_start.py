"""The cold start: a library's file, an ORCID, authors, fields, papers of the last days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from lxml import html
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.errors import SourceError
from broadsheet.ids import PaperId
from broadsheet.library import Belongings
from broadsheet.library.belongings import of_records
from broadsheet.model import Announcement, Author, FollowKind, MarkKind, Record
from broadsheet.serve.app import create_app
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

NOW = datetime(2026, 3, 18, tzinfo=UTC)
BIBTEX = """
@article{byron2019, title={On sorting}, author={Byron, Ada}, year=2019, doi={10.1145/3292500.1},
  keywords={heaps, to read}}
@article{ek2020, title={On waves}, author={Ek, Bo}, year=2020, eprint={2001.00001}, archivePrefix={arXiv}}
@article{broken, author={Nobody}, year=2020}
"""


def read(page: str) -> Any:
    """A page as a tree; lxml's stubs type every XPath answer as a union of seven."""
    return html.fromstring(page)


@pytest.fixture
def reader(archive: Archive) -> TestClient:
    records = [
        Record(
            id=PaperId(f"2603.0000{number}"),
            title=f"Paper {number}",
            source="test",
            authors=(Author(author),),
            categories=(category,),
            announcements=(Announcement(date(2026, 3, 10 + number)),),
        )
        for number, (author, category) in enumerate(
            [
                ("Ada Byron", "cs.DS"),
                ("Ada Byron", "cs.DS"),
                ("Lord Ada Byron", "math.CO"),
                ("Bo Ek", "q-bio.NC"),
            ]
        )
    ]
    archive.store.put([(r, derive(r)) for r in records], now=NOW)
    wiring.catch_up(archive)
    return TestClient(wiring.web_app(archive), base_url="http://localhost", follow_redirects=False)


def test_library_of_a_file_is_kept_with_its_labels(reader: TestClient, archive: Archive) -> None:
    form = read(reader.get("/desk/start").text).xpath("//form[@enctype='multipart/form-data']")[0]
    page = reader.post(form.action, files={"file": ("my library.bib", BIBTEX.encode())})
    assert "2 papers read" in page.text
    assert "1 could not be used" in " ".join(page.text.split())
    desk = archive.library.desk("me")
    assert {str(p.id) for p in desk.marked(MarkKind.SAVED)} == {"10.1145/3292500.1", "2001.00001"}
    (tagged,) = desk.marked(MarkKind.TAG, "to read")
    assert tagged.title == "On sorting"
    assert tagged.record.tags == ()  # what is one reader's is not on everybody's page
    again = reader.post(form.action, files={"file": ("my library.bib", BIBTEX.encode())})
    assert "0 marks new" in again.text


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("x.bib", b"", "No file came"),
        ("x.pdf", b"%PDF-1.7 and so on", "&#39;x.pdf&#39; is of no kind we can read"),
        ("../../etc/passwd", b"root:x:0:0", "of no kind we can read"),
        ("feed.xml", b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "of no kind we can read"),
    ],
)
def test_file_that_is_no_library_is_explained(reader: TestClient, name: str, body: bytes, said: str) -> None:
    page = reader.post("/desk/start/file", files={"file": (name, body)})
    assert page.status_code == 400
    assert said in page.text
    assert "/tmp" not in page.text


def test_file_that_is_too_large_is_not_read(reader: TestClient) -> None:
    assert reader.post("/desk/start/file", files={"file": ("x.bib", b" " * (33 << 20))}).status_code == 413


def test_other_sites_cannot_bring_files(reader: TestClient) -> None:
    answer = reader.post(
        "/desk/start/file",
        files={"file": ("x.bib", BIBTEX.encode())},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


def test_authors_are_found_by_name_kept_and_followed(reader: TestClient, archive: Archive) -> None:
    tree = read(reader.get("/desk/start?name=Ada+Byron").text)
    people = [" ".join(li.text_content().split()) for li in tree.xpath("//ul[@class='people']/li")]
    assert people[0].startswith("Ada Byron, 2 papers, such as Paper 1")
    assert people[1].startswith("Lord Ada Byron, 1 paper")
    keep, follow = tree.xpath("//ul[@class='people']/li[1]/form")
    assert "2 marks new" in reader.post(keep.action, data=dict(keep.form_values())).text
    reader.post(follow.action, data={**dict(follow.form_values()), "set": "author"})
    desk = archive.library.desk("me")
    assert len(desk.marked(MarkKind.SAVED)) == 2
    assert [(f.kind, f.value) for f in desk.follows()] == [(FollowKind.AUTHOR, "ada-byron")]
    assert "Nobody here signs as" in reader.get("/desk/start?name=Nobody+Known").text


def test_papers_and_fields_are_picked(reader: TestClient, archive: Archive) -> None:
    tree = read(reader.get("/desk/start").text)
    offered = tree.xpath("//input[@type='checkbox']/@name")
    # One of each field comes before the second of any.
    assert [name for name in offered if name.startswith("paper:")][:3] == [
        "paper:2603.00003",
        "paper:2603.00002",
        "paper:2603.00001",
    ]
    answer = reader.post("/desk/start/picked", data={"paper:2603.00003": "on", "category:math.CO": "on"})
    assert answer.headers["location"] == "/desk"
    desk = archive.library.desk("me")
    assert [str(p.id) for p in desk.marked(MarkKind.SAVED)] == ["2603.00003"]
    assert [f.label for f in desk.follows()] == ["Combinatorics"]
    assert reader.post("/desk/start/picked").status_code == 400


class Orcid:
    """An intake whose ORCID answers, or does not."""

    def __init__(self, answer: Belongings | SourceError) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def from_file(self, name: str, body: bytes) -> Belongings:
        raise AssertionError

    def from_orcid(self, orcid: str) -> Belongings:
        self.asked.append(orcid)
        if isinstance(self.answer, SourceError):
            raise self.answer
        return self.answer


def test_works_of_an_orcid_are_kept(reader: TestClient, archive: Archive) -> None:
    record = Record(id=PaperId("2603.00001"), title="Paper 1", source="orcid")
    intake = Orcid(of_records([record], at=NOW))
    client = TestClient(create_app(archive.library, reader="me", intake=intake), base_url="http://localhost")
    assert "1 paper read" in client.post("/desk/start/orcid", data={"orcid": "0000-0002-1825-0097"}).text
    assert intake.asked == ["0000-0002-1825-0097"]
    failing = TestClient(
        create_app(archive.library, reader="me", intake=Orcid(SourceError("it sleeps"))),
        base_url="http://localhost",
    )
    answer = failing.post("/desk/start/orcid", data={"orcid": "0000-0002-1825-0097"})
    assert answer.status_code == 502
    assert "It sleeps" in answer.text
    again = client.post("/api/v1/desk/works", json={"orcid": "0000-0002-1825-0097"})
    assert again.json() == {"papers": 1, "marks": 0, "rejected": []}
    problem = failing.post("/api/v1/desk/works", json={"orcid": "0000-0002-1825-0097"})
    assert (problem.status_code, problem.json()["detail"]) == (502, "It sleeps.")
    assert 'value="0000-0002-1825-0097"' in answer.text


def test_works_go_through_the_archive_to_the_desk(
    reader: TestClient, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    from broadsheet.source import orcid

    record = Record(id=PaperId("1901.00001"), title="On sorting", source="orcid")
    monkeypatch.setattr(orcid, "works", lambda who, **_: iter([record]))
    assert "1 paper read" in reader.post("/desk/start/orcid", data={"orcid": "0000-0002-1825-0097"}).text
    assert archive.store.get(PaperId("1901.00001")) is not None


def test_programs_begin_with_what_the_page_offers(reader: TestClient) -> None:
    found = reader.get("/api/v1/desk/start").json()
    page = read(reader.get("/desk/start").text)
    offered = {
        "paper": [p["id"] for p in found["papers"]],
        "category": [c["code"] for c in found["categories"]],
    }
    for kind, values in offered.items():
        names = page.xpath(f"//input[starts-with(@name, '{kind}:')]/@name")
        assert [name.partition(":")[2] for name in names] == values
        assert values
