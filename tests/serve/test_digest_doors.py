"""Digests in a house with accounts: a stranger has none, and links from letters need no login."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.deliver.signing import Deed, Signer, Ticket
from broadsheet.store.post import Schedule, Subscription
from broadsheet.wiring import Archive

NOW = datetime(2026, 3, 20, 5, tzinfo=UTC)


@pytest.fixture(params=["everyone", "members"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """A house with accounts that sends mail, open to read or not."""
    settings = Settings(
        data=tmp_path,
        encoder="none",
        access="team",
        readable_by=request.param,
        base_url="http://localhost",
        smtp_host="smtp.example.org",
        mail_from="paper@example.org",
    )
    with wiring.open_archive(settings) as archive:
        for reader in ("", "ada"):
            archive.store.post.enrol(
                Subscription(
                    id=f"s{reader}",
                    address=f"secret{reader}@example.org",
                    reader=reader,
                    schedule=Schedule(),
                    confirmed=NOW,
                    due=NOW,
                )
            )
        yield archive


@pytest.fixture
def stranger(house: Archive) -> TestClient:
    return TestClient(wiring.web_app(house), base_url="http://localhost", follow_redirects=False)


def test_stranger_sees_nobodys_digest_and_no_address(stranger: TestClient) -> None:
    for path in ("/digest", "/digest/preview.html", "/digest/preview.txt"):
        answer = stranger.get(path)
        assert answer.status_code in {303, 401}
        assert "secret" not in answer.text
    for path in ("/digest", "/digest/stop"):
        assert stranger.post(path, data={"id": "s"}).status_code == 401


def test_whoever_has_a_letter_can_unsubscribe_without_logging_in(
    house: Archive, stranger: TestClient
) -> None:
    ticket = Signer(house.store.secret()).sign(Ticket(Deed.LEAVE, ("sada",)))
    assert "secretada@example.org" in stranger.get(f"/mail/unsubscribe/{ticket}").text
    answer = stranger.post(
        f"/mail/unsubscribe/{ticket}",
        data={"List-Unsubscribe": "One-Click"},
        headers={"origin": "https://mail.example.com", "sec-fetch-site": "cross-site"},
    )
    assert answer.status_code == 200
    assert {s.id for s in house.store.post.subscriptions() if s.due} == {"s"}
