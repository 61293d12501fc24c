"""The only place that names backends: from settings to a store, an index, a library, a web application."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import partial
from importlib import resources
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broadsheet.config import Settings
from broadsheet.errors import BusyError, InputError
from broadsheet.index.contract import Encoder, Index, Scored, Snapshot
from broadsheet.index.encode import HubEncoder, MiniLM, StaticEncoder
from broadsheet.index.local import LocalIndex
from broadsheet.library import Belongings, Library
from broadsheet.model import Paper, Record
from broadsheet.pipeline import intake, reindex
from broadsheet.pipeline.fold import BATCH, fold_duplicates
from broadsheet.rank.mending import mend
from broadsheet.rank.query import parse
from broadsheet.rank.search import search as ranked
from broadsheet.store.contract import Backup, Cursor, Store
from broadsheet.text.derive import derive

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from broadsheet.deliver.editor import Editor
    from broadsheet.deliver.mail import MailServer
    from broadsheet.deliver.outbox import Handed
    from broadsheet.evaluate.collections import Collection
    from broadsheet.evaluate.retrieval import Searcher
    from broadsheet.library.people import Accounts
    from broadsheet.pipeline import bulk
    from broadsheet.pipeline.checkup import Finding
    from broadsheet.pipeline.digests import Written
    from broadsheet.pipeline.harvest import HarvestReport, SyncReport
    from broadsheet.pipeline.intake import IntakeReport
    from broadsheet.pipeline.mirror import Published
    from broadsheet.pipeline.votes import VotesReport
    from broadsheet.rank.expected import Interest
    from broadsheet.serve.door import Door
    from broadsheet.source.registry import Sources

_log = logging.getLogger(__name__)
_RETRY = 5.0  # seconds
_POST_EVERY = 20.0  # seconds

# The cursor of folding: up to which change near-duplicates were looked for.
_FOLDED = "fold"

# The model of expected interest learnt on this machine, in the data folder.
_INTEREST = "expected.npz"

# The one reader of a Broadsheet without accounts.
READER = "me"

Count = Callable[[int, int | None], None]  # told (done, total)


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything opened for one archive. ``better`` is None where the settings want no better vectors."""

    settings: Settings
    store: Store
    index: Index
    library: Library
    fast: Encoder
    better: Encoder | None


def open_store(settings: Settings) -> Store:
    """The store that the settings name, its schema brought up to date. Raises StoreError, InputError."""
    if settings.database.startswith(("postgresql://", "postgres://")):
        from broadsheet.store.postgres import PostgresStore  # noqa: PLC0415  an optional extra

        return PostgresStore.open(settings.database)
    if settings.database:
        raise InputError(
            f"setting 'database' is {settings.database!r}; expected an address such as "
            "'postgresql://user@host/name', or nothing for SQLite in the data folder"
        )
    from broadsheet.store.sqlite import SqliteStore  # noqa: PLC0415  only where it is the one used

    return SqliteStore.open(_folder(settings) / "broadsheet.db")


@contextmanager
def open_archive(settings: Settings) -> Iterator[Archive]:
    """The archive that the settings name; closed when the block ends."""
    store = open_store(settings)
    try:
        fast = StaticEncoder()
        better = _better(settings.encoder)
        encoders = [fast, *([better] if better else [])]
        with _opened_index(settings.index, _folder(settings), encoders) as index:
            library = Library(store, index, fast=fast, better=better, interest=partial(_interest, settings))
            yield Archive(settings, store, index, library, fast, better)
    finally:
        store.close()


@contextmanager
def open_library(settings: Settings) -> Iterator[Library]:
    """The library that the settings name; closed when the block ends."""
    with open_archive(settings) as archive:
        yield archive.library


