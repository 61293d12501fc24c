"""BibTeX by hand and by Zotero, Better BibTeX, JabRef and DataCite."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import InputError
from broadsheet.ids import PaperId, Scheme
from broadsheet.source.bibtex import Bibtex, parse, without_case_braces

# As Zotero's BibTeX export writes an arXiv preprint.
ZOTERO = r"""
@misc{vaswani_attention_2017,
	title = {Attention {Is} {All} {You} {Need}},
	url = {http://arxiv.org/abs/1706.03762},
	doi = {10.48550/arXiv.1706.03762},
	abstract = {The dominant models use 50\% more; see $O(n\sqrt{m})$.},
	urldate = {2024-01-02},
	publisher = {arXiv},
	author = {Vaswani, Ashish and Kaiser, Łukasz},
	month = jun,
	year = {2017},
	note = {arXiv:1706.03762 [cs]},
	keywords = {Computer Science - Computation and Language, to read},
	file = {Preprint PDF:/home/a/Zotero/storage/AB/x.pdf:application/pdf},
}
"""


def read(text: str) -> list[Any]:
    return list(parse(text, name="a.bib"))


def only(text: str) -> Any:
    (item,) = read(text)
    return item


def test_a_zotero_preprint_gets_its_arxiv_id_tags_and_names() -> None:
    record = only(ZOTERO)
    assert record.id == PaperId("1706.03762")
    assert record.also == ()
    assert record.title == "Attention Is All You Need"
    assert [a.name for a in record.authors] == ["Ashish Vaswani", "Łukasz Kaiser"]
    assert record.published == datetime(2017, 6, 1, tzinfo=UTC)
    assert record.tags == ("Computer Science - Computation and Language", "to read")
    assert record.abstract == r"The dominant models use 50\% more; see $O(n\sqrt{m})$."
    assert (record.comment, record.venue, record.doi, record.links) == (None, None, None, ())


def test_a_published_paper_keeps_doi_and_arxiv_id() -> None:
    record = only(
        "@article{a, title={T}, eprint={hep-th/9901001}, archivePrefix={arXiv}, primaryClass={hep-th},"
        " doi={10.1000/XYZ}, journal={J. High Energy Phys.}, year=1999}"
    )
    assert record.id == PaperId("hep-th/9901001")
    assert record.also == (PaperId("10.1000/xyz", Scheme.DOI),)
    assert record.doi == "10.1000/xyz"
    assert record.categories == ("hep-th",)
    assert record.venue == "J. High Energy Phys."


def test_jabref_groups_become_collections_with_their_parents() -> None:
    # The group tree as JabRef 3.8 and Better BibTeX write it.
    text = r"""
@comment{jabref-meta: grouping:
0 AllEntriesGroup:;
1 StaticGroup:Reading\;0\;1\;\;\;\;;
2 StaticGroup:Transformers\;0\;1\;\;\;\;;
1 StaticGroup:Thesis\;0\;1\;\;\;\;;
}
@article{a, title={T}, author={A B}, groups={Transformers, Thesis, Loose}}
"""
    assert only(text).collections == ("Reading/Transformers", "Thesis", "Loose")


def test_strings_are_resolved() -> None:
    record = only(
        '@string{jmlr = "Journal of Machine Learning"}\n@article{a, title={T}, journal=jmlr # " Research"}'
    )
    assert record.venue == "Journal of Machine Learning Research"


def test_a_broken_entry_is_reported_with_its_line_and_the_next_is_read() -> None:
    text = "@article{broken, title = {no end\n@article{ok, title = {Sound}, year = 2001}\n"
    bad, good = read(text)
    assert bad.where == "a.bib:1"
    assert "no end" in bad.raw
    assert good.title == "Sound"


def test_an_entry_without_title_is_reported_by_its_key() -> None:
    error = only("\n@article{nameless, author = {A B}}")
    assert (error.where, error.reason) == ("a.bib:2", "entry 'nameless': no title")


def test_two_entries_under_one_key_are_both_read() -> None:
    first, second = read("@misc{a, title={One}}\n@misc{a, title={Two}}")
    assert (first.title, second.title) == ("One", "Two")
    assert first.id != second.id


def test_a_repeated_entry_is_read_like_any_other() -> None:
    first, second = read(
        '@string{jmlr = "J. of Learning"}\n'
        "@misc{a, title={One}}\n"
        "@misc{a, title={A {Title}}, author={Lee, Ann and Xu, Bo}, year={2001}, month=mar, journal=jmlr,"
        ' keywords="to read, maths", eprint={2402.01234}, archivePrefix={arXiv}}'
    )
    assert first.title == "One"
    assert (str(second.id), second.title, second.venue) == ("2402.01234", "A Title", "J. of Learning")
    assert [a.name for a in second.authors] == ["Ann Lee", "Bo Xu"]
    assert (second.published, second.tags) == (datetime(2001, 3, 1, tzinfo=UTC), ("to read", "maths"))


def test_a_repeated_field_counts_once_and_the_entry_is_read() -> None:
    record = only("@misc{a, title={One}, author={Lee, Ann and Xu, Bo}, title={Two}}")
    assert record.title == "One"
    assert [a.name for a in record.authors] == ["Ann Lee", "Bo Xu"]


def test_reading_twice_gives_the_same_ids() -> None:
    text = "@article{k1, title={A {Title}}, author={Lee, Ann}, year={2001}}"
    other_key = text.replace("k1", "k2").replace("{Title}", "Title")
    assert only(text).id == only(other_key).id


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{BERT}: {Pre}-training", "BERT: Pre-training"),
        ("{{Whole Title}}", "Whole Title"),
        (r"On $O(n\sqrt{m})$ and {$x^{2}$}", r"On $O(n\sqrt{m})$ and $x^{2}$"),
        (r"{\'E}variste {Galois}", r"{\'E}variste Galois"),
        (r"\emph{Really} {New}", r"\emph{Really} New"),
        (r"100{\%} of {\textgreater}5", r"100{\%} of {\textgreater}5"),
        (r"G{\"o}del", r"G{\"o}del"),
        ("unbalanced } brace {", "unbalanced brace"),
    ],
)
def test_only_the_braces_that_keep_capitals_go(written: str, read: Any) -> None:
    assert without_case_braces(written) == read


def test_a_file_is_known_by_name_or_first_entry(tmp_path: Path) -> None:
    assert Bibtex().recognises(tmp_path / "a.bib", b"")
    assert Bibtex().recognises(tmp_path / "export.txt", b"% a comment\n@article{a,\n title={T}}")
    assert not Bibtex().recognises(tmp_path / "a.json", b'[{"note": "\n@article{a"}]')


def test_a_latin1_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.bib"
    path.write_bytes("@misc{a, title={Über Gödel}, author={Müller, Jürgen}}".encode("latin-1"))
    record: Any = next(Bibtex().read(path))
    assert (record.title, record.authors[0].name) == ("Über Gödel", "Jürgen Müller")


@given(st.text(alphabet='@{}"=,#()%\\$ \n\tabcarticletitleauthor0123', max_size=120))
def test_garbage_gives_records_or_reasons(text: str) -> None:
    with contextlib.suppress(InputError):
        read(text)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_field_value_gives_a_record_or_a_reason(title: str, author: str) -> None:
    with contextlib.suppress(InputError):
        list(
            parse(
                f"@article{{k, title = {{{title}}}, author = {{{author}}}, eprint = {{{title}}}}}",
                name="a.bib",
            )
        )
