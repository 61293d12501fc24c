"""Commands of the post: digest, and mail's subscribe, unsubscribe, list, send, bounce, dkim."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Annotated, Final

import typer

from broadsheet import wiring
from broadsheet.cli import output
from broadsheet.deliver.bounces import refused_addresses
from broadsheet.deliver.compose import schedule_in_words
from broadsheet.deliver.editor import schedule_of
from broadsheet.deliver.message import address_of
from broadsheet.deliver.outbox import Handed
from broadsheet.deliver.timetable import WEEKDAYS
from broadsheet.errors import InputError, NotFoundError
from broadsheet.store.post import State, Subscription

Public = Annotated[bool, typer.Option("--public", help="The list that is the same for everybody.")]
Reader = Annotated[str, typer.Option(help="Whose digest.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_PRESETS: Final = {"daily": range(7), "weekdays": range(5), "weekly": (0,)}


def digest(
    context: typer.Context,
    reader: Reader = wiring.READER,
    public: Public = False,
    day: Annotated[
        str | None, typer.Option(help="Of this day's edition, YYYY-MM-DD; implies --dry-run.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show it; send and note nothing.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Show it as HTML.")] = False,
) -> None:
    """Send a reader's digest now, or show what it would say."""
    name = "" if public else reader
    with wiring.open_archive(context.obj()) as archive:
        editor = wiring.editor_of(archive)
        if dry_run or day or html:
            text = editor.preview(name, day=_day(day), now=datetime.now(UTC))
            if html:
                output.echo(text.html)
            else:
                output.echo(f"Subject: {text.subject}\n\n{text.plain}")
            return
        found = [s for s in editor.post.subscriptions(reader=name) if s.due]
        if not found:
            raise NotFoundError(
                f"nobody gets {'the public list' if public else f'the digest of {reader!r}'}; "
                "`broadsheet mail subscribe ADDRESS` asks, --dry-run shows it here"
            )
        wiring.mail_server(archive.settings)  # before anything is written
        for subscription in found:
            editor.post.hurry(subscription.id, now=datetime.now(UTC))
        _say(wiring.write_digests(editor).letters, wiring.send_letters(archive))


def subscribe(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="A mail address; it gets a question first.")],
    reader: Reader = wiring.READER,
    public: Public = False,
    days: Annotated[
        str, typer.Option(help="daily, weekdays, weekly (on Mondays), or days such as mon,thu.")
    ] = "weekdays",
    hour: Annotated[int, typer.Option(min=0, max=23, help="At this hour.")] = 7,
    zone: Annotated[str, typer.Option(help="By the clock of, such as Europe/Paris.")] = "UTC",
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Also when there is nothing new.")] = False,
) -> None:
    """Ask the owner of an address whether the digest is wanted there."""
    schedule = schedule_of(days=_days(days), hour=hour, zone=zone, if_empty=if_empty)
    with wiring.open_archive(context.obj()) as archive:
        wiring.mail_server(archive.settings)
        editor = wiring.editor_of(archive)
        editor.ask(address, reader="" if public else reader, schedule=schedule, now=datetime.now(UTC))
        wiring.send_letters(archive)
    output.tell(f"asked {address_of(address)} by mail whether to send it {schedule_in_words(schedule)}")


def unsubscribe(
    context: typer.Context, address: Annotated[str, typer.Argument(help="A mail address.")]
) -> None:
    """Stop everything that goes to an address."""
    with wiring.open_archive(context.obj()) as archive:
        stopped = archive.store.post.suspend(address_of(address), why="unsubscribed by the site")
    output.tell(f"stopped {stopped} subscription{'' if stopped == 1 else 's'} of {address_of(address)}")