def web_app(archive: Archive, *, host: str = "") -> Starlette:
    """The web application of an archive. ``host``: the address it is served on, which decides ``access = auto``."""
    from broadsheet.serve.app import create_app  # noqa: PLC0415  for those who serve

    settings = archive.settings
    return create_app(
        archive.library,
        title=settings.title,
        base_url=settings.base_url,
        reader=READER,
        door=_door(archive, host or settings.host),
        at_once=settings.requests_at_once,
        slow=settings.slow_seconds,
        fetch=lambda paper: sync(archive, ids=[paper.value]),
        api_rate=settings.api_rate,
        api_origins=settings.api_origins,
        editor=editor_of(archive),
        mails=bool(settings.smtp_host),
        intake=OwnPapers(archive),
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

    return Accounts(archive.store.people, now=_now, rules=rules, post=post if editor else None)


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


# -- digests


def editor_of(archive: Archive) -> Editor:
    """Who writes the letters of an archive."""
    from broadsheet.deliver.compose import Masthead  # noqa: PLC0415  for those who write
    from broadsheet.deliver.editor import Editor  # noqa: PLC0415
    from broadsheet.deliver.judging import judge_of  # noqa: PLC0415
    from broadsheet.deliver.signing import Signer  # noqa: PLC0415

    settings = archive.settings
    url = settings.base_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    return Editor(
        archive.library,
        archive.store.post,
        signer=Signer(archive.store.secret()),
        judge=judge_of(archive.library),
        masthead=Masthead(title=settings.title, url=url, footer=settings.mail_footer),
        sender=settings.mail_from or f"{settings.title} <broadsheet@localhost>",
    )


def mail_server(settings: Settings) -> MailServer:
    """The mail server that the settings name. Raises InputError where they do not suffice."""
    from email.utils import parseaddr  # noqa: PLC0415

    from broadsheet.deliver.mail import MailServer, Security  # noqa: PLC0415

    for name, example in (
        ("smtp_host", "smtp.example.org"),
        ("mail_from", "Broadsheet <paper@example.org>"),
        ("base_url", "https://papers.example.org"),
    ):
        if not getattr(settings, name):
            raise InputError(f"setting {name!r} is empty; mail needs it, such as {example!r}")
    sender = parseaddr(settings.mail_bounces or settings.mail_from)[1]
    if "@" not in sender:
        raise InputError(
            f"setting 'mail_from' is {settings.mail_from!r}; expected an address such as 'paper@example.org'"
        )
    security = Security(settings.smtp_security)
    ports = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port or ports[security],
        security=security,
        user=settings.smtp_user,
        password=settings.smtp_password,
        sender=sender,
    )


def write_digests(editor: Editor, *, stopped: Callable[[], bool] = lambda: False) -> Written:
    """Write the digests that are due into the outbox."""
    from broadsheet.pipeline.digests import write_due  # noqa: PLC0415

    return write_due(editor, now=_now, stopped=stopped)


def send_letters(archive: Archive, *, stopped: Callable[[], bool] = lambda: False) -> Handed:
    """Hand the letters of the outbox over to the mail server. Raises SourceError, InputError."""
    from broadsheet.pipeline.digests import send_waiting  # noqa: PLC0415

    settings = archive.settings
    return send_waiting(
        archive.store.post,
        mail_server(settings),
        now=_now,
        stopped=stopped,
        connections=settings.mail_connections,
    )


def keep_posting(archive: Archive, *, stop: threading.Event) -> None:
    """Write and send what is due until ``stop`` is set; for a thread of its own."""
    from broadsheet.pipeline.schedule import repeat  # noqa: PLC0415

    editor = editor_of(archive)

    def work() -> None:
        write_digests(editor, stopped=stop.is_set)
        send_letters(archive, stopped=stop.is_set)

    repeat("the post", work, every=timedelta(seconds=_POST_EVERY), stop=stop)


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


# -- expected interest


def take_votes(archive: Archive, path: Path, *, at: datetime) -> VotesReport:
    """Take in how many votes papers had elsewhere. ``at``: when a list that does not say so was read."""
    from broadsheet.pipeline.votes import take_votes as take  # noqa: PLC0415  keeps start-up short
    from broadsheet.source import votes  # noqa: PLC0415

    return take(votes.read(path, at=at), store=archive.store, now=_now())


