"""Read BibTeX: hand-written files and the exports of Zotero, Better BibTeX, JabRef and Mendeley.

TeX in titles and abstracts stays as it is but for the braces that keep capitals; names become
Unicode. Knows no database.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bibtexparser.entrypoint import parse_string
from bibtexparser.exceptions import BlockAbortedException, ParserStateException
from bibtexparser.middlewares.enclosing import RemoveEnclosingMiddleware
from bibtexparser.model import (
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ExplicitComment,
    Field,
    ParsingFailedBlock,
)

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId
from broadsheet.model import Record
from broadsheet.source import dates, identity
from broadsheet.source.citation import comment_of, compose
from broadsheet.source.contract import Item
from broadsheet.source.files import read_text, suffix
from broadsheet.source.people import authors, split_and, unicode_of

_ENTRY = re.compile(rb"^\s*@[A-Za-z]+\s*[{(]", re.MULTILINE)
_GROUP = re.compile(r"(\d+)\s+\w*Group:\s*((?:[^;\\]|\\.)*);", re.DOTALL)
_COMMAND = re.compile(r"\\(?:[^A-Za-z]|[A-Za-z]+\s*)$")
_PIECE = re.compile(r"\{[^{}]*\}|\"[^\"]*\"|[^\s#{}\"]+")
_WITHOUT_TITLE = frozenset({"xdata", "set", "control"})

# A file's own mistakes are reported record by record; the parser's log would repeat them.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Bibtex:
    """BibTeX and BibLaTeX files; JabRef's and Better BibTeX's groups become collections."""

    name: str = "bibtex"

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the file is called ``.bib`` or begins with an entry."""
        return suffix(path) in {".bib", ".bibtex"} or (
            not head.lstrip().startswith((b"{", b"[", b"<")) and _ENTRY.search(head) is not None
        )

    def read(self, path: Path) -> Iterator[Item]:
        """The entries in order; a RecordError for each that is broken or names no title."""
        yield from parse(read_text(path), name=path.name, source=self.name)


def parse(text: str, *, name: str, source: str = "bibtex") -> Iterator[Item]:
    """The records of a BibTeX text; ``name`` is its file's, for messages."""
    try:
        library = parse_string(text)
    except (ParserStateException, RecursionError) as error:
        raise InputError(f"{name} cannot be read as BibTeX: {error}") from error
    strings = {s.key.lower(): str(s.value) for s in library.strings}
    groups = _group_paths(block.comment for block in library.blocks if isinstance(block, ExplicitComment))
    for block in library.blocks:
        where = f"{name}:{(block.start_line or 0) + 1}"
        entry = block.ignore_error_block if isinstance(block, _REPEATED) else block
        if isinstance(entry, Entry) and entry is not block:
            # The parser leaves the values of what it takes for a mistake as they stand.
            entry = _ENCLOSING.transform_entry(entry, library)
        if isinstance(entry, Entry):
            fields = {f.key.lower(): _value(f, strings) for f in reversed(entry.fields)}
            try:
                if entry.entry_type.lower() not in _WITHOUT_TITLE:
                    yield _record(fields, groups=groups, source=source)
            except InputError as error:
                yield RecordError(where, f"entry {entry.key!r}: {error}", block.raw)
        elif isinstance(block, ParsingFailedBlock):
            reason = (
                block.error.abort_reason if isinstance(block.error, BlockAbortedException) else block.error
            )
            yield RecordError(where, f"broken entry: {_one_line(str(reason))}", block.raw)


_ENCLOSING = RemoveEnclosingMiddleware()
_REPEATED = (DuplicateBlockKeyBlock, DuplicateFieldKeyBlock)


def _record(fields: Mapping[str, str], *, groups: Mapping[str, str], source: str) -> Record:
    title = without_case_braces(fields.get("title", ""))
    if subtitle := fields.get("subtitle"):
        title = f"{title}: {without_case_braces(subtitle)}"
    return compose(
        source=source,
        title=title,
        people=authors(split_and(fields.get("author") or fields.get("editor") or "")),
        published=_published(fields),
        doi=identity.doi(fields.get("doi")),
        own=identity.own(fields.get("broadsheet-id")),
        names=_names(fields),
        abstract=fields.get("abstract", ""),
        categories=tuple(fields.get("primaryclass", fields.get("eprintclass", "")).split()),
        comment=comment_of(unicode_of(fields.get("note", "")) or unicode_of(fields.get("comment", ""))),
        venue=_venue(fields),
        licence=fields.get("copyright") or fields.get("rights") or None,
        urls=[fields.get("url", "")],
        tags=_list(fields.get("keywords", "") or fields.get("mendeley-tags", "")),
        collections=tuple(
            groups.get(g, g) for g in _list(fields.get("groups", "") or fields.get("mendeley-groups", ""))
        ),
    )


