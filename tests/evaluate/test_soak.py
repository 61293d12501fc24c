"""The soak's own instruments: requests that are sent when they are due, and what is made of readings."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest
from bench.soak import load, report
from bench.soak.house import Reading
from bench.soak.load import Answer, Client, Request


def test_requests_are_sent_when_they_are_due_though_none_is_answered() -> None:
    """A server that answers nobody until twenty are inside: whoever waits for an answer before asking waits for ever."""
    crowd, answers = 20, list[Answer]()

    async def scene() -> None:
        all_inside, came = asyncio.Event(), 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal came
            with suppress(asyncio.IncompleteReadError):
                while await reader.readuntil(b"\r\n\r\n"):
                    came += 1
                    if came == crowd:
                        all_inside.set()
                    await all_inside.wait()
                    writer.write(b"HTTP/1.1 503 No\r\nRetry-After: 2\r\nContent-Length: 2\r\n\r\nno")
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            client = Client(*server.sockets[0].getsockname()[:2])
            requests = iter([Request("page", f"/{number}") for number in range(crowd + 5)])
            due_at = load.arrivals([(500, 60)], chance=random.Random(1))
            await load.drive(client, requests, due_at, tell=answers.append)

    asyncio.run(scene())
    assert len(answers) == crowd + 5
    first_come = sorted(answers, key=lambda answer: answer.due)[:crowd]
    assert first_come[0].seconds > first_come[-1].seconds  # it waited for all who came after it
    assert all((a.status, a.expected, a.retry_after, a.size) == (503, False, True, 2) for a in answers)


def test_a_house_that_is_gone_is_an_answer_too() -> None:
    answer = asyncio.run(Client("127.0.0.1", 1).ask(Request("page", "/"), due=0.0))
    assert (answer.status, answer.expected) == (0, False)
    assert "ConnectionRefusedError" in answer.error


def test_quantiles_are_by_nearest_rank() -> None:
    values = [
        15.0,
        20.0,
        35.0,
        40.0,
        50.0,
    ]  # https://en.wikipedia.org/wiki/Percentile#Worked_examples_of_the_nearest-rank_method
    assert [report.quantile(values, share) for share in (0.05, 0.3, 0.4, 0.5, 1.0)] == [15, 20, 20, 35, 50]
    assert report.quantile([], 0.5) == 0


def test_memory_is_compared_by_medians_of_both_ends_after_the_warm_up() -> None:
    sizes = [900, 10, 100, 101, 99, 500, 103, 104, 104, 105, 106]  # one a second; one look caught a peak
    readings = [Reading(float(second), size, size, 0.0) for second, size in enumerate(sizes)]
    held = report.memory(readings, warm_up=2, of=lambda reading: reading.rss)
    assert (held.first, held.last, held.peak) == (100.5, 105.5, 900)
    assert held.growth == pytest.approx(5 / 100.5)