def list_subscriptions(context: typer.Context, json: Json = False) -> None:
    """Subscriptions, and how many letters wait, went and failed."""
    with wiring.open_archive(context.obj()) as archive:
        post = archive.store.post
        found, letters, failures = post.subscriptions(), post.letters(), post.failures()
    if json:
        output.echo_json(
            {
                "subscriptions": [_shape(s) for s in found],
                "letters": {state.name.lower(): letters.get(state, 0) for state in State},
                "failures": [
                    {"address": address, "error": error, "at": at.isoformat()}
                    for address, error, at in failures
                ],
            }
        )
        return
    for s in found:
        what = f"digest of {s.reader}" if s.reader else "public list"
        when = f"next {s.due:%Y-%m-%d %H:%M} UTC" if s.due else f"stopped: {s.why}"
        output.echo(f"{s.address}  {what}, {schedule_in_words(s.schedule)}; {when}")
    counts = {state: letters.get(state, 0) for state in State}
    output.echo(
        f"letters: {counts[State.WAITING]} waiting, {counts[State.HANDED]} being handed over, "
        f"{counts[State.SENT]} sent, {counts[State.FAILED]} failed"
    )
    for address, error, at in failures:
        output.echo(f"  {at:%Y-%m-%d %H:%M}  {address}: {error}")


def send(context: typer.Context) -> None:
    """Write the digests that are due and send the letters that wait, once; for cron, where nothing is served."""
    with wiring.open_archive(context.obj()) as archive:
        wiring.mail_server(archive.settings)
        _say(wiring.write_digests(wiring.editor_of(archive)).letters, wiring.send_letters(archive))


def bounce(
    context: typer.Context,
    address: Annotated[
        str | None,
        typer.Argument(help="An address that bounced; left out: a bounce is read from standard input."),
    ] = None,
) -> None:
    """Stop what goes to an address whose letters come back."""
    found = (
        {address_of(address): "reported by the site"}
        if address
        else refused_addresses(sys.stdin.buffer.read())
    )
    with wiring.open_archive(context.obj()) as archive:
        for one, why in found.items():
            stopped = archive.store.post.suspend(one, why=f"bounced: {why}")
            output.tell(f"{one}: stopped {stopped}, {why}")
    if not found:
        output.tell("this message says of no address that it failed for good")


def dkim(context: typer.Context) -> None:
    """Print the record that DNS must hold for the key that signs letters (DKIM)."""
    key = wiring.domain_key(context.obj())
    if key is None:
        raise InputError(
            "no key signs letters; set 'dkim_selector' and 'dkim_key', see the settings' reference, or let the mail "
            "server sign"
        )
    name, text = key.record()
    # A string of a record has 255 letters at most (RFC 1035, 3.3.14); whoever asks joins them (RFC 6376, 3.6.2.2).
    parts = " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
    output.echo(f"{name}. IN TXT {parts}")


def _say(written: int, handed: Handed) -> None:
    output.tell(f"{written} written; {handed.sent} sent, {handed.later} put off, {handed.failed} failed")


def _shape(subscription: Subscription) -> dict[str, object]:
    schedule = subscription.schedule
    return {
        "id": subscription.id,
        "address": subscription.address,
        "reader": subscription.reader or None,
        "days": [WEEKDAYS[day] for day in schedule.days],
        "hour": schedule.hour,
        "zone": schedule.zone,
        "if_empty": schedule.if_empty,
        "confirmed": subscription.confirmed.isoformat(),
        "covered": subscription.covered.isoformat() if subscription.covered else None,
        "due": subscription.due.isoformat() if subscription.due else None,
        "why": subscription.why or None,
    }


def _days(text: str) -> list[int]:
    if text in _PRESETS:
        return list(_PRESETS[text])
    known = {name[:3].lower(): number for number, name in enumerate(WEEKDAYS)}
    try:
        return [known[name.strip().lower()[:3]] for name in text.split(",")]
    except KeyError as error:
        raise InputError(
            f"not days: {text!r}; expected {', '.join(_PRESETS)}, or days such as 'mon,thu'"
        ) from error


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(f"not a day: {text!r}; expected YYYY-MM-DD, such as '2026-03-20'") from error
