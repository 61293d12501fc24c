"""Citations, read back by other people's parsers and by our own."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import rispy  # type: ignore[import-untyped]  # has no stubs
from bibtexparser.entrypoint import parse_string
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Announcement, Author, Derived, Paper, Record
from broadsheet.serve import citations
from broadsheet.source import bibtex as bibtex_source
from broadsheet.source import ris as ris_source
from broadsheet.source.csl import Csl

NOW = datetime(2026, 3, 8, tzinfo=UTC)


def paper(
    *, title: str = "Attention Is All You Need", abstract: str = "The dominant models.", **fields: Any
) -> Paper:
    record: dict[str, Any] = {
        "id": PaperId("1706.03762"),
        "title": title,
        "abstract": abstract,
        "source": "arxiv",
        "authors": (Author("Ashish Vaswani"), Author("Łukasz Kaiser")),
        "categories": ("cs.CL", "cs.LG"),
        "published": datetime(2017, 6, 12, 17, 57, tzinfo=UTC),
    } | fields
    derived = Derived(title=title, abstract=abstract)
    return Paper(record=Record(**record), derived=derived, added=NOW, seq=1)


def entry(made: Any) -> Any:
    library = parse_string(citations.bibtex(made))
    assert library.failed_blocks == []
    (found,) = library.entries
    return found


def read_bibtex(made: Any) -> Any:
    (record,) = bibtex_source.parse(citations.bibtex(made), name="a.bib")
    return record


def read_ris(made: Any) -> Any:
    (record,) = ris_source.parse(citations.ris(made).replace("\r\n", "\n"), name="a.ris")
    return record


def test_an_arxiv_paper_in_bibtex_carries_arxivs_own_fields() -> None:
    assert citations.bibtex(paper()) == (
        "@misc{vaswani2017attention,\n"
        "  title = {Attention Is All You Need},\n"
        "  author = {Vaswani, Ashish and Kaiser, Łukasz},\n"
        "  year = {2017},\n"
        "  month = jun,\n"
        "  eprint = {1706.03762},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "  url = {https://arxiv.org/abs/1706.03762},\n"
        "}\n"
    )


def test_a_journal_article_in_bibtex_is_an_article() -> None:
    found = entry(
        paper(
            id=PaperId("10.1038/nature14539", Scheme.DOI), venue="Nature & Science", doi="10.1038/nature14539"
        )
    )
    assert found.entry_type == "article"
    assert found["journal"] == r"Nature \& Science"
    assert found["doi"] == "10.1038/nature14539"
    assert "eprint" not in found


def test_capitals_that_a_style_would_lower_are_kept() -> None:
    found = entry(paper(title="GPT-4 meets BERT: A vitamin C of the mind"))
    assert found["title"] == "{GPT-4} meets {BERT:} A vitamin {C} of the mind"


def test_tex_specials_are_escaped() -> None:
    found = entry(paper(title=r"50% of r&d_{x} costs #1 $5 ~ 2^n \o"))
    assert found["title"] == (
        r"50\% of r\&d\_\{x\} costs \#1 \$5 \textasciitilde{} 2\textasciicircum{}n \textbackslash{}o"
    )


def test_a_lone_brace_does_not_break_the_entry() -> None:
    # BibTeX counts braces whether or not a backslash stands before them.
    assert entry(paper(title="open { only"))["title"] == r"open \textbraceleft{} only"
    assert entry(paper(title="a } b {"))["title"] == r"a \textbraceright{} b \textbraceleft{}"


@pytest.mark.parametrize(
    ("name", "parts", "written"),
    [
        ("Paulo André Lima de Castro", ("Paulo André Lima", "de Castro", ""), "de Castro, Paulo André Lima"),
        ("Martin Luther King Jr.", ("Martin Luther", "King", "Jr."), "King, Jr., Martin Luther"),
        (
            "LIGO Scientific Collaboration",
            ("", "LIGO Scientific Collaboration", ""),
            "{LIGO Scientific Collaboration}",
        ),
        ("OpenAI", ("", "OpenAI", ""), "{OpenAI}"),
        ("Barnes, Noble and Team", ("", "Barnes, Noble and Team", ""), "{Barnes, Noble and Team}"),
    ],
)
def test_names_are_parted_as_bibliographies_want_them(name: str, parts: Any, written: str) -> None:
    made = paper(authors=(Author(name),))
    assert citations.name_parts(name) == parts
    assert entry(made)["author"] == written
    assert read_bibtex(made).authors == (Author(name),)


def test_a_bare_year_does_not_become_a_first_of_january() -> None:
    made = paper(published=datetime(1999, 1, 1, tzinfo=UTC))
    assert "month" not in entry(made)
    assert citations.csl(made)["issued"] == {"date-parts": [[1999]]}
    assert "DA  - 1999//\r\n" in citations.ris(made)
    assert citations.csl(paper(published=datetime(1999, 5, 1, tzinfo=UTC)))["issued"] == {
        "date-parts": [[1999, 5]]
    }


def test_without_a_submission_date_the_announcement_dates_the_paper() -> None:
    made = paper(published=None, announcements=(Announcement(date(2017, 6, 14)),))
    assert citations.csl(made)["issued"] == {"date-parts": [[2017, 6, 14]]}
    assert "issued" not in citations.csl(paper(published=None))


def test_what_is_not_known_is_left_out() -> None:
    bare = paper(authors=(), published=None, categories=(), abstract="", id=PaperId("page-206", Scheme.OWN))
    assert citations.bibtex(bare) == (
        "@misc{attention,\n  title = {Attention Is All You Need},\n  broadsheet-id = {page-206},\n}\n"
    )
    assert citations.csl(bare) == {
        "id": "attention",
        "type": "article",
        "title": "Attention Is All You Need",
        "custom": {"broadsheet-id": "page-206"},
    }


def test_a_sample_text_is_not_passed_off_as_the_authors_abstract() -> None:
    made = paper(sample=True)
    assert "abstract" not in citations.csl(made)
    assert "AB  - " not in citations.ris(made)


def test_ris_is_read_back_by_rispy() -> None:
    (found,) = rispy.loads(citations.ris(paper(comment="15 pages", venue="NeurIPS")).replace("\r\n", "\n"))
    assert found["type_of_reference"] == "JOUR"
    assert found["title"] == "Attention Is All You Need"
    assert found["authors"] == ["Vaswani, Ashish", "Kaiser, Łukasz"]
    assert found["date"] == "2017/06/12"
    assert found["urls"] == ["https://arxiv.org/abs/1706.03762"]
    assert found["notes"] == ["Comment: 15 pages"]
    assert found["secondary_title"] == "NeurIPS"


def test_csl_is_an_item_that_zotero_takes() -> None:
    assert citations.csl(paper()) == {
        "id": "vaswani2017attention",
        "type": "article",
        "title": "Attention Is All You Need",
        "author": [{"family": "Vaswani", "given": "Ashish"}, {"family": "Kaiser", "given": "Łukasz"}],
        "issued": {"date-parts": [[2017, 6, 12]]},
        "publisher": "arXiv",
        "number": "arXiv:1706.03762",
        "abstract": "The dominant models.",
        "URL": "https://arxiv.org/abs/1706.03762",
    }


def test_our_own_readers_bring_the_same_paper_back(tmp_path: Path) -> None:
    made = paper(
        comment="15 pages", venue="NeurIPS", doi="10.5555/xyz", published=datetime(2017, 6, 12, tzinfo=UTC)
    )
    records: list[Any] = [read_bibtex(made), read_ris(made), read_csl(made, tmp_path)]
    for record in records:
        assert record.id == made.id
        assert record.also == (PaperId("10.5555/xyz", Scheme.DOI),)
        assert record.authors == made.record.authors
        assert record.venue == "NeurIPS"
        assert record.comment == "15 pages"
        assert record.published.date().replace(day=1) == date(2017, 6, 1)
    assert read_bibtex(made).categories == ("cs.CL",)


def read_csl(made: Any, folder: Path) -> Any:
    path = folder / "a.json"
    path.write_text(json.dumps([citations.csl(made)]))
    (record,) = Csl().read(path)
    return record


@settings(deadline=None)  # writes a file each time
@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,20}", fullmatch=True))
def test_a_paper_with_an_id_of_our_own_is_met_again(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    id = PaperId.parse(name)  # drops what names an arXiv paper or a prefix
    assume(id.scheme is Scheme.OWN)
    link = "https://arxiv.org/abs/1706.03762"
    made = paper(id=id, links=(link,), doi="10.5555/xyz")
    for record in (read_bibtex(made), read_ris(made), read_csl(made, tmp_path_factory.mktemp("csl"))):
        assert record.id == id
        assert record.also == (PaperId("10.5555/xyz", Scheme.DOI),)
        assert (record.doi, record.links) == ("10.5555/xyz", (link,))


@pytest.mark.parametrize(
    ("id", "address"),
    [
        (PaperId("hep-th/9901001"), "https://arxiv.org/abs/hep-th/9901001"),
        (PaperId("10.1016/0307-904x(78)90008-2", Scheme.DOI), "https://doi.org/10.1016/0307-904x(78)90008-2"),
        (PaperId("10.1000/a#b?c", Scheme.DOI), "https://doi.org/10.1000/a%23b%3Fc"),
        (PaperId("page-206", Scheme.OWN), None),
    ],
)
def test_a_papers_address_is_at_its_source(id: Any, address: Any) -> None:
    assert citations.address(paper(id=id)) == address


titles = st.text(min_size=1, max_size=60).filter(lambda t: t.strip())
people = st.lists(st.text(max_size=25), max_size=3).map(lambda names: tuple(Author(n) for n in names))


@given(titles, people, st.text(max_size=30))
def test_any_texts_make_one_sound_entry(title: str, authors: Any, venue: Any) -> None:
    made = paper(title=title, authors=authors, venue=venue or None, comment=venue)
    entry(made)
    assert citations.ris(made).count("\r\n") == len(citations.ris(made).split("\n")) - 1
    json.dumps(citations.csl(made))


@given(
    st.text(
        alphabet=st.characters(codec="utf-8", exclude_categories=("C", "Z", "M")), min_size=1, max_size=40
    )
)
def test_any_printable_title_survives_ris(title: str) -> None:
    assert read_ris(paper(title=f"x{title}")).title == f"x{title}"
