"""A reader's desk from the command line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]

LIBRARY = """
@article{byron, title={On sorting}, author={Byron, Ada}, year=2019, doi={10.1145/3292500.1}, keywords={heaps}}
@article{ek, title={On waves}, author={Ek, Bo}, year=2020, eprint={2001.00001}, archivePrefix={arXiv}}
"""


def test_desk_is_brought_listed_taken_along_and_forgotten(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "library.bib"
    file.write_text(LIBRARY)
    assert json.loads(run("desk", "import", str(file), "--json").stdout) == {
        "papers": 2,
        "marks": 3,
        "rejected": 0,
    }
    listed = json.loads(run("desk", "list", "--sort", "title", "--json").stdout)
    assert [(paper["title"], paper["tags"]) for paper in listed] == [
        ("On sorting", ["heaps"]),
        ("On waves", []),
    ]
    assert run("desk", "list", "--tag", "heaps").stdout == "10.1145/3292500.1  On sorting  [heaps]\n"
    assert "keywords = {heaps}" in run("desk", "export", "--as", "bibtex").stdout
    packed = tmp_path / "desk.jsonl"
    run("desk", "export", "--to", str(packed))
    assert run("desk", "forget", check=False).returncode == 1  # nobody said yes
    run("desk", "forget", "--yes")
    assert json.loads(run("desk", "list", "--json").stdout) == []
    run("desk", "import", str(packed))
    again = run("desk", "export").stdout.splitlines()
    assert again[1:] == packed.read_text().splitlines()[1:]


def test_what_a_desk_cannot_do_is_one_sentence(run: Run, tmp_path: Path) -> None:
    for words in (
        ("desk", "import", str(tmp_path / "none.bib")),
        ("desk", "export", "--tag", "heaps"),
        ("desk", "list", "--account", "nobody"),
    ):
        done = run(*words, check=False)
        assert done.returncode in {2, 4}, words
        assert done.stderr.count("\n") == 1
