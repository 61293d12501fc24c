"""Read what a reader typed into the search field. Knows no index and no clock; never raises.

    tensor factorisation            words, ranked; more of them and rarer ones count more
    "tensor train"                  these words, next to each other, must occur
    -survey  -"neural network"      must not occur
    author:castro  author:"de castro"   cat:cs.CL  cat:cs,stat.ML   type:survey   has:code
    date:2026  date:2026-03  date:2026-03-01  date:2026-01..2026-03  date:>=2026-02  date:7d
    -cat:cs.CV  -type:survey  -author:castro  -has:code

What looks like a field and is none is searched as words, and a note says so.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from broadsheet.index.contract import Filter, Words
from broadsheet.model import PaperType, author_key

# Of a longer query the rest adds time and no sense.
LONGEST: Final = 1000

FIELDS: Final = ("author", "cat", "date", "has", "type")

# Other names that people and other search engines have for the fields.
_SYNONYMS: Final = {"category": "cat", "categories": "cat", "authors": "author", "au": "author"}

_PIECE: Final = re.compile(
    r"""(?P<minus>-)?
        (?:(?P<field>[A-Za-z]+):)?
        (?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))""",
    re.VERBOSE,
)
_QUOTES: Final = str.maketrans(dict.fromkeys("“”„«»", '"'))
_DAY: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_AGO: Final = re.compile(r"(\d{1,4})([dwmy])")
_DAYS_IN: Final = {"d": 1, "w": 7, "m": 30, "y": 365}
_TYPES: Final = {t.value: t for t in PaperType} | {t.value.split()[0]: t for t in PaperType}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedQuery:
    """A query understood: for the words, for the filter, and (``free_text``) for the encoder."""

    text: str
    words: Words = field(default_factory=Words)
    filter: Filter = field(default_factory=Filter)
    free_text: str = ""
    notes: tuple[str, ...] = ()


def parse(text: str, *, today: date) -> ParsedQuery:
    """What a reader's query asks for; ``today`` is what ``date:7d`` counts back from.

    >>> parse('"tensor train" -survey cat:cs.LG', today=date(2026, 3, 31)).words
    Words(terms=(), phrases=('tensor train',), excluded=('survey',))
    """
    reading = _Reading(today)
    typed = " ".join(text.split())
    if len(typed) > LONGEST:
        typed = typed[:LONGEST]
        reading.notes.append(f"The query is long; only its first {LONGEST} characters were searched.")
    typed = typed.translate(_QUOTES)
    if typed.count('"') % 2:
        place = typed.rindex('"')
        typed = f"{typed[:place]} {typed[place + 1 :]}"
        reading.notes.append("A quotation mark without its partner was left out.")
    place = 0
    while place < len(typed):
        piece = _PIECE.match(typed, place)
        if piece is None:  # a space
            place += 1
            continue
        reading.take(piece)
        place = piece.end()
    return ParsedQuery(
        text=text,
        words=Words(tuple(reading.terms), tuple(reading.phrases), tuple(reading.excluded)),
        filter=reading.filter(),
        free_text=" ".join(reading.free),
        notes=tuple(dict.fromkeys(reading.notes)),
    )


class _Reading:
    """What has been read so far."""

    def __init__(self, today: date) -> None:
        self._today = today
        self.terms: list[str] = []
        self.phrases: list[str] = []
        self.excluded: list[str] = []
        self.free: list[str] = []
        self.notes: list[str] = []
        self._wanted = Filter()
        self._unwanted = Filter()

    def filter(self) -> Filter:
        """The fields, joined."""
        return replace(self._wanted, without=self._unwanted or None)

    def take(self, piece: re.Match[str]) -> None:
        """Read one piece: a field, a phrase or a word."""
        minus, name = bool(piece["minus"]), (piece["field"] or "").lower()
        name = _SYNONYMS.get(name, name)
        value = piece["quoted"] if piece["bare"] is None else piece["bare"]
        if name in FIELDS:
            if (problem := self._take_field(name, value.strip(), minus=minus)) is None:
                return
            self.notes.append(f"{problem}; searched as words.")
        elif name and not value.startswith("//"):
            self.notes.append(
                f"“{piece['field']}:” is not a field (there are {', '.join(f'{f}:' for f in FIELDS)}); "
                "searched as words."
            )
        if name:
            self._take_word(piece.group().removeprefix("-").replace('"', " "), minus=minus)
        elif piece["bare"] is None:
            self._take_phrase(value, minus=minus)
        else:
            self._take_word(value, minus=minus)

    def _take_word(self, word: str, *, minus: bool) -> None:
        if not any(c.isalnum() for c in word):
            if not word.isascii():
                self.notes.append(f"“{word}” has no letter and no digit; it was left out.")
            return
        if minus:
            self.excluded.append(word)
        else:
            self.terms.extend(word.split())
            self.free.append(word)

    def _take_phrase(self, phrase: str, *, minus: bool) -> None:
        if any(c.isalnum() for c in phrase):
            (self.excluded if minus else self.phrases).append(phrase.strip())
            if not minus:
                self.free.append(phrase.strip())

    def _take_field(self, name: str, value: str, *, minus: bool) -> str | None:
        """Read a field; what is wrong with it, or None."""
        if not value:
            return f"“{name}:” has no value"
        held = self._unwanted if minus else self._wanted
        if name == "author":
            changed = replace(held, authors=(*held.authors, author_key(value)))
        elif name == "cat":
            changed = replace(held, categories=(*held.categories, *(c for c in value.split(",") if c)))
        elif name == "type":
            kind = _TYPES.get(value.lower())
            if kind is None:
                return f"“{value}” is not a type (there are {', '.join(t.value for t in PaperType)})"
            changed = replace(held, types=(*held.types, kind))
        elif name == "has":
            if value.lower() != "code":
                return f"“has:{value}” is not known (there is has:code)"
            self._wanted = replace(self._wanted, has_code=not minus)
            return None
        else:
            if minus:
                return "a date cannot be excluded"
            span = days(value, today=self._today)
            if span is None:
                return f"“{value}” is not a date (such as 2026, 2026-03, 2026-03-01, 2026-01..2026-03, >=2026, 7d)"
            since = max((d for d in (held.since, span[0]) if d), default=None)
            until = min((d for d in (held.until, span[1]) if d), default=None)
            changed = replace(held, since=since, until=until)
        if minus:
            self._unwanted = changed
        else:
            self._wanted = changed
        return None


def days(text: str, *, today: date) -> tuple[date | None, date | None] | None:
    """The first and the last day that a date value means, None for an open end; None where it is no date.

    >>> days("2026-02", today=date(2026, 3, 31))
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    """
    text = text.strip().lower()
    if ".." in text:
        start, _, end = text.partition("..")
        first = _span(start, today=today) if start else None
        last = _span(end, today=today) if end else None
        if not (start or end) or (start and first is None) or (end and last is None):
            return None
        return (first[0] if first else None), (last[1] if last else None)
    for sign in (">=", "<=", ">", "<"):
        if text.startswith(sign):
            span = _span(text.removeprefix(sign), today=today)
            return _one_sided(sign, *span) if span else None
    return _span(text, today=today)


def _one_sided(sign: str, first: date, last: date) -> tuple[date | None, date | None] | None:
    try:
        if sign == ">":
            return last + timedelta(days=1), None
        if sign == "<":
            return None, first - timedelta(days=1)
    except OverflowError:  # past the last day of the calendar, or before its first
        return None
    return (first, None) if sign == ">=" else (None, last)


def _span(text: str, *, today: date) -> tuple[date, date] | None:
    """The days of a year, a month, a day, or so many days back."""
    if text == "today":
        return today, today
    if text == "yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    if ago := _AGO.fullmatch(text):
        return _back(today, int(ago[1]) * _DAYS_IN[ago[2]]), today
    if not (match := _DAY.fullmatch(text)):
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if month is None:
        return first, date(first.year, 12, 31)
    if day is None:
        return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return first, first


def _back(today: date, count: int) -> date:
    return date.fromordinal(max(1, today.toordinal() - count))
