"""Read what a reader typed into the search field. Knows no index and no clock; never raises.

    tensor factorisation            words, ranked; more of them and rarer ones count more
    "tensor train"                  these words, next to each other, must occur
    -survey  -"neural network"      must not occur
    author:castro  author:"de castro"   cat:cs.CL  cat:cs,stat.ML   type:survey   has:code
    date:2026  date:2026-03  date:2026-03-01  date:2026-01..2026-03  date:>=2026-02  date:7d
    venue:ICLR  venue:"ICLR 2026"   title:"tensor train"   id:2402.01234
    -cat:cs.CV  -type:survey  -author:castro  -has:code  -date:2025

Fields that stand side by side must all hold; several values of one field (author, cat, type, venue,
id) are alternatives, several dates narrow each other, every word of a title must occur.

    tensor AND graph    tensor OR "low rank"    NOT survey    (cat:cs.LG OR cat:stat.ML) -survey
    tensor AND NOT (graph OR network)           cat:(cs.LG OR stat.ML)

Operators are in capitals. NOT binds tightest and is the same as a minus; AND binds closer than OR;
what stands side by side comes last, so ``neural tensor OR graph`` is ``neural`` and one of the other
two. A word that an operator joins is asked for: it must occur, as its branch of the condition says, in
the title, the abstract, the key phrases or among the authors; it also counts in the ranking, unless
it is negated. Words that no operator joins stay ranked words, in parentheses too; within parentheses
that an operator joins, what stands side by side must all hold: ``NOT (a b)`` keeps what has only one.
Words and vectors obey the same conditions.

A text of more than twenty words without any field was pasted rather than typed: its operators, minus
signs and quotation marks are prose and ask for nothing (a quoted phrase still counts where it occurs),
and marks of citation such as ``[14, 15]`` are passed over.

What only asks for papers ("find papers about") is passed over, see ``rank.asking``.

What looks like a field and is none, a parenthesis without its partner, an operator that joins
nothing: each is searched as words or left out, and a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from broadsheet.errors import InputError
from broadsheet.ids import PaperId
from broadsheet.index.contract import AllOf, AnyOf, Condition, Filter, Holds, Named, Without, Words
from broadsheet.model import PaperType, author_key
from broadsheet.rank import asking, grammar
from broadsheet.rank.dates import days
from broadsheet.rank.grammar import And, Leaf, Not, Or, Row, Tree

# Of a longer query the rest adds time and no sense.
LONGEST: Final = 2000

_PROSE: Final = 20  # words
_FIELD: Final = re.compile(rf"(?<!\w)(?:{'|'.join(grammar.NAMES)}):\S", re.IGNORECASE)
_CITATION: Final = re.compile(r"\[\d+(?:\s*[,;–-]\s*\d+)*\]")
_QUOTED: Final = re.compile(r'"([^"]*)"')
_ASKS: Final = re.compile(r'"|(?<!\S)-\w|(?<!\S)(?:AND|OR|NOT)(?!\S)')

_QUOTES: Final = str.maketrans(dict.fromkeys("“”„«»", '"'))
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
    Words(terms=(), phrases=('tensor train',), excluded=('survey',), scored=(), readings=())
    """
    notes = []
    typed = " ".join(text.split())
    if len(typed) > LONGEST:
        typed = typed[:LONGEST]
        notes.append(f"The query is long; only its first {LONGEST} characters were searched.")
    typed = typed.translate(_QUOTES)
    if typed.count('"') % 2:
        place = typed.rindex('"')
        typed = f"{typed[:place]} {typed[place + 1 :]}"
        notes.append("A quotation mark without its partner was left out.")
    typed = asking.opened(typed)
    if len(typed.split()) > _PROSE and not _FIELD.search(typed):
        return _prose(text, typed, notes)
    parsed = grammar.read(typed)
    reading = _Reading(today)
    reading.take(parsed.row)
    reading.terms += parsed.stray
    reading.free += parsed.stray
    return ParsedQuery(
        text=text,
        words=Words(
            tuple(reading.terms),
            tuple(reading.phrases),
            tuple(reading.excluded),
            tuple(dict.fromkeys(reading.scored)),
        ),
        filter=reading.asked.filter(),
        free_text=" ".join(reading.free),
        notes=tuple(dict.fromkeys((*notes, *parsed.notes, *reading.notes))),
    )


def _prose(text: str, typed: str, notes: Sequence[str]) -> ParsedQuery:
    """A pasted text, searched as it stands."""
    said = " ".join(_CITATION.sub(" ", typed).split()) or typed
    phrases = dict.fromkeys(
        phrase for found in _QUOTED.findall(said) if len((phrase := found.strip()).split()) > 1
    )
    plain = said.replace('"', " ")
    asks = "In a text this long, quotation marks, minus signs and operators ask for nothing; name a field to use them."
    return ParsedQuery(
        text=text,
        words=Words(tuple(plain.split()), scored=tuple(phrases)),
        free_text=" ".join(plain.split()),
        notes=(*notes, *([asks] if _ASKS.search(said) else [])),
    )


