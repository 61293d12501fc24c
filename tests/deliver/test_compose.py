"""Letters as a mail client sees them: whole without images, safe, readable as text, under what clients cut off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from lxml import html
from tests.conftest import make_paper

from broadsheet.deliver.compose import (
    Links,
    Masthead,
    days_in_words,
    schedule_in_words,
    write_digest,
    write_question,
)
from broadsheet.deliver.digest import Digest, Followed, News, Pick
from broadsheet.ids import PaperId
from broadsheet.library import Reason
from broadsheet.model import NoticeKind, Paper
from broadsheet.store.post import Schedule
from broadsheet.text.derive import derive

MASTHEAD = Masthead(title="Broadsheet", url="https://papers.example.org", footer="Fleet Street 1, London")
WHEN = Schedule(days=(0, 1, 2, 3, 4), hour=7, zone="Europe/Paris")
LINKS = Links(
    save=lambda paper: f"https://papers.example.org/mail/save/S{paper}",
    hide=lambda paper: f"https://papers.example.org/mail/hide/H{paper}",
    leave="https://papers.example.org/mail/unsubscribe/L",
    change="https://papers.example.org/digest",
)


def real(id: str, title: str, abstract: str, **more: object) -> Paper:
    """A paper read as the house reads them."""
    record = replace(make_paper(id, title, abstract).record, **more)  # type: ignore[arg-type]
    return replace(make_paper(id, title, abstract), record=record, derived=derive(record))


MATHS = real(
    "2603.00001",
    r"An $O(n\sqrt{m})$ Bound for $\lambda_{\max}$ <Really>",
    r"We prove that $\lambda_{\max} \le \epsilon^{-0.93}$ holds & is tight. Code: https://github.com/a/b",
)
OTHER = real("2603.00002", "On Sets", "We study sets. They are large.", categories=("math.LO", "cs.LO"))


def words_of(source: str) -> str:
    """What a page says, in one line."""
    said = str(html.fromstring(source).xpath("string()"))
    return " ".join(said.split())


def digest(**more: object) -> Digest:
    values: dict[str, object] = {
        "reader": "me",
        "days": (date(2026, 3, 20),),
        "announced": 412,
        "picks": (
            Pick(MATHS, Reason("like", "like “Tensor Programs”, which you saved"), (PaperId("2603.00009"),)),
            Pick(OTHER, Reason("like", "by your interest in logic")),
        ),
        "outside": (
            Pick(real("2603.00003", "Far Off", "Stars shine."), Reason("outside", "from elsewhere")),
        ),
        "followed": (
            Followed(
                "Ada Lovelace",
                ((real("2603.00005", "On Engines", "They run."), Reason("author", "by her")),),
                3,
            ),
        ),
        "news": (News(OTHER.id, OTHER, NoticeKind.WITHDRAWN, datetime(2026, 3, 19, tzinfo=UTC)),),
        "personal": True,
    }
    return Digest(**(values | more))  # type: ignore[arg-type]


def test_plain_text_has_everything_in_lines_of_72_letters() -> None:
    plain = write_digest(digest(), masthead=MASTHEAD, schedule=WHEN, links=LINKS).plain
    words = " ".join(plain.split())
    for said in (
        "Friday, 20 March 2026 · 3 of 412 new papers",
        "1. An O(n√m) Bound for λ_max <Really>",
        "We prove that λ_max ≤ ε^(−0.93) holds & is tight.",
        "Why: like “Tensor Programs”, which you saved",
        "with 2603.00009, of nearly the same text",
        "https://papers.example.org/papers/2603.00001",
        "Code: https://github.com/a/b",
        "Save: https://papers.example.org/mail/save/S2603.00001",
        "Hide: https://papers.example.org/mail/hide/H2603.00001",
        "OUTSIDE YOUR FIELD Far Off",
        "Why: from elsewhere",
        "FROM WHAT YOU FOLLOW Ada Lovelace * On Engines by her https://papers.example.org/papers/2603.00005 and 3 more",
        "NEWS OF PAPERS THAT YOU KEEP * On Sets was withdrawn.",
        "You get this, Monday to Friday at 7:00 (Europe/Paris), because you asked for your digest.",
        "Unsubscribe: https://papers.example.org/mail/unsubscribe/L",
        "Fleet Street 1, London",
    ):
        assert said in words, said
    assert all(len(line) <= 72 for line in plain.splitlines() if "https://" not in line)
    assert "\n\n\n" not in plain


def test_html_says_the_same_with_formulas_set() -> None:
    source = write_digest(digest(), masthead=MASTHEAD, schedule=WHEN, links=LINKS).html
    page, text = html.fromstring(source), words_of(source)
    assert "An O(n√m) Bound for λmax <Really>" in text
    assert [sub.text for sub in page.iter("sub")] == ["max", "max"]
    assert [sup.text for sup in page.iter("sup")] == ["−0.93"]
    for said in (
        "Why: like “Tensor Programs”, which you saved",
        "Outside your field",
        "On Sets was withdrawn",
    ):
        assert said in text, said
    hrefs = [a.get("href") for a in page.iter("a")]
    assert "https://papers.example.org/mail/save/S2603.00001" in hrefs
    assert "https://papers.example.org/mail/unsubscribe/L" in hrefs


def test_html_needs_nothing_from_anywhere() -> None:
    source = write_digest(digest(), masthead=MASTHEAD, schedule=WHEN, links=LINKS).html
    page = html.fromstring(source)
    assert not list(page.iter("img", "script", "link", "iframe", "object", "math", "svg", "form"))
    assert "url(" not in source
    assert "@import" not in source
    assert "@font-face" not in source
    assert all(a.get("href", "").startswith("https://") for a in page.iter("a"))
    # What is laid out by tables is announced as no table; every text has its look in itself.
    assert {table.get("role") for table in page.iter("table")} == {"presentation"}
    for element in page.iter("h2", "a"):
        assert "color:" in element.get("style", ""), html.tostring(element)
    assert 'content="light dark"' in source
    assert "prefers-color-scheme: dark" in source


def test_text_of_a_source_cannot_become_markup() -> None:
    nasty = real("2603.00004", "<script>alert(1)</script> & “quotes”", "A <img src=x onerror=y> gist. More.")
    letter = write_digest(
        digest(picks=(Pick(nasty, Reason("x", "<b>why</b>")),), followed=(), news=()),
        masthead=Masthead(title="<i>News</i>", url="https://x.example"),
        schedule=None,
        links=Links(),
    )
    page = html.fromstring(letter.html)
    assert not list(page.iter("script", "img", "b", "i")) or all(b.text == "Why:" for b in page.iter("b"))
    assert "<b>why</b>" in letter.plain
    assert letter.subject.startswith("<i>News</i>, 20 March: <script>")


def test_ten_long_papers_stay_below_what_clients_cut_off() -> None:
    abstract = "We show that " + "the very long word of it all " * 40 + "is $x_{max}$ true. And more."
    papers = [real(f"2603.{n:05}", "A Title That Goes On " * 8, abstract) for n in range(11)]
    picks = tuple(Pick(p, Reason("like", "because of this and that " * 8)) for p in papers)
    letter = write_digest(
        digest(picks=picks[:10], outside=picks[10:]), masthead=MASTHEAD, schedule=WHEN, links=LINKS
    )
    assert len(letter.html.encode()) < 100_000  # Gmail cuts at 102 kB
    assert len(letter.subject) <= 110


def test_public_digest_offers_no_reader_anything_of_their_own() -> None:
    links = Links(leave="https://papers.example.org/mail/unsubscribe/L")
    letter = write_digest(
        digest(reader="", personal=False, outside=(), followed=(), news=()),
        masthead=MASTHEAD,
        schedule=WHEN,
        links=links,
    )
    assert "because you asked for trending papers" in " ".join(letter.plain.split())
    assert "/mail/save/" not in letter.html + letter.plain


def test_nothing_new_says_so() -> None:
    empty = digest(days=(), announced=0, picks=(), outside=(), followed=(), news=())
    letter = write_digest(empty, masthead=MASTHEAD, schedule=WHEN, links=LINKS)
    assert letter.subject == "Broadsheet: nothing new"
    for text in (" ".join(letter.plain.split()), words_of(letter.html)):
        assert "No new papers have come in since the last digest." in text


def test_question_says_what_is_asked_and_how_to_answer() -> None:
    letter = write_question(
        masthead=MASTHEAD,
        schedule=WHEN,
        public=True,
        confirm="https://papers.example.org/mail/subscribe/T",
        days=7,
    )
    assert letter.subject == "Broadsheet: please confirm that you want trending papers by mail"
    for text in (" ".join(letter.plain.split()), letter.html):
        assert "Monday to Friday at 7:00 (Europe/Paris)" in text
        assert "https://papers.example.org/mail/subscribe/T" in text
        assert "good for 7 days" in text


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([], ""),
        (["2026-03-20"], "Friday, 20 March 2026"),
        (["2026-03-16", "2026-03-20"], "16 to 20 March 2026"),
        (["2026-02-27", "2026-03-02"], "27 February to 2 March 2026"),
        (["2025-12-31", "2026-01-02"], "31 December 2025 to 2 January 2026"),
    ],
)
def test_days_are_said_as_a_newspaper_says_them(days: list[str], said: str) -> None:
    assert days_in_words([date.fromisoformat(day) for day in days]) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (range(7), "every day at 7:00 (UTC)"),
        ([6], "every Sunday at 7:00 (UTC)"),
        ([0, 3], "Monday and Thursday at 7:00 (UTC)"),
        ([0, 1], "Monday and Tuesday at 7:00 (UTC)"),
        ([0, 2, 4], "Monday, Wednesday and Friday at 7:00 (UTC)"),
        ([1, 2, 3], "Tuesday to Thursday at 7:00 (UTC)"),
    ],
)
def test_schedule_is_said_in_words(days: list[int], said: str) -> None:
    assert schedule_in_words(Schedule(days=tuple(days), hour=7, zone="UTC")) == said
