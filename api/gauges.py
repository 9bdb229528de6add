"""Figures of the whole house for Prometheus, read from the database when they are asked for.

They are the same from whichever process one asks, and at most `FRESH_S` old.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dispatch import database
from dispatch.database import Caller, Pool
from dispatch.records import gauges, heartbeats, orders, visits
from dispatch.records.gauges import Speed
from dispatch.records.heartbeats import Heartbeat

READER: Final = Caller.clock("metrics")
FRESH_S: Final = 5.0
# Figures that the sweeps of a process bring along in its heartbeat.
SWEEP_COUNTS: Final = {
    "runs": ("runs", "Times that a sweep has run."),
    "rows": ("rows", "Rows that a sweep has taken."),
    "errors": ("errors", "Runs of a sweep that failed."),
    "busy_s": ("busy_seconds", "Time that a sweep has worked."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One look at the database."""

    orders: Mapping[str, int] = field(default_factory=dict)
    visits: Mapping[str, int] = field(default_factory=dict)
    offers: Mapping[str, int] = field(default_factory=dict)
    waves: Mapping[int, int] = field(default_factory=dict)
    ages: Mapping[str, float] = field(default_factory=dict)
    speeds: Mapping[str, Speed] = field(default_factory=dict)
    fallbacks: int = 0
    processes: tuple[Heartbeat, ...] = ()


class HouseCollector(Collector):
    """Turns the last look into metrics."""

    def __init__(self) -> None:
        self.house = House()
        self.pools: dict[str, tuple[int, int, int]] = {}
        self.statements: dict[str, int] = {}

    def collect(self) -> Iterable[Metric]:
        house = self.house
        yield _gauge(
            "orders",
            "Orders by state; of those that have ended, the last day's.",
            "state",
            house.orders,
        )
        yield _gauge(
            "visits",
            "Visits by state; of those that have ended, the last day's.",
            "state",
            house.visits,
        )
        yield _gauge("offers", "Offers ever sent, by state.", "state", house.offers)
        yield _gauge("open_orders", "Open orders by the wave they are in.", "wave", house.waves)
        yield _gauge("queue_age_seconds", "Age of what is due longest.", "queue", house.ages)
        yield GaugeMetricFamily(
            "shangmen_travel_fallbacks",
            "Decisions of the last hour by straight lines, because the road engine failed.",
            house.fallbacks,
        )
        yield self._speeds()
        yield from self._processes()
        pool = GaugeMetricFamily(
            "shangmen_pool_connections", "Connections of this process.", labels=["pool", "state"]
        )
        for name, (most, open_, idle) in self.pools.items():
            for state, number in (("max", most), ("open", open_), ("busy", open_ - idle)):
                pool.add_metric([name, state], number)
        yield pool
        yield _gauge(
            "prepared_statements",
            "Statements that the connections of this process have prepared.",
            "pool",
            self.statements,
        )

    def _speeds(self) -> Metric:
        """Quantiles over the last orders; `to` is the first offer, or the order being assigned."""
        found = GaugeMetricFamily(
            "shangmen_since_approval_seconds",
            "Time from an order's approval, over recent orders.",
            labels=["to", "quantile"],
        )
        for name, speed in self.house.speeds.items():
            for quantile, value in (("0.5", speed.median_s), ("0.99", speed.p99_s)):
                if value is not None:
                    found.add_metric([name, quantile], value)
        return found

    def _processes(self) -> Iterable[Metric]:
        silent = GaugeMetricFamily(
            "shangmen_process_silent_seconds",
            "Time since a process said that it lives.",
            labels=["role", "process"],
        )
        quiet = GaugeMetricFamily(
            "shangmen_sweep_quiet_seconds",
            "Time since a sweep last succeeded.",
            labels=["process", "sweep"],
        )
        every = GaugeMetricFamily(
            "shangmen_sweep_every_seconds",
            "How often a sweep runs.",
            labels=["process", "sweep"],
        )
        counts = {
            key: CounterMetricFamily(f"shangmen_sweep_{name}", text, labels=["process", "sweep"])
            for key, (name, text) in SWEEP_COUNTS.items()
        }
        for process in self.house.processes:
            silent.add_metric([process.role, process.process], process.age_s)
            for sweep, figures in process.detail.items():
                _add_sweep(counts, quiet, process, sweep, figures)
                if "every_s" in figures:
                    every.add_metric([process.process, sweep], figures["every_s"])
        yield silent
        yield quiet
        yield every
        yield from counts.values()


def _gauge(name: str, text: str, label: str, values: Mapping[Any, float]) -> Metric:
    found = GaugeMetricFamily(f"shangmen_{name}", text, labels=[label])
    for value, number in values.items():
        found.add_metric([str(value)], number)
    return found


def _add_sweep(
    counts: Mapping[str, CounterMetricFamily],
    quiet: GaugeMetricFamily,
    process: Heartbeat,
    sweep: str,
    figures: Mapping[str, float],
) -> None:
    for name, counter in counts.items():
        counter.add_metric([process.process, sweep], figures.get(name, 0))
    if "quiet_s" in figures:
        quiet.add_metric([process.process, sweep], figures["quiet_s"] + process.age_s)


COLLECTOR: Final = HouseCollector()
REGISTRY.register(COLLECTOR)


def refresher(pool: Pool, name: str) -> Callable[[], Awaitable[None]]:
    """Brings the figures up to date before they are told; within `FRESH_S` one look serves all."""
    lock = asyncio.Lock()
    looked_at_s = float("-inf")

    async def refresh() -> None:
        nonlocal looked_at_s
        raw = pool.connections
        COLLECTOR.pools[name] = (raw.get_max_size(), raw.get_size(), raw.get_idle_size())
        COLLECTOR.statements[name] = database.count_prepared(raw)
        async with lock:
            now_s = asyncio.get_running_loop().time()
            if now_s - looked_at_s >= FRESH_S:
                COLLECTOR.house = await look(pool)
                looked_at_s = now_s

    return refresh


async def look(pool: Pool) -> House:
    """Everything in one reading transaction."""
    async with pool.read(READER) as conn:
        return House(
            orders=await orders.count_by_state(conn),
            visits=await visits.count_by_state(conn),
            offers=await gauges.count_offers(conn),
            waves=await gauges.count_waves(conn),
            ages=await gauges.list_ages(conn),
            speeds=await gauges.find_speeds(conn),
            fallbacks=await gauges.count_fallbacks(conn),
            processes=tuple(await heartbeats.list_all(conn)),
        )
