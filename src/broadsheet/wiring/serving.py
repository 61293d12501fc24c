"""The web application of an archive: who may come in, what it is served with; tools for language models; plain files."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet.config import Settings
from broadsheet.errors import InputError
from broadsheet.library import Belongings
from broadsheet.text.derive import derive
from broadsheet.wiring.opening import Archive, Count, _now
from broadsheet.wiring.posting import editor_of
from broadsheet.wiring.taking import _before_folding, _sources, fold_new, sync

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from broadsheet.library.people import Accounts
    from broadsheet.pipeline.mirror import Published
    from broadsheet.serve.door import Door

# The one reader of a Broadsheet without accounts.
READER = "me"


def web_app(archive: Archive, *, host: str = "") -> Starlette:
    """The web application of an archive. ``host``: the address it is served on, which decides ``access = auto``."""
    from broadsheet.serve.app import create_app  # noqa: PLC0415  for those who serve

    settings = archive.settings
    return create_app(
        archive.library,
        title=settings.title,
        base_url=settings.base_url,
        host_names=settings.host_names,
        reader=READER,
        door=_door(archive, host or settings.host),
        at_once=ceil(settings.requests_at_once / settings.processes),
        slow=settings.slow_seconds,
        fetch=lambda paper: sync(archive, ids=[paper.value]),
        api_rate=settings.api_rate,
        api_origins=settings.api_origins,
        editor=editor_of(archive),
        mails=bool(settings.smtp_host),
        hub=settings.websub_hub,
        intake=OwnPapers(archive),
        frank=not is_team(settings, host) and _is_loopback(host or settings.host),
    )


@dataclass(frozen=True, slots=True)
class OwnPapers:
    """Takes a reader's own papers into an archive; the library's contract ``Intake``."""

    archive: Archive

    def from_file(self, name: str, body: bytes) -> Belongings:
        """What a library's file, or a desk taken along, holds. Raises InputError."""
        from broadsheet.pipeline import belongings  # noqa: PLC0415  loads the sources

        store = self.archive.store
        _before_folding(store)
        found = belongings.bring_file(
            name, body, store=store, sources=_sources().files, derive=derive, now=_now()
        )
        fold_new(self.archive)
        return found

    def from_orcid(self, orcid: str) -> Belongings:
        """The works that an ORCID iD's public list names. Raises InputError, SourceError, ThrottledError."""
        from broadsheet.pipeline import belongings  # noqa: PLC0415
        from broadsheet.source.fetch import Fetcher  # noqa: PLC0415
        from broadsheet.source.orcid import works  # noqa: PLC0415

        settings, store = self.archive.settings, self.archive.store
        _before_folding(store)
        # A reader waits before the page: better to say soon that ORCID does not answer.
        with Fetcher(
            contact=settings.contact,
            accept="application/json",
            limit=16 << 20,
            timeout=10,
            deadline=30,
            tries=2,
            patience=5,
        ) as fetcher:
            items = list(works(orcid, get=lambda url: fetcher.get(url).body, host=settings.orcid_url))
        found = belongings.bring(items, store=store, derive=derive, now=_now())
        fold_new(self.archive)
        return found


def is_team(settings: Settings, host: str = "") -> bool:
    """Whether people have accounts here: as the settings say, else wherever others can reach the address."""
    if settings.access != "auto":
        return settings.access == "team"
    return not _is_loopback(host or settings.host)


def accounts(archive: Archive) -> Accounts:
    """The archive's accounts; their mails go through the outbox where there is a mail server."""
    from broadsheet.library.people import Accounts, Registration, Rules  # noqa: PLC0415  argon2, for houses with accounts

    settings = archive.settings
    rules = Rules(registration=Registration(settings.registration))
    editor = editor_of(archive) if settings.smtp_host else None

    def post(address: str, *, subject: str, text: str) -> None:
        assert editor is not None  # or it would not be given
        editor.tell(address, subject=subject, text=text, now=_now())

    return Accounts(
        archive.store.people,
        archive.store.tallies,
        now=_now,
        rules=rules,
        post=post if editor else None,
    )


def first_invitation(archive: Archive) -> str | None:
    """The secret of an administrator's invitation where nobody has an account yet; earlier ones are void."""
    from broadsheet.store.people import Role  # noqa: PLC0415

    door = accounts(archive)
    if door.count() or archive.settings.proxy_user_header:
        return None
    for open_one in door.admission.invitations():
        door.admission.uninvite(open_one.key)
    return door.admission.invite(None, role=Role.ADMIN)


def _door(archive: Archive, host: str) -> Door:
    from broadsheet.serve.door import Door, Provider, Proxy  # noqa: PLC0415

    settings = archive.settings
    if not is_team(settings, host):
        return Door()
    proxy = provider = None
    if settings.proxy_user_header:
        proxy = Proxy(
            header=settings.proxy_user_header,
            email_header=settings.proxy_email_header,
            addresses=settings.trusted_proxies,
        )
    if settings.oidc_issuer:
        provider = Provider(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            name=settings.oidc_name,
        )
    return Door(
        accounts=accounts(archive),
        proxy=proxy,
        provider=provider,
        members_only=settings.readable_by == "members",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve_mcp(archive: Archive) -> None:
    """Serve one client of the Model Context Protocol on standard input and output. Raises InputError."""
    try:
        from broadsheet.serve import mcp  # noqa: PLC0415  an optional extra
    except ImportError as error:
        raise InputError("MCP needs an extra that is not installed: pip install 'broadsheet[mcp]'") from error
    library = archive.library
    mcp.serve_streams(library, title=archive.settings.title, desk=library.desk(READER))


def publish_files(
    archive: Archive,
    folder: Path,
    *,
    address: str,
    last: int | None,
    searched: int,
    everything: bool,
    progress: Count | None = None,
) -> Published:
    """Write the archive's editions to a folder as plain files; see ``pipeline.mirror``."""
    from broadsheet.pipeline import mirror  # noqa: PLC0415  for those who publish
    from broadsheet.serve.app import create_app  # noqa: PLC0415

    # Whoever reads a mirror is nobody in particular.
    app = create_app(archive.library, title=archive.settings.title, base_url=mirror.SITE, reader="")
    return mirror.publish(
        archive.library,
        app,
        folder,
        address=address,
        last=last,
        searched=searched,
        everything=everything,
        progress=progress,
    )
