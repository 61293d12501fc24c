"""Lists of feeds."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import InputError, RecordError
from broadsheet.source.fetch import Fetcher
from broadsheet.source.opml import Opml, Subscription, subscriptions

FEED = b"""<rss version="2.0"><channel><title>T</title>
<item><title>%s</title><link>https://x.example/%s</link></item></channel></rss>"""


def opml(*urls: Any) -> bytes:
    outlines = "".join(f'<outline type="rss" text="{u}" xmlUrl="{u}"/>' for u in urls)
    return f'<opml version="2.0"><head/><body>{outlines}</body></opml>'.encode()


def test_feeds_are_listed_once_with_their_folders() -> None:
    data = b"""<?xml version="1.0"?><opml version="1.0"><body>
    <outline text="Science"><outline text="Physics">
      <outline text="a" title="Journal A" type="rss" xmlUrl="https://a.example/rss" htmlUrl="https://a.example"/>
    </outline></outline>
    <outline text="B" xmlUrl="https://b.example/atom"/><outline text="A again" xmlUrl="https://a.example/rss"/>
    <outline text="Daily"><outline text="A once more" xmlUrl="https://a.example/rss"/></outline>
    <outline text="no feed"/></body></opml>"""
    assert subscriptions(data, where="f") == (
        Subscription("https://a.example/rss", "Journal A", ("Science/Physics", "Daily")),
        Subscription("https://b.example/atom", "B"),
    )


def test_a_feeds_folders_become_the_collections_of_its_papers(host: Any, tmp_path: Path) -> None:
    host.answers["/one"] = (200, {}, FEED % (b"One", b"1"))
    host.answers["/two"] = (200, {}, FEED % (b"Two", b"2"))
    one, two = (f'<outline text="x" xmlUrl="{host.url}/{name}"/>' for name in ("one", "two"))
    path = tmp_path / "feeds.opml"
    path.write_text(
        f'<opml><body><outline text="Zoology"><outline text="Bats">{one}</outline></outline>'
        f'<outline text="Daily">{one}</outline>{two}</body></opml>'
    )
    with Fetcher(pause=0) as fetcher:
        papers: list[Any] = list(Opml(fetch=fetcher.get).read(path))
    assert [(p.title, p.collections) for p in papers] == [("One", ("Zoology/Bats", "Daily")), ("Two", ())]
    assert host.asked == ["/one", "/two"]


def test_every_feed_is_read_and_a_failing_one_is_named(host: Any, tmp_path: Path) -> None:
    host.answers["/one"] = (200, {}, FEED % (b"One", b"1"))
    host.answers["/page"] = (200, {}, b"<html>no feed</html>")
    host.answers["/two"] = (200, {}, FEED % (b"Two", b"2"))
    path = tmp_path / "feeds.opml"
    path.write_bytes(
        opml(*(host.url + p for p in ("/one", "/gone", "/page", "/two")), "gopher://old.example")
    )
    with Fetcher(pause=0) as fetcher:
        items: list[Any] = list(Opml(fetch=fetcher.get).read(path))
    one, gone, page, two, odd = items
    assert (one.title, two.title) == ("One", "Two")
    assert isinstance(gone, RecordError)
    assert gone.where == f"{host.url}/gone"
    assert gone.reason == "the feed cannot be read: the host answered 404 Not Found"
    assert "not an RSS or Atom feed" in page.reason
    assert "not an address to fetch" in odd.reason


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<rss/>",
        b"<opml>",
        b'<!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><opml><body><outline xmlUrl="&b;"/></body></opml>',
        b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body>&x;</body></opml>',
    ],
)
def test_what_is_no_opml_or_declares_entities_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="^f "):
        subscriptions(data, where="f")


@given(
    st.binary(max_size=200)
    | st.text(max_size=100).map(
        lambda t: f"<opml><body><outline xmlUrl='{t}'/></body></opml>".encode("utf-8", "replace")
    )
)
def test_garbage_is_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        subscriptions(data, where="f")