def learn_interest(archive: Archive, *, progress: Callable[[str], None]) -> tuple[Interest, Path]:
    """Learn expected interest from the archive's votes and keep it, from now on in place of what was shipped."""
    from broadsheet.pipeline.interest import learn_from  # noqa: PLC0415  keeps start-up short
    from broadsheet.rank.expected_file import to_bytes  # noqa: PLC0415

    model = learn_from(archive.store, today=_now().date(), progress=progress)
    path = _folder(archive.settings) / _INTEREST
    aside = path.with_suffix(".part")
    aside.write_bytes(to_bytes(model))
    aside.replace(path)
    return model, path


def _interest(settings: Settings) -> Interest:
    """The model learnt on this machine; the shipped one where there is none, or none that this version reads."""
    from broadsheet.rank import expected_file  # noqa: PLC0415  keeps start-up short

    path = settings.data / _INTEREST
    try:
        return expected_file.from_bytes(path.read_bytes(), name=str(path))
    except FileNotFoundError:
        return expected_file.shipped()
    except InputError as error:
        _log.warning("%s; the model that came with Broadsheet is used", error)
        return expected_file.shipped()


# -- taking in


def take_in(
    archive: Archive,
    paths: Sequence[Path | str],
    *,
    source: str | None = None,
    rejects: Path | None = None,
    workers: int | None = None,
    progress: Callable[[intake.Progress], None] | None = None,
) -> IntakeReport:
    """Take files in and fold what turns out to be the same work. ``source`` forces how they are read."""
    known = _sources().files
    if source is not None and source not in known:
        raise InputError(f"no file source called {source!r}; known: {', '.join(sorted(known))}")
    _before_folding(archive.store)
    report = intake.take_in(
        paths,
        store=archive.store,
        sources=known if source is None else {source: known[source]},
        derive=derive,
        now=datetime.now(UTC),
        rejects=rejects,
        workers=workers,
        progress=progress,
    )
    fold_new(archive)
    return report


def fold_new(archive: Archive) -> int:
    """Fold near-duplicates among the papers changed since the last time; how many were folded.

    How far it came is saved, so what a killed import or sync left unfolded is folded by the next.
    """
    store = archive.store
    folded, after = 0, int(store.cursor(_FOLDED) or 0)
    until = store.last_seq()
    while after < until and (changes := store.changes(after, limit=BATCH)):
        after = changes[-1].seq
        ids = [change.id for change in changes if not change.gone and change.seq <= until]
        folded += len(fold_duplicates(store, ids, now=datetime.now(UTC)))
        store.set_cursor(Cursor(_FOLDED, str(min(after, until))))
    return folded


def _before_folding(store: Store) -> None:
    """Note where folding begins, before anything comes in: an archive that has no note is as it should be."""
    if store.cursor(_FOLDED) is None:
        store.set_cursor(Cursor(_FOLDED, str(store.last_seq())))


def take_sample(archive: Archive, *, progress: Count | None = None) -> int:
    """Take in the packaged sample edition, once, and index it; how many papers came in."""
    store = archive.store
    taken = 0
    if store.cursor("sample") is None:
        from broadsheet.source.jsonl import JsonLines  # noqa: PLC0415

        file = resources.files("broadsheet") / "data" / "sample.jsonl"
        with resources.as_file(file) as path:
            items = list(JsonLines(sample=True).read(path))
        batch = [(item, derive(item)) for item in items if isinstance(item, Record)]
        done = store.put(batch, now=datetime.now(UTC), cursor=Cursor("sample", "1"))
        taken = done.new
    with suppress(BusyError):  # whoever is writing the index follows the store, and so indexes these
        catch_up(archive, progress=progress)
    return taken


