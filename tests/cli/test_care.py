"""doctor, backup, verify and restore by the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from typer.testing import CliRunner

from broadsheet import wiring
from broadsheet.cli.app import app
from broadsheet.config import Settings
from broadsheet.errors import InputError


def run(data: Path, *arguments: str) -> tuple[int, str, BaseException | None]:
    result = CliRunner().invoke(app, ["--data", str(data), *arguments], env={"BROADSHEET_ENCODER": "none"})
    return result.exit_code, result.output, result.exception


def test_an_archive_is_backed_up_lost_and_restored(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "paper.backup"
    with wiring.open_archive(Settings(data=data, encoder="none")) as archive:
        wiring.take_sample(archive)
        before = [paper.id for paper in archive.store.scan()]
    assert run(data, "backup", str(file))[0] == 0
    code, told, _ = run(data, "verify", str(file))
    assert (code, "is whole" in told) == (0, True)
    shutil.rmtree(data)
    code, told, _ = run(data, "restore", str(file))
    assert code == 0, told
    with wiring.open_archive(Settings(data=data, encoder="none")) as archive:
        assert [paper.id for paper in archive.store.scan()] == before
        assert archive.library.search("diffusion").hits
    code, _, error = run(data, "restore", str(file))
    assert code != 0
    assert isinstance(error, InputError)


def test_the_doctor_says_what_is_wrong_in_its_exit_code(tmp_path: Path) -> None:
    with wiring.open_archive(Settings(data=tmp_path, encoder="none")) as archive:
        wiring.take_sample(archive)
    code, told, _ = run(tmp_path, "doctor", "--json")
    assert code == 0, told
    assert {finding["level"] for finding in json.loads(told)} == {"good"}
    shutil.rmtree(tmp_path / "index")
    code, told, _ = run(tmp_path, "doctor")
    assert code == 1
    assert "FAULT index" in told
