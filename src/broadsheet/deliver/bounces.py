"""What a letter that came back says: delivery status notifications, RFC 3464. Knows no store."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping
from email.message import Message

from broadsheet.deliver.message import address_of
from broadsheet.errors import InputError


def refused_addresses(message: bytes) -> Mapping[str, str]:
    """The addresses that a bounce says failed for good, with its words; empty where it says so of none.

    A delay (``Action: delayed``) and a full mailbox (status 4…) are no failure for good, nor is what says only in
    prose that it failed: wording cannot be told apart safely.
    """
    found: dict[str, str] = {}
    try:
        parts = list(email.message_from_bytes(message, policy=email.policy.compat32).walk())
    except RecursionError:  # a letter in a letter in a letter: nobody's bounce
        return found
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else ():
            if isinstance(block, Message):
                _read(block, found)
    return found


def _read(block: Message, found: dict[str, str]) -> None:
    status = str(block.get("Status", "")).strip()
    recipient = str(block.get("Final-Recipient") or block.get("Original-Recipient") or "")
    kind, _, address = recipient.partition(";")
    if str(block.get("Action", "")).strip().lower() != "failed" or not status.startswith("5"):
        return
    if kind.strip().lower() != "rfc822":
        return
    try:
        said = " ".join(str(block.get("Diagnostic-Code", "")).partition(";")[2].split())
        found[address_of(address)] = (said or status)[:300]
    except InputError:
        return
