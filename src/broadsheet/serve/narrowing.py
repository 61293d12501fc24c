"""Links that narrow a search, and links that take a filter back. Knows the form and what was counted."""

from __future__ import annotations

from calendar import month_name, monthrange
from dataclasses import dataclass

from broadsheet import categories
from broadsheet.library.views import Facets
from broadsheet.model import PaperType
from broadsheet.serve.parameters import SearchForm


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the address of the search without it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter that can be added, how many of the hits counted have it, and the address with it."""

    label: str
    note: str  # the category's name in full; may be empty
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Choices of one kind."""

    title: str
    choices: tuple[Choice, ...]


def chips(form: SearchForm) -> tuple[Chip, ...]:
    """The form's filters, each with the way back."""
    on = (
        ("cat", form.cat),
        ("type", form.type),
        ("since", form.since and f"since {form.since}"),
        ("until", form.until and f"until {form.until}"),
        ("code", form.code and "with code"),
    )
    return tuple(Chip(label, _address(form, **{name: ""})) for name, label in on if label)


def groups(form: SearchForm, facets: Facets) -> tuple[Group, ...]:
    """What can be narrowed: only what some of the hits counted have and others have not."""

    def choice(label: str, count: int, *, note: str = "", **more: str) -> Choice:
        return Choice(label, note, count, _address(form, **more))

    dates = facets.years if len(facets.years) > 1 else facets.months
    every = (
        Group(
            "Category",
            tuple(
                choice(code, n, note=categories.name(code), **_also(form, code))
                for code, n in facets.categories
                if n < facets.hits and code not in form.cat.split()
            ),
        ),
        Group(
            "Type",
            tuple(
                choice(kind.value, n, type=kind.value)
                for kind, n in facets.types
                if n < facets.hits and kind is not PaperType.OTHER
            ),
        ),
        Group("Date", tuple(choice(_named(span), n, **_days(span)) for span, n in dates if n < facets.hits)),
        Group("Code", (choice("with code", facets.code, code="1"),) if 0 < facets.code < facets.hits else ()),
    )
    return tuple(group for group in every if group.choices)


def _also(form: SearchForm, code: str) -> dict[str, str]:
    """A category beside the one that is on, as a word of the query: the form's field takes one *or* the other."""
    return {"q": f"{form.q} cat:{code}".strip()} if form.cat else {"cat": code}


def _address(form: SearchForm, **more: str) -> str:
    return f"/search?{form.query_string(**more)}"


def _named(span: str) -> str:
    """A year as it is, a month by its name."""
    year, _, month = span.partition("-")
    return f"{month_name[int(month)]} {year}" if month else year


def _days(span: str) -> dict[str, str]:
    year, _, month = span.partition("-")
    if not month:
        return {"since": f"{year}-01-01", "until": f"{year}-12-31"}
    return {"since": f"{span}-01", "until": f"{span}-{monthrange(int(year), int(month))[1]}"}
