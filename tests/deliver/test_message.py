"""Messages as another program reads them: Python's own parser, and the rules of the RFCs."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.deliver.compose import Text
from broadsheet.deliver.message import address_of, new_message_id, write_message
from broadsheet.errors import InputError

AT = datetime(2026, 3, 20, 7, 0, 5, tzinfo=UTC)
LEAVE = "https://papers.example.org/mail/unsubscribe/" + "a" * 120


def written(text: Text, **more: object) -> bytes:
    values: dict[str, object] = {
        "sender": "Broadsheet <paper@example.org>",
        "to": "ada@example.org",
        "message_id": "<20260320.abc@example.org>",
        "at": AT,
        "list_name": "Broadsheet digest",
        "list_id": "digest.papers.example.org",
        "unsubscribe": LEAVE,
    }
    return write_message(text, **(values | more))  # type: ignore[arg-type]


def parsed(body: bytes) -> EmailMessage:
    message = email.message_from_bytes(body, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def body_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    assert not part.defects
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


def test_headers_say_who_what_when_and_how_to_leave() -> None:
    message = parsed(written(Text("Broadsheet, 20 March: On Sets", "plain\n", "<p>html</p>\n")))
    assert dict(message.items()) == {
        "From": "Broadsheet <paper@example.org>",
        "To": "ada@example.org",
        "Subject": "Broadsheet, 20 March: On Sets",
        "Date": "Fri, 20 Mar 2026 07:00:05 +0000",
        "Message-ID": "<20260320.abc@example.org>",
        "List-Id": "Broadsheet digest <digest.papers.example.org>",
        "Auto-Submitted": "auto-generated",
        "Precedence": "list",
        "MIME-Version": "1.0",
        "List-Unsubscribe": f"<{LEAVE}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Content-Type": 'multipart/alternative; boundary="=_20260320.abc"',
    }
    # The best comes last, RFC 2046, 5.1.4.
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_address_to_leave_is_in_one_line_and_not_encoded() -> None:
    assert f"\r\nList-Unsubscribe: <{LEAVE}>\r\n".encode() in written(Text("s", "p", "h"))


def test_letter_that_asks_has_no_way_to_leave() -> None:
    message = parsed(written(Text("s", "p", "h"), unsubscribe=None))
    assert "List-Unsubscribe" not in message
    assert "List-Unsubscribe-Post" not in message


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120),
    st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], include_characters="\n"), max_size=300
    ),
)
def test_any_text_arrives_as_it_was_in_lines_that_servers_take(subject: str, text: str) -> None:
    body = written(Text(subject, text, f"<p>{text}</p>"))
    message = parsed(body)
    assert message["Subject"].split() == subject.split()
    assert body_of(message, "plain").rstrip("\n") == text.rstrip("\n")
    assert body_of(message, "html").rstrip("\n") == f"<p>{text}</p>".rstrip("\n")
    assert body.isascii()
    assert body.count(b"\n") == body.count(b"\r") == body.count(b"\r\n")
    # RFC 5322, 2.1.1: 78 letters where it can be; only the address to leave has to be longer.
    lines = [line for line in body.split(b"\r\n") if not line.startswith(b"List-Unsubscribe")]
    assert max(map(len, lines)) <= 78


def test_no_text_can_add_a_header() -> None:
    message = parsed(written(Text("Hello\r\nBcc: everybody@example.org", "p", "h"), list_name="x\r\nBcc: y"))
    assert "Bcc" not in message


def test_name_beyond_ascii_is_encoded() -> None:
    body = written(Text("s", "p", "h"), sender="Zeitung für Ö <paper@example.org>")
    assert parsed(body)["From"].addresses[0].display_name == "Zeitung für Ö"


def test_every_message_has_a_name_of_its_own() -> None:
    names = {new_message_id("Broadsheet <paper@example.org>", at=AT) for _ in range(100)}
    assert len(names) == 100
    assert all(re.fullmatch(r"<20260320\.[0-9a-f]{24}@example\.org>", name) for name in names)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        (" Ada.L+x@Example.ORG ", "Ada.L+x@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@localhost", "ada@localhost"),
    ],
)
def test_address_is_kept_with_its_domain_in_ascii(text: str, address: str) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "a b@example.org",
        "a@b@c d",
        "ada@example..org",
        ".ada@example.org",
        "ada..l@example.org",
        "ada@example.org\r\nRCPT TO:<x@y>",
        "<ada@example.org>",
        "ädä@example.org",
        "a" * 65 + "@example.org",
        "ada@" + "a" * 64 + ".org",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a mail address"):
        address_of(text)
