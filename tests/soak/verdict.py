"""What a soak has shown. Pure: a record in, statements out, each of which holds or does not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson

from config.settings import Settings
from tests.acceptance.supervised import POSTGRES
from tests.soak import samples, trend
from tests.soak.course import Kill, Record
from tests.soak.samples import Reading, Sample
from tests.soak.trend import LIMITS, Trend

BACK_S: Final = 15.0
# A machine with more to do before the start says nothing about times.
QUIET_LOAD: Final = 3.0
STEADY_SHARE: Final = 0.95
BUSY: Final = "not judged, others used the machine"
SHED_SHARE: Final = 0.005
SLACK_MIB: Final = 32.0
# The supervisor and those who listen have connections of their own.
BESIDE_POOLS: Final = 4
# More than this at rest after the crowd than before it came, and something was left behind.
LEFT_TASKS: Final = 4
LEFT_FILES: Final = 16
ENDED: Final = re.compile(r"^(?:The (\w+) process|(PostgreSQL)) ended", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that must hold; `said` has the figures, or what was found instead."""

    name: str
    holds: bool
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the log tells. An answer of 503 says when to come back; any other 5xx is a defect."""

    answers: int
    around_kills: int
    shed: Counter[str]
    defects: Counter[str]
    errors: Counter[str]


def judge(record: Record) -> list[Statement]:
    """Every statement, those on correctness first."""
    heard = listen(record.log, record.kills)
    return [
        *_correct(record),
        _died(record),
        _back(record),
        *_answers(record, heard),
        *_grown(record),
    ]


def listen(log: str, kills: list[Kill]) -> Heard:
    """Sort what was logged. What is told of a request that failed is counted by its answer."""
    answers = around_kills = 0
    shed, defects, errors = Counter[str](), Counter[str](), Counter[str]()
    for place, line in _lines(log):
        try:
            told = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if not isinstance(told, dict):
            continue
        is_outage = any(kill.log_from <= place <= kill.log_to for kill in kills)
        match told.get("event"):
            case "request":
                answers += 1
                what = f"{told['method']} {told['route']}"
                if told["status"] == 503:
                    around_kills += is_outage
                    shed[what] += not is_outage
                elif told["status"] >= 500:
                    defects[f"{told['status']} {what}"] += 1
            case event if told.get("level") == "error" and event != "request failed":
                if not is_outage:
                    errors[f"{told.get('logger', '')} {event}".strip()] += 1
    return Heard(
        answers=answers,
        around_kills=around_kills,
        shed=+shed,
        defects=defects,
        errors=errors,
    )


def _lines(log: str) -> Iterator[tuple[int, str]]:
    """Each line with its place in bytes, as the file's size was taken."""
    place = 0
    for line in log.splitlines(keepends=True):
        yield place, line
        place += len(line.encode())


def _correct(record: Record) -> Iterator[Statement]:
    yield Statement(
        name="all invariants hold",
        holds=not record.violations,
        said="; ".join(map(str, record.violations)) or "no row of any question",
    )
    told = record.compared
    wrong = ("lost", "orders_gone", "orders_told_twice", "orders_without_a_request")
    yield Statement(
        name="nothing acknowledged is lost, nothing done twice",
        holds=bool(told) and not any(told[name] for name in wrong),
        said=", ".join(f"{name} {value}" for name, value in told.items()),
    )
    audit = record.audit
    yield Statement(
        name="the audit chain verifies",
        holds=bool(audit.get("ok")),
        said=f"{audit.get('checked')} rows, {audit.get('checkpoints')} checkpoints",
    )
    figures = record.figures
    faults = dict(figures.faults) if figures else {"the crowd did not come to its end": 1}
    yield Statement(
        name="nobody was refused wrongly",
        holds=not faults,
        said=_counted(Counter(faults)) or f"{figures.requests if figures else 0} requests",
    )


def _answers(record: Record, heard: Heard) -> Iterator[Statement]:
    yield Statement(
        name="no 5xx but 503, which says when to come back",
        holds=not heard.defects,
        said=_counted(heard.defects) or f"{heard.answers} answers",
    )
    shed = sum(heard.shed.values())
    is_quiet = record.load_before <= QUIET_LOAD
    said = f"{heard.around_kills} around kills, {shed} besides: {_counted(heard.shed) or 'none'}"
    yield Statement(
        name=f"at most {SHED_SHARE:.1%} are sent away but around kills",
        holds=not is_quiet or shed <= SHED_SHARE * heard.answers,
        said=said if is_quiet else f"{BUSY}: {said}",
    )
    yield Statement(
        name="no error is logged but around kills",
        holds=not heard.errors,
        said=_counted(heard.errors) or "none",
    )


def _died(record: Record) -> Statement:
    """The log of the supervisor tells of every death; some are killed while they are starting."""
    deaths = Counter(child or POSTGRES for child, _ in ENDED.findall(record.log))
    killed = Counter(kill.target for kill in record.kills)
    return Statement(
        name="nobody died but those who were killed",
        holds=deaths == killed,
        said=f"killed {_counted(killed)}; died {_counted(deaths)}",
    )


def _back(record: Record) -> Statement:
    slowest: dict[str, float] = {}
    for kill in record.kills:
        slowest[kill.target] = max(kill.back_s, slowest.get(kill.target, 0.0))
    said = ", ".join(f"{target} {took_s:g} s" for target, took_s in slowest.items())
    is_quiet = record.load_before <= QUIET_LOAD
    return Statement(
        name=f"all is ready again within {BACK_S:g} s",
        holds=not is_quiet or all(took_s <= BACK_S for took_s in slowest.values()),
        said=said if is_quiet else f"{BUSY}: {said}",
    )


