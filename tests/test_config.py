"""Settings come from file, environment and flags, in that order of weight."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadsheet.config import Settings, load
from broadsheet.errors import InputError


def test_flags_win_over_environment_over_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('port = 1\nhost = "0.0.0.0"\ntitle = "Ours"\n')
    settings = load(
        file=file, environ={"BROADSHEET_PORT": "2", "BROADSHEET_HOST": "::1"}, flags={"port": 3, "host": None}
    )
    assert (settings.port, settings.host, settings.title) == (3, "::1", "Ours")


def test_unknown_key_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(InputError, match="did you mean 'port'"):
        load(file=file, environ={})
    with pytest.raises(InputError, match="BROADSHEET_DATABSE.*did you mean 'database'"):
        load(environ={"BROADSHEET_DATABSE": "x"})


@pytest.mark.parametrize(
    ("name", "value"), [("port", "eighty"), ("port", 70000), ("arxiv_sets", 3), ("title", 4)]
)
def test_value_of_the_wrong_kind_is_refused(name: str, value: object) -> None:
    with pytest.raises(InputError, match=name):
        load(environ={}, flags={name: value})


def test_lists_are_read_from_the_environment() -> None:
    assert load(environ={"BROADSHEET_ARXIV_SETS": "cs, math stat"}).arxiv_sets == ("cs", "math", "stat")


def test_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("port: 1")
    with pytest.raises(InputError, match=r"c\.toml is not TOML"):
        load(file=file, environ={})
    with pytest.raises(InputError, match="cannot read"):
        load(file=tmp_path / "absent.toml", environ={})


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 3  # type: ignore[misc]


def test_a_secret_can_come_from_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    settings = load(environ={"BROADSHEET_OIDC_CLIENT_SECRET_FILE": str(file)})
    assert settings.oidc_client_secret == "s3cret"
    with pytest.raises(InputError, match="BROADSHEET_DATABASE_FILE"):
        load(environ={"BROADSHEET_DATABASE_FILE": str(tmp_path / "missing")})
    with pytest.raises(InputError, match="unknown setting 'title_file'"):
        load(environ={"BROADSHEET_TITLE_FILE": str(file)})


def test_a_choice_is_one_of_its_values() -> None:
    with pytest.raises(InputError, match="expected one of auto, single, team"):
        load(environ={"BROADSHEET_ACCESS": "nobody"})
