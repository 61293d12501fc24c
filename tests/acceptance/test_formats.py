"""Whatever a library or a feed reader exports is taken in, found, shown, and can be taken out again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.acceptance.house import House, seen

BIBTEX = r"""
@string{jmlr = "Journal of Machine Learning Research"}
@article{godel2021spline,
  title = {Spline Estimation of {G\"odel} Numbers in $O(n\sqrt{m})$},
  author = {G{\"o}del, Kurt and {\L}o\'s, Jerzy},
  journal = jmlr, year = 2021, month = mar, doi = {10.5555/spline.2021},
  abstract = {We estimate splines. The error is below 5\% on every curve.},
  keywords = {splines, logic},
}
@misc{lovelace2026loom,
  title = {Weaving Programs on a Loom}, author = {Lovelace, Ada},
  year = {2026}, eprint = {2601.00001}, archivePrefix = {arXiv}, primaryClass = {cs.PL},
  abstract = {A loom weaves programs from punched cards.},
}
@book{knuth1968, title = {The Craft of Sorting Cards}, author = {Donald Knuth}, year = {1968}}
"""

RIS = """TY  - JOUR\r
TI  - Glacier Flow under Warm Tides\r
AU  - Nansen, Fridtjof\r
AU  - Drygalski, Erich von\r
PY  - 2019\r
DA  - 2019/07/04\r
T2  - Polar Letters\r
AB  - Glaciers flow faster when warm tides lift their tongues.\r
DO  - 10.5555/glacier\r
KW  - ice\r
ER  - \r
"""

CSL: list[dict[str, Any]] = [
    {
        "id": "curie",
        "type": "article-journal",
        "title": "Radium in <i>Deep</i> Wells",
        "author": [{"family": "Curie", "given": "Marie"}],
        "issued": {"date-parts": [[2020, 5, 17]]},
        "container-title": "Annals of Wells",
        "abstract": "Radium was measured in ninety deep wells.",
        "DOI": "10.5555/radium",
    }
]

ZOTERO: dict[str, Any] = {
    "config": {"label": "BetterBibTeX JSON"},
    "collections": {
        "A": {"key": "A", "name": "Reading", "parent": False, "collections": ["B"], "items": []},
        "B": {"key": "B", "name": "Birds", "parent": "A", "collections": [], "items": [7]},
    },
    "items": [
        {
            "itemID": 7,
            "itemType": "preprint",
            "title": "Warblers Learn Their Dialects",
            "abstractNote": "Young warblers learn the dialect of their valley.",
            "date": "2024-02-03",
            "archiveID": "arXiv:2402.01234",
            "creators": [{"creatorType": "author", "firstName": "Rachel", "lastName": "Carson"}],
            "tags": [{"tag": "to read"}, {"tag": "song"}],
        }
    ],
}

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Tides</title><id>urn:t</id><updated>2026-01-07T00:00:00Z</updated>
<entry><title>Moon and Mud: Tides of an Estuary</title><id>https://doi.org/10.5555/estuary</id>
<link href="https://doi.org/10.5555/estuary"/><author><name>Mary Anning</name></author>
<published>2026-01-07T00:00:00Z</published><updated>2026-01-07T00:00:00Z</updated>
<summary>Mud settles where the moon's tide turns.</summary></entry></feed>"""

RSS = """<rss version="2.0"><channel><title>Bees</title><item><title>Bees Count to Four</title>
<link>https://arxiv.org/abs/2601.00077</link><description>Honey bees count up to four landmarks.</description>
<pubDate>Thu, 08 Jan 2026 00:00:00 GMT</pubDate></item></channel></rss>"""

# A query that names what the file says, the id its paper must have, and what its page shows.
EXPECTED = [
    ("spline estimation", "10.5555/spline.2021", ("Kurt Gödel", "Jerzy Łoś", "below 5%", "Machine Learning")),
    ("loom punched cards", "2601.00001", ("Ada Lovelace", "Programming Languages")),
    ("glaciers warm tides", "10.5555/glacier", ("Fridtjof Nansen", "Erich von Drygalski", "Polar Letters")),
    ("radium wells", "10.5555/radium", ("Marie Curie", "Radium in Deep Wells", "17 May 2020")),
    ("warblers dialect", "2402.01234", ("Rachel Carson", "to read, song", "Reading/Birds")),
    ("mud estuary", "10.5555/estuary", ("Mary Anning", "7 Jan 2026")),
    ("bees landmarks", "2601.00077", ("Bees Count to Four", "8 Jan 2026")),
]


class _Feeds(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/bees.rss"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(RSS.encode() if found else b"")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def feeds() -> Iterator[str]:
    """The address of a host of feeds."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Feeds)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def library(feeds: str, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house into which one file of every kind was imported, with one command."""
    house = House(tmp_path_factory.mktemp("library"))
    files = {
        "cards.bib": BIBTEX,
        "ice.ris": RIS,
        "wells.json": json.dumps(CSL),
        "library.json": json.dumps(ZOTERO),
        "tides.atom": ATOM,
        "feeds.opml": f'<opml version="2.0"><body><outline text="Nature"><outline type="rss" text="Bees" '
        f'xmlUrl="{feeds}/bees.rss"/></outline></body></opml>',
    }
    for name, text in files.items():
        (house.folder / name).write_text(text, encoding="utf-8", newline="")
    report = house.json("import", *(str(house.folder / name) for name in files))
    assert (report["new"], report["rejected"]) == (8, 0)
    return house


def test_every_paper_is_found_by_search_and_shown_on_its_page(library: House) -> None:
    with library.pages() as client:
        for query, id, shows in EXPECTED:
            results = client.get("/search", params={"q": query}).text
            assert f'href="/papers/{id}"' in results.split("<article", 2)[1], query
            page = seen(client.get(f"/papers/{id}").text)
            for words in shows:
                assert words in page, (id, words)


def test_the_command_finds_them_too(library: House) -> None:
    hit = library.json("search", "spline estimation")["hits"][0]
    assert hit["id"] == "10.5555/spline.2021"
    assert hit["title"] == "Spline Estimation of Gödel Numbers in O(n√m)"
    assert library.json("show", "10.5555/radium")["published"].startswith("2020-05-17")


def test_tags_and_collections_of_a_library_are_kept(library: House) -> None:
    shown = library.json("show", "2402.01234")
    assert shown["tags"] == ["to read", "song"]
    assert shown["collections"] == ["Reading/Birds"]


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl"])
def test_an_exported_citation_comes_back_as_the_same_paper(
    library: House, form: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with library.pages() as client:
        page = client.get("/search", params={"q": "sorting cards"}).text
        own = page.split('href="/papers/', 1)[1].split('"')[0]
        ids = ["10.5555/spline.2021", "2601.00001", "2402.01234", own]
        end = {"bibtex": "bib", "ris": "ris", "csl": "json"}[form]
        texts = [client.get(f"/papers/{id}.{end}").text for id in ids]
    assert own.startswith("knuth-1968-")
    again = House(tmp_path_factory.mktemp("again"))
    whole = json.dumps([json.loads(text)[0] for text in texts]) if form == "csl" else "\n".join(texts)
    file = again.folder / f"exported.{end}"
    file.write_text(whole, encoding="utf-8", newline="")
    assert again.json("import", str(file))["new"] == len(ids)
    with again.pages() as client:
        for id in ids:
            answer = client.get(f"/papers/{id}")
            assert answer.status_code == 200, (form, id)
        names = seen(client.get("/papers/10.5555/spline.2021").text)
        assert "Kurt Gödel, Jerzy Łoś" in names


def test_a_feed_that_fails_is_named_and_the_others_are_read(library: House, house: House, feeds: str) -> None:
    file = house.folder / "feeds.opml"
    outlines = "".join(f'<outline type="rss" xmlUrl="{feeds}/{name}"/>' for name in ("gone", "bees.rss"))
    file.write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    done = house.run("import", str(file))
    assert f"{feeds}/gone" in done.stderr
    assert "404" in done.stderr
    assert house.json("show", "2601.00077")["title"] == "Bees Count to Four"