def sync(
    archive: Archive,
    *,
    sets: Sequence[str] = (),
    since: date | None = None,
    ids: Sequence[str] = (),
    progress: Callable[[HarvestReport], None] | None = None,
) -> SyncReport:
    """Catch up with arXiv, or fetch single papers from it, and fold what turns out to be the same work."""
    from broadsheet.ids import PaperId  # noqa: PLC0415
    from broadsheet.pipeline import harvest  # noqa: PLC0415
    from broadsheet.source.arxiv import Arxiv  # noqa: PLC0415

    settings = archive.settings
    _before_folding(archive.store)
    start = since or (_day(settings.arxiv_from) if settings.arxiv_from else None)
    arxiv = Arxiv(
        _folder(settings),
        contact=settings.contact,
        sets=tuple(sets) or settings.arxiv_sets,
        since=start,
        oai_url=settings.arxiv_oai_url,
        feed_url=settings.arxiv_feed_url,
        api_url=settings.arxiv_api_url,
    )
    try:
        if ids:
            items = arxiv.fetch([PaperId.parse(i) for i in ids])
            done = harvest.collect("arxiv", items, store=archive.store, derive=derive, now=_now)
            report = harvest.SyncReport(harvests=(done,))
        else:
            report = harvest.sync(
                arxiv.harvests, arxiv.feeds, store=archive.store, derive=derive, now=_now, progress=progress
            )
    finally:
        arxiv.close()
    fold_new(archive)
    return report


def harvest_host(
    archive: Archive, name: str, *, progress: Callable[[HarvestReport], None] | None = None
) -> HarvestReport:
    """Catch up with a host plug-in by name."""
    from broadsheet.pipeline import harvest  # noqa: PLC0415

    hosts = _sources().hosts
    if name not in hosts:
        raise InputError(f"no host source called {name!r}; known: {', '.join(sorted(hosts))}")
    _before_folding(archive.store)
    report = harvest.harvest(hosts[name], store=archive.store, derive=derive, now=_now, progress=progress)
    fold_new(archive)
    return report


def read_records(path: Path) -> list[Record]:
    """What a file of any kind we can read holds, without taking it in; lines that are no records are left out."""
    from broadsheet.source.registry import recognise  # noqa: PLC0415  loads every plug-in

    _, source = recognise(path, _sources().files)
    return [item for item in source.read(path) if isinstance(item, Record)]


def describe_sources() -> list[dict[str, Any]]:
    """Every source found, for people: name, kind, where it comes from; and what is wrong with broken ones."""
    found = _sources()
    known = [
        {"name": name, "kind": kind, "from": type(source).__module__}
        for kind, group in (("file", found.files), ("host", found.hosts))
        for name, source in sorted(group.items())
    ]
    return known + [{"name": "?", "kind": "broken", "from": problem} for problem in found.problems]


# -- keeping safe


def back_up(archive: Archive, file: Path, *, progress: Count | None = None) -> Backup:
    """Everything in the database in one file, taken while it is in use. Raises InputError."""
    return archive.store.back_up(file, now=_now(), progress=progress)


def verify_backup(file: Path, *, progress: Count | None = None) -> Backup:
    """Read a backup to its end. Raises InputError where it is not whole."""
    from broadsheet.store import backup  # noqa: PLC0415

    return backup.verify(file, progress=progress)


def restore(settings: Settings, file: Path, *, progress: Count | None = None) -> Backup:
    """Make the database that the settings name from a backup; the index is made anew afterwards. Raises InputError."""
    if settings.database.startswith(("postgresql://", "postgres://")):
        from broadsheet.store.postgres import PostgresStore  # noqa: PLC0415  an optional extra

        return PostgresStore.restore(settings.database, file, progress=progress)
    from broadsheet.store.sqlite import SqliteStore  # noqa: PLC0415

    return SqliteStore.restore(_folder(settings) / "broadsheet.db", file, progress=progress)


def look_over(archive: Archive, *, whole: bool = False) -> tuple[Finding, ...]:
    """What is wrong with an archive, and what to do."""
    from broadsheet.pipeline import checkup  # noqa: PLC0415

    settings, store = archive.settings, archive.store
    patient = checkup.Patient(
        data=settings.data,
        store=store,
        index=archive.index,
        encoders=[archive.fast] if archive.better is None else [archive.fast, archive.better],
        team=is_team(settings),
        base_url=settings.base_url,
        mail=bool(settings.smtp_host),
        registration=settings.registration,
        sources=any(store.cursor(f"arxiv:{name}") for name in settings.arxiv_sets or ("all",)),
    )
    return checkup.look_over(patient, now=_now(), whole=whole)


