"""Asking again, and waiting in between."""

from collections.abc import Callable
from typing import Any

import pytest

from broadsheet.errors import InputError, SourceError, ThrottledError
from broadsheet.source.retry import Retry, TransientError


def asking(*outcomes: Exception | str) -> Callable[[], str]:
    """Fails with each error in turn and gives what is no error."""
    left = iter(outcomes)

    def ask() -> str:
        outcome = next(left)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return ask


def retry(slept: list[float], **options: Any) -> Retry:
    usual: dict[str, Any] = {"attempts": 4, "backoff": 2.0, "patience": 60.0, "sleep": slept.append}
    return Retry(**(usual | options))


def test_pauses_double_up_to_the_longest() -> None:
    slept: list[float] = []
    ask = asking(*[TransientError("down")] * 4, "up")
    assert retry(slept, attempts=5, longest=6.0).call(ask) == "up"
    assert slept == [2.0, 4.0, 6.0, 6.0]


def test_jitter_keeps_half_of_each_pause_fixed() -> None:
    slept: list[float] = []
    retry(slept, jitter=lambda: 0.0).call(asking(*[TransientError("down")] * 2, "up"))
    assert slept == [1.0, 2.0]


def test_a_host_that_names_a_pause_gets_that() -> None:
    slept: list[float] = []
    retry(slept, jitter=lambda: 0.0).call(asking(ThrottledError("busy", 7.0), "up"))
    assert slept == [7.0]


def test_a_pause_beyond_patience_is_not_sat_out() -> None:
    slept: list[float] = []
    with pytest.raises(ThrottledError, match="^busy; try again later$") as caught:
        retry(slept).call(asking(ThrottledError("busy", 61.0)))
    assert (caught.value.retry_after, slept) == (61.0, [])


@pytest.mark.parametrize(
    ("last", "kind"), [(TransientError("x"), SourceError), (ThrottledError("x"), ThrottledError)]
)
def test_the_last_failure_says_how_it_ends(last: Exception, kind: type[Exception]) -> None:
    slept: list[float] = []
    with pytest.raises(SourceError, match="^x; gave up after 2 attempts; come back$") as caught:
        retry(slept, attempts=2, advice="come back").call(asking(TransientError("first"), last))
    assert type(caught.value) is kind
    assert slept == [2.0]


@pytest.mark.parametrize("error", [SourceError("no such page"), InputError("no address")])
def test_what_will_not_pass_is_not_asked_again(error: Exception) -> None:
    slept: list[float] = []
    with pytest.raises(type(error), match=str(error)):
        retry(slept).call(asking(error))
    assert slept == []


def test_no_attempt_at_all_is_said() -> None:
    with pytest.raises(SourceError, match="wanted at least 1"):
        retry([], attempts=0).call(asking("up"))