def steady_s(record: Record) -> float:
    """Since when as many listened as ever after, but for some; restarts do not count."""
    seen = [
        (sample.at_s, api.streams)
        for sample in record.samples
        if (api := sample.processes.get("api")) is not None and api.streams
    ]
    enough = STEADY_SHARE * max((streams for _, streams in seen), default=0)
    return next((at_s for at_s, streams in seen if streams >= enough), 0.0)


def trends(record: Record) -> list[Trend]:
    """Every figure of every life that was warm under a steady load, less what streams hold."""
    found = []
    settled_s = steady_s(record)
    for target in samples.TARGETS:
        lives: dict[int, list[tuple[Sample, Reading]]] = {}
        for sample in record.samples:
            if (reading := sample.processes.get(target)) is not None:
                lives.setdefault(reading.pid, []).append((sample, reading))
        for pid, life in lives.items():
            for figure in LIMITS:
                of_stream = trend.OF_A_STREAM.get(figure, 0.0)
                of_statement = trend.OF_A_STATEMENT.get(figure, 0.0)
                points = [
                    (
                        sample.at_s,
                        value
                        - of_stream * (reading.streams or 0)
                        - of_statement * (reading.prepared or 0),
                    )
                    for sample, reading in life
                    if (value := getattr(reading, figure)) is not None
                ]
                from_s = max(life[0][0].at_s + trend.WARM_S, settled_s)
                if one := trend.of_life(target, pid, figure, points, from_s):
                    found.append(one)
    return found


def _grown(record: Record) -> Iterator[Statement]:
    every = trends(record)
    for figure, limit in LIMITS.items():
        judged = [one for one in every if one.figure == figure and one.per_10_min is not None]
        rises = [f"{one.target} {one.per_10_min:+g}" for one in judged]
        yield Statement(
            name=f"{figure} rise by at most {limit.per_10_min:g} in 10 min",
            holds=not any(one.grows for one in judged),
            said=", ".join(rises) or "no life was long enough to judge",
        )
    yield _within_pools(record)
    yield _at_rest(record)
    wal = max((one.wal_mib for one in record.samples if one.wal_mib is not None), default=0.0)
    yield Statement(
        name="the write-ahead log keeps its bound",
        holds=wal <= record.wal_max_mib + SLACK_MIB,
        said=f"at most {wal:g} MiB of {record.wal_max_mib:g}",
    )
    if len(record.weights) > 1:
        half = record.weights[(len(record.weights) - 1) // 2][1]
        swollen = trend.bloat(half, record.weights[-1][1])
        yield Statement(
            name="no table swells beyond its rows",
            holds=not swollen,
            said=", ".join(f"{name} ×{times:g}" for name, times in swollen.items()) or "none",
        )


def _within_pools(record: Record) -> Statement:
    """A pool keeps what it has opened once: it is bounded by its size, not by a slope."""
    found = [
        reading.connections
        for sample in record.samples
        if (reading := sample.processes.get(POSTGRES)) and reading.connections is not None
    ]
    settings = Settings()
    pools = settings.api_pool_size + settings.clock_pool_size + settings.alarm_pool_size
    most = max(found, default=0)
    return Statement(
        name="connections stay within the pools",
        holds=most <= pools + BESIDE_POOLS,
        said=f"at most {most}, of {pools} in pools and {BESIDE_POOLS} beside",
    )


def _at_rest(record: Record) -> Statement:
    """The api before the crowd came and after it had gone."""
    found = [one.processes.get("api") for one in record.idle]
    if len(found) < 2 or found[0] is None or found[1] is None:
        return Statement(name="at rest it is as before", holds=False, said="not seen at rest")
    before, after = found[0], found[1]
    more_tasks = (after.tasks or 0) - (before.tasks or 0)
    more_files = after.files - before.files
    return Statement(
        name="at rest it is as before",
        holds=more_tasks <= LEFT_TASKS and more_files <= LEFT_FILES and not after.streams,
        said=f"tasks {before.tasks} → {after.tasks}, files {before.files} → {after.files},"
        f" streams {after.streams}",
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what} ×{count}" for what, count in sorted(counts.items()))


def as_json(record: Record, statements: list[Statement], about: Mapping[str, object]) -> bytes:
    """The whole record as a file tells it."""
    whole: dict[str, Any] = {
        **about,
        "order": asdict(record.order),
        "load_before": record.load_before,
        "steady_s": steady_s(record),
        "verdict": [asdict(statement) for statement in statements],
        "kills": [
            {"target": kill.target, "at_s": kill.at_s, "back_s": kill.back_s}
            for kill in record.kills
        ],
        "acknowledged": record.compared,
        "figures": asdict(record.figures) if record.figures else None,
        "trends": [asdict(one) for one in trends(record)],
        "tables": _tables(record),
        "idle": [samples.as_json(one) for one in record.idle],
        "samples": [samples.as_json(one) for one in record.samples],
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def _tables(record: Record) -> list[dict[str, Any]]:
    """The heavy ones at each weighing."""
    last = record.weights[-1][1] if record.weights else {}
    heavy = [name for name, weight in last.items() if weight.size >= trend.HEAVY]
    return [
        {
            "at_s": at_s,
            **{name: [weights[name].rows, weights[name].size] for name in heavy if name in weights},
        }
        for at_s, weights in record.weights
    ]
