"""The published figures: files and pages agree, and new values go where they belong."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from bench import figures, run, tables


def test_tables_of_the_pages_are_those_of_the_files() -> None:
    values = tables.Values(figures.read())
    for page in tables.pages():
        text = page.read_text(encoding="utf-8")
        assert tables.rendered(text, values) == text, f"{page.name} differs; run: python -m bench.tables"


def test_every_table_is_on_a_page() -> None:
    shown = set(re.findall(r"<!-- bench:(\w+) -->", "".join(page.read_text() for page in tables.pages())))
    assert shown == set(tables.TABLES)


def test_table_that_nobody_makes_is_noticed() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        tables.rendered("<!-- bench:nowhere -->\n<!-- /bench -->", tables.Values(figures.read()))


def test_figures_have_names_of_their_own_and_a_way_to_measure_them() -> None:
    every = figures.read()
    assert len({figure.name for figure in every}) == len(every)
    assert {figure.file for figure in every} <= set(run.MEASURES)


def test_quick_figures_are_checked() -> None:
    quick = [figure for figure in figures.read() if figure.quick]
    assert quick
    assert all(figure.tolerance and not math.isnan(figure.value) for figure in quick)


def test_new_values_are_written_and_the_rest_stays(tmp_path: Path) -> None:
    text = (
        "# Head.\n\n"
        '[[figure]]\ncollection = "a"\nsearch = "words"\nmetric = "map"\nvalue = 0.5\ntolerance = 0.01\nquick = true\n'
        "\n"
        '[[figure]]\ncollection = "a"\nencoder = "static"\nsearch = "both"\nmetric = "map"\nfacet = "f"\nvalue = nan\n'
    )
    (tmp_path / "small.toml").write_text(text)
    assert [figure.name for figure in figures.read(tmp_path)] == [
        "small/a/words/map",
        "small/a/static/both/map/f",
    ]
    figures.write({}, tmp_path)
    assert (tmp_path / "small.toml").read_text() == text
    figures.write({"small/a/static/both/map/f": 0.25}, tmp_path)
    assert (tmp_path / "small.toml").read_text() == text.replace("nan", "0.25")
