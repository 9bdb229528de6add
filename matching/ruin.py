"""Owns the search for better routes: ruin and recreate, on bare numbers, so many steps.

After Christiaens and Vanden Berghe (Transportation Science 54, 2020): pieces of routes that lie
near each other are taken out and put back where they add least; what is worse is kept for a while.
"""

from __future__ import annotations

from math import exp
from typing import Any, Final, NamedTuple, TypeAlias

from matching.compiled import kernel

Numbers: TypeAlias = Any

NONE: Final = -1
NEVER: Final = 1e18
ROUTE_MAX: Final = 48

# What travel can never outweigh, in seconds of it. To come late is almost as bad as not to come:
# were it far cheaper, a full day would save one order by many that come late, each of which makes
# the next one late.
LOST: Final = 1e7
LATE: Final = 9e6

# How many visits are taken out at a time, and of one route, at most; how often the best place is
# passed by; how many orders without a place are tried again in a step.
RUIN_MAX: Final = 16
STRING_MAX: Final = 8
BLINK: Final = 0.01
UNPLACED_MAX: Final = 12
# By how much worse a plan may become, in seconds of travel, at the first step and at the last.
HEAT_S: Final = 120.0
COLD_S: Final = 2.0


class Day(NamedTuple):
    """What is known. `leg[p, q]` is the travel between places in seconds; `able[v, x]` says whether
    nurse v may visit order x. No visit begins after `cancels`, or is done after her `ends`.

    `delay_s` is what a visit costs that begins at the end of its window rather than at its
    beginning: a plan that leaves no time has none for those who come later.
    """

    leg: Numbers
    place: Numbers
    opens: Numbers
    closes: Numbers
    cancels: Numbers
    lasts: Numbers
    able: Numbers
    ends: Numbers
    delay_s: float


class Plan(NamedTuple):
    """`free` and `at`: when and where each nurse is free of what cannot be changed any more; her
    `route` follows, with when each visit `begins` and is `done`. `nurse` is whose route has x."""

    free: Numbers
    at: Numbers
    route: Numbers
    size: Numbers
    begins: Numbers
    done: Numbers
    nurse: Numbers


class Room(NamedTuple):
    """What a step needs to be undone, and the best so far. `count[0]` routes are kept as they were
    before the step, `count[1]` orders are `out` of the plan."""

    random: Numbers
    count: Numbers
    kept: Numbers
    is_kept: Numbers
    kept_route: Numbers
    kept_size: Numbers
    kept_cost: Numbers
    out: Numbers
    rank: Numbers
    best_route: Numbers
    best_size: Numbers


@kernel
def settle(day: Day, plan: Plan, room: Room, known: Numbers, now: float) -> None:
    """Take off the routes what can no more be reached in time; give what has no place the best."""
    room.count[0] = room.count[1] = 0
    for v in range(len(plan.size)):
        room.is_kept[v] = False
        _time(day, plan, v, now)
        k = 0
        while k < plan.size[v]:
            x = plan.route[v, k]
            if plan.begins[v, k] <= day.cancels[x] and plan.done[v, k] <= day.ends[v]:
                k += 1
                continue
            for later in range(k + 1, plan.size[v]):
                plan.route[v, later - 1] = plan.route[v, later]
            plan.size[v] -= 1
            plan.nurse[x] = NONE
            _time(day, plan, v, now)
    for x in known:
        if plan.nurse[x] == NONE:
            v, k = _best_place(day, plan, room, x, now, 0.0)
            if v != NONE:
                _put(day, plan, v, k, x, now)


@kernel
def improve(day: Day, plan: Plan, room: Room, known: Numbers, now: float, steps: int) -> None:
    """So many steps, cooling down; the best plan on the way stays. It starts from a settled one."""
    _remember(plan, room)
    heat, cooling = HEAT_S, (COLD_S / HEAT_S) ** (1.0 / max(1, steps))
    above = lowest = 0.0
    for _ in range(steps):
        heat *= cooling
        room.count[0] = room.count[1] = 0
        _collect_unplaced(plan, room, known)
        unplaced = room.count[1]
        _ruin(day, plan, room, known, now, unplaced)
        _recreate(day, plan, room, now)
        change = -LOST * unplaced
        for number in range(room.count[1]):
            if plan.nurse[room.out[number]] == NONE:
                change += LOST
        for number in range(room.count[0]):
            v = room.kept[number]
            change += _cost(day, plan, v) - room.kept_cost[v]
            room.is_kept[v] = False
        if change <= 0.0 or _unit(room.random) < exp(-change / heat):
            above += change
            if above < lowest - 1e-6:
                lowest = above
                _remember(plan, room)
        else:
            _undo(day, plan, room, now)
    for x in known:
        plan.nurse[x] = NONE
    for v in range(len(plan.size)):
        plan.size[v] = room.best_size[v]
        for k in range(plan.size[v]):
            plan.route[v, k] = room.best_route[v, k]
            plan.nurse[plan.route[v, k]] = v
        _time(day, plan, v, now)


