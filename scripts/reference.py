"""Write docs/reference from the code: commands from the command line's own help, settings from Settings.

python scripts/reference.py          writes the pages
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path

import typer
from typer.main import get_command

from broadsheet.cli.app import app
from broadsheet.config import Settings

FOLDER = Path(__file__).parent.parent / "docs" / "reference"


def commands() -> str:
    """The page of commands."""
    parts = [
        (
            "# Commands\n\nMade by `scripts/reference.py` from `broadsheet --help`. Options of `broadsheet` itself "
            "come before the command.\n"
        )
    ]
    _describe(get_command(app), "broadsheet", None, parts)
    return "\n".join(parts)


def _describe(command: object, path: str, parent: typer.Context | None, parts: list[str]) -> None:
    with command.make_context(path.rsplit(" ", 1)[-1], [], parent=parent, resilient_parsing=True) as context:  # type: ignore[attr-defined]
        context.info_name = path if parent is None else path.rsplit(" ", 1)[-1]
        parts.append(f"## `{path}`\n\n```text\n{command.get_help(context).rstrip()}\n```\n")  # type: ignore[attr-defined]
        for name, child in getattr(command, "commands", {}).items():
            _describe(child, f"{path} {name}", context, parts)


def settings() -> str:
    """The page of settings."""
    rows = [
        (
            "# Settings\n\nMade by `scripts/reference.py` from `broadsheet.config.Settings`. They come from "
            "`config.toml` in your configuration folder (or the file that `--config` or `BROADSHEET_CONFIG` names), "
            "then from the environment, then from flags; the last one counts. An unknown key is refused.\n"
        ),
        "| key | environment | default | what it is |",
        "|---|---|---|---|",
    ]
    for field in fields(Settings):
        default = "your data folder" if field.default is MISSING else repr(field.default)
        rows.append(
            f"| `{field.name}` | `BROADSHEET_{field.name.upper()}` | {default} | {field.metadata['help']} |"
        )
    return "\n".join(rows) + "\n"


PAGES = {"commands.md": commands, "settings.md": settings}

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
