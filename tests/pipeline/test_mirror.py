"""A mirror of plain files, made of the sample edition by the real application."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import feedparser  # type: ignore[import-untyped]
import pytest

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.errors import BusyError, InputError
from broadsheet.ids import PaperId
from broadsheet.index.lock import Lock
from broadsheet.model import Announcement, Record
from broadsheet.pipeline.mirror import Published
from broadsheet.pipeline.mirror.addresses import file_of, link
from broadsheet.pipeline.mirror.words import chunk_of
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

ADDRESS = "https://example.org/paper"


LAST = 3  # editions that most tests publish


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The sample edition, for all tests; the last one adds a day."""
    data = tmp_path_factory.mktemp("data")
    with wiring.open_archive(Settings(data=data, encoder="none")) as archive:
        wiring.take_sample(archive)
        yield archive


@pytest.fixture(scope="module")
def mirror(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror of its last editions. Tests that write take a copy."""
    folder = tmp_path_factory.mktemp("published") / "mirror"
    done = publish(archive, folder)
    assert done.days == done.changed == LAST
    assert done.written == len(files(folder))
    return folder


@pytest.fixture
def copied(mirror: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(mirror, tmp_path / "mirror"))


def publish(archive: Archive, folder: Path, **options: object) -> Published:
    asked = {"address": ADDRESS, "last": LAST, "searched": 30, "everything": False, **options}
    return wiring.publish_files(archive, folder, **asked)  # type: ignore[arg-type]


def files(folder: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: content for name, content in found.items() if not name.startswith(".")}


class Links(HTMLParser):
    """Every address that a page names, and what it holds that needs a server."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.policies: list[str] = []
        self.writes = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found += [v for k, v in attrs if k in {"href", "src", "action"} and v]
        self.writes += tag == "form" and named.get("method") == "post"
        if named.get("http-equiv") == "Content-Security-Policy":
            self.policies.append(named["content"] or "")


def test_every_internal_link_of_a_mirror_leads_to_a_file(archive: Archive, mirror: Path) -> None:
    folder = mirror
    here = files(folder)
    pages = [name for name in here if name.endswith(".html")]
    editions = [archive.library.edition(count.day) for count in archive.library.days()[-LAST:]]
    papers = {e.id for edition in editions for s in edition.sections for e in (*s.entries, *edition.leads)}
    assert {f"papers/{id}.html" for id in papers} <= set(pages)
    internal = outside = 0
    for name in pages:
        text = here[name].decode()
        page = Links(text)
        assert not re.search("Log in|Saved<|by method</a>|data-gone|by words and meaning", text), name
        assert page.policies == [p for p in page.policies if "script-src 'self'" in p][:1] != []
        assert page.writes == 0, name
        for found in page.found:
            parts = urlsplit(found)
            if parts.scheme in {"http", "https", "data", "mailto"} or not parts.path:
                assert "mirror.invalid" not in found
                outside += "arxiv.org/abs/" in found
                continue
            assert not found.startswith("/"), (name, found)
            target = (folder / name).parent / unquote(parts.path)
            assert str(target.resolve().relative_to(folder.resolve())) in here, (name, found)
            internal += 1
    assert internal > 10 * len(pages)
    assert outside > len(papers)


def test_feeds_name_the_public_address(archive: Archive, mirror: Path) -> None:
    folder = mirror
    here = files(folder)
    day = archive.library.latest()
    atom = feedparser.parse((folder / "feeds" / "edition.atom").read_bytes())
    assert not atom.bozo
    assert atom.feed.links[0].href == f"{ADDRESS}/feeds/edition.atom"
    named = [entry.links[0].href for entry in atom.entries]
    as_json = json.loads((folder / "edition" / f"{day}.json").read_text())
    named += [item["url"] for item in as_json["items"]]
    assert as_json["home_page_url"] == f"{ADDRESS}/edition/{day}.html"
    edition = archive.library.edition(day) if day else None
    assert edition is not None
    assert len(as_json["items"]) == len(edition.leads) + sum(len(s.entries) for s in edition.sections)
    for url in named:
        assert url.removeprefix(f"{ADDRESS}/") in here, url


def test_a_second_run_writes_nothing(archive: Archive, copied: Path) -> None:
    before = files(copied)
    assert publish(archive, copied) == Published(days=LAST, changed=0, written=0, removed=0)
    assert files(copied) == before


def test_editions_no_longer_wanted_go_with_their_files(
    archive: Archive, copied: Path, tmp_path: Path
) -> None:
    everything = files(copied)
    done = publish(archive, copied, last=1)
    assert done.days == 1
    assert done.removed > 0
    publish(archive, copied, last=1)  # lets the former search index go, too
    fresh = tmp_path / "fresh"
    publish(archive, fresh, last=1)
    assert files(copied).keys() == files(fresh).keys() < everything.keys() | files(fresh).keys()


def test_whatever_ended_a_run_the_next_goes_on(archive: Archive, mirror: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"

    def stop(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(archive, folder, progress=stop)
    assert "index.html" not in files(folder)  # what links to everything comes last
    assert publish(archive, folder).changed == LAST - 2
    assert files(folder) == files(mirror)


def test_a_folder_with_other_things_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(InputError, match="holds other things"):
        publish(archive, tmp_path)
    with pytest.raises(InputError, match="public address is ''"):
        publish(archive, tmp_path / "mirror", address="")


def test_two_runs_over_one_folder_do_not_mix(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    folder.mkdir()
    lock = Lock(folder / ".lock", purpose="testing")
    with pytest.raises(BusyError):
        publish(archive, folder)
    lock.release()


def test_the_words_of_the_last_editions_are_indexed(archive: Archive, mirror: Path) -> None:
    folder = mirror
    index = json.loads((folder / "search" / "index.json").read_text())
    days = [str(count.day) for count in archive.library.days()][-LAST:]
    assert (index["since"], index["until"]) == (days[0], days[-1])
    base = folder / "search" / index["made"]
    listed = [paper for path in sorted(base.glob("papers/*.json")) for paper in json.loads(path.read_text())]
    assert len(listed) == index["papers"]
    expected = {
        title
        for file, title, *_ in listed
        if re.search(r"\bagents?\b", " ".join((title, _text(archive, file))), re.IGNORECASE)
    }
    chunk = json.loads((base / "words" / f"{chunk_of('agents')}.json").read_text())
    flat = chunk["s"][chunk["w"]["agents"]]
    numbers = [sum(flat[0 : n + 1 : 2]) for n in range(0, len(flat), 2)]
    assert {listed[number][1] for number in numbers} >= expected != set()


def _text(archive: Archive, file: str) -> str:
    paper = archive.store.get(PaperId.parse(file.removeprefix("papers/").removesuffix(".html")))
    return paper.abstract if paper else ""


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/", "index.html"),
        ("/edition/2026-03-17", "edition/2026-03-17.html"),
        ("/edition/2026-03-17.atom?all=1", "edition/2026-03-17.atom"),
        ("/edition/2026-03-17/cs.CV", "edition/2026-03-17/cs.CV.html"),
        ("/edition/2026-03-17/cs.CV?page=2", "edition/2026-03-17/cs.CV.p2.html"),
        ("/archive/2026-W12", "archive/2026-W12.html"),
        ("/papers/2602.22839", "papers/2602.22839.html"),
        ("/papers/hep-th/9901001.bib", "papers/hep-th/9901001.bib"),
        ("/papers/10.1002/(SICI)1097%3C3::AID%3E1", "papers/10.1002/_28SICI_291097_3c3_3a_3aAID_3e1.html"),
        ("/papers/a/../b", "papers/a/_2e_2e/b.html"),
        ("/search?q=graphs", "search.html"),
        ("/papers/2602.22839/similar", None),
        ("/saved", None),
    ],
)
def test_addresses_become_names_of_files(address: str, file: str | None) -> None:
    assert file_of(address) == file


def test_links_are_relative_and_authors_are_searched_for() -> None:
    here = frozenset({"search.html", "papers/2602.22839.html", "index.html"})
    page = "edition/2026-03-17/cs.CV.html"
    assert link("/papers/2602.22839#x", page=page, files=here) == "../../papers/2602.22839.html#x"
    assert link("/authors/hao-zheng", page=page, files=here) == "../../search.html?q=hao+zheng"
    assert link("/search?q=%22a+b%22&page=2", page="index.html", files=here) == "search.html?q=%22a+b%22"
    assert link("/saved", page=page, files=here) is None
    assert link("/papers/2602.00001", page=page, files=here) == "https://arxiv.org/abs/2602.00001"
    assert link("/papers/2602.00001/similar", page=page, files=here) is None
    assert link("/", page=page, files=here) == "../../index.html"


def test_a_new_edition_writes_its_own_files_and_the_pages_that_link_to_it(
    archive: Archive, copied: Path
) -> None:
    before = files(copied)
    last = archive.library.latest()
    assert last is not None
    day = date(2026, 6, 1)
    record = Record(
        id=PaperId("2606.00001"),
        title="A paper of June",
        abstract="It is new.",
        source="test",
        announcements=(Announcement(day),),
        categories=("cs.LG",),
    )
    archive.store.put([(record, derive(record))], now=datetime(2026, 6, 1, tzinfo=UTC))
    wiring.catch_up(archive)
    done = publish(archive, copied, last=LAST + 1)
    assert (done.days, done.changed) == (LAST + 1, 2)  # and the one before, which links to it
    after = files(copied)
    assert "papers/2606.00001.html" in after
    changed = {name for name in before if name in after and after[name] != before[name]}
    assert {name for name in changed if name.startswith(("papers/", "edition/"))} == {f"edition/{last}.html"}
    assert f'href="edition/{last}.html"' in after["index.html"].decode()
