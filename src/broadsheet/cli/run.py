"""Commands that run: serve, mcp, index, build."""

from __future__ import annotations

import signal
import socket
import threading
import time
import webbrowser
from typing import Annotated, Final

import typer

from broadsheet import heaps, wiring
from broadsheet.cli import logs, output
from broadsheet.config import Settings
from broadsheet.errors import BusyError, InputError

_FAREWELL: Final = 5.0  # seconds that the work beside the server has to come to an end


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to serve on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on; 0 takes a free one.")] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Take in the packaged sample edition first.")
    ] = False,
    browse: Annotated[bool, typer.Option("--open", help="Open the front page in a browser.")] = False,
) -> None:
    """Serve the paper: pages, feeds, search. Follows new papers by itself."""
    settings: Settings = context.obj(host=host, port=port)
    from broadsheet.cli import serving  # noqa: PLC0415  half a second that only this command should pay

    logs.set_up(settings.log)
    heaps.look_after()
    signal.signal(signal.SIGTERM, _leave)
    listener = _listen(settings.host, settings.port)
    with wiring.open_archive(settings) as archive, wiring.as_server(settings) as alone:
        if not alone:
            output.tell(
                f"another Broadsheet is serving from {settings.data} already. Both go on: one keeps the index, the "
                "other takes over when it ends. If that is a mistake, stop one, or name another folder with --data"
            )
        if sample:
            with output.progress("sample edition") as report:
                taken = wiring.take_sample(archive, progress=report)
            if taken:
                output.tell(f"took in the sample edition: {taken} papers")
        stop = threading.Event()
        work = {"follower": wiring.follow, "reader": wiring.read_again, "tidying": wiring.keep_tidy}
        if settings.smtp_host:
            wiring.mail_server(settings)  # to say now, and not in a log, what is missing
            work["post"] = wiring.keep_posting
        if wiring.herald_of(settings) is not None:
            work["herald"] = wiring.keep_telling
        threads = [
            threading.Thread(target=do, args=(archive,), kwargs={"stop": stop}, name=name, daemon=True)
            for name, do in work.items()
        ]
        for thread in threads:
            thread.start()
        address, bound = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        url = f"http://{shown}:{bound}/"
        output.tell(f"Broadsheet is at {url} — stop it with Ctrl-C")
        if wiring.is_team(settings, settings.host) and (first := wiring.first_invitation(archive)):
            base = (settings.base_url or url).rstrip("/")
            output.tell(
                f"nobody has an account yet; the first administrator's is made at {base}/join/{first}"
            )
        if browse:
            threading.Timer(0.5, webbrowser.open, (url,)).start()
        try:
            if settings.processes > 1:
                serving.several(settings, listener)
            else:
                serving.alone(archive, listener)
        finally:
            stop.set()
            end = time.monotonic() + _FAREWELL
            for thread in threads:
                thread.join(timeout=max(0.0, end - time.monotonic()))


def _leave(*_: object) -> None:
    """End in order. The server raises the signal anew once everybody is answered; by itself it would end us there."""
    raise SystemExit(0)


def mcp(context: typer.Context) -> None:
    """Serve the archive's tools to a language model, on standard input and output (MCP)."""
    with wiring.open_archive(context.obj()) as archive:
        wiring.serve_mcp(archive)


def index(
    context: typer.Context,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Delete the index and make it anew.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only say where it stands.")] = False,
    better: Annotated[
        bool,
        typer.Option(
            "--better/--no-better",
            help="Also make the better vectors (about 28 papers a second on an idle core).",
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bring the index up to the store, or say where it stands."""
    with wiring.open_archive(context.obj()) as archive:
        if not status:
            with output.progress("indexing") as report:
                wiring.catch_up(archive, rebuild=rebuild, better=better, progress=report)
        generation = archive.library.generation()
        last = archive.store.last_seq()
        count = archive.store.count()
    value = {
        "generation": generation.number if generation else None,
        "papers": generation.papers if generation else 0,
        "papers_in_store": count,
        "changes_behind": last - (generation.seq if generation else 0),
        "vectors": dict(generation.encoders) if generation else {},
        "details": dict(generation.details) if generation else {},
    }
    if json:
        output.echo_json(value)
        return
    if generation is None:
        output.echo(f"no index yet; {count} papers in the store (make it with `broadsheet index`)")
        return
    output.echo(
        f"generation {generation.number}: {generation.papers} of {count} papers, {value['changes_behind']} changes behind"
    )
    for encoder, done in generation.encoders.items():
        output.echo(f"  {encoder}: {done} papers have vectors")
    for name, done in generation.details.items():
        output.echo(f"  {name}: {done} papers have them")


def build(
    context: typer.Context,
    ray: Annotated[
        str, typer.Option(help="The Ray cluster: host:6379, ray://host:10001, auto; local for this machine.")
    ],
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that encode; as many as the cluster has cores.")
    ] = None,
    sentences: Annotated[
        bool, typer.Option("--sentences/--no-sentences", help="Also make the vectors of single sentences.")
    ] = True,
) -> None:
    """Make the index of a large archive, better vectors included, on a Ray cluster; goes on where it stopped."""
    with wiring.open_archive(context.obj()) as archive, output.progress("building") as report:
        wiring.build_in_bulk(archive, ray=ray, workers=workers, with_sentences=sentences, progress=report)
        generation = archive.library.generation()
    if generation is not None:
        output.echo(f"generation {generation.number}: {generation.papers} papers")
        for name, done in {**generation.encoders, **generation.details}.items():
            output.echo(f"  {name}: {done}")


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise InputError(f"cannot serve on {host!r}: {error.strerror or error}") from error
    listener = socket.socket(family, kind, proto)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        if isinstance(error, PermissionError):
            raise InputError(f"port {port} on {host} needs privileges; try --port 8000") from error
        raise BusyError(
            f"port {port} on {host} is already taken; stop what runs there, or choose another with --port "
            f"(with make: make run PORT={port + 1 if 0 < port < 65535 else 8001})"
        ) from error
    return listener
