from __future__ import annotations

from typing import Any

from lxml import html


def test_a_days_papers_are_shown_by_what_they_can_expect_with_reasons(
    client: Any, sample_archive: Any
) -> None:
    latest = sample_archive.library.latest()
    answer = client.get("/expected")
    tree: Any = html.fromstring(answer.text)
    reasons = tree.xpath("//p[@class='why']")
    assert answer.status_code == 200
    expected = sample_archive.library.expected(latest)
    assert len(reasons) == min(30, len(expected))
    titles = [" ".join(h.text_content().split()) for h in tree.xpath("//article/h2")]
    assert titles[0] == expected[0].paper.title
    assert all("like this came onto the list" in " ".join(r.text_content().split()) for r in reasons)
    assert answer.text == client.get(f"/expected?day={latest}").text


def test_a_day_without_papers_says_so(client: Any) -> None:
    assert client.get("/expected?day=2001-01-01").status_code == 404
    assert client.get("/expected?day=soon").status_code == 400
