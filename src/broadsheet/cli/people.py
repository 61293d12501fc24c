"""Commands of accounts: add, invite, list, role, ban, unban, password, remove, log."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from broadsheet import wiring
from broadsheet.cli import output
from broadsheet.config import Settings
from broadsheet.library.people import Accounts
from broadsheet.store.people import Role

Name = Annotated[str, typer.Argument(help="A name or an e-mail address.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def _door(context: typer.Context) -> Iterator[tuple[Settings, Accounts]]:
    settings: Settings = context.obj()
    with wiring.open_archive(settings) as archive:
        yield settings, wiring.accounts(archive)


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name that others see.")],
    email: Annotated[str, typer.Option(help="E-mail address.")] = "",
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.READER,
) -> None:
    """Make an account; asks for its password, or reads it from standard input."""
    with _door(context) as (_, accounts):
        account = accounts.admission.add(name, email=email, password=_password(), role=role)
        accounts.record(None, "add", account.name, role.value)
    output.tell(f"{account.name} is now {account.role} of this paper")


def invite(
    context: typer.Context,
    email: Annotated[str, typer.Option(help="Whom the invitation is for.")] = "",
    role: Annotated[Role, typer.Option(help="What they will be.")] = Role.READER,
) -> None:
    """Print a link that makes one account, good for two weeks."""
    with _door(context) as (settings, accounts):
        secret = accounts.admission.invite(None, email=email, role=role)
        accounts.record(None, "invite", email or "somebody", role.value)
    output.echo(_url(settings, f"/join/{secret}"))


def password(context: typer.Context, name: Name) -> None:
    """Print a link that sets somebody's new password, good for two hours."""
    with _door(context) as (settings, accounts):
        account = accounts.named(name)
        secret = accounts.admission.reset_link(account)
        accounts.record(None, "reset link", account.name)
    output.echo(_url(settings, f"/reset/{secret}"))


def list_accounts(context: typer.Context, json: Json = False) -> None:
    """Who has an account."""
    with _door(context) as (_, accounts):
        found = accounts.all(limit=100_000)
    if json:
        output.echo_json(
            [
                {
                    "id": one.id,
                    "name": one.name,
                    "email": one.email or None,
                    "role": one.role.value,
                    "made": one.made.isoformat(),
                    "banned": one.banned,
                }
                for one in found
            ]
        )
        return
    for one in found:
        output.echo(f"{one.name}  {one.role}  {one.email or '-'}{'  banned' if one.banned else ''}")
    if not found:
        output.tell("nobody yet; `broadsheet account invite --role admin` makes the first link")


def role(
    context: typer.Context, name: Name, role: Annotated[Role, typer.Argument(help="What they may do.")]
) -> None:
    """Give somebody a role."""
    with _door(context) as (_, accounts):
        changed = accounts.set_role(accounts.named(name), role, by=None)
    output.tell(f"{changed.name} is now {changed.role} of this paper")


def ban(
    context: typer.Context, name: Name, why: Annotated[str, typer.Option(help="For the log.")] = ""
) -> None:
    """Shut somebody out; logins and tokens end at once."""
    with _door(context) as (_, accounts):
        accounts.ban(accounts.named(name), by=None, why=why)


def unban(context: typer.Context, name: Name) -> None:
    """Let somebody in again."""
    with _door(context) as (_, accounts):
        accounts.ban(accounts.named(name), by=None, banned=False)


def remove(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete an account and all that is its own."""
    with _door(context) as (_, accounts):
        account = accounts.named(name)
        if not yes:
            typer.confirm(f"Delete {account.name} and their desk for good?", abort=True)
        accounts.remove(account)
        accounts.record(None, "remove", account.name)
    output.tell(f"{account.name} is deleted")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass("Password: ")


def _url(settings: Settings, path: str) -> str:
    return (settings.base_url or f"http://{settings.host}:{settings.port}").rstrip("/") + path
