"""The alert rules and the board ask for metrics, labels and values that there are."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from prometheus_client import REGISTRY

from api import gauges, metrics
from api.policy import POLICIES
from api.serve import ServeRole
from config.settings import Settings
from dispatch import sweeps
from dispatch.channels import LogChannel
from dispatch.lifecycles import OrderState
from dispatch.pushes import Push
from dispatch.records.gauges import AGES, Speed
from dispatch.records.heartbeats import Heartbeat
from dispatch.records.push_subscriptions import Browser
from tests.acceptance.processes import ROOT

RULES: Final = ROOT / "deploy" / "prometheus" / "shangmen.rules.yml"
BOARD: Final = ROOT / "deploy" / "grafana" / "shangmen.json"
OPERATIONS: Final = ROOT / "docs" / "operations.md"
PROMTOOL: Final = shutil.which("promtool")

METRIC: Final = re.compile(r"\b((?:shangmen|process)_[a-z_]+|up)\b(\{[^}]*\})?")
MATCHER: Final = re.compile(r'([a-z_]+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
GROUPING: Final = re.compile(r"\b(?:by|ignoring|on|without)\s*\(([^)]*)\)")
# A route's own braces would end a matcher's.
BRACES: Final = str.maketrans({"{": "⟨", "}": "⟩"})
OF_PROMETHEUS: Final = frozenset({"job", "instance"})


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _queries() -> Iterator[tuple[str, str]]:
    for rule in _rules():
        yield rule["alert"], rule["expr"]
    for panel in json.loads(BOARD.read_text(encoding="utf-8"))["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


@pytest.fixture(scope="module")
def offered() -> dict[str, frozenset[str]]:
    """Every metric that a process tells, and its labels."""
    before = gauges.COLLECTOR.house
    gauges.COLLECTOR.house = gauges.House(
        orders={"open": 1},
        visits={"scheduled": 1},
        offers={"sent": 1},
        waves={1: 1},
        ages={"waves": 0.0},
        speeds={"assigned": Speed(count=1, median_s=1.0, p99_s=1.0)},
        processes=(
            Heartbeat(
                process="p",
                role="clock",
                age_s=1.0,
                detail={"beat": {"quiet_s": 1.0, "every_s": 5.0}},
            ),
        ),
    )
    gauges.COLLECTOR.pools["api"] = (1, 1, 1)
    gauges.COLLECTOR.statements["api"] = 1
    metrics.REQUESTS.labels("GET", "unmatched", 200)
    metrics.LATENCY.labels("GET", "unmatched")
    metrics.SHED.labels("browse", "rate")
    metrics.STREAMS_ENDED.labels("slow")
    found: dict[str, frozenset[str]] = {"up": frozenset()}
    try:
        for family in REGISTRY.collect():
            for sample in family.samples:
                known = found.get(sample.name, frozenset())
                found[sample.name] = known | frozenset(sample.labels)
    finally:
        gauges.COLLECTOR.house = before
    return found


def _asked(query: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each metric of a query with its matchers."""
    plain = re.sub(r'"[^"]*"', lambda text: text[0].translate(BRACES), query)
    for found in METRIC.finditer(plain):
        yield found[1], MATCHER.findall(found[2] or "")


def test_every_metric_and_label_that_is_asked_for_is_told(
    offered: dict[str, frozenset[str]],
) -> None:
    labels = OF_PROMETHEUS.union(*offered.values())
    count = 0
    for where, query in _queries():
        for metric, matchers in _asked(query):
            count += 1
            assert metric in offered, f"{where}: there is no {metric}"
            asked = {label for label, _ in matchers}
            assert asked <= offered[metric] | OF_PROMETHEUS, f"{where}: {metric} {asked}"
        for grouping in GROUPING.findall(query):
            named = {part.strip() for part in grouping.split(",")}
            assert named <= labels, f"{where}: {named}"
    assert count > 50


def test_the_board_shows_every_metric_of_ours(offered: dict[str, frozenset[str]]) -> None:
    shown = {metric for _, query in _queries() for metric, _ in _asked(query)}
    ours = {name for name in offered if name.startswith("shangmen_")}
    told = {
        name for name in ours if not name.endswith(("_created", "_sum", "_count")) or name in shown
    }
    assert told <= shown


def test_every_value_that_is_asked_for_can_occur(tmp_path: Path) -> None:
    known = {
        "queue": set(re.findall(r"SELECT '(\w+)', min", AGES)),
        "role": {role.value for role in ServeRole} - {"all"},
        "state": {state.value for state in OrderState} | {"max", "open", "busy"},
        "route": {path.translate(BRACES) for _, path in POLICIES},
        "to": {"first_offer", "assigned"},
        "quantile": {"0.5", "0.99"},
        "sweep": _sweep_names(tmp_path),
        "reason": set(re.findall(r'\bend\("([a-z ]+)"\)', _source_of_streams())),
    }
    assert {"waves", "alarms"} <= known["queue"]
    for where, query in _queries():
        for metric, matchers in _asked(query):
            for label, value in matchers:
                if label in known:
                    assert set(value.split("|")) <= known[label], f"{where}: {metric} {label}"


class _NoPushes:
    async def send(self, browser: Browser, push: Push, now: datetime) -> None: ...


def _sweep_names(state_dir: Path) -> set[str]:
    async def top_up(_: object) -> None: ...

    made = sweeps.of_clock(
        Settings(),
        process="p",
        state_dir=state_dir,
        channel=LogChannel(),
        sender=_NoPushes(),
        figures=dict,
        top_up=top_up,
    )
    return {sweep.name for sweep in made}


def _source_of_streams() -> str:
    from api import listeners, stream

    return inspect.getsource(stream) + inspect.getsource(listeners)


def test_every_alert_speaks_both_languages_and_is_explained() -> None:
    explained = set(
        re.findall(r"^### (Shangmen\w+)$", OPERATIONS.read_text(encoding="utf-8"), re.M)
    )
    alerts = [rule["alert"] for rule in _rules()]
    assert len(alerts) == len(set(alerts))
    assert explained == set(alerts)
    for rule in _rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert re.search(r"[一-鿿]", rule["annotations"]["summary"])
        assert not re.search(r"[一-鿿]", rule["annotations"]["summary_en"])


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
def test_the_rules_fire_when_they_should() -> None:
    done = subprocess.run(  # noqa: S603
        [str(PROMTOOL), "test", "rules", "shangmen.rules.test.yml"],
        cwd=RULES.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
