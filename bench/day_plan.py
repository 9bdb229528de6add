"""A day of booked visits as routes: from nothing, and anew after each of many changes.

Visits are wishes of the demo's crowd, with their services, windows and homes; nurses are the
demo's, who may give what they hold, within their radius. A province is ten such cities: nobody
drives from one to another, so each is planned by itself. A change is a new visit, a nurse who falls
ill, or a visit that takes forty minutes longer. Seeded; times are measured.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bench import ground, results
from config import catalogue
from config.catalogue import Catalogue
from config.settings import Settings
from demo import region
from demo.crowd import mix
from demo.crowd.mix import Mix, Service, Timing
from demo.region import Region
from demo.roster import ZONE
from matching import day
from matching.day import DayPlan, Round, Stay
from matching.inputs import local_midnight
from matching.routing.search import warm_up
from matching.spans import Span
from matching.travel import Place

NAME: Final = "day_plan"
SEED: Final = 330_700
VISITS: Final = 500
NURSES: Final = 200
NURSES_OF_A_CITY: Final = 600
PATIENTS: Final = 2_000
CITIES: Final = 10
HOURS: Final = (7, 21)
REST: Final = (12, 13)
# Of the sixty seconds that a day may take, for each city of a province.
SEARCH_S: Final = 5.0
CITY_ALONE_S: Final = 20.0
REPLAN_S: Final = 1.0
ALONE_STEPS: Final = 50
CHANGES: Final = 30
LONGER: Final = timedelta(minutes=40)
BEGIN: Final = datetime(2026, 11, 22, 10, 0, tzinfo=ZONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """The visits of one day, and some more that may still come; who works on that day."""

    stays: tuple[Stay, ...]
    more: tuple[Stay, ...]
    rounds: tuple[Round, ...]


def city(number: int, visits: int, nurses: int) -> City:
    """One city of the province, the first of them Jinhua."""
    rolled = random.Random(SEED + number)
    built = region.build(
        today=ground.TODAY,
        seed=SEED + number,
        nurse_count=max(NURSES_OF_A_CITY, nurses),
        patient_count=PATIENTS,
    )
    services = catalogue.load()
    on = BEGIN.date() + timedelta(days=1)
    midnight = local_midnight(on)

    def clock(hour: int) -> datetime:
        return midnight + timedelta(hours=hour)

    at_work = rolled.sample([one for one in built.nurses if not one.suspended], nurses)
    rounds = tuple(
        Round(
            nurse_id=UUID(int=one.staff_no),
            place=Place.at(one.lat, one.lng),
            hours=Span(clock(HOURS[0]), clock(HOURS[1])),
            rest=Span(clock(REST[0]), clock(REST[1])),
        )
        for one in at_work
    )
    holding = {
        UUID(int=one.staff_no): (services.closure(one.specialties), one.tier, one.radius_m)
        for one in at_work
    }
    found = _stays(built, services, rounds, holding, visits + 2 * CHANGES)
    cut = next(n for n in range(visits, len(found)) if found[n].mate != found[n - 1].id)
    return City(
        stays=tuple(found[:cut]),
        more=tuple(one for one in found[cut:] if one.mate is None),
        rounds=rounds,
    )


def _stays(
    built: Region,
    services: Catalogue,
    rounds: Sequence[Round],
    holding: Mapping[UUID, tuple[frozenset[str], int, int]],
    count: int,
) -> list[Stay]:
    """Tomorrow's visits as the crowd wishes for them, whom some of these nurses may give."""
    people = {one.patient_no: mix.kind_of(one, BEGIN) for one in built.patients}
    told = [
        Service(
            code=one.code,
            category=one.category,
            specialties=one.specialties_required,
            requires_prescription=one.requires_prescription,
            nurses_required=one.nurses_required,
            duration_min=one.duration_min,
        )
        for one in services.services.values()
    ]
    wishes = Mix(built.seed, told, people, Timing.DAY)
    homes = {one.patient_no: Place.at(one.lat, one.lng) for one in built.patients}
    found: list[Stay] = []
    number = 0
    while len(found) < count:
        number += 1
        wish = wishes.draw(number, BEGIN)
        if wish.earliest < rounds[0].hours.starts_at:
            continue
        bundle = services.combine(wish.service_codes)
        home = homes[wish.patient_no]
        able = [
            each.nurse_id
            for each in rounds
            if bundle.specialties <= holding[each.nurse_id][0]
            and bundle.skill_tier <= holding[each.nurse_id][1]
            and home.distance_m(each.place) <= holding[each.nurse_id][2]
        ]
        if len(able) < bundle.nurses_required:
            continue
        ids = [UUID(int=1_000_000 + 10 * number + seat) for seat in range(bundle.nurses_required)]
        found.extend(
            Stay(
                id=one,
                place=home,
                lasts_s=60.0 * bundle.duration_min,
                earliest=wish.earliest,
                latest=wish.latest,
                able=able,
                mate=next((other for other in ids if other != one), None),
            )
            for one in ids
        )
    return found


