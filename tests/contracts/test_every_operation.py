"""Every operation of API v1, once, over each store: each does what its description says, and they say the same."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient
from tests.source.test_orcid import WHO, playing_orcid

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.library.people import ALL_SCOPES
from broadsheet.serve.api import models
from broadsheet.store.people import Role
from broadsheet.store.post import Schedule, Subscription

EXAMPLES = json.loads(Path(models.__file__).with_name("examples.json").read_text(encoding="utf-8"))
GOOD = "correct horse battery"
PAPER, ANOTHER, DAY, AUTHOR = "2603.14473", "2602.22839", "2026-03-17", "hao-zheng"
# What differs from one archive to the next: secrets and keys, and when something was done.
PASSING = re.compile(r"[\w-]{40,}|\b[0-9a-f]{16}\b|\b[0-9a-f]{32}\b|\b20\d\d-\d\d-\d\dT[\d:.]+Z")


class Walk:
    """A program at an archive's API, with the token of an administrator."""

    def __init__(self, archive: wiring.Archive) -> None:
        accounts = wiring.accounts(archive)
        ada = accounts.admission.add("Ada", email="ada@example.org", password=GOOD, role=Role.ADMIN)
        accounts.admission.add("Eve", role=Role.ADMIN)  # or Ada, the last of them, could not be deleted
        self.bob = accounts.admission.add("Bob").id
        for _ in range(2):
            accounts.open(ada)
        archive.store.post.enrol(
            Subscription(
                id="5ca1ab1e5ca1ab1e",
                address="ada@example.org",
                reader=ada.id,
                schedule=Schedule(),
                confirmed=datetime(2026, 3, 18, tzinfo=UTC),
                due=datetime(2126, 3, 18, tzinfo=UTC),
            )
        )
        _, secret = accounts.grant(ada, label="walk", scopes=ALL_SCOPES, lasts=None)
        self.client = TestClient(
            wiring.web_app(archive),
            base_url="http://localhost/api/v1",
            headers={"Authorization": f"Bearer {secret}"},
        )
        document = self.client.get("/openapi.json").json()
        self.operations = {
            operation["operationId"]: (method, path, [s for s in operation["responses"] if s < "3"])
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }
        self.answers: dict[str, Any] = {}

    def __call__(
        self, operation: str, body: Any = None, *, query: str = "", content: bytes | None = None, **named: str
    ) -> Any:
        """What an operation answers, which is as described; without anything named its example is asked."""
        method, path, good = self.operations[operation]
        example = EXAMPLES.get(operation, {})
        if not named and not query and "path" in example:
            path, body = example["path"], body or example.get("body")
        else:
            path = path.format(**named) + query
        answer = self.client.request(method, path, json=body, content=content)
        assert [str(answer.status_code)] == good, (operation, path, answer.status_code, answer.text)
        is_json = answer.content and answer.headers["content-type"] == "application/json"
        found = answer.json() if is_json else answer.text
        self.answers[operation] = rounded(found)
        return found