@kernel
def _time(day: Day, plan: Plan, v: int, now: float) -> None:
    """When each visit of the nurse's route begins and is done."""
    free_at, at = max(plan.free[v], now), plan.at[v]
    for k in range(plan.size[v]):
        x = plan.route[v, k]
        begins = max(free_at + day.leg[at, day.place[x]], day.opens[x])
        free_at, at = begins + day.lasts[x], day.place[x]
        plan.begins[v, k], plan.done[v, k] = begins, free_at


@kernel
def _delay(day: Day, x: int, begins: float) -> float:
    spent = (begins - day.opens[x]) / (day.closes[x] - day.opens[x] + 1.0)
    return float(day.delay_s * spent + (LATE if begins > day.closes[x] else 0.0))


@kernel
def _cost(day: Day, plan: Plan, v: int) -> float:
    """The travel and the delays of the nurse's route."""
    total, at = 0.0, plan.at[v]
    for k in range(plan.size[v]):
        x = plan.route[v, k]
        total += day.leg[at, day.place[x]] + _delay(day, x, plan.begins[v, k])
        at = day.place[x]
    return total


@kernel
def _best_place(
    day: Day, plan: Plan, room: Room, x: int, now: float, blink: float
) -> tuple[int, int]:
    """(nurse, number on her route) where the order adds least; (NONE, 0) where it fits nowhere."""
    best, best_v, best_k = LOST, NONE, 0
    here = day.place[x]
    for v in range(len(plan.size)):
        if not day.able[v, x] or plan.size[v] >= ROUTE_MAX:
            continue
        free_at, at = max(plan.free[v], now), plan.at[v]
        for k in range(plan.size[v] + 1):
            way = day.leg[at, here]
            begins = max(free_at + way, day.opens[x])
            if begins > day.cancels[x] or begins + day.lasts[x] > day.ends[v]:
                break
            added = way + _delay(day, x, begins)
            if k < plan.size[v]:
                there = day.place[plan.route[v, k]]
                added += day.leg[here, there] - day.leg[at, there]
                free_at, at = plan.done[v, k], there
            if added < best and (blink == 0.0 or _unit(room.random) >= blink):
                added += _pushed(day, plan, v, k, here, begins + day.lasts[x])
                if added < best:
                    best, best_v, best_k = added, v, k
    return best_v, best_k


@kernel
def _pushed(day: Day, plan: Plan, v: int, first: int, at: int, free_at: float) -> float:
    """What it costs the visits from `first` on that she comes to them from elsewhere and later:
    they move on until one had time to spare. NEVER where one cannot be reached in time."""
    cost = 0.0
    for k in range(first, plan.size[v]):
        x = plan.route[v, k]
        begins = max(free_at + day.leg[at, day.place[x]], day.opens[x])
        if begins == plan.begins[v, k]:
            return cost
        if begins > day.cancels[x] or begins + day.lasts[x] > day.ends[v]:
            return NEVER
        cost += _delay(day, x, begins) - _delay(day, x, plan.begins[v, k])
        free_at, at = begins + day.lasts[x], day.place[x]
    return cost


@kernel
def _put(day: Day, plan: Plan, v: int, k: int, x: int, now: float) -> None:
    for later in range(plan.size[v], k, -1):
        plan.route[v, later] = plan.route[v, later - 1]
    plan.route[v, k], plan.nurse[x] = x, v
    plan.size[v] += 1
    _time(day, plan, v, now)


@kernel
def _keep(day: Day, plan: Plan, room: Room, v: int) -> None:
    """Note the route as it is, once in a step."""
    if room.is_kept[v]:
        return
    room.is_kept[v] = True
    room.kept[room.count[0]] = v
    room.count[0] += 1
    room.kept_size[v], room.kept_cost[v] = plan.size[v], _cost(day, plan, v)
    for k in range(plan.size[v]):
        room.kept_route[v, k] = plan.route[v, k]


