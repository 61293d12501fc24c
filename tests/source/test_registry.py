"""Sources as plug-ins."""

import json
import logging
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from broadsheet.errors import InputError
from broadsheet.source.registry import COUNTERS, GROUP, discover, discover_counters, recognise
from broadsheet.source.ris import Ris

OWN = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["entry-points"][
    GROUP
]
FILES = {"bibtex", "csl", "feed", "jsonl", "opml", "ris", "zotero"}


def offers(**values: Any) -> list[EntryPoint]:
    return [EntryPoint(name, value, GROUP) for name, value in values.items()]


def test_our_own_sources_are_there_and_named_as_they_are_offered() -> None:
    found = discover(offers(**OWN))
    assert set(found.files) >= FILES
    assert set(found.hosts) >= {"arxiv", "biorxiv", "medrxiv"}
    assert found.problems == ()
    assert {name: source.name for name, source in found.files.items()} == {name: name for name in found.files}


def test_the_installed_package_offers_what_it_declares() -> None:
    found = discover()
    assert set(OWN) <= set(found.files) | set(found.hosts)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("no_such_package:Source", "cannot be loaded: ModuleNotFoundError"),
        ("broadsheet.source.ris:Nothing", "cannot be loaded: AttributeError"),
        ("json:dumps", "neither `recognises` and `read` nor `harvest`"),
    ],
)
def test_a_broken_plug_in_gives_one_warning_and_the_others_work(
    value: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = discover(offers(broken=value, ris="broadsheet.source.ris:Ris"))
    assert list(found.files) == ["ris"]
    assert len(found.problems) == len(caplog.records) == 1
    assert "source 'broken'" in found.problems[0]
    assert said in found.problems[0]


def test_a_plug_in_that_raises_when_it_is_made_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "exploding_source.py").write_text(
        "class Source:\n    def __init__(self):\n        raise OSError('boom')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "exploding_source", raising=False)
    (problem,) = discover(offers(x="exploding_source:Source")).problems
    assert "OSError: boom" in problem


def test_of_two_plug_ins_of_one_name_one_counts() -> None:
    two = [*offers(ris="broadsheet.source.ris:Ris"), *offers(ris="broadsheet.source.csl:Csl")]
    found = discover(two)
    assert found.files["ris"].name == "csl"  # sorted by what they name
    assert "another package offers that name" in found.problems[0]


def test_our_own_counters_are_there() -> None:
    declared = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    own = declared["project"]["entry-points"][COUNTERS]
    found = discover_counters([EntryPoint(name, value, COUNTERS) for name, value in own.items()])
    assert (set(found.files), set(found.hosts), found.problems) == ({"huggingface"}, {"hackernews"}, ())
    assert set(own) <= set(discover_counters().counters), "the installed package offers what it declares"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("hackernews", "no_such_package:Counter", "cannot be loaded: ModuleNotFoundError"),
        ("hackernews", "json:dumps", "is left out: 'function' object has no attribute 'name'"),
        ("points", "broadsheet.source.hackernews:HackerNews", "it calls itself 'hackernews'"),
    ],
)
def test_a_broken_counter_is_left_out_and_the_others_work(name: str, value: str, said: str) -> None:
    other = EntryPoint("huggingface", "broadsheet.source.huggingface:HuggingFace", COUNTERS)
    found = discover_counters([EntryPoint(name, value, COUNTERS), other])
    assert list(found.counters) == ["huggingface"]
    (problem,) = found.problems
    assert f"counter {name!r}" in problem
    assert said in problem


EXAMPLES = {
    "bibtex": "@article{a,\n  title = {T}}",
    "ris": "TY  - JOUR\nTI  - T\nER  - \n",
    "csl": json.dumps([{"id": "a", "type": "book", "title": "T"}], indent=2),
    "zotero": json.dumps({"collections": {}, "config": {"label": "BetterBibTeX JSON"}, "items": []}),
    "jsonl": '{"id": "a", "title": "T", "collections": ["x"]}\n{"id": "b", "title": "U"}\n',
    "feed": '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"/>',
    "opml": '<?xml version="1.0"?><opml version="2.0"><body/></opml>',
}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_each_file_is_recognised_by_one_source_alone_whatever_its_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    path.write_text(EXAMPLES[name])
    known = discover(offers(**OWN)).files
    assert [n for n, s in known.items() if s.recognises(path, path.read_bytes())] == [name]
    assert recognise(path, known)[0] == name


def test_a_json_feed_is_a_feed(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_text(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": []}))
    assert recognise(path, discover(offers(**OWN)).files)[0] == "feed"


def test_the_only_source_offered_reads_what_it_would_not_recognise(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"[odd")
    assert recognise(path, {"ris": Ris()})[0] == "ris"


def test_a_file_of_no_known_kind_names_the_kinds_there_are(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(InputError, match="wanted one of: bibtex, csl, feed"):
        recognise(path, discover(offers(**OWN)).files)
    path.write_bytes(b" \n")
    with pytest.raises(InputError, match="is empty"):
        recognise(path, {})
    with pytest.raises(InputError, match="is a folder"):
        recognise(tmp_path, {})
