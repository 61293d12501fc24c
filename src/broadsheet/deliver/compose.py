"""Letters in words: a digest, or a question whether an address wants one, as plain text and as HTML.

The HTML is for mail clients: tables, inlined styles, no image, no script, nothing fetched; dark where
the reader's client is, by a media query and the ``color-scheme`` that clients ask for. Knows no mail server.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from broadsheet.categories import name
from broadsheet.deliver.digest import Digest, Followed, News, Pick
from broadsheet.deliver.timetable import WEEKDAYS
from broadsheet.ids import PaperId
from broadsheet.library.views import byline
from broadsheet.model import LinkKind, NoticeKind, PaperType
from broadsheet.store.post import Schedule
from broadsheet.text import inline

_WIDTH: Final = 72
_SUBJECT: Final = 110  # letters; most clients show fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """What every letter of a site says of it. ``url`` is its public address, without a slash at the end."""

    title: str
    url: str
    footer: str = ""  # such as the postal address that some countries ask for


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where a reader of a letter can go; a link that is None is not offered."""

    save: Callable[[PaperId], str] | None = None
    hide: Callable[[PaperId], str] | None = None
    leave: str | None = None
    change: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A letter in words: subject, plain text, HTML."""

    subject: str
    plain: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A paper as a letter shows it; texts are plain, ``*_html`` the same as safe HTML."""

    title: str
    title_html: Markup
    url: str
    field: str
    by: str
    gist: str
    gist_html: Markup
    facts: str
    code: str
    why: str
    save: str
    hide: str


def write_digest(digest: Digest, *, masthead: Masthead, schedule: Schedule | None, links: Links) -> Text:
    """A digest as a letter. ``schedule``: when the next one comes, None where nobody subscribed."""
    picks = [_item(pick, masthead, links) for pick in digest.picks]
    outside = [_item(pick, masthead, links) for pick in digest.outside]
    news = [_told(one, masthead) for one in digest.news]
    values = {
        "masthead": masthead,
        "when": days_in_words(digest.days),
        "count": _count(digest),
        "lead": picks[0] if picks else None,
        "picks": picks[1:],
        "outside": outside,
        "followed": [_of(one, masthead) for one in digest.followed],
        "news": news,
        "nothing": _nothing(digest),
        "how": _how(digest),
        "often": schedule_in_words(schedule) if schedule else "",
        "public": not digest.reader,
        "links": links,
        "front": f"{masthead.url}/edition/{digest.days[-1]}" if digest.days else f"{masthead.url}/",
    }
    return Text(_subject(digest, masthead), *_set("digest", values))


def write_question(*, masthead: Masthead, schedule: Schedule, public: bool, confirm: str, days: int) -> Text:
    """The letter that asks the owner of an address whether the digest is wanted. ``days``: how long it may be answered."""
    what = "trending papers" if public else "your digest"
    values = {
        "masthead": masthead,
        "what": what,
        "often": schedule_in_words(schedule),
        "confirm": confirm,
        "days": days,
    }
    return Text(f"{masthead.title}: please confirm that you want {what} by mail", *_set("question", values))


