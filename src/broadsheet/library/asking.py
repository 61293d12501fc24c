"""The search form: what a reader asks, as text; saved searches are kept as its query string. Knows no page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlencode

from broadsheet.errors import InputError
from broadsheet.index.contract import Filter
from broadsheet.model import PaperType

LONGEST_QUERY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchForm:
    """What a reader filled in, as text, to be shown again."""

    q: str = ""
    cat: str = ""
    type: str = ""
    since: str = ""
    until: str = ""
    code: str = ""

    @staticmethod
    def of(values: Mapping[str, str]) -> SearchForm:
        """The form of a query string's values. Raises InputError for a query nobody can mean."""
        form = SearchForm(**{name: values.get(name, "").strip() for name in SearchForm.__slots__})
        if len(form.q) > LONGEST_QUERY:
            raise InputError(f"the search has {len(form.q):,} letters; at most {LONGEST_QUERY:,} are read")
        return form

    @staticmethod
    def parse(query_string: str) -> SearchForm:
        """The form of a query string, such as a saved search has. Raises InputError."""
        return SearchForm.of(dict(parse_qsl(query_string)))

    @property
    def asked(self) -> bool:
        """Whether anything was filled in."""
        return self != SearchForm()

    def filter(self) -> Filter:
        """The form's fields as a filter. Raises InputError."""
        return Filter(
            categories=tuple(self.cat.replace(",", " ").split()),
            types=(_type(self.type),) if self.type else (),
            since=day(self.since) if self.since else None,
            until=day(self.until) if self.until else None,
            has_code=True if self.code else None,
        )

    def query_string(self, **more: object) -> str:
        """The form as a query string, empty fields left out."""
        values = {name: getattr(self, name) for name in self.__slots__} | more
        return urlencode({name: value for name, value in values.items() if value})

    def words(self) -> str:
        """The form in a few words, to call it by."""
        spans = (self.since and f"since {self.since}", self.until and f"until {self.until}")
        parts = (self.q, self.cat, self.type, *spans, self.code and "with code")
        return ", ".join(part for part in parts if part)


def day(text: str) -> date:
    """A day of an address. Raises InputError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"not a day: {text!r}; expected year-month-day, such as 2026-03-20") from error


def _type(text: str) -> PaperType:
    try:
        return PaperType(text)
    except ValueError as error:
        kinds = ", ".join(kind.value for kind in PaperType)
        raise InputError(f"not a type of paper: {text!r}; expected one of: {kinds}") from error
