"""A day in town, played over HTTP by everybody who takes part in it, on the real processes."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from typing import Final

import asyncpg
import pytest

from demo.region import Region
from dispatch import migrate
from tests.acceptance import invariants, stories_of_orders, stories_of_visits
from tests.acceptance.clients import ServerClock, Wire
from tests.acceptance.day import Day, Story
from tests.acceptance.processes import Deployment
from tests.acceptance.story_book import Entry

SEED: Final = 7
ORDERS_MIN: Final = 300
PATIENTS: Final = 40
# Hours of the server's time pass in some minutes of ours.
TIME_SCALE: Final = 50
REQUESTS_AT_ONCE: Final = 12
STORIES_AT_ONCE: Final = 80
# The day must be over by then, whatever happens; what has not come to its end is named.
DAY_S: Final = 480

# That a story was told is not enough: each of these must have been seen to happen, so often.
HAPPENED: Final[dict[str, int]] = {
    "accepted": 180,
    "fulfilled": 30,
    "declined": 20,
    "expired": 10,
    "withdrawn": 4,
    "released": 8,
    "rejected": 8,
    "asked for information": 6,
    "prescribed": 10,
    "ordered on behalf": 5,
    "preferred nurse asked first": 2,
    "cancelled": 20,
    "cancelled free of charge": 10,
    "cancelled with a fee": 8,
    "cancelled by the operator": 2,
    "cancellation refused after arrival": 4,
    "stale version refused": 15,
    "refused fields": 2,
    "rescheduled": 12,
    "held": 6,
    "reopened": 6,
    "lapsed while held": 4,
    "lapsed while open": 5,
    "lapsed while submitted": 3,
    "assigned by the operator": 6,
    "redispatched": 5,
    "two seats fulfilled": 13,
    "two seats released": 4,
    "one of two aborted": 4,
    "partner called back": 3,
    "a seat stayed empty": 3,
    "aborted, and failed": 7,
    "aborted, and planned again": 7,
    "missed, and failed": 4,
    "missed, and planned again": 4,
    "a step for an ended visit kept": 4,
    "steps sent late": 5,
    "arrived outside the geofence": 4,
    "followed on the way": 20,
    "record sent again": 20,
    "step repeated with its key": 20,
    "order repeated with its key": 8,
    "accept repeated with its key": 20,
    "accept repeated with another key": 15,
    "rated": 20,
    "overdue alarm": 4,
    "alarm climbed": 5,
    "alarm acknowledged": 5,
    "alarm pressed again": 5,
    "alarm resolved": 5,
    "ended by the operator": 6,
    "a stranger saw nothing": 2,
}


@pytest.fixture
def server_settings() -> dict[str, str]:
    """Patience in real time is for a busy machine, that in the server's for its fast clock."""
    return {
        "APP_TIME_SCALE": str(TIME_SCALE),
        "APP_OFFER_TTL_S": "600",
        "APP_OFFER_TTL_URGENT_S": "240",
        "APP_PREFERRED_TTL_S": "240",
        "APP_MISS_AFTER_MIN": "40",
        "APP_NO_SHOW_MIN": "0",
        "APP_WAVE_SIZES": "[2, 4, 6]",
        "APP_ACCESS_TOKEN_TTL_S": "3600",
        "APP_ACQUIRE_TIMEOUT_S": "6",
        "APP_COMMAND_TIMEOUT_S": "10",
        "APP_REQUEST_TIMEOUT_S": "12",
        "APP_STATEMENT_TIMEOUT_MS": "9000",
        "APP_LOCK_TIMEOUT_MS": "6000",
    }


@pytest.mark.acceptance
@pytest.mark.timeout(560)
async def test_a_day_of_three_hundred_orders(
    deployment: Deployment, owner: asyncpg.Connection, people: Region
) -> None:
    await deployment.start("clock", "alarm", "api")
    async with Wire.to(deployment.url, at_once=REQUESTS_AT_ONCE) as wire:
        day = Day(wire, ServerClock(wire), SEED)
        async with day.staffed(list(people.nurses), PATIENTS):
            await migrate.set_clock(deployment.dsn, TIME_SCALE)
            await day.clock.read()
            await _tell_all(day)
        under_way = await invariants.list_under_way(owner)
        verified = await day.auditor.get("/v1/audit/verify")
    assert under_way == {}, "every story ends its order"
    assert [str(each) for each in await invariants.settled(owner)] == []
    assert verified["ok"] is True
    assert verified["checked"] > 10 * ORDERS_MIN
    assert await deployment.stop() == {"clock": 0, "alarm": 0, "api": 0}
    assert _defects(deployment, wire) == []
    assert len(day.cast) >= ORDERS_MIN
    missing = {what: day.happened[what] for what, n in HAPPENED.items() if day.happened[what] < n}
    assert missing == {}, "the day has told less than it should"


async def _tell_all(day: Day) -> None:
    """All stories, the longest first, a number of them at once."""
    written = (*stories_of_orders.book.all, *stories_of_visits.book.all)
    told = [entry for entry in written for _ in range(entry.times)]
    random.Random(SEED).shuffle(told)  # noqa: S311 - the same day again
    told.sort(key=lambda entry: entry.long_min > 100, reverse=True)
    slots = asyncio.Semaphore(STORIES_AT_ONCE)
    tasks = [
        asyncio.create_task(_tell(day, entry, number, slots), name=entry.name)
        for number, entry in enumerate(told)
    ]
    _, unfinished = await asyncio.wait(tasks, timeout=DAY_S)
    for task in unfinished:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    wrong = Counter(f"not over after {DAY_S} s: {task.get_name()}" for task in unfinished)
    failures = [each for each in [*results, *day.faults] if isinstance(each, Exception)]
    wrong.update(f"{type(each).__name__}: {str(each)[:400]}" for each in failures)
    if wrong:
        listed = "\n".join(f"{times} x {text}" for text, times in wrong.most_common(20))
        raise AssertionError(
            f"{wrong.total()} of {len(told)} stories went wrong:\n{listed}"
        ) from next(iter(failures), None)


async def _tell(day: Day, entry: Entry, number: int, slots: asyncio.Semaphore) -> None:
    async with slots:
        patient = day.patients[number % len(day.patients)]
        story = Story(day=day, patient=patient, name=entry.name)
        try:
            await entry.tell(story)
        except Exception as error:
            error.add_note(f"in the story {entry.name} of order {story.order_id}")
            raise
        finally:
            story.end()


def _defects(deployment: Deployment, wire: Wire) -> list[str]:
    """Answers of 5xx other than "come back", and whatever a process logged as an error."""
    found = [f"answered {status}" for status in wire.statuses if status >= 500 and status != 503]
    for name, lines in deployment.logs().items():
        for line in lines:
            try:
                said = json.loads(line)
            except ValueError:
                found.append(f"{name}: {line}")
                continue
            if said.get("level") in ("error", "critical") or said.get("status") == 500:
                found.append(f"{name}: {line}")
    return found
