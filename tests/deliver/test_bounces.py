"""Letters that came back, as mail servers write them (RFC 3464's own examples among them)."""

from __future__ import annotations

from broadsheet.deliver.bounces import refused_addresses

# RFC 3464, appendix E.1, shortened.
SIMPLE = b"""\
Date: Thu, 7 Jul 1994 17:16:05 -0400
From: Mail Delivery Subsystem <MAILER-DAEMON@CS.UTK.EDU>
Message-Id: <199407072116.RAA14128@CS.UTK.EDU>
Subject: Returned mail: Cannot send message for 5 days
To: <owner-info-mime@cs.utk.edu>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
      boundary="RAA14128.773615765/CS.UTK.EDU"

--RAA14128.773615765/CS.UTK.EDU

The original message was received at Sat, 2 Jul 1994 17:10:28 -0400

--RAA14128.773615765/CS.UTK.EDU
content-type: message/delivery-status

Reporting-MTA: dns; cs.utk.edu

Original-Recipient: rfc822;louisl@larry.slip.umd.edu
Final-Recipient: rfc822;louisl@larry.slip.umd.edu
Action: failed
Status: 4.0.0
Diagnostic-Code: smtp; 426 connection timed out
Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400

--RAA14128.773615765/CS.UTK.EDU--
"""


def changed(**fields: bytes) -> bytes:
    body = SIMPLE
    for name, value in fields.items():
        old = {"status": b"4.0.0", "action": b"failed\n", "said": b"smtp; 426 connection timed out"}[name]
        body = body.replace(old, value)
    return body


def test_failure_for_good_names_the_address_and_says_why() -> None:
    found = refused_addresses(changed(status=b"5.1.1", said=b"smtp; 550 5.1.1 <louisl>:\n  User unknown"))
    assert found == {"louisl@larry.slip.umd.edu": "550 5.1.1 <louisl>: User unknown"}


def test_failure_that_may_pass_stops_nothing() -> None:
    assert refused_addresses(SIMPLE) == {}
    assert refused_addresses(changed(status=b"5.1.1", action=b"delayed\n")) == {}


def test_several_recipients_are_told_apart() -> None:
    block = (
        b"\nFinal-Recipient: rfc822; other@Example.ORG\nAction: failed\nStatus: 5.2.1\n"
        b"\nFinal-Recipient: rfc822;fine@example.org\nAction: delivered\nStatus: 2.0.0\n"
    )
    body = changed(status=b"5.1.1").replace(
        b"Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400\n", b"" + block
    )
    assert set(refused_addresses(body)) == {"louisl@larry.slip.umd.edu", "other@example.org"}


def test_what_is_no_bounce_stops_nothing() -> None:
    for body in (b"", b"Subject: I am away\n\nUntil Monday.", b"\xff\xfe\x00", SIMPLE[:600]):
        assert refused_addresses(body) == {}