def write_notice(*, masthead: Masthead, subject: str, text: str) -> Text:
    """A letter about an account: paragraphs, parted by empty lines, of which an address is a link by itself."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    values = {"masthead": masthead, "paragraphs": paragraphs}
    return Text(f"{masthead.title}: {subject[:1].lower()}{subject[1:]}", *_set("notice", values))


def days_in_words(days: Sequence[date]) -> str:
    """The days of a digest as a newspaper writes them.

    >>> days_in_words([date(2026, 3, 20)])
    'Friday, 20 March 2026'
    >>> days_in_words([date(2026, 2, 27), date(2026, 3, 2)])
    '27 February to 2 March 2026'
    """
    if not days:
        return ""
    first, last = min(days), max(days)
    if first == last:
        return f"{last:%A}, {last.day} {last:%B} {last.year}"
    year = f" {first.year}" if first.year != last.year else ""
    month = f" {first:%B}{year}" if (first.year, first.month) != (last.year, last.month) else ""
    return f"{first.day}{month} to {last.day} {last:%B} {last.year}"


def schedule_in_words(schedule: Schedule) -> str:
    """When a digest comes.

    >>> schedule_in_words(Schedule(days=(0, 1, 2, 3, 4), hour=7, zone="Europe/Paris"))
    'Monday to Friday at 7:00 (Europe/Paris)'
    >>> schedule_in_words(Schedule(days=(6,), hour=18, zone="UTC"))
    'every Sunday at 18:00 (UTC)'
    """
    days = sorted(set(schedule.days))
    if len(days) == 7:
        when = "every day"
    elif len(days) == 1:
        when = f"every {WEEKDAYS[days[0]]}"
    elif len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        when = f"{WEEKDAYS[days[0]]} to {WEEKDAYS[days[-1]]}"
    else:
        when = " and ".join([", ".join(WEEKDAYS[d] for d in days[:-1]), WEEKDAYS[days[-1]]])
    return f"{when} at {schedule.hour}:00 ({schedule.zone})"


# -- parts


def _item(pick: Pick, masthead: Masthead, links: Links) -> _Item:
    paper = pick.paper
    record, derived = paper.record, paper.derived
    facts = [str(paper.id), "" if derived.type is PaperType.OTHER else derived.type.value]
    if paper.votes:
        facts.append(f"{paper.votes:,} {'vote' if paper.votes == 1 else 'votes'}")
    if pick.also:
        facts.append(f"with {', '.join(map(str, pick.also))}, of nearly the same text")
    if not derived.complete:
        facts.append("a formula may be incomplete")
    if record.withdrawn:
        facts.insert(0, "WITHDRAWN")
    return _Item(
        title=paper.title,
        title_html=Markup(inline.title(record.title)),  # noqa: S704  safe by its contract
        url=masthead.url + _path(paper.id),
        field=name(record.categories[0]) if record.categories else "",
        by=byline([author.name for author in record.authors]),
        gist=derived.gist,
        gist_html=Markup(inline.passage(record.abstract, derived.gist)),  # noqa: S704
        facts=" · ".join(filter(None, facts)),
        code=next((link.url for link in derived.links if link.kind is LinkKind.CODE), ""),
        why=pick.why.text,
        save=links.save(paper.id) if links.save else "",
        hide=links.hide(paper.id) if links.hide else "",
    )


def _of(followed: Followed, masthead: Masthead) -> dict[str, Any]:
    papers = [
        {
            "title": paper.title,
            "title_html": Markup(inline.title(paper.record.title)),  # noqa: S704
            "url": masthead.url + _path(paper.id),
            "by": byline([author.name for author in paper.record.authors]),
            "why": why.text,
        }
        for paper, why in followed.papers
    ]
    return {"label": followed.label, "papers": papers, "more": followed.more}


def _told(news: News, masthead: Masthead) -> dict[str, Any]:
    paper = news.paper
    return {
        "title": paper.title if paper else str(news.id),
        "title_html": Markup(inline.title(paper.record.title)) if paper else str(news.id),  # noqa: S704
        "url": masthead.url + _path(news.id) if paper else "",
        "what": _NEWS[news.kind],
        "bad": news.kind in {NoticeKind.WITHDRAWN, NoticeKind.DELETED},
    }


_NEWS = {
    NoticeKind.WITHDRAWN: "was withdrawn",
    NoticeKind.DELETED: "was taken back by its source",
    NoticeKind.REVISED: "has a new version: its title or abstract changed",
    NoticeKind.FOLDED: "turned out to be the same work as another paper here",
    NoticeKind.DISPUTED: "is commented on or disputed by another paper",
}


def _path(id: PaperId) -> str:
    return "/papers/" + quote(str(id), safe="/:@!$&'()*+,;=~")


def _count(digest: Digest) -> str:
    shown = len(digest.picks) + len(digest.outside)
    if not digest.announced:
        return ""
    new = f"{digest.announced:,} new {'paper' if digest.announced == 1 else 'papers'}"
    return f"{shown} of {new}" if shown < digest.announced else new


def _nothing(digest: Digest) -> str:
    """What stands in place of papers."""
    if digest.picks or digest.followed or digest.news:
        return ""
    if not digest.announced:
        return "No new papers have come in since the last digest. arXiv announces on the evenings of Sunday to Thursday."
    return "Of what is new, you have seen everything already."


def _how(digest: Digest) -> str:
    if digest.personal:
        return "Chosen by what you keep, so that each of your interests and much of the day are among them."
    return "Chosen from the lead stories and the best of every field, so that much of the day is among them."


def _subject(digest: Digest, masthead: Masthead) -> str:
    when = ""
    if digest.days:
        last = max(digest.days)
        when = f"{last.day} {last:%B}"
    lead = digest.picks[0].paper.title if digest.picks else ""
    if not lead:
        lead = "nothing new"
        if digest.followed or digest.news:
            lead = "news of what you follow and keep"
    return textwrap.shorten(
        ", ".join(filter(None, [masthead.title, when])) + f": {lead}", _SUBJECT, placeholder=" …"
    )


# -- setting


def _set(template: str, values: dict[str, Any]) -> tuple[str, str]:
    plain = _press(html=False).get_template(f"{template}.txt").render(values)
    return plain.strip() + "\n", _press(html=True).get_template(f"{template}.html").render(values)


@cache
def _press(*, html: bool) -> jinja2.Environment:
    press = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=html,  # noqa: S701  the other letters are plain text
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    press.filters["filled"] = _filled
    return press


def _filled(text: str, indent: int = 0, hang: int | None = None) -> str:
    """Text in lines; addresses stay whole."""
    return textwrap.fill(
        text,
        width=_WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent if hang is None else hang),
        break_long_words=False,
        break_on_hyphens=False,
    )