class _Reading:
    """What has been read so far."""

    def __init__(self, today: date) -> None:
        self._today = today
        self.terms: list[str] = []
        self.phrases: list[str] = []
        self.excluded: list[str] = []
        self.scored: list[str] = []
        self.free: list[str] = []
        self.notes: list[str] = []
        self.asked = _Asked()

    def take(self, row: Row) -> None:
        """Read what stands side by side outside of every operator."""
        for part in row.parts:
            match part:
                case Row():
                    self.take(part)
                case Leaf() if (known := self._field(part)) is not None:
                    self.asked.add(part.field, self._counted(known))
                case Leaf(kind="phrase"):
                    self.phrases.append(part.text)
                    self.free.append(part.text)
                case Leaf():
                    self.terms += part.typed.split()
                    self.free.append(part.typed)
                case Not(part=Leaf(kind="phrase" | "word") as leaf):
                    self.excluded.append(leaf.text)
                case _:
                    self.asked.add("", self._condition(part))

    def _condition(self, tree: Tree, *, negated: bool = False) -> Condition:
        match tree:
            case Leaf():
                known = self._field(tree)
                words = tree.text if tree.kind == "phrase" else tree.typed
                return self._counted(Holds(words) if known is None else known, negated=negated)
            case Not():
                return Without(self._condition(tree.part, negated=not negated))
            case Or():
                return AnyOf(tuple(self._condition(part, negated=negated) for part in tree.parts))
            case And():
                return AllOf(tuple(self._condition(part, negated=negated) for part in tree.parts))
        asked = _Asked()
        for part in tree.parts:
            name = part.field if isinstance(part, Leaf) else ""
            asked.add(name, self._condition(part, negated=negated))
        return asked.filter()

    def _counted(self, condition: Condition, *, negated: bool = False) -> Condition:
        """The same; its words count in the ranking, where they are words of the text."""
        if isinstance(condition, Holds) and condition.place != "venue" and not negated:
            self.scored.append(condition.words)
            self.free.append(condition.words)
        return condition

    def _field(self, leaf: Leaf) -> Condition | None:
        """What a field asks for; None where it is no field, or is none after all, of which a note is made."""
        if leaf.kind != "field":
            return None
        try:
            return _meaning(leaf.field, leaf.text, today=self._today)
        except InputError as error:
            self.notes.append(f"{error}; searched as words.")
            return None


class _Asked:
    """Conditions that stand side by side."""

    def __init__(self) -> None:
        self._fields = Filter()
        self._alternatives: dict[str, list[Condition]] = {}
        self._others: list[Condition] = []

    def add(self, name: str, condition: Condition) -> None:
        """Add what was read of a field, or of anything else."""
        if isinstance(condition, Filter) and name in ("author", "cat", "date", "has", "type"):
            self._fields = _both(self._fields, condition)
        elif isinstance(condition, Named) or (isinstance(condition, Holds) and condition.place == "venue"):
            self._alternatives.setdefault(name, []).append(condition)
        else:
            self._others.append(condition)

    def filter(self) -> Filter:
        """All of them as one filter."""
        parts = list(self._parts())
        if len(parts) < 2:
            return replace(self._fields, where=parts[0] if parts else None)
        return replace(self._fields, where=AllOf(tuple(parts)))

    def _parts(self) -> Iterator[Condition]:
        for found in self._alternatives.values():
            yield found[0] if len(found) == 1 else AnyOf(tuple(found))
        yield from self._others


def _both(one: Filter, other: Filter) -> Filter:
    """Two fields side by side: values add up, days narrow each other."""
    return Filter(
        categories=one.categories + other.categories,
        authors=one.authors + other.authors,
        types=one.types + other.types,
        since=max((day for day in (one.since, other.since) if day), default=None),
        until=min((day for day in (one.until, other.until) if day), default=None),
        has_code=one.has_code or other.has_code,
    )


def _meaning(name: str, value: str, *, today: date) -> Condition:
    """What a field's value asks for. Raises InputError with what is wrong with it."""
    if not any(c.isalnum() for c in value):
        raise InputError(f"“{name}:” has no value")
    match name:
        case "author":
            last, comma, first = value.partition(",")
            return Filter(authors=(author_key(f"{first} {last}" if comma else value),))
        case "cat":
            return Filter(categories=tuple(c.strip() for c in value.split(",") if c.strip()))
        case "type":
            if (kind := _TYPES.get(value.lower())) is None:
                raise InputError(
                    f"“{value}” is not a type (there are {', '.join(t.value for t in PaperType)})"
                )
            return Filter(types=(kind,))
        case "has":
            if value.lower() != "code":
                raise InputError(f"“has:{value}” is not known (there is has:code)")
            return Filter(has_code=True)
        case "id":
            try:
                return Named(str(PaperId.parse(value)))
            except InputError as error:
                raise InputError(f"“{value}” is not a paper's id (such as 2402.01234, or a DOI)") from error
        case "date":
            if (span := days(value, today=today)) is None:
                raise InputError(
                    f"“{value}” is not a date (such as 2026, 2026-03, 2026-03-01, 2026-01..2026-03, >=2026, 7d)"
                )
            return Filter(since=span[0], until=span[1])
    return Holds(value, "title" if name == "title" else "venue")
