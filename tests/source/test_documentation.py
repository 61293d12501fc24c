"""What docs/use/sources.md says of sources."""

import re
from pathlib import Path

import pytest

from broadsheet.source.contract import FileSource, HostSource, LineSource
from broadsheet.source.registry import discover

PAGE = (Path(__file__).parents[2] / "docs/use/sources.md").read_text()


def test_every_source_is_on_the_page() -> None:
    found = discover()
    for name in [*found.files, *found.hosts]:
        assert f"`{name}`" in PAGE, name


def test_the_pages_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec("\n".join(line.removeprefix("   ") for line in example.splitlines()), {})


@pytest.mark.parametrize("name", ["FileSource", "HostSource", "LineSource"])
def test_the_contracts_the_page_names_are_there(name: str) -> None:
    assert name in PAGE
    assert name in {kind.__name__ for kind in (FileSource, HostSource, LineSource)}


def test_json_lines_are_the_source_that_several_processes_read() -> None:
    assert [n for n, s in discover().files.items() if isinstance(s, LineSource)] == ["jsonl"]
