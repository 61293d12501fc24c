"""Text damaged before it reached us: repaired where that is certain, marked where it is not, kept as it came."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.acceptance.house import House, seen

# What was found wrong on these pages by reading them beside the papers themselves.
_INCOMPLETE = {"page-003", "page-004", "page-010", "page-063", "page-088", "page-209"}
_WHOLE = {"page-001", "page-056", "page-066", "page-117", "page-132", "page-199", "page-206"}

_DEBRIS = {
    "a backslash": re.compile(r"\\"),
    "a bare command": re.compile(
        r"math(?:cal|bb|rm|bf|sf|frak)|wide(?:tilde|hat)|overline|text(?:bf|it|rm|sc|tt)\b|boldsymbol|"
        r"operatorname|varepsilon|(?<![a-z])(?:sqrt|frac|leq|geq|cdot|infty|propto)(?![a-z])|rightarrow|"
        r"\d(?:times|pm|sim)\b|\b(?:pm|sim)\d|\b(?:Omega|Theta|O)big\b"
    ),
    "a brace": re.compile(r"\{(?!±1, ±i\})|(?<!\{±1, ±i)\}"),  # a set in a title is mathematics
    "a TeX quote": re.compile(r"``|''"),
    "a dollar": re.compile(r"\$"),
    "a bare citation key": re.compile(r"~(?:jns13|glz17|nichani)|chen2022active"),
}


def test_no_page_shows_debris_outside_marked_source(seed_house: House) -> None:
    found = []
    with seed_house.pages() as client:
        for number in range(1, 283):
            answer = client.get(f"/papers/page-{number:03}")
            assert answer.status_code == 200
            words = seen(answer.text, without=["//pre[@id='bibtex']"])  # BibTeX is TeX
            found += [
                (number, what, words[max(0, m.start() - 30) : m.end() + 30])
                for what, pattern in _DEBRIS.items()
                for m in pattern.finditer(words)
            ]
    assert found == []


def test_formulas_that_lost_a_part_are_marked_and_no_others(seed_house: House) -> None:
    with seed_house.pages() as client:
        for id in sorted(_INCOMPLETE):
            assert "formula in this text may be incomplete" in client.get(f"/papers/{id}").text, id
        for id in sorted(_WHOLE):
            assert "formula in this text may be incomplete" not in client.get(f"/papers/{id}").text, id
    assert "may be incomplete" in seed_house.run("show", "page-209").stdout


def test_certain_repairs_are_made(seed_house: House) -> None:
    repaired = {
        "page-056": "naïve",
        "page-060": "Nyström",
        "page-066": "Direct Preference Learning",
        "page-117": "{±1, ±i}",
        "page-132": "100×",
        "page-154": "E²-LLM",
        "page-167": "pre-training→fine-tuning",
        "page-181": "∼4.4 million",
        "page-190": "≥ 50%",
        "page-209": "Uznański",
        "page-266": "https://gohyojun15.github.io/ANT_diffusion/.",
    }
    with seed_house.pages() as client:
        for id, shows in repaired.items():
            assert shows in _with_formulas(client.get(f"/papers/{id}").text), id


def test_the_source_is_kept_as_it_came(seed_house: House, seed_file: Path) -> None:
    came = {r["id"]: r for r in map(json.loads, seed_file.read_text(encoding="utf-8").splitlines())}
    for id in ("page-066", "page-209"):
        source = seed_house.json("show", id)["source"]
        assert (source["title"], source["abstract"]) == (came[id]["title"], came[id]["abstract"])


def test_two_versions_of_a_work_are_one_paper_and_near_subjects_two(seed_house: House) -> None:
    with seed_house.pages() as client:
        shown = {id: client.get(f"/papers/page-{id}") for id in ("206", "208", "016", "024")}
        assert shown["206"].url == shown["208"].url
        assert {"page-206", "page-208"} <= set(re.findall(r"page-\d{3}", shown["206"].text))
        assert shown["016"].url != shown["024"].url
    assert seed_house.json("show", "page-206")["id"] == seed_house.json("show", "page-208")["id"]
    assert seed_house.json("index", "--status")["papers"] == 281


def _with_formulas(page: str) -> str:
    """A page's words, formulas read as their characters."""
    return " ".join(re.sub(r"<[^>]*>", "", page).split())