@kernel
def _collect_unplaced(plan: Plan, room: Room, known: Numbers) -> None:
    """Some of those without a place, from anywhere among them on."""
    count = len(known)
    first = _draw(room.random) % count
    for number in range(count):
        x = known[(first + number) % count]
        if plan.nurse[x] == NONE and room.count[1] < UNPLACED_MAX:
            room.out[room.count[1]] = x
            room.count[1] += 1
            room.rank[x] = 0.0


@kernel
def _ruin(day: Day, plan: Plan, room: Room, known: Numbers, now: float, unplaced: int) -> None:
    """Take pieces of routes out, those nearest an order drawn by lot first."""
    middle = day.place[known[_draw(room.random) % len(known)]]
    for x in known:
        if plan.nurse[x] != NONE:
            room.rank[x] = day.leg[middle, day.place[x]]
    wanted = 1 + _draw(room.random) % RUIN_MAX
    while room.count[1] - unplaced < wanted:
        nearest, away = NONE, NEVER
        for x in known:
            if plan.nurse[x] != NONE and room.rank[x] < away and not room.is_kept[plan.nurse[x]]:
                nearest, away = x, room.rank[x]
        if nearest == NONE:
            return
        v = plan.nurse[nearest]
        size = plan.size[v]
        length = min(wanted, 1 + _draw(room.random) % min(size, STRING_MAX))
        k = 0
        while plan.route[v, k] != nearest:
            k += 1
        low, high = max(0, k - length + 1), min(k, size - length)
        _take_out(day, plan, room, v, low + _draw(room.random) % (high - low + 1), length, now)


@kernel
def _take_out(
    day: Day, plan: Plan, room: Room, v: int, first: int, length: int, now: float
) -> None:
    _keep(day, plan, room, v)
    for k in range(first, first + length):
        x = plan.route[v, k]
        plan.nurse[x] = NONE
        room.out[room.count[1]] = x
        room.count[1] += 1
    for k in range(first + length, plan.size[v]):
        plan.route[v, k - length] = plan.route[v, k]
    plan.size[v] -= length
    _time(day, plan, v, now)


@kernel
def _recreate(day: Day, plan: Plan, room: Room, now: float) -> None:
    """Put back what is out, one after the other: by lot, those first that cannot wait, or those
    farthest from the middle of the ruin."""
    way = _draw(room.random) % 8
    for number in range(room.count[1]):
        x = room.out[number]
        if way < 3:
            room.rank[x] = _unit(room.random)
        elif way < 5:
            room.rank[x] = day.cancels[x]
        else:
            room.rank[x] = -room.rank[x]
    for number in range(1, room.count[1]):
        x, place = room.out[number], number
        while place > 0 and room.rank[room.out[place - 1]] > room.rank[x]:
            room.out[place] = room.out[place - 1]
            place -= 1
        room.out[place] = x
    for number in range(room.count[1]):
        x = room.out[number]
        v, k = _best_place(day, plan, room, x, now, BLINK)
        if v != NONE:
            _keep(day, plan, room, v)
            _put(day, plan, v, k, x, now)


@kernel
def _undo(day: Day, plan: Plan, room: Room, now: float) -> None:
    for number in range(room.count[1]):
        plan.nurse[room.out[number]] = NONE
    for number in range(room.count[0]):
        v = room.kept[number]
        plan.size[v] = room.kept_size[v]
        for k in range(plan.size[v]):
            plan.route[v, k] = room.kept_route[v, k]
            plan.nurse[plan.route[v, k]] = v
        _time(day, plan, v, now)


@kernel
def _remember(plan: Plan, room: Room) -> None:
    for v in range(len(plan.size)):
        room.best_size[v] = plan.size[v]
        for k in range(plan.size[v]):
            room.best_route[v, k] = plan.route[v, k]


@kernel
def _draw(random: Numbers) -> int:
    """31 bits, the next of a seeded sequence (that of drand48)."""
    random[0] = (int(random[0]) * 25214903917 + 11) & 0xFFFFFFFFFFFF
    return int(random[0]) >> 17


@kernel
def _unit(random: Numbers) -> float:
    return _draw(random) / 2147483648.0
