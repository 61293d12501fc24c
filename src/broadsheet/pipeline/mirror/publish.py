"""Write the editions as plain files, only what changed, each whole or not at all. Knows the library and its pages.

What a page links to is written before it, so a reader who follows a link meanwhile finds its end. What
was written for each day is noted in the folder; whatever ends the work, the next run goes on from there.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
from starlette.applications import Starlette

from broadsheet import __version__
from broadsheet.errors import InputError, SearchError
from broadsheet.ids import PaperId
from broadsheet.index.lock import Lock
from broadsheet.index.stopwords import STOP_WORDS
from broadsheet.library import Edition, Library
from broadsheet.pipeline.mirror import plain, words
from broadsheet.pipeline.mirror.addresses import SEARCH, file_of
from broadsheet.serve import editions
from broadsheet.serve.press import STATIC, asset_mark
from broadsheet.serve.view import paper_url

NOTES: Final = ".published.json"
_LOCK: Final = ".lock"
# Changes whenever files would be written otherwise.
_MAKE: Final = 1
_ENDINGS: Final = (".bib", ".ris", ".json")

Progress = Callable[[int, int], None]  # told (days done, all)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a run did to a folder."""

    days: int  # editions that are there now
    changed: int  # of those, made anew in this run
    written: int  # files
    removed: int


def publish(
    library: Library,
    app: Starlette,
    folder: Path,
    *,
    address: str,
    last: int | None = None,
    searched: int = 30,
    everything: bool = False,
    progress: Progress | None = None,
) -> Published:
    """Bring a folder up to the library: pages, feeds, JSON, and a search of the last ``searched`` editions.

    ``app`` shows the library as ``plain.SITE``; ``address`` is where the folder will be read, which feeds
    must name. ``last`` is how many editions there shall be, None for all. ``everything`` writes also
    what did not change. Raises InputError for a folder with other things in it, BusyError where another
    process writes there.
    """
    if not address.startswith(("http://", "https://")):
        raise InputError(
            f"the public address is {address!r}; expected one such as 'https://example.org/paper', "
            "which feeds must name: give --base-url or the setting base_url"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known = {path.name for path in folder.iterdir()} - {_LOCK}
        if known and NOTES not in known:
            raise InputError(f"{folder} holds other things than a mirror; name a folder of its own")
        lock = Lock(folder / _LOCK, purpose="writing this mirror")
    except OSError as error:
        raise InputError(f"cannot write to {folder}: {error.strerror}") from error
    try:
        run = _Run(library, app, folder, address=address.rstrip("/"), everything=everything)
        return _completed(run.bring_up(last=last, searched=searched, progress=progress or _silent))
    finally:
        lock.release()


class _Run:
    """One run over a folder."""

    def __init__(
        self, library: Library, app: Starlette, folder: Path, *, address: str, everything: bool
    ) -> None:
        self._library = library
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=plain.SITE)
        self._folder = folder
        self._address = address
        self._mark = f"{_MAKE} {__version__} {asset_mark()} {address}"
        notes = _read_notes(folder)
        # Of each day, the states of papers and edition that its files were made from.
        self._days: dict[str, list[str]] = {} if everything else notes["days"]
        self._made: str = notes["made"]
        self._former: frozenset[str] = frozenset(notes["files"])
        self._files: frozenset[str] = frozenset()
        self._written = 0

    async def bring_up(self, *, last: int | None, searched: int, progress: Progress) -> Published:
        async with self._client:
            days = [count.day for count in self._library.days()][-last if last else None :]
            shown = {day: self._library.edition(day) for day in days}
            periods = list(dict.fromkeys(_periods(days)))
            addresses = [*_FRAME, *periods, *(each for edition in shown.values() for each in _all(edition))]
            static = {f"static/{path.name}": path for path in sorted(STATIC.iterdir())}
            self._files = frozenset([*static, *(file for each in addresses if (file := file_of(each)))])
            self._note(self._files | self._former)
            for file, source in static.items():
                self._write(file, source.read_bytes())
            changed = 0
            for done, edition in enumerate(shown.values(), start=1):
                changed += await self._bring_up_day(edition)
                progress(done, len(shown))
            made, found = self._write_search(list(shown.values())[-searched:] if searched else [])
            for path in (
                *periods,
                "/archive",
                "/about",
                "/feeds/edition.atom?all=1",
                "/feeds/edition.json?all=1",
            ):
                await self._put(path)
            about = (
                "Searches the editions here by words, in your browser." if found else "Nothing to search yet."
            )
            frame = await self._get("/search")
            self._write(SEARCH, plain.search_page(frame, about=about, files=self._files).encode())
            await self._put("/")
            # A reader may be in the midst of a search of the former index: it stays until the next run.
            kept = {file for file in self._former if file.startswith(f"search/{self._made}/")}
            self._days = {
                day: states for day, states in self._days.items() if date.fromisoformat(day) in shown
            }
            self._made = made
            here = self._files | found | kept
            removed = self._remove(self._former - here)
            self._note(here)
        return Published(days=len(shown), changed=changed, written=self._written, removed=removed)

    async def _bring_up_day(self, edition: Edition) -> bool:
        """Write what changed of a day; whether anything had."""
        papers = self._library.papers(dict.fromkeys(_ids(edition)))
        states = sorted((str(id), paper.seq) for id, paper in papers.items())
        now = [self._named("papers", states), self._named(edition, states)]
        noted = self._days.get(str(edition.day), ["", ""])
        if noted == now:
            return False
        if noted[0] != now[0]:
            for id in papers:
                for ending in (*_ENDINGS, ""):
                    await self._put(paper_url(id) + ending)
        for path in _pages(edition):
            await self._put(path)
        self._days[str(edition.day)] = now
        self._note(self._files | self._former)
        return True

    def _write_search(self, shown: Sequence[Edition]) -> tuple[str, frozenset[str]]:
        """Write an index of the words of some editions; its name and its files."""
        listed: dict[PaperId, words.Listed] = {}
        for edition in reversed(shown):
            for id, paper in self._library.papers(dict.fromkeys(_ids(edition))).items():
                if paper.id not in listed and (file := file_of(paper_url(id))):
                    listed[paper.id] = words.Listed(paper, file, str(edition.day))
        if not listed:
            return "", frozenset()
        files = words.files(list(listed.values()))
        made = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:12]
        for name, text in files.items():
            self._write(f"search/{made}/{name}", text.encode())
        index = {
            "made": made,
            "papers": len(listed),
            "chunk": words.CHUNK,
            "words": sorted(Path(name).stem for name in files if name.startswith("words/")),
            "since": str(shown[0].day),
            "until": str(shown[-1].day),
            "stop": sorted(STOP_WORDS),
        }
        self._write("search/index.json", json.dumps(index).encode())
        return made, frozenset(["search/index.json", *(f"search/{made}/{name}" for name in files)])

    async def _put(self, path: str) -> None:
        """Write what the application answers at an address."""
        file = file_of(path)
        if file is None:
            raise SearchError(f"a mirror has no file for {path}")  # a page was added, and not thought of here
        text = await self._get(path)
        if file.endswith(".html"):
            text = plain.page(text, address=path, file=file, files=self._files)
        if file.endswith(".html") or file.startswith(("feeds/", "edition/")):
            text = plain.public(text, address=self._address)  # in previews of links, too
        self._write(file, text.encode())

    async def _get(self, path: str) -> str:
        answer = await self._client.get(path)
        if answer.status_code != 200:
            raise SearchError(f"cannot publish {path}: it answers with status {answer.status_code}")
        return answer.text

    def _write(self, file: str, content: bytes) -> None:
        """Write a file where it is not there with this content; whoever reads it sees one or the other."""
        path = self._folder / file
        try:
            if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(f".{hashlib.sha256(path.name.encode()).hexdigest()[:16]}.part")
            aside.write_bytes(content)
            aside.replace(path)
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror}") from error
        self._written += 1

    def _note(self, files: Collection[str]) -> None:
        notes = {"make": _MAKE, "made": self._made, "days": self._days, "files": sorted(files)}
        path = self._folder / NOTES
        aside = path.with_name(f"{NOTES}.part")
        aside.write_text(json.dumps(notes))
        aside.replace(path)

    def _remove(self, files: Iterable[str]) -> int:
        """Remove what former runs wrote and is no longer; how many files."""
        removed = 0
        for file in sorted(files):
            path = self._folder / file
            if path.is_file():
                path.unlink()
                removed += 1
            while (path := path.parent) != self._folder and path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        return removed

    def _named(self, *what: Any) -> str:
        return hashlib.sha256(repr((self._mark, what)).encode()).hexdigest()[:24]


