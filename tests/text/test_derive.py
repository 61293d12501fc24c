import json
import os
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.ids import PaperId
from broadsheet.model import Aspect, LinkKind, PaperType, Record
from broadsheet.text.derive import derive, derive_all

SHARED = Path(os.environ.get("BROADSHEET_SHARED", Path(__file__).parents[2].parent / "shared"))


def record(title: str = "A title", abstract: str = "", **stated: object) -> Record:
    return Record(id=PaperId("2402.01234"), source="test", title=title, abstract=abstract, **stated)  # type: ignore[arg-type]  # fields vary by test


def test_reads_all_that_the_text_says() -> None:
    derived = derive(
        record(
            "Sparse attention via blocks",
            "Attention is quadratic. We propose a sparse attention mechanism for large language models (LLMs). "
            "It costs $O(n\\sqrt{m})$ time. Code is at https://github.com/a/b.",
        )
    )
    assert derived.title == "Sparse attention via blocks"
    assert "O(n√m)" in derived.abstract
    assert derived.complete
    assert [s.aspect for s in derived.sentences] == [
        Aspect.PROBLEM,
        Aspect.METHOD,
        Aspect.METHOD,
        Aspect.OTHER,
    ]
    assert derived.gist.startswith("We propose a sparse attention mechanism")
    assert [(a.short, a.long) for a in derived.acronyms] == [("LLM", "large language model")]
    assert [(link.url, link.kind) for link in derived.links] == [("https://github.com/a/b", LinkKind.CODE)]
    assert derived.type == PaperType.METHOD
    assert derived.keyphrases == ()


def test_what_the_source_states_is_believed() -> None:
    derived = derive(
        record(
            "Zygote",
            "Zygotes are small. They grow. They are counted.",
            gist="Zygotes grow $2\\times$ a day.",
            keyphrases=("zygote growth",),
            type=PaperType.THEORY,
            aspects={Aspect.RESULT: "Zygotes are small. They grow.", Aspect.PROBLEM: "They are counted."},
        )
    )
    assert "2×" in derived.gist.replace(" ", "")
    assert derived.keyphrases == ("zygote growth",)
    assert derived.type == PaperType.THEORY
    assert [s.aspect for s in derived.sentences] == [Aspect.RESULT, Aspect.RESULT, Aspect.PROBLEM]


def test_links_come_from_text_comment_source_and_hidden_targets() -> None:
    derived = derive(
        record(
            abstract="The code is available \\href{https://github.com/a/b}{here}.",
            comment="Project page: https://example.org/p",
            links=("https://github.com/c/d.",),
        )
    )
    assert [link.url for link in derived.links] == [
        "https://github.com/a/b",
        "https://example.org/p",
        "https://github.com/c/d",
    ]


def test_a_record_without_abstract_has_no_gist() -> None:
    derived = derive(record("Only a title"))
    assert (derived.abstract, derived.sentences, derived.gist) == ("", (), "")


def test_sample_edition_keeps_what_it_states() -> None:
    sample = resources.files("broadsheet").joinpath("data/sample.jsonl").read_text("utf-8")
    for line in sample.splitlines()[:60]:
        row = json.loads(line)
        derived = derive(
            record(
                row["title"],
                row["abstract"],
                aspects={Aspect(name): text for name, text in row["aspects"].items()},
                type=PaperType(row["type"]),
            )
        )
        assert derived.type == row["type"]
        assert [s.aspect for s in derived.sentences] == sorted(
            (s.aspect for s in derived.sentences), key=["problem", "method", "result"].index
        )


def test_every_damaged_page_is_read() -> None:
    path = SHARED / "data" / "seed_pages" / "papers.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not here; set BROADSHEET_SHARED to the folder with the evaluation data")
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) == 282
    linked = 0
    for line in lines:
        row = json.loads(line)
        derived = derive(record(row["title"], row["abstract"]))
        assert derived.gist
        assert derived.sentences
        linked += bool(derived.links)
    # 75 abstracts hold an address; one or two of them lead nowhere.
    assert 70 <= linked <= 80


@given(st.text(), st.text(), st.none() | st.text())
def test_never_raises(title: str, abstract: str, comment: str | None) -> None:
    derived = derive(record(title, abstract, comment=comment))
    assert all(0 <= s.start < s.end <= len(derived.abstract) for s in derived.sentences)


def test_many_records_read_as_each_does_alone() -> None:
    texts = ["We prove $x^2$ bounds. Code: github.com/a/b.", "", "A survey (AS) of parsers. It is long."]
    records = [
        Record(id=PaperId(f"2603.0000{n}"), title=text[:9], abstract=text, source="test")
        for n, text in enumerate(texts)
    ]
    assert derive_all(records) == [derive(record) for record in records]
    assert derive_all([]) == []