def measure(cities: int, visits: int, nurses: int, changes: int) -> dict[str, Any]:
    """The first city by itself, then all of them; changes in the first of a province."""
    warm_up()
    rows, worst = [], []
    legs = _legs()
    given = [city(number, visits, nurses) for number in range(cities)]
    for name, some, seconds in (
        ("a city", given[:1], CITY_ALONE_S),
        ("a province", given, SEARCH_S),
    ):
        results.say(name)
        began_s = time.perf_counter()
        plans = [_planned(one, legs, seconds) for one in some]
        took_s = time.perf_counter() - began_s
        rows.append(
            {
                "day": name,
                "visits": sum(len(one.stays) for one in some),
                "nurses": sum(len(one.rounds) for one in some),
                "planned_in_s": round(took_s, 1),
                "with_nobody": sum(
                    len(one.stays) - len(made.seats) for one, made in zip(some, plans, strict=True)
                ),
                "nobody_could": sum(_beyond(one, legs) for one in some),
                "travel_min_a_visit": round(
                    sum(made.travel_s for made in plans) / 60 / sum(len(p.seats) for p in plans), 1
                ),
            }
        )
        results.say(f"{name}: changes")
        worst += _changes(name, some, plans, legs, changes)
    return {"from_nothing": rows, "changes": worst}


def _legs() -> day.Legs:
    given = Settings()
    return day.straight_legs(
        given.travel_detour, given.travel_speed_kmh, 60.0 * given.travel_buffer_min
    )


def _planned(one: City, legs: day.Legs, seconds: float) -> DayPlan:
    return day.plan(one.stays, one.rounds, legs, _until(seconds), seed=1)


def _beyond(one: City, legs: day.Legs) -> int:
    """How many visits nobody who may could give, were it her only one of the day."""
    rounds = {each.nurse_id: each for each in one.rounds}
    return sum(
        not day.plan(
            [replace(stay, mate=None)],
            [rounds[nurse_id] for nurse_id in stay.able],
            legs,
            lambda steps: steps / ALONE_STEPS,
        ).seats
        for stay in one.stays
    )


def _until(seconds: float) -> day.Spent:
    began_s = time.monotonic()
    return lambda steps: (time.monotonic() - began_s) / seconds


def _changes(
    name: str, cities: Sequence[City], plans: Sequence[DayPlan], legs: day.Legs, count: int
) -> list[dict[str, Any]]:
    """Each kind of change so often, each to the plan as it was made, in a city drawn by lot."""
    rolled = random.Random(SEED)
    rows = []
    for kind in ("a new visit", "a nurse falls ill", "a visit takes longer"):
        taken, shares, met, hit = [], [], 0, 0
        for number in range(count):
            at = rolled.randrange(len(cities))
            stays, rounds, anew = _changed(cities[at], plans[at], kind, number, rolled)
            began_s = time.perf_counter()
            moved = day.replan(stays, rounds, legs, _until(REPLAN_S), anew=anew, seed=number)
            taken.append(time.perf_counter() - began_s)
            others = sum(len(one.stays) for one in cities)
            shares.append(100 * len(moved.keys() - set(anew)) / others)
            hit += len(anew)
            met += sum(one in moved for one in anew)
        rows.append(
            {
                "day": name,
                "change": kind,
                "changes": count,
                "visits_concerned": hit,
                "of_these_with_a_nurse": met,
                "replanned_p50_s": round(statistics.median(taken), 2),
                "replanned_max_s": round(max(taken), 2),
                "others_moved_mean_percent": round(statistics.mean(shares), 2),
                "others_moved_max_percent": round(max(shares), 2),
            }
        )
    return rows


def _changed(
    one: City, made: DayPlan, kind: str, number: int, rolled: random.Random
) -> tuple[list[Stay], list[Round], list[UUID]]:
    stays = [replace(stay, told=made.seats.get(stay.id)) for stay in one.stays]
    rounds = list(one.rounds)
    if kind == "a new visit":
        come = one.more[number % len(one.more)]
        return [*stays, come], rounds, [come.id]
    busy = rolled.choice([stay for stay in stays if stay.id in made.seats])
    nurse_id = made.seats[busy.id].nurse_id
    hers = sorted(
        (one for one in stays if one.id in made.seats and made.seats[one.id].nurse_id == nurse_id),
        key=lambda one: made.seats[one.id].start_at,
    )
    if kind == "a nurse falls ill":
        left = [each for each in rounds if each.nurse_id != nurse_id]
        return stays, left, [stay.id for stay in hers]
    longer = replace(busy, lasts_s=busy.lasts_s + LONGER.total_seconds(), fixed=True)
    after = [stay.id for stay in hers[hers.index(busy) + 1 :]]
    return [longer if stay.id == busy.id else stay for stay in stays], rounds, after


def main() -> None:
    """Plan, then change."""
    parser = results.parser(NAME, __doc__)
    given = parser.parse_args()
    cities, visits, nurses, changes = (
        (2, 60, 30, 3) if given.quick else (CITIES, VISITS, NURSES, CHANGES)
    )
    results.finish(NAME, measure(cities, visits, nurses, changes), quick=given.quick)


if __name__ == "__main__":
    main()
