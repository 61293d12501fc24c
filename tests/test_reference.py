"""Everything that can be set, run or asked for is in the reference; what is there exists."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from typer.main import get_command

from broadsheet.cli.app import app
from broadsheet.config import Settings

DOCS = Path(__file__).parent.parent / "docs"


def _commands(command: Any, path: str) -> dict[str, Any]:
    found = {path: command}
    for name, child in getattr(command, "commands", {}).items():
        found |= _commands(child, f"{path} {name}")
    return found


def test_every_command_and_option_is_documented_and_none_besides() -> None:
    page = (DOCS / "reference" / "commands.md").read_text()
    known = _commands(get_command(app), "broadsheet")
    assert set(re.findall(r"^## `(.+)`$", page, re.MULTILINE)) == set(known)
    sections = dict(re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    for path, command in known.items():
        for parameter in command.params:
            for flag in (*parameter.opts, *parameter.secondary_opts):
                assert flag.lstrip("-") in sections[path], f"{path}: {flag}"


def test_every_setting_is_documented_and_none_besides() -> None:
    page = (DOCS / "reference" / "settings.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == {f.name for f in fields(Settings)}