# -- following


def catch_up(
    archive: Archive, *, rebuild: bool = False, better: bool = False, progress: Count | None = None
) -> None:
    """Bring the index up to the store, then return. Raises BusyError while another process does so."""
    if rebuild:
        archive.index.delete()
    reindex.follow(
        archive.store,
        archive.index,
        fast=archive.fast,
        better=archive.better if better else None,
        progress=(lambda p: progress(p.done, p.total)) if progress else None,
        once=True,
    )


def build_in_bulk(
    archive: Archive,
    *,
    ray: str,
    workers: int | None = None,
    with_sentences: bool = True,
    progress: Count | None = None,
) -> None:
    """Bring the index up to the store, the encoding done by a Ray cluster; see ``pipeline.bulk``."""
    from broadsheet.pipeline import bulk  # noqa: PLC0415

    try:
        from broadsheet.pipeline.cluster import RayPool  # noqa: PLC0415  an optional extra
    except ImportError as error:
        raise InputError("bulk work needs the extra: pip install 'broadsheet[ray]'") from error
    with RayPool(ray, load=partial(_encoders, archive.settings.encoder), workers=workers) as pool:
        bulk.build(
            archive.store,
            archive.index,
            encoders=bulk.Encoders(archive.fast, archive.better),
            pool=pool,
            with_sentences=with_sentences,
            progress=(lambda p: progress(p.done, p.total)) if progress else None,
        )


def _encoders(better: str) -> bulk.Encoders:
    """The encoders of the setting, for a process of their own."""
    from broadsheet.pipeline import bulk  # noqa: PLC0415

    return bulk.Encoders(StaticEncoder(), _better(better))


def follow(archive: Archive, *, stop: threading.Event) -> None:
    """Follow the store until ``stop`` is set, making better vectors meanwhile; for a thread of its own.

    A failure is logged and tried again: readers are served from the last generation until then.
    """
    while not stop.is_set():
        try:
            reindex.follow(
                archive.store, archive.index, fast=archive.fast, better=archive.better, stop=stop, once=False
            )
        except Exception:  # noqa: BLE001  a job loop: whatever failed is recorded, and tried again
            _log.exception("the index could not follow the store; trying again in %s s", _RETRY)
            stop.wait(_RETRY)


# -- measuring


class Search(StrEnum):
    """Our own searches, for measuring one beside the other."""

    WORDS = "words"  # BM25 alone
    VECTORS = "vectors"  # MiniLM's alone
    FAST = "fast"  # words and the static encoder's, which serves at once
    BOTH = "both"  # words and MiniLM's, sentences' left out: while those are still being made
    WHOLE = "whole"  # and sentences': the default once everything is made


@contextmanager
def collection_search(
    collection: Collection, kind: Search, *, cache: Path | None = None, progress: Count | None = None
) -> Iterator[Searcher]:
    """One of our own searches over a test collection, in an index of its own that goes with the block."""
    with collection_searches(collection, [kind], cache=cache, progress=progress) as searches:
        yield searches[kind]


