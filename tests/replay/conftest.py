"""The replay server as a fixture, and an Arxiv that asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.replay.server import Answer, FakeTime, Replay

from broadsheet.source.arxiv import Arxiv, Client, FileGate, Limits


@pytest.fixture
def fake() -> FakeTime:
    return FakeTime()


@pytest.fixture
def replay(fake: FakeTime) -> Iterator[Replay]:
    server = Replay(fake)
    yield server
    server.close()
    assert server.surplus == 0, "more was asked than the script had answers for"
    assert server.left() == 0, "the script has answers that nobody asked for"


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture
def arxiv(replay: Replay, fake: FakeTime, tmp_path: Path) -> Iterator[Callable[..., Arxiv]]:
    """Make an Arxiv that asks the replay server and sleeps by the fake clock."""
    made: list[Arxiv] = []

    def make(*, contact: str = "", limits: Limits | None = None, **options: object) -> Arxiv:
        client = Client(
            FileGate(tmp_path / "arxiv.gate", clock=fake.clock, sleep=fake.sleep),
            contact=contact,
            limits=limits or Limits(silence=2.0, deadline=5.0),
            sleep=fake.sleep,
            jitter=lambda: 1.0,
            clock=fake.clock,
        )
        options.setdefault("sets", ("cs",))
        made.append(
            Arxiv(
                client=client,
                oai_url=f"{replay.url}/oai",
                feed_url=f"{replay.url}/atom/",
                api_url=f"{replay.url}/api/query",
                **options,  # type: ignore[arg-type]  # options are Arxiv's own
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.close()
