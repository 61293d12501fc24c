"""Papers as JSON: what goes in comes out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import InputError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Derived, Record, Sentence
from broadsheet.store.merge import Content
from broadsheet.store.rows import decode, encode, id_of, key_of

_TEXT = st.text(st.characters(), max_size=30)  # surrogates and controls among them


@given(_TEXT, _TEXT, _TEXT, _TEXT, st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_any_text_comes_back(title: str, abstract: str, plain: str, gist: str, sketch: list[int]) -> None:
    record = Record(id=PaperId("2603.00001"), title=title, abstract=abstract, source="x", comment=plain)
    derived = Derived(
        title=plain, abstract=plain, gist=gist, sentences=(Sentence(0, len(plain)),), sketch=tuple(sketch)
    )
    text = encode(Content(record, derived), [PaperId("page-1", Scheme.OWN)])
    text.encode()
    assert decode("2603.00001", text) == (Content(record, derived), (PaperId("page-1", Scheme.OWN),))


def test_a_gist_that_stands_in_the_abstract_is_not_written_twice() -> None:
    record = Record(id=PaperId("2603.00001"), title="T", abstract="One. Two.", source="x")
    text = encode(Content(record, Derived(title="T", abstract="One. Two.", gist="Two.")))
    assert json.loads(text)["derived"] == {"gist": [5, 9]}


@pytest.mark.parametrize("text", ["2603.00001", "0704.0001", "hep-th/9901001", "10.1145/3292500", "page-206"])
def test_keys_are_the_usual_names(text: str) -> None:
    id = PaperId.parse(text)
    assert key_of(id) == text
    assert id_of(text) == id


@pytest.mark.parametrize(
    "id", [PaperId("a/b", Scheme.OWN), PaperId("2603.00001", Scheme.OWN), PaperId("page-1", Scheme.ARXIV)]
)
def test_an_id_that_would_not_read_back_is_refused(id: PaperId) -> None:
    with pytest.raises(InputError, match="PaperId.parse"):
        key_of(id)