@contextmanager
def collection_searches(
    collection: Collection,
    kinds: Sequence[Search],
    *,
    index: str = "",
    cache: Path | None = None,
    progress: Count | None = None,
) -> Iterator[Mapping[Search, Searcher]]:
    """Several of our own searches over a test collection, in one index that goes with the block.

    ``index`` is as in the settings.
    """
    from broadsheet.evaluate import indexed  # noqa: PLC0415

    fast, better = StaticEncoder(), MiniLM()
    with_better = {Search.BOTH, Search.WHOLE}
    encoders: list[Encoder] = [fast] if {Search.FAST, *with_better} & set(kinds) else []
    bulk = MiniLM(threads=2)
    if {Search.VECTORS, *with_better} & set(kinds):
        encoders.append(bulk)
    sentences_of = [bulk] if Search.WHOLE in kinds else []
    with collection_snapshot(
        collection, encoders, sentences_of=sentences_of, index=index, cache=cache, progress=progress
    ) as snapshot:
        today = _now().date()

        def rank(kind: Search, text: str, k: int) -> Sequence[Scored]:
            asked = mend(parse(text, today=today), snapshot)
            if kind is Search.WORDS:
                return snapshot.words(asked.words, k=k)
            if kind is Search.VECTORS:
                return snapshot.vectors(better.encode([text])[0], encoder=better.name, k=k)
            found = ranked(
                snapshot,
                asked,
                fast=fast,
                better=better if kind in with_better else None,
                k=k,
                with_sentences=kind is Search.WHOLE,
            )
            return [Scored(hit.id, hit.score) for hit in found.hits]

        yield {kind: indexed.searcher(collection, partial(rank, kind)) for kind in kinds}


@contextmanager
def collection_snapshot(
    collection: Collection,
    encoders: Sequence[Encoder],
    *,
    sentences_of: Sequence[Encoder] = (),
    index: str = "",
    cache: Path | None = None,
    progress: Count | None = None,
) -> Iterator[Snapshot]:
    """A test collection in an index of its own that goes with the block."""
    from broadsheet.evaluate import indexed  # noqa: PLC0415

    with (
        tempfile.TemporaryDirectory(prefix="broadsheet-") as folder,
        _opened_index(index, Path(folder), encoders) as opened,
    ):
        yield indexed.publish(
            collection,
            opened,
            derive=derive,
            encoders=encoders,
            sentences_of=sentences_of,
            now=_now(),
            cache=cache,
            progress=progress,
        )


def collection_papers(collection: Collection) -> tuple[Paper, ...]:
    """A test collection's documents as its snapshot has them, in their order."""
    from broadsheet.evaluate import indexed  # noqa: PLC0415

    return tuple(indexed.papers_of(collection, derive=derive, now=_now()))


@contextmanager
def _opened_index(setting: str, folder: Path, encoders: Sequence[Encoder]) -> Iterator[Index]:
    """The index that the setting ``index`` asks for; what it holds open is closed when the block ends."""
    if not setting:
        yield LocalIndex(folder / "index")
        return
    if setting != "milvus" and not setting.startswith(("http://", "https://")):
        raise InputError(
            f"setting 'index' is {setting!r}; expected a Milvus server's address such as "
            "'http://milvus:19530', 'milvus' for the embedded engine, or nothing for files in the data folder"
        )
    try:
        from broadsheet.index.milvus import MilvusIndex  # noqa: PLC0415  an optional extra
    except ImportError as error:
        raise InputError(
            "setting 'index' asks for Milvus, which needs the extra: pip install 'broadsheet[milvus]'"
        ) from error
    index = MilvusIndex(
        str(folder / "milvus.db") if setting == "milvus" else setting,
        encoders={encoder.name: encoder.dim for encoder in encoders},
        lock=folder / "milvus.lock",
    )
    try:
        yield index
    finally:
        index.close()


def encoder_named(name: str) -> Encoder:
    """``static``, ``minilm`` or any encoder of a hub, for bulk work. Raises InputError."""
    if name == "static":
        return StaticEncoder()
    return MiniLM(threads=2) if name == "minilm" else HubEncoder(name, threads=2)


def _better(name: str) -> Encoder | None:
    if name in {"none", "static"}:
        return None
    return MiniLM() if name == "minilm" else HubEncoder(name)


def _folder(settings: Settings) -> Path:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot use the data folder {settings.data}: {error.strerror}; name another with --data"
        ) from error
    return settings.data


def _sources() -> Sources:
    from broadsheet.source.registry import discover  # noqa: PLC0415  loads every plug-in

    return discover()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"setting 'arxiv_from' is {text!r}; expected YYYY-MM-DD") from error


def _now() -> datetime:
    return datetime.now(UTC)
