"""What is shipped for administrators names commands and settings that exist."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
from typer.main import get_command

from broadsheet.cli.app import app
from broadsheet.config import Settings

DEPLOY = Path(__file__).parents[1] / "deploy"
SETTINGS = {field.name for field in fields(Settings)}
COMMANDS = set(getattr(get_command(app), "commands", {}))


def test_variables_are_settings() -> None:
    for file in DEPLOY.iterdir():
        for name in re.findall(r"BROADSHEET_([A-Z_]+)=", file.read_text()):
            assert name.lower() in SETTINGS, (file.name, name)


@pytest.mark.parametrize("file", sorted(DEPLOY.glob("*.service")), ids=lambda file: file.name)
def test_units_start_commands_that_exist(file: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(file)
    words = unit["Service"]["ExecStart"].split()
    assert words[-1] in COMMANDS
    assert unit["Service"]["User"] != "root"
    assert unit["Service"]["NoNewPrivileges"] == "true"


def test_units_are_sound_to_systemd(tmp_path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("no systemd-analyze here")
    for file in DEPLOY.glob("broadsheet*"):
        text = (
            file.read_text()
            .replace("/opt/broadsheet/bin/broadsheet", "/bin/true")
            .replace("User=broadsheet", "User=daemon")
        )
        (tmp_path / file.name).write_text(text)
    done = subprocess.run(
        [analyse, "verify", *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False
    )
    said = [line for line in (done.stdout + done.stderr).splitlines() if "broadsheet" in line]
    assert not said


def test_the_container_runs_as_nobody_special_and_serves() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    (command,) = re.findall(r'^CMD \["(\w+)"\]', text, re.MULTILINE)
    assert command in COMMANDS
