"""What is shipped for administrators names commands and settings that exist."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import tomllib
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


@pytest.mark.parametrize("file", sorted(DEPLOY.glob("*.service")), ids=lambda file: file.name)
def test_units_may_do_little_more_than_they_need(file: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("no systemd-analyze here")
    asked = [analyse, "security", "--offline=true", "--no-pager"]
    done = subprocess.run([*asked, "--threshold=25", file], capture_output=True, text=True, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip("systemd is older than 250 here: it judges no files")
    assert done.returncode == 0, done.stdout[-300:]


def test_the_container_runs_as_nobody_special_and_serves() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    (command,) = re.findall(r'^CMD \["(\w+)"\]', text, re.MULTILINE)
    assert command in COMMANDS


def test_the_container_is_built_of_files_and_extras_that_exist() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = [line.split()[1:-1] for line in re.findall(r"^COPY (?!--from).*", text, re.MULTILINE)]
    paths = [path for paths in copied for path in paths]
    assert "pyproject.toml" in paths
    assert [path for path in paths if not (DEPLOY.parent / path).exists()] == []
    project = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text())["project"]
    # What the build reads beside the sources must be copied too.
    assert {project["readme"], *project["license-files"]} <= set(paths)
    (extras,) = re.findall(r"'\.\[([\w,]+)\]'", text)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", text, re.MULTILINE))
    assert set(re.findall(r"^COPY --from=(\w+)", text, re.MULTILINE)) <= stages
