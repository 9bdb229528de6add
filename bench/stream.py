"""Days of orders that come in one by one: the rolling plan beside simpler ways, on given files.

`python -m bench.stream FILE …` plays each file by all of them, one after the other, and works the
log out again from the instance alone; of the rolling plan's seeds the middle one is told.
`over_full` compares the travel with a plan that knew all orders beforehand, found by the same
search with the whole day at once: it may not be the best.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench import families, policies, results
from bench.families import Task, stream
from bench.families.stream import Day

NAME: Final = "stream"
OURS: Final = "shangmen"
# So much that no step of the search is left out.
SECONDS: Final = 3_600.0
SEEDS: Final = 3
VROOM_LIMIT_S: Final = 420.0
FULL_STEPS: Final = 500_000
# A second of the checker's tolerance is far more than rounding needs.
EPS: Final = 1e-3


class Broken(Exception):
    """A log breaks a rule of the day; a benchmark of it would be worth nothing."""


def score(day: Day, visits: Sequence[Mapping[str, Any]]) -> tuple[int, int, int]:
    """(orders lost, orders late, seconds of travel), nothing taken from the log but who, whom and
    when. Raises Broken."""
    orders = {order["id"]: order for order in day.orders}
    nurses = {nurse["id"]: nurse for nurse in day.nurses}
    free = {it: float(nurse["shift"][0]) for it, nurse in nurses.items()}
    at = {it: nurse["start"] for it, nurse in nurses.items()}
    late, travel = 0, 0.0
    for visit in sorted(visits, key=lambda visit: (visit["depart"], visit["start"])):
        order, nurse = orders.pop(visit["order"], None), visit["nurse"]
        if order is None or order["skill"] not in nurses[nurse]["skills"]:
            raise Broken(f"{visit} is of no order that is left, or of the wrong nurse")
        way = float(day.leg[at[nurse], order["loc"]])
        departs, starts = visit["depart"], visit["start"]
        if visit["decided"] < order["release"] - EPS or departs < visit["decided"] - EPS:
            raise Broken(f"{visit} was decided before it was known, or after she left")
        if departs < free[nurse] - EPS or starts < departs + way - EPS:
            raise Broken(f"{visit} is sooner than she can be there")
        done = starts + order["duration"]
        if not order["window"][0] - EPS <= starts <= order["cancel_at"] + EPS:
            raise Broken(f"{visit} is too early, or after the order was cancelled")
        if done > nurses[nurse]["shift"][1] + EPS:
            raise Broken(f"{visit} ends after the shift")
        late += starts > order["window"][1] + EPS
        travel += way
        free[nurse], at[nurse] = done, order["loc"]
    return len(orders), late, round(travel)


def played(path: Path, seed: int) -> tuple[Sequence[Mapping[str, Any]], Any]:
    """(visits, how long the decisions took) of the rolling plan."""
    progress = families.Progress(title=path.name)
    answer = stream.solve(
        Task(family=NAME, instance=str(path), seconds=SECONDS, seed=seed, progress=progress)
    )
    return answer["visits"], answer["latency_ms"]


def with_full_knowledge(day: Day) -> tuple[int, int, int]:
    """The day again with every order known from the beginning."""
    known = [{**order, "release": day.begins_at} for order in day.orders]
    whole = day._replace(orders=known)
    task = Task(
        family=NAME,
        instance="",
        seconds=SECONDS,
        seed=1,
        progress=families.Progress(title="full"),
    )
    play = stream.Play(whole, task, ahead_s=SECONDS)
    play.run(steps=FULL_STEPS, steps_at_rest=0)
    return score(whole, play.visits)


def measure(paths: Sequence[Path], seeds: Sequence[int], limit_s: float) -> dict[str, Any]:
    """A row for each file and policy."""
    rows: list[dict[str, Any]] = []
    for path in paths:
        day = stream.read(str(path))
        full = with_full_knowledge(day)
        for policy in (OURS, *policies.POLICIES):
            results.say(f"{path.name}: {policy}")
            began_s = time.perf_counter()
            try:
                (lost, late, travel), latency = _by(policy, day, path, seeds, limit_s)
            except (ImportError, policies.TookTooLong) as failure:
                results.say(f"{policy}: {failure!r}")
                continue
            rows.append(
                {
                    "day": path.name.split(".")[0],
                    "policy": policy,
                    "lost": lost,
                    "late": late,
                    "travel_s": travel,
                    "over_full": f"{100 * (travel / max(1, full[2]) - 1):+.0f} %",
                    "lost_full": full[0],
                    "decision_p50_ms": latency["p50"],
                    "decision_p99_ms": latency["p99"],
                    "all_s": round(time.perf_counter() - began_s, 1),
                }
            )
            results.say(str(rows[-1]))
    return {"days": rows}


def _by(
    policy: str, day: Day, path: Path, seeds: Sequence[int], limit_s: float
) -> tuple[tuple[int, int, int], Mapping[str, float]]:
    """(its score, the p50 and p99 of its decisions in ms)."""
    if policy == OURS:
        plays = [played(path, seed) for seed in seeds]
        scored = [(score(day, visits), latency) for visits, latency in plays]
        return sorted(scored, key=lambda one: one[0])[len(scored) // 2]
    done = policies.POLICIES[policy](day, limit_s)
    taken_ms = 1000 * np.array(done.spent_s)
    return score(day, done.visits), {
        f"p{share}": round(float(np.percentile(taken_ms, share)), 2) for share in (50, 99)
    }


def main() -> None:
    """Play the files that are given."""
    parser = results.parser(NAME, __doc__)
    parser.add_argument("files", type=Path, nargs="*", help="days, as .json or .json.gz")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many")
    parser.add_argument("--limit", type=float, default=VROOM_LIMIT_S, help="seconds VROOM may take")
    given = parser.parse_args()
    if not given.files:
        print("no files were given, nothing was measured")
        return
    figures = measure(given.files, range(1, given.seeds + 1), given.limit)
    results.finish(NAME, figures, quick=given.quick)


if __name__ == "__main__":
    main()
