"""Positions of nurses on their way, over HTTP: reports a second, with one point and with ten each.

Each nurse is on a visit of her own; every point is new, so that it is sealed, kept, moves her
dispatch point where she has moved, and is told to the patient's map.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from bench import accepting, closed_loop, results, rig
from bench.accepting import MORNING
from bench.rig import Rig
from dispatch.acts import answer_offer, run_visit
from dispatch.database import Caller
from dispatch.evidence import Report
from dispatch.lifecycles import Role
from dispatch.records.offers import Offer
from tests.acceptance import able

NURSES: Final = 100
CONNECTIONS: Final = 32
WARM_UP_S: Final = 1.0
STEP_DEG: Final = 0.0004  # some 40 m: further than what counts as standing still
COUNT: Final = "SELECT count(*) FROM positions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One size of report; `*_us` are microseconds of processor time for one report."""

    points_a_report: int
    connections: int
    reports: int
    reports_per_s: int
    points_per_s: int
    p50_ms: float
    p99_ms: float
    api_us: int
    postgres_us: int
    load_us: int


async def measure(*, for_s: float, connections: int = CONNECTIONS) -> list[Figures]:
    """Send nurses on their way, then let them report. Raises `AssertionError` for a lost point."""
    people = able.build(MORNING.date(), nurses=NURSES, patients=NURSES)
    async with rig.standing(people, at=MORNING, settings=accepting.PATIENCE) as system:
        rows = await system.owner.fetch(accepting.ACCOUNTS)
        accounts = {row["nurse_id"]: row["id"] for row in rows}
        tokens = await system.sign_in(accounts.values())
        results.say("sending nurses on their way")
        # One order of the first slot for each nurse.
        slots = accepting.DAYS * accepting.SLOTS_A_DAY
        numbers = range(0, NURSES * slots, slots)
        sent = await accepting.arrange(system.pool, people, numbers, asked=1)
        for offer in sent:
            await _set_out(system, offer, accounts[offer.nurse_id])
        began: datetime = await system.owner.fetchval("SELECT app_now()")
        way = _Way([tokens[accounts[offer.nurse_id]] for offer in sent], began)
        found = []
        for points in (1, 10):
            results.say(f"reports of {points}")
            await _round(system, way, points, connections, WARM_UP_S)
            found.append(await _round(system, way, points, connections, for_s))
    return found


async def _set_out(system: Rig, offer: Offer, account_id: UUID) -> None:
    nurse = Caller(
        role=Role.NURSE, account_id=account_id, nurse_id=offer.nurse_id, request_id="bench"
    )
    visit = await answer_offer.accept_offer(system.pool, nurse, offer.id)
    now: datetime = await system.owner.fetchval("SELECT app_now()")
    here = Report(at=now, lat=able.HOME[0], lng=able.HOME[1])
    await run_visit.depart(system.pool, nurse, visit.id, here)


async def _round(system: Rig, way: _Way, points: int, connections: int, for_s: float) -> Figures:
    kept = await system.owner.fetchval(COUNT)
    before = system.spent()
    tally = await closed_loop.fire(
        system.ports, way.reports(points), connections=connections, for_s=for_s
    )
    reports = len(tally.waited_s)
    us = system.spent().since(before).per_request_us(reports)
    tally.expect("202")
    kept = await system.owner.fetchval(COUNT) - kept
    if kept != reports * points:
        raise AssertionError(f"{reports} reports of {points} were taken, {kept} points are kept")
    return Figures(
        points_a_report=points,
        connections=connections,
        reports=reports,
        reports_per_s=round(tally.per_s),
        points_per_s=round(tally.per_s * points),
        p50_ms=tally.percentile_ms(0.5),
        p99_ms=tally.percentile_ms(0.99),
        api_us=us["api"],
        postgres_us=us["postgres"],
        load_us=us["load"],
    )


class _Way:
    """What the phones report, one nurse after the other; no two points are of one time."""

    def __init__(self, tokens: list[str], began: datetime) -> None:
        self._tokens = tokens
        self._began = began
        self._told = itertools.count(1)

    def reports(self, points: int) -> Iterator[bytes]:
        for token in itertools.cycle(self._tokens):
            yield closed_loop.post(
                "/v1/nurse/positions",
                {"points": [self._point(next(self._told)) for _ in range(points)]},
                token=token,
            )

    def _point(self, number: int) -> dict[str, object]:
        lat = able.HOME[0] + STEP_DEG * (number % 50)
        return {
            "location": {"lat": round(lat, 6), "lng": able.HOME[1], "crs": "wgs84"},
            "recorded_at": (self._began + timedelta(microseconds=200 * number)).isoformat(),
            "accuracy_m": 12,
        }


def main() -> None:
    """Measure, print a table, keep results/positions.json."""
    parser = results.parser("positions", __doc__)
    parser.add_argument("--seconds", type=float, default=10, help="for each size of report")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    given = parser.parse_args()
    for_s = 2.0 if given.quick else given.seconds
    found = asyncio.run(measure(for_s=for_s, connections=given.connections))
    results.finish("positions", {"reports": [asdict(one) for one in found]}, quick=given.quick)


if __name__ == "__main__":
    main()
