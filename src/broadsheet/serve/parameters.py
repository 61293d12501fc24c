"""What a request's address says: days, pages, the search form. Bad values raise InputError."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BeforeValidator

from broadsheet.errors import InputError
from broadsheet.index.contract import Filter
from broadsheet.model import Aspect, PaperType

LAST_PAGE = 500  # nobody reads on; a robot might
LONGEST_QUERY = 1000
ASPECTS = (Aspect.PROBLEM, Aspect.METHOD, Aspect.RESULT)  # those that papers are compared by


def _strict(text: object) -> object:
    if isinstance(text, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError("expected year-month-day, such as 2026-03-17")
    return text


# The form of RFC 3339 alone: what Python and pydantic take besides is no day to other programs.
StrictDay = Annotated[date, BeforeValidator(_strict)]


def day(text: str) -> date:
    """A day of an address. Raises InputError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"not a day: {text!r}; expected year-month-day, such as 2026-03-20") from error


def page(text: str) -> int:
    """A page number from 1; an empty one is the first. Raises InputError."""
    if not text:
        return 1
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LAST_PAGE:
        return int(text)
    raise InputError(f"not a page: {text!r}; expected a number from 1 to {LAST_PAGE}")


def whole(text: str, *, name: str, least: int, most: int, otherwise: int) -> int:
    """A whole number of an address; ``otherwise`` for an empty text. Raises InputError."""
    if not text:
        return otherwise
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
        return int(text)
    raise InputError(f"not a {name}: {text!r}; expected a number from {least} to {most}")


def aspect(text: str) -> Aspect | None:
    """The aspect to compare by; None for an empty text. Raises InputError."""
    if not text:
        return None
    if text in ASPECTS:
        return Aspect(text)
    raise InputError(f"not an aspect: {text!r}; expected one of: {', '.join(ASPECTS)}")


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
        """The form of a query string. Raises InputError for a query nobody can mean."""
        form = SearchForm(**{name: values.get(name, "").strip() for name in SearchForm.__slots__})
        if len(form.q) > LONGEST_QUERY:
            raise InputError(f"the search has {len(form.q):,} letters; at most {LONGEST_QUERY:,} are read")
        return form

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


def _type(text: str) -> PaperType:
    try:
        return PaperType(text)
    except ValueError as error:
        kinds = ", ".join(kind.value for kind in PaperType)
        raise InputError(f"not a type of paper: {text!r}; expected one of: {kinds}") from error
