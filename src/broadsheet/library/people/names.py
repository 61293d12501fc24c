"""Names, addresses and secrets of people: what is well formed, and what is kept of them. Pure."""

from __future__ import annotations

import hashlib

from broadsheet.errors import InputError


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def name_of(text: str) -> str:
    """A name as others see it. Raises InputError."""
    name = " ".join(text.split())
    if not 2 <= len(name) <= 60 or not name.isprintable() or "@" in name:
        raise InputError(f"not a name: {text[:80]!r}; expected 2 to 60 characters without @")
    return name


def email_of(text: str) -> str:
    """An address as it was written, "" for none. Raises InputError. Mail shows whether it is real; this keeps out what cannot be."""
    address = text.strip()
    if not address:
        return ""
    local, at, domain = address.rpartition("@")
    sound = (
        bool(local and at and domain)
        and address.isprintable()
        and not any(c in address for c in ' ,;<>()"\\')
    )
    if not sound or len(address) > 254:
        raise InputError(f"not an e-mail address: {text[:80]!r}; expected e.g. 'ada@example.org'")
    return address


def agent_of(text: str) -> str:
    """What a browser calls itself, shortened."""
    return "".join(c for c in text if c.isprintable())[:200]
