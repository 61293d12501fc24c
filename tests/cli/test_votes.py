"""Votes of any counter from the command line: from files, and from a plug-in as it would be installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.errors import InputError

Run = Callable[..., subprocess.CompletedProcess[str]]
PAGE = (Path(__file__).parents[2] / "docs/use/votes.md").read_text()


@pytest.fixture
def papers(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "papers.jsonl"
    day = datetime.now(UTC).date().isoformat()
    file.write_text(json.dumps({"id": "2603.00001", "title": "On sorting", "announced": day}) + "\n")
    run("import", str(file), "--no-index")


def test_a_counter_is_described_once_and_then_known(run: Run, papers: None, tmp_path: Path) -> None:
    file = tmp_path / "stars.csv"
    file.write_text("id,count,at\n2603.00001,80,2026-03-20\n2603.00001,-1,2026-03-21\n")
    refused = run("import-votes", str(file), "--counter", "stars", check=False)
    assert refused.returncode == 2
    assert "no counter called 'stars' yet" in refused.stderr
    assert "hackernews, huggingface" in refused.stderr
    words = ("--label", "GitHub", "--unit", "star", "--worth", "0.02", "--growth")
    done = run("import-votes", str(file), "--counter", "stars", *words)
    assert done.stdout == "1 readings: 1 papers changed, 0 unchanged, 0 not in this archive\n"
    assert "rejected: stars.csv:3: got a count of '-1'" in done.stderr
    again = json.loads(run("import-votes", str(file), "--counter", "stars", "--json").stdout)
    assert (again["counter"], again["changed"], again["unchanged"], again["rejected"]) == ("stars", 0, 1, 1)
    show = json.loads(run("show", "2603.00001", "--json").stdout)
    assert [(c["counter"], c["count"]) for c in show["counts"]] == [("stars", 80)]
    assert show["votes"] is None


@pytest.mark.parametrize(
    ("allowed", "names", "said"),
    [
        ((), ["hackernews"], "asked only where the setting 'counters' names it; it names none"),
        ((), [], "name a file of votes, or in the setting 'counters'"),
        (("huggingface",), [], "no counter called 'huggingface' has a site to ask; known: hackernews"),
    ],
)
def test_no_site_is_asked_that_the_settings_do_not_name(
    tmp_path: Path, allowed: tuple[str, ...], names: list[str], said: str
) -> None:
    settings = Settings(data=tmp_path, encoder="none", counters=allowed)
    with wiring.open_archive(settings) as archive, pytest.raises(InputError, match=re.escape(said)):
        wiring.ask_counters(archive, names)


def test_the_pages_counter_works_as_an_installed_package(run: Run, papers: None, tmp_path: Path) -> None:
    """What an installer leaves: the module, and beside it a folder that says what it offers."""
    (offer,) = re.findall(r'(\[project.entry-points."broadsheet.counters"\])\n(.*?)\n', PAGE)
    (module,) = re.findall(r"```python\n# group_shelf.py\n(.*?)```", PAGE, re.DOTALL)
    site = tmp_path / "site"
    told = site / "group_shelf-1.0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: group-shelf\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[broadsheet.counters]\n{offer[1].replace(chr(34), '')}\n")
    loans = tmp_path / "loans.json"
    (site / "group_shelf.py").write_text(module.replace("/srv/loans.json", str(loans)))
    environ = {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")])),
        "BROADSHEET_COUNTERS": "shelf",
    }
    assert re.search(r"shelf +counter +our shelf", run("sources", **environ).stdout)
    loans.write_text('{"2603.00001": 3, "2603.00009": 1}')
    done = run("import-votes", **environ)
    assert done.stdout == "shelf: 1 readings: 1 papers changed, 0 unchanged, 1 not in this archive\n"
    assert json.loads(run("show", "2603.00001", "--json").stdout)["counts"][0]["counter"] == "shelf"
    loans.unlink()
    failed = run("import-votes", check=False, **environ)
    assert failed.returncode == 69
    assert "counter 'shelf' failed: FileNotFoundError" in failed.stderr
    doctor = run("doctor", check=False, **environ).stdout
    assert "look  counters: shelf could not be asked" in doctor
    assert "-> broadsheet import-votes --counter shelf" in doctor
