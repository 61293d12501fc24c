"""Letters as they go over the wire: headers, both texts, encodings, line lengths. Knows no server.

RFC 5322 (message), 2045 to 2047 (MIME), 2369 and 8058 (List-Unsubscribe), 2919 (List-Id), 3834 (Auto-Submitted).
The message is put together here, as the standard library folds long addresses in headers into what mail servers
that look for a ``List-Unsubscribe`` do not read.
"""

from __future__ import annotations

import binascii
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from typing import Final

from broadsheet.deliver.compose import Text
from broadsheet.errors import InputError

# An address as it is used, not as the grammar would allow: no quoted names, no comments, a domain with a dot.
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{4,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)*"
)


def address_of(text: str) -> str:
    """The mail address that a text is, its domain in lower case and ASCII. Raises InputError."""
    name, at, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode().lower() if at else ""
    except UnicodeError:
        domain = ""
    address = f"{name}@{domain}"
    if not _ADDRESS.fullmatch(address) or ".." in address or name.startswith(".") or name.endswith("."):
        raise InputError(f"not a mail address: {text[:80]!r}; expected one such as 'ada@example.org'")
    return address


def new_message_id(sender: str, *, at: datetime) -> str:
    """A Message-ID that nothing else has. ``sender``: whose domain it names."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{at:%Y%m%d}.{secrets.token_hex(12)}@{domain}>"


def write_message(
    text: Text,
    *,
    sender: str,
    to: str,
    message_id: str,
    at: datetime,
    list_name: str,
    list_id: str,
    unsubscribe: str | None,
) -> bytes:
    """The message, ready for SMTP: lines end in CRLF and have 76 letters at most, headers that hold an address more.

    ``unsubscribe``: where a POST without cookies ends the subscription, as mail clients offer it. ``at``: the Date.
    """
    name, address = parseaddr(sender)
    headers = {
        "From": formataddr((_encoded(name), address)),
        "To": to,
        "Subject": _encoded(text.subject, header="Subject"),
        "Date": format_datetime(at),
        "Message-ID": message_id,
        "List-Id": f"{_encoded(list_name)} <{list_id}>",
        "Auto-Submitted": "auto-generated",
        "Precedence": "list",
        "MIME-Version": "1.0",
    }
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # The Message-ID is nothing else's, so neither is this; "=_" cannot stand in quoted-printable.
    boundary = "=_" + message_id[1:-1].partition("@")[0]
    headers["Content-Type"] = f'multipart/alternative; boundary="{boundary}"'
    parts = [(kind, body) for kind, body in (("plain", text.plain), ("html", text.html))]
    lines = [_headers(headers), b"\r\n"]
    for kind, body in parts:
        head = {
            "Content-Type": f"text/{kind}; charset=utf-8",
            "Content-Transfer-Encoding": "quoted-printable",
        }
        lines += [f"--{boundary}\r\n".encode(), _headers(head), b"\r\n", _quoted(body), b"\r\n"]
    lines.append(f"--{boundary}--\r\n".encode())
    return b"".join(lines)


def _quoted(text: str) -> bytes:
    """A text in quoted-printable (RFC 2045, 6.7), lines of 76 letters at most, with CRLF."""
    data = "\r\n".join(text.splitlines()).encode() + b"\r\n"
    return binascii.b2a_qp(data, quotetabs=False, istext=True)


def _headers(values: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in values.items()).encode("ascii")


def _encoded(text: str, *, header: str | None = None) -> str:
    """A text as a header may hold it: one line to the reader, encoded words where it is not ASCII."""
    charset = "ascii" if text.isascii() else "utf-8"
    return Header(" ".join(text.split()), charset, header_name=header, maxlinelen=76).encode(linesep="\r\n")
