"""What a request's address says: days, pages, aspects, the search form. Bad values raise InputError."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

from broadsheet.errors import InputError
from broadsheet.library.asking import LONGEST_QUERY, SearchForm, day
from broadsheet.model import Aspect

__all__ = ["ASPECTS", "LAST_PAGE", "LONGEST_QUERY", "SearchForm", "aspect", "day", "page"]

LAST_PAGE = 500  # nobody reads on; a robot might
ASPECTS = (Aspect.PROBLEM, Aspect.METHOD, Aspect.RESULT)  # those that papers are compared by


def _strict(text: object) -> object:
    if isinstance(text, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError("expected year-month-day, such as 2026-03-17")
    return text


# The form of RFC 3339 alone: what Python and pydantic take besides is no day to other programs.
StrictDay = Annotated[date, BeforeValidator(_strict)]


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
