"""Signed links: good for what they say and until then, and nothing else is good."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.deliver.signing import Deed, Signer, Ticket
from broadsheet.errors import InputError, NotFoundError

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
SIGNER = Signer(b"k" * 32)
SAVE = Ticket(Deed.SAVE, ("me", "2601.00001"), NOW + timedelta(days=30))


def test_ticket_comes_back_as_it_was_signed() -> None:
    text = SIGNER.sign(SAVE)
    assert SIGNER.read(text, deed=Deed.SAVE, now=NOW) == SAVE
    assert re.fullmatch(r"[\w.-]{40,120}", text, re.ASCII)


@given(st.lists(st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"])), max_size=4))
def test_any_facts_come_back(facts: list[str]) -> None:
    ticket = Ticket(Deed.LEAVE, tuple(facts))
    assert SIGNER.read(SIGNER.sign(ticket), deed=Deed.LEAVE, now=NOW) == ticket


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_changed_letter_makes_it_nobodys(place: int, letter: str) -> None:
    text = SIGNER.sign(SAVE)
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    # The last letter of each half holds bits that are not used: another spelling of the same ticket is the same.
    last = {text.index(".") - 1, len(text) - 1}
    if changed != text and place not in last:
        with pytest.raises(NotFoundError):
            SIGNER.read(changed, deed=Deed.SAVE, now=NOW)


@pytest.mark.parametrize("text", ["", ".", "a", "a.b", "é.é", "a.b.c", SIGNER.sign(SAVE)[:-3]])
def test_what_is_no_ticket_is_refused(text: str) -> None:
    with pytest.raises(NotFoundError, match="none of ours"):
        SIGNER.read(text, deed=Deed.SAVE, now=NOW)


def test_ticket_of_another_archive_is_refused() -> None:
    with pytest.raises(NotFoundError):
        Signer(b"j" * 32).read(SIGNER.sign(SAVE), deed=Deed.SAVE, now=NOW)


def test_ticket_for_one_thing_permits_no_other() -> None:
    with pytest.raises(NotFoundError, match="save"):
        SIGNER.read(SIGNER.sign(SAVE), deed=Deed.HIDE, now=NOW)


def test_ticket_ends_when_it_says() -> None:
    text = SIGNER.sign(SAVE)
    SIGNER.read(text, deed=Deed.SAVE, now=NOW + timedelta(days=29))
    with pytest.raises(InputError, match="7 April 2026"):
        SIGNER.read(text, deed=Deed.SAVE, now=NOW + timedelta(days=30))
