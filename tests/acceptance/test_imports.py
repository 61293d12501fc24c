"""Taking in is safe: bad lines are named, repeating changes nothing, a kill in the middle loses nothing."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from tests.acceptance.house import House

# Far-apart words, so that no two papers are the same work.
_WORDS = (
    "amber basalt cedar dune ember fjord garnet harbor ivory jasper kelp lagoon marble nectar onyx".split()
)


def paper(number: int) -> dict[str, Any]:
    words = [_WORDS[(number // 15**place) % 15] + f"{number}x{place}" for place in range(4)]
    return {
        "id": f"2601.{number:05}",
        "title": f"On {' '.join(words)}",
        "abstract": f"We study {' and '.join(reversed(words))} number {number}. It works in $O(\\sqrt{{n}})$ time.",
        "authors": [f"Author {words[0]}"],
        "categories": ["cs.LG"],
        "announced": "2026-01-05",
    }


def test_a_bad_line_is_named_and_kept_and_the_rest_is_taken(house: House) -> None:
    file = house.folder / "papers.jsonl"
    lines = [
        json.dumps(paper(1)),
        '{"title": "cut off',
        '{"id": "2601.00009", "abstract": "no title"}',
        json.dumps(paper(2)),
        json.dumps(paper(3) | {"announced": "soon"}),
        json.dumps(paper(4)),
    ]
    file.write_text("\n".join(lines) + "\n")
    done = house.run("import", str(file), "--json")
    report = json.loads(done.stdout)
    assert (report["new"], report["rejected"]) == (3, 3)
    for where, reason in (("2", "not JSON"), ("3", "title: got nothing, wanted a text"), ("5", "announced")):
        said = next(line for line in done.stderr.splitlines() if f"papers.jsonl:{where}" in line)
        assert reason in said
    kept = [json.loads(line) for line in Path(report["rejects"]).read_text().splitlines()]
    assert [reject["raw"] for reject in kept] == [lines[1], lines[2], lines[4]]
    assert all(reject["reason"] for reject in kept)


def test_importing_again_changes_nothing(house: House) -> None:
    file = house.write("papers.jsonl", (paper(n) for n in range(1, 40)))
    assert house.json("import", file)["new"] == 39
    before = house.last_change()
    report = house.json("import", file)
    assert (report["new"], report["changed"], report["unchanged"]) == (0, 0, 39)
    assert house.last_change() == before


def test_importing_folded_pages_again_changes_nothing(seed_house: House, seed_file: Path) -> None:
    before = seed_house.last_change()
    report = seed_house.json("import", str(seed_file))
    assert (report["new"], report["changed"], report["unchanged"]) == (0, 0, 281)  # two are one paper
    assert seed_house.last_change() == before


def test_killed_in_the_middle_an_import_is_whole_when_repeated(house: House) -> None:
    count = 4_000
    file = house.write("papers.jsonl", (paper(n) for n in range(1, count + 1)))
    process = house.start("import", file)
    taken, until = 0, time.monotonic() + 60
    while not taken and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
        taken = house.count()
    process.kill()
    process.communicate()
    held = house.count()
    assert 0 < held < count, "the import was not killed in its middle"
    report = house.json("import", file)
    assert report["new"] + report["unchanged"] == count
    assert report["new"] == count - held
    assert report["changed"] == 0
    status = house.json("index", "--status")
    assert (status["papers"], status["papers_in_store"], status["changes_behind"]) == (count, count, 0)
    last = paper(count)
    assert house.json("search", last["title"])["hits"][0]["id"] == last["id"]