def without_case_braces(text: str) -> str:
    r"""A BibTeX text without the braces that keep capitals; TeX's own braces stay.

    >>> print(without_case_braces(r"{GPT-4} on {$\{0, 1\}^{n}$} by {\'E}variste and \emph{co}"))
    GPT-4 on $\{0, 1\}^{n}$ by {\'E}variste and \emph{co}
    """
    kept: list[str] = []
    open_braces: list[bool] = []  # whether each open brace was kept
    in_math = False
    place = 0
    while place < len(text):
        char = text[place]
        if char == "\\":
            kept.append(text[place : place + 2])
            place += 2
            continue
        if char == "$":
            in_math = not in_math
        if char == "{":
            keep = in_math or _is_argument("".join(kept[-40:])) or text[place + 1 : place + 2] == "\\"
            open_braces.append(keep)
            if keep:
                kept.append(char)
        elif char == "}":
            if open_braces.pop() if open_braces else False:
                kept.append(char)
        else:
            kept.append(char)
        place += 1
    return " ".join("".join(kept).split())


def _is_argument(before: str) -> bool:
    """Whether a brace after this text opens a command's argument."""
    return before.endswith(("}", "_", "^")) or _COMMAND.search(before) is not None


def _names(fields: Mapping[str, str]) -> list[PaperId | None]:
    """What an entry names itself by, surest first."""
    prefix = (fields.get("archiveprefix") or fields.get("eprinttype") or "").lower()
    return [
        identity.arxiv_id(fields.get("eprint"), bare=prefix in {"", "arxiv"}),
        identity.doi(fields.get("doi")),
        identity.arxiv_id(fields.get("url")),
        *(identity.arxiv_id(fields.get(k)) for k in ("number", "note", "journal", "journaltitle", "volume")),
        identity.doi(fields.get("url")) if "doi.org/" in fields.get("url", "") else None,
    ]


def _published(fields: Mapping[str, str]) -> datetime | None:
    if at := dates.moment(fields.get("date", "")):
        return at
    year = fields.get("year", "")
    month = dates.month_number(fields.get("month", ""))
    return dates.moment(f"{year}-{month:02}" if month and year.isdecimal() else year)


def _venue(fields: Mapping[str, str]) -> str:
    keys = ("journal", "journaltitle", "booktitle", "howpublished", "school", "institution", "publisher")
    return next((unicode_of(v) for k in keys if (v := fields.get(k, "")) and "\\url" not in v), "")


def _list(text: str) -> tuple[str, ...]:
    """Keywords and groups, parted by semicolons or else commas."""
    parts = text.split(";") if ";" in text else text.split(",")
    return tuple(dict.fromkeys(p for part in parts if (p := unicode_of(part))))


def _group_paths(comments: Iterator[str]) -> dict[str, str]:
    r"""Group name → ``parent/child`` from JabRef's group tree, which Better BibTeX writes too.

    Lines read ``2 StaticGroup:Name\;0\;…;``, the number being the depth; ``0`` is the root.
    """
    paths: dict[str, str] = {}
    for comment in comments:
        kind, _, tree = comment.partition(":")
        if kind.strip() not in {"jabref-meta", "jabref-entrytype"} or "Group" not in tree:
            continue
        above: list[str] = []
        for depth, body in _GROUP.findall(tree.replace("\n", "")):
            level = min(int(depth[:4]), len(above) + 1)
            if level == 0:
                continue
            name = re.split(r"\\;|;", body)[0].replace("\\:", ":").strip()
            above = [*above[: level - 1], name]
            paths.setdefault(name, "/".join(above))
    return paths


def _value(field: Field, strings: Mapping[str, str]) -> str:
    """A field's text; names of strings and what ``#`` joins (``jmlr # " Research"``) are resolved here.

    The parser leaves the latter, and in a repeated entry the former.
    """
    value = str(field.value).strip()
    if field.enclosing != "no-enclosing":
        return value
    if "#" not in value:
        return strings.get(value.lower(), value)
    pieces = _PIECE.findall(value)
    return "".join(p[1:-1] if p[0] in '{"' else strings.get(p.lower(), p) for p in pieces).strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