def rounded(value: Any) -> Any:
    """An answer without what passes; scores without digits that differ from sum to sum."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, str):
        return PASSING.sub("…", value)
    return round(value, 3) if isinstance(value, float) else value


# Each in an order in which every operation has something to do.


def read(ask: Walk) -> None:
    for operation in ("about", "editions", "edition", "topics", "expected", "trending", "counters"):
        ask(operation)
    for operation in ("search", "search_topics", "paper", "similar", "author", "find_authors", "changes"):
        ask(operation)
    ask("latest_edition")
    ask("topic", key=ask("topics", day=DAY)["topics"][0]["key"])


def keep(ask: Walk) -> None:
    for paper in [p["id"] for p in ask("edition", day=DAY)["leads"]]:
        ask("save", id=paper)
    for operation in ("save", "saved", "change_marks", "marks", "labels", "holdings_of"):
        ask(operation)
    ask("keep_author", key=AUTHOR)
    ask("namesakes_of", key=AUTHOR)
    ask("mend", {"do": "together"}, key=AUTHOR)
    ask("forget_mending", key=AUTHOR)
    ask("see_notices")
    ask("bring_file", content=b"@article{a, title={On heaps}, doi={10.1145/1.1}}", query="?name=mine.bib")
    ask("bring_works", {"orcid": WHO})
    ask("export_desk")
    ask("start")
    ask("follow", {"label": "Language"}, kind="category", value="cs.CL")
    ask("follows")
    ask("news")
    ask("see_news", {"done": True})
    ask("unfollow", kind="category", value="cs.CL")
    ask("turn_dial", {"dial": 0.5})
    ask("for_you")
    ask("wish", {"name": "Mine", "weight": 2}, key=ask("interests")["interests"][0]["key"])
    ask("reset_interests")


def subscribe(ask: Walk) -> None:
    ask("open_feed", {"purpose": "kept"})
    ask("feeds")
    ask("close_feed", purpose="kept")
    ask("digests")
    ask("ask_digest", {"address": "ada@example.org", "days": [0, 3]})
    ask("preview_digest")
    ask("stop_digest", id="5ca1ab1e5ca1ab1e")
    ask("subscribe", {"address": "reader@example.org"})


def discuss(ask: Walk) -> None:
    ask("vote")
    first = ask("comment", {"text": "A *fine* paper."}, id=PAPER)["id"]
    ask("comment", {"text": "Is it?", "parent": first}, id=PAPER)
    ask("edit_comment", {"text": "A paper."}, id=first)
    ask("one_comment", id=first)
    ask("latest_comments")
    ask("report_comment", {"text": "an advert"}, id=first)
    ask("submit", {"id": PAPER})
    ask("submitted")
    url = "https://example.org/code"
    ask("offer_link", {"url": url}, id=PAPER)
    ask("claim", {"evidence": "my page says so"}, key=AUTHOR)
    claim = ask("moderation")["claims"][0]
    ask("judge_link", {"paper": PAPER, "url": url, "verdict": "accept"})
    ask("judge_claim", {**{k: claim[k] for k in ("author", "account")}, "verdict": "accept"})
    ask("judge_comment", {"verdict": "stand"}, id=first)
    ask("links")
    ask("discussion")
    ask("delete_comment", id=first)
    ask("unvote")


def curate(ask: Walk) -> None:
    ask("pin", {"place": 1, "note": "A classic."}, day=DAY, id=ANOTHER)
    ask("write_note", {"text": "Sorting week."}, day=DAY)
    ask("curation")
    ask("unpin", day=DAY, id=ANOTHER)
    ask("keep_out", {"why": "spam"}, id=ANOTHER)
    ask("let_in", id=ANOTHER)


def administer(ask: Walk) -> None:
    ask("people")
    ask("set_role", {"role": "curator"}, id=ask.bob)
    ask("ban", {"why": "spam"}, id=ask.bob)
    ask("unban", id=ask.bob)
    ask("uninvite", key=ask("invite", {"email": "dan@example.org"})["key"])
    ask("invitations")
    ask("log")


def leave(ask: Walk) -> None:
    ask("unsave")
    ask("delete_desk", query="?delete=everything")
    ask("account")
    ask("rename", {"name": "Ada Byron"})
    ask("revoke_token", key=ask("make_token", {"label": "nightly", "scopes": ["desk"]})["key"])
    ask("tokens")
    ask("end_login", key=ask("logins")["logins"][0]["key"])
    ask("end_other_logins")
    ask("set_password", {"old": GOOD, "new": "another good one"})
    ask("delete_account", {"name": "Ada Byron", "password": "another good one"})


def test_every_operation_answers_as_described_and_the_same_over_both_stores(
    postgres_url: str, tmp_path: Path
) -> None:
    answers = []
    for database in ("", postgres_url):
        with playing_orcid() as (orcid, _):
            settings = Settings(
                data=tmp_path / ("postgresql" if database else "sqlite"),
                database=database,
                encoder="none",
                access="team",
                base_url="http://localhost",
                smtp_host="smtp.example.org",
                mail_from="paper@example.org",
                orcid_url=orcid,
            )
            with wiring.open_archive(settings) as archive:
                wiring.take_sample(archive)
                ask = Walk(archive)
                for part in (read, keep, subscribe, discuss, curate, administer, leave):
                    part(ask)
        assert set(ask.operations) == set(ask.answers)
        answers.append(ask.answers)
    for operation, answer in answers[0].items():
        assert answers[1][operation] == answer, operation