# Pages that every mirror has.
_FRAME: Final = ("/", "/archive", "/about", "/search", "/feeds/edition.atom", "/feeds/edition.json")


def _pages(edition: Edition) -> Iterator[str]:
    """The addresses of an edition, its front page last."""
    for key, count in editions.section_sizes(edition).items():
        for number in range(1, -(-count // editions.SECTION_PAGE) + 1):
            yield f"/edition/{edition.day}/{quote(key)}" + (f"?page={number}" if number > 1 else "")
    yield f"/edition/{edition.day}.atom?all=1"
    yield f"/edition/{edition.day}.json?all=1"
    yield f"/edition/{edition.day}"


def _all(edition: Edition) -> Iterator[str]:
    """The addresses of an edition and of its papers."""
    yield from _pages(edition)
    for id in dict.fromkeys(_ids(edition)):
        yield from (paper_url(id) + ending for ending in (*_ENDINGS, ""))


def _ids(edition: Edition) -> Iterator[PaperId]:
    entries = (*edition.leads, *(e for s in edition.sections for e in s.entries))
    yield from (entry.id for entry in (*entries, *edition.crossed, *edition.revised))


def _periods(days: Iterable[date]) -> Iterator[str]:
    """The addresses of the weeks and months of some days."""
    for day in days:
        year, week, _ = day.isocalendar()
        yield f"/archive/{year}-W{week:02}"
        yield f"/archive/{day:%Y-%m}"


def _completed(work: Coroutine[Any, Any, Published]) -> Published:
    """What the work comes to; also where the caller's thread has a loop of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as another:
        return another.submit(asyncio.run, work).result()


def _read_notes(folder: Path) -> Mapping[str, Any]:
    nothing: dict[str, Any] = {"made": "", "days": {}, "files": []}
    try:
        notes = json.loads((folder / NOTES).read_text())
    except FileNotFoundError:
        return nothing
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot read {folder / NOTES}: {error}; delete the folder, and publish anew"
        ) from error
    found: dict[str, Any] = notes
    return found


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""
