"""Subscribing, confirming, leaving, saving from a letter, as browsers, mail clients and link scanners do it."""

from __future__ import annotations

import email
import email.policy
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.model import MarkKind
from broadsheet.serve.app import create_app
from broadsheet.wiring import Archive

NOW = datetime(2026, 3, 20, 5, tzinfo=UTC)
HERE = {"sec-fetch-site": "same-origin"}
FORM = {"address": "ada@example.org", "day0": "on", "day4": "on", "hour": "7", "zone": "Europe/Paris"}


class Clock:
    at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def page_of(text: str) -> Any:
    return html.fromstring(text)


def form_of(text: str, action: str) -> Any:
    """The form of a page that is sent there."""
    (form,) = [form for form in page_of(text).forms if form.action == action]
    return form


@pytest.fixture
def post(sample_archive: Archive, tmp_path: Path) -> Iterator[Archive]:
    """The sample edition, on a site that sends mail."""
    with (
        closing(sqlite3.connect(sample_archive.settings.data / "broadsheet.db")) as source,
        closing(sqlite3.connect(tmp_path / "broadsheet.db")) as copy,
    ):
        source.backup(copy)
    (tmp_path / "index").symlink_to(sample_archive.settings.data / "index")
    settings = Settings(
        data=tmp_path, encoder="none", base_url="https://papers.example.org", mail_from="paper@example.org"
    )
    with wiring.open_archive(settings) as archive:
        yield archive


@pytest.fixture
def visitor(post: Archive, clock: Clock) -> TestClient:
    app = create_app(post.library, reader="me", editor=wiring.editor_of(post), mails=True, now=clock)
    return TestClient(app, base_url="http://localhost", follow_redirects=False)


def letters(post: Archive, *, now: datetime = NOW) -> list[str]:
    """The plain text of the letters that wait."""
    found = post.store.post.claim_letters("test", now=now, until=now + timedelta(hours=1), limit=9)
    texts = []
    for waiting in found:
        part = email.message_from_bytes(waiting.letter.body, policy=email.policy.default).get_body(("plain",))
        assert part is not None
        texts.append(part.get_content())
        post.store.post.sent("test", waiting.no, now=now)
    return texts


def link(text: str, page: str) -> str:
    """The path of a letter's first link of a kind."""
    found = re.search(rf"https://papers\.example\.org(/mail/{page}/\S+)", text)
    assert found is not None
    return found[1]


def digest_letter(post: Archive, visitor: TestClient) -> str:
    """A reader's digest, after subscribing as one does."""
    visitor.post("/digest", data=FORM, headers=HERE)
    visitor.post(link(letters(post)[0], "subscribe"))
    later = NOW + timedelta(hours=2)
    editor = wiring.editor_of(post)
    (due,) = post.store.post.claim_due("w", now=later, until=later, limit=9)
    post.store.post.file("w", [editor.write(due, now=later)], now=later)
    return letters(post, now=later)[0]


@pytest.mark.parametrize(("path", "reader"), [("/subscribe", ""), ("/digest", "me")])
def test_subscribing_takes_a_form_and_a_yes_by_mail(
    post: Archive, visitor: TestClient, path: str, reader: str
) -> None:
    form = form_of(visitor.get(path).text, path)
    assert form.method == "POST"
    assert set(form.fields) >= {"address", "day0", "day6", "hour", "zone", "if_empty"}
    answer = visitor.post(path, data=FORM, headers=HERE)
    assert (answer.status_code, "Look into your mail" in answer.text) == (200, True)
    assert post.store.post.subscriptions() == ()
    (text,) = letters(post)
    asked = visitor.get(link(text, "subscribe"))
    assert "Monday and Friday at 7:00 (Europe/Paris)" in asked.text
    assert post.store.post.subscriptions() == ()
    done = visitor.post(link(text, "subscribe"))
    assert "Done." in done.text
    (kept,) = post.store.post.subscriptions()
    assert (kept.reader, kept.address, kept.schedule.days) == (reader, "ada@example.org", (0, 4))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": "ada"}, "Not a mail address"),
        ({"day0": "", "day4": ""}, "No days"),
        ({"hour": "25"}, "Not an hour"),
        ({"hour": "x"}, "Not an hour"),
        ({"zone": "Mars"}, "Not a time zone"),
    ],
)
def test_form_filled_in_wrongly_comes_back_as_it_was(
    post: Archive, visitor: TestClient, wrong: dict[str, str], said: str
) -> None:
    answer = visitor.post("/subscribe", data=FORM | wrong, headers=HERE)
    assert answer.status_code == 400
    assert said in page_of(answer.text).xpath("string(//*[@role='alert'])")
    assert form_of(answer.text, "/subscribe").fields["address"] == (FORM | wrong)["address"]
    assert letters(post) == []


