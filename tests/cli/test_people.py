"""Accounts by the command line, and what a served Broadsheet says of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broadsheet import wiring
from broadsheet.cli.app import app
from broadsheet.config import Settings
from broadsheet.store.people import Role

GOOD = "correct horse battery"


def run(data: Path, *arguments: str, input: str = "") -> str:
    result = CliRunner().invoke(app, ["--data", str(data), "account", *arguments], input=input)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout.strip()


def test_an_administrator_is_made_and_listed(tmp_path: Path) -> None:
    run(tmp_path, "add", "Ada", "--email", "ada@example.org", "--role", "admin", input=GOOD + "\n")
    run(tmp_path, "add", "Bob", input=GOOD + "\n")
    found = json.loads(run(tmp_path, "list", "--json"))
    assert [(one["name"], one["role"], one["banned"]) for one in found] == [
        ("Ada", "admin", False),
        ("Bob", "reader", False),
    ]
    run(tmp_path, "role", "bob", "curator")
    run(tmp_path, "ban", "bob", "--why", "spam")
    assert "curator  -  banned" in run(tmp_path, "list")
    run(tmp_path, "unban", "Bob")
    run(tmp_path, "remove", "Bob", "--yes")
    assert [one["name"] for one in json.loads(run(tmp_path, "list", "--json"))] == ["Ada"]


def test_links_are_good_for_what_they_say(tmp_path: Path) -> None:
    link = run(tmp_path, "invite", "--role", "curator")
    run(tmp_path, "add", "Bob", input=GOOD + "\n")
    reset = run(tmp_path, "password", "bob")
    assert link.startswith("http://127.0.0.1:8000/join/")
    with wiring.open_archive(Settings(data=tmp_path)) as archive:
        door = wiring.accounts(archive).admission
        found = door.invitation(link.rsplit("/", 1)[1])
        assert found is not None
        assert found.role is Role.CURATOR
        assert door.reset(reset.rsplit("/", 1)[1], "another good one").name == "Bob"


def test_the_last_administrator_is_kept_with_a_reason(tmp_path: Path) -> None:
    run(tmp_path, "add", "Ada", "--role", "admin", input=GOOD + "\n")
    result = CliRunner().invoke(app, ["--data", str(tmp_path), "account", "ban", "ada"])
    assert result.exit_code != 0
    assert "only administrator" in str(result.exception)


@pytest.mark.parametrize(
    ("access", "host", "team"),
    [
        ("auto", "127.0.0.1", False),
        ("auto", "::1", False),
        ("auto", "localhost", False),
        ("auto", "0.0.0.0", True),
        ("auto", "paper.example.org", True),
        ("single", "0.0.0.0", False),
        ("team", "127.0.0.1", True),
    ],
)
def test_others_need_accounts_where_they_can_reach_the_address(access: str, host: str, *, team: bool) -> None:
    assert wiring.is_team(Settings(access=access, host=host)) is team


def test_a_house_without_anybody_invites_its_first_administrator(tmp_path: Path) -> None:
    with wiring.open_archive(Settings(data=tmp_path, access="team")) as archive:
        first, second = wiring.first_invitation(archive), wiring.first_invitation(archive)
        assert first is not None
        assert second is not None
        door = wiring.accounts(archive).admission
        assert door.invitation(first) is None
        door.accept(second, name="Ada", email="", password=GOOD)
        assert wiring.first_invitation(archive) is None
