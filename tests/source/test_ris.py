"""RIS by Zotero and by publishers."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import RecordError
from broadsheet.ids import PaperId, Scheme
from broadsheet.source.ris import Ris, parse

# As Zotero's RIS export writes an arXiv preprint.
ZOTERO = """TY  - GEN
TI  - Attention Is All You Need
AU  - Vaswani, Ashish
AU  - Kaiser, Łukasz
AB  - The dominant sequence transduction models
are based on networks.
DA  - 2017/06/12/
PY  - 2017
DO  - 10.48550/arXiv.1706.03762
DP  - arXiv.org
PB  - arXiv
UR  - http://arxiv.org/abs/1706.03762
Y2  - 2024/01/02/10:11:12
KW  - Computer Science - Computation and Language
KW  - to read
N1  - Comment: 15 pages, 5 figures
ER  -
"""


def read(text: str) -> list[Any]:
    return list(parse(text, name="a.ris"))


def test_a_zotero_preprint_gets_its_arxiv_id_tags_and_comment() -> None:
    (record,) = read(ZOTERO)
    assert record.id == PaperId("1706.03762")
    assert [a.name for a in record.authors] == ["Ashish Vaswani", "Łukasz Kaiser"]
    assert record.abstract == "The dominant sequence transduction models are based on networks."
    assert record.published == datetime(2017, 6, 12, tzinfo=UTC)
    assert record.tags == ("Computer Science - Computation and Language", "to read")
    assert record.comment == "15 pages, 5 figures"
    assert (record.venue, record.links) == (None, ())


def test_a_publishers_record_with_the_old_tags_is_read() -> None:
    text = "TY  - JOUR\nT1  - Deep learning\nA1  - LeCun, Yann\nJO  - Nature\nY1  - 2015///\nDO  - 10.1038/NATURE14539\nER  -"
    (record,) = read(text)
    assert record.id == PaperId("10.1038/nature14539", Scheme.DOI)
    assert (record.title, record.venue, record.authors[0].name) == ("Deep learning", "Nature", "Yann LeCun")
    assert record.published == datetime(2015, 1, 1, tzinfo=UTC)


def test_one_space_before_the_dash_is_read_too() -> None:
    (record,) = read("TY - JOUR\nTI - T\nER - \n")
    assert record.title == "T"


def test_a_record_without_end_is_reported_and_the_next_is_read() -> None:
    bad, good = read("\nTY  - JOUR\nTI  - Lost\nTY  - JOUR\nTI  - Found\nER  - ")
    assert bad.where == "a.ris:2"
    assert "no end" in bad.reason
    assert "Lost" in bad.raw
    assert good.title == "Found"


def test_what_stands_between_records_is_reported() -> None:
    good, bad = read("TY  - JOUR\nTI  - T\nER  - \njunk\n")
    assert good.title == "T"
    assert bad.where == "a.ris:4"
    assert "wanted a record that begins with" in bad.reason


def test_a_record_without_title_is_reported() -> None:
    (bad,) = read("TY  - JOUR\nAU  - Lee, Ann\nER  - ")
    assert bad.reason == "no title (TI or T1)"


def test_a_file_is_known_by_name_or_first_line(tmp_path: Path) -> None:
    assert Ris().recognises(tmp_path / "a.ris", b"")
    assert Ris().recognises(tmp_path / "citation.txt", b"\xef\xbb\xbfTY  - JOUR\nTI  - T")
    assert not Ris().recognises(tmp_path / "a.txt", b"TYPE - x")


@given(st.text(alphabet="TYERAUIKWN1DO  -\n;,x0", max_size=120))
def test_garbage_gives_records_or_reasons(text: str) -> None:
    for item in read(text):
        assert item.title if not isinstance(item, RecordError) else item.reason


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["TI", "AU", "KW", "UR", "DA", "N1", "XX", "UK", "DO"]), st.text(max_size=30)
        )
    )
)
def test_any_tags_give_records_or_reasons(lines: Any) -> None:
    text = "TY  - JOUR\n" + "".join(f"{tag}  - {value}\n" for tag, value in lines) + "ER  - \n"
    for item in read(text):
        assert item.title if not isinstance(item, RecordError) else item.reason