def test_another_site_cannot_have_us_write_to_anybody(post: Archive, visitor: TestClient) -> None:
    for path in ("/subscribe", "/digest"):
        assert visitor.post(path, data=FORM, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert letters(post) == []


def test_fourth_question_to_an_address_is_refused(visitor: TestClient) -> None:
    codes = [visitor.post("/subscribe", data=FORM, headers=HERE).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 400]


def test_mail_client_unsubscribes_with_one_post_and_no_cookie(post: Archive, visitor: TestClient) -> None:
    path = link(digest_letter(post, visitor), "unsubscribe")
    visitor.cookies.clear()
    # RFC 8058, 3.2; from no page of ours, and no redirect in answer.
    for _ in range(2):
        answer = visitor.post(
            path,
            data={"List-Unsubscribe": "One-Click"},
            headers={"sec-fetch-site": "cross-site", "origin": "https://mail.example.com"},
        )
        assert answer.status_code == 200
    (stopped,) = post.store.post.subscriptions()
    assert (stopped.due, stopped.why) == (None, "unsubscribed")


def test_mail_client_may_send_its_post_as_multipart(post: Archive, visitor: TestClient) -> None:
    path = link(digest_letter(post, visitor), "unsubscribe")
    answer = visitor.post(path, files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert post.store.post.subscriptions()[0].due is None


def test_what_follows_every_link_of_a_letter_changes_nothing(post: Archive, visitor: TestClient) -> None:
    text = digest_letter(post, visitor)
    before = post.store.post.subscriptions()
    paths = re.findall(r"https://papers\.example\.org(/\S*)", text)
    assert len(paths) > 20
    for path in paths:
        for method in ("GET", "HEAD"):
            answer = visitor.request(method, path)
            assert answer.status_code == 200, path
            if path.startswith("/mail/"):
                assert answer.headers["cache-control"] == "no-store"
                assert answer.headers["referrer-policy"] == "no-referrer"
                assert "noindex" in answer.headers["x-robots-tag"]
    assert post.store.post.subscriptions() == before
    assert post.library.desk("me").marks() == ()


@pytest.mark.parametrize(("deed", "kind"), [("save", MarkKind.SAVED), ("hide", MarkKind.HIDDEN)])
def test_button_behind_a_letters_link_does_it_once_however_often_it_is_pressed(
    post: Archive, visitor: TestClient, deed: str, kind: MarkKind
) -> None:
    path = link(digest_letter(post, visitor), deed)
    page = visitor.get(path).text
    assert form_of(page, path).method == "POST"
    for _ in range(2):
        assert visitor.post(path).status_code == 200
    (mark,) = post.library.desk("me").marks(kind)
    assert str(mark.paper) in "".join(page_of(page).xpath("//main//a/@href"))


def test_expired_and_forged_links_say_so(post: Archive, visitor: TestClient, clock: Clock) -> None:
    text = digest_letter(post, visitor)
    path = link(text, "save")
    for bad in (
        path[:-4],
        path.replace("/save/", "/hide/"),
        "/mail/unsubscribe/x",
        "/mail/subscribe/a.b",
    ):
        for method in ("GET", "POST"):
            assert visitor.request(method, bad).status_code == 404
    clock.at = NOW + timedelta(days=100)
    answer = visitor.post(path)
    assert answer.status_code == 400
    assert "This link was good until" in answer.text
    assert visitor.get(link(text, "unsubscribe")).status_code == 200
    assert post.library.desk("me").marks() == ()


def test_reader_sees_where_the_digest_goes_and_can_stop_it(post: Archive, visitor: TestClient) -> None:
    digest_letter(post, visitor)
    page = visitor.get("/digest").text
    assert "ada@example.org" in page_of(page).xpath("string(//ul[@class='rows'])")
    fields = dict(form_of(page, "/digest/stop").fields)
    assert (
        visitor.post("/digest/stop", data=fields, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    )
    assert visitor.post("/digest/stop", data={"id": "x"}, headers=HERE).status_code == 404
    answer = visitor.post("/digest/stop", data=fields, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/digest")
    assert post.store.post.subscriptions()[0].due is None


def test_preview_is_the_letter_and_is_shown_with_its_styles_alone(visitor: TestClient) -> None:
    page = visitor.get("/digest/preview.html")
    policy = page.headers["content-security-policy"]
    assert "style-src 'unsafe-inline'" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "Friday, 20 March 2026" in page.text
    text = visitor.get("/digest/preview.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Friday, 20 March 2026" in text.text
    public = visitor.get("/digest/preview.txt?list=public&day=2026-03-20")
    assert "Friday, 20 March 2026" in public.text
    assert visitor.get("/digest/preview.txt?day=2026-03-21").status_code == 404


def test_every_page_of_a_site_that_sends_mail_offers_it(visitor: TestClient) -> None:
    footer = page_of(visitor.get("/").text).xpath("//footer")[0]
    assert footer.xpath("string(.//a[@href='/digest'])") == "Your own digest"
    (offer,) = footer.xpath(".//a[@href='/subscribe']")
    assert offer.text == "Get trending papers in your inbox"


def test_site_without_a_mail_server_says_so(post: Archive) -> None:
    app = create_app(post.library, reader="me", editor=wiring.editor_of(post))
    visitor = TestClient(app, base_url="http://localhost")
    assert "/subscribe" not in visitor.get("/").text
    assert visitor.get("/subscribe").status_code == 404
    assert "sends no mail" in visitor.get("/digest").text
    assert visitor.post("/digest", data=FORM, headers=HERE).status_code == 404
    assert visitor.get("/digest/preview.html").status_code == 200


@pytest.mark.parametrize(("path", "reader"), [("/api/v1/subscriptions", ""), ("/api/v1/digest", "me")])
def test_programs_subscribe_with_the_same_yes_by_mail(
    post: Archive, visitor: TestClient, path: str, reader: str
) -> None:
    wanted = {"address": "ada@example.org", "days": [4, 0], "hour": 7, "zone": "Europe/Paris"}
    asked = visitor.post(path, json=wanted)
    assert (asked.status_code, asked.json()["address"]) == (202, "ada@example.org")
    assert "Monday and Friday at 7:00 (Europe/Paris)" in asked.json()["often"]
    assert post.store.post.subscriptions() == ()
    visitor.post(link(letters(post)[0], "subscribe"))
    (kept,) = post.store.post.subscriptions()
    assert (kept.reader, kept.schedule.days) == (reader, (0, 4))
    faults: list[dict[str, object]] = [
        {"address": "ada"},
        {"days": []},
        {"days": [7]},
        {"hour": 24},
        {"zone": "Mars"},
    ]
    for wrong in faults:
        assert visitor.post(path, json=wanted | wrong).status_code == 400, wrong
    for _ in range(2):
        assert visitor.post(path, json=wanted).status_code == 202
    refused = visitor.post(path, json=wanted)  # the fourth question to an address in a day
    assert (refused.status_code, int(refused.headers["retry-after"]) > 3600) == (429, True)


def test_programs_see_where_a_digest_goes_and_end_it(post: Archive, visitor: TestClient) -> None:
    digest_letter(post, visitor)
    post.store.post.suspend("ada@example.org", why="bounced: no such user")
    (stopped,) = visitor.get("/api/v1/digest").json()["subscriptions"]
    assert (stopped["state"], stopped["why"], stopped["next"]) == ("stopped", "bounced: no such user", None)
    visitor.post("/api/v1/digest", json={"address": "ada@example.org", "days": [2], "hour": 8})
    visitor.post(link(letters(post, now=NOW + timedelta(hours=3))[0], "subscribe"))
    (active,) = visitor.get("/api/v1/digest").json()["subscriptions"]
    assert (active["state"], active["why"], active["days"], active["hour"]) == ("active", None, [2], 8)
    assert active["next"] == "2026-03-25T08:00:00Z"
    assert visitor.delete("/api/v1/digest/subscriptions/another").status_code == 404
    assert visitor.delete(f"/api/v1/digest/subscriptions/{active['id']}").status_code == 204
    assert visitor.get("/api/v1/digest").json()["subscriptions"][0]["why"] == "unsubscribed"


def test_programs_read_the_letter_before_it_is_written(visitor: TestClient) -> None:
    for kind, query in (("own", ""), ("public", "?list=public")):
        letter = visitor.get(f"/api/v1/digest/preview?list={kind}").json()
        assert letter["plain"] == visitor.get(f"/digest/preview.txt{query}").text
        assert letter["html"] == visitor.get(f"/digest/preview.html{query}").text
        assert letter["subject"]
    assert visitor.get("/api/v1/digest/preview?day=2026-03-14").status_code == 404
