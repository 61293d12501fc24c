"""Sign letters with a domain's key: DKIM (RFC 6376), RSA with SHA-256 (RFC 8301). Needs the extra ``broadsheet[dkim]``."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Final

import dkim
from dkim.crypto import UnparsableKeyError, parse_pem_private_key

from broadsheet.errors import InputError

_LEAST: Final = 1024  # bits, RFC 8301, 3.2
_LABEL: Final = re.compile(
    r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE
)
# RFC 8058, 4, wants both List-Unsubscribe headers signed, or mail clients offer no button.
_SIGNED: Final = (
    b"From To Subject Date Message-ID List-Id List-Unsubscribe List-Unsubscribe-Post "
    b"Auto-Submitted MIME-Version Content-Type"
).split()
# SubjectPublicKeyInfo of RFC 3279, 2.3.1: the name of RSA, and no parameters.
_RSA: Final = bytes.fromhex("300d06092a864886f70d0101010500")


@dataclass(frozen=True, slots=True)
class DomainKey:
    """A domain's private key, and the ``selector`` under which DNS holds its public half.

    ``pem``: an RSA key as ``openssl genrsa`` writes it. Raises InputError where it is not one, where it is shorter
    than 1,024 bits, and where the selector is no name.
    """

    domain: str
    selector: str
    pem: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _LABEL.fullmatch(self.selector):
            raise InputError(
                f"setting 'dkim_selector' is {self.selector!r}; expected a name such as 'broadsheet', for "
                f"which DNS has a record at broadsheet._domainkey.{self.domain}"
            )
        if (bits := self._public()[0].bit_length()) < _LEAST:
            raise InputError(
                f"setting 'dkim_key' is a key of {bits} bits; expected 2048, and no fewer than {_LEAST}"
            )

    def sign(self, message: bytes) -> bytes:
        """The message with a signature before it. Lines of ``message`` end in CRLF."""
        head = message.partition(b"\r\n\r\n")[0].lower()
        there = [name for name in _SIGNED if re.search(rb"(?m)^" + name.lower() + rb":", head)]
        seal = dkim.sign(
            message,
            self.selector.encode(),
            self.domain.encode(),
            self.pem.encode(),
            # Mail servers fold headers anew and cut blanks at the ends of lines; neither may break it.
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*there, b"From"],  # the second says that there is no other: RFC 6376, 8.15
        )
        return bytes(seal) + message

    def record(self) -> tuple[str, str]:
        """The name and the text of the TXT record that DNS must hold: RFC 6376, 3.6.1."""
        modulus, exponent = self._public()
        numbers = _der(0x30, _integer(modulus) + _integer(exponent))
        key = _der(0x30, _RSA + _der(0x03, b"\0" + numbers))
        return (
            f"{self.selector}._domainkey.{self.domain}",
            f"v=DKIM1; k=rsa; p={base64.b64encode(key).decode()}",
        )

    def _public(self) -> tuple[int, int]:
        pem = "\n".join(self.pem.split("\r\n"))
        try:
            key = parse_pem_private_key(pem.encode())
        except (UnparsableKeyError, ValueError, IndexError, KeyError, TypeError) as error:
            raise InputError(
                "setting 'dkim_key' is not an RSA key in PEM; make one with `openssl genrsa -out dkim.pem 2048` "
                "and name its file in BROADSHEET_DKIM_KEY_FILE"
            ) from error
        return key["modulus"], key["publicExponent"]


def _integer(number: int) -> bytes:
    # One bit more than it has, for DER reads the first one as a sign.
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(digits))) + digits + content
