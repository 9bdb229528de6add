"""What the crowd orders, how it counts, how it is started and told to stop."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from api import __main__ as command_line
from config import areas, catalogue
from config.settings import Settings
from demo import patients as enrolled
from demo import region, roster
from demo.crowd import figure, ledger, report
from demo.crowd.client import Answer, ServerClock, Wire
from demo.crowd.ledger import Ledger, Line
from demo.crowd.mix import Kind, Mix, Service, Timing, Wish, kind_of, kinds_for
from demo.crowd.patients import phone_of
from demo.crowd.temper import Conduct, Course, Nature
from dispatch import identity

SEED = 7
MORNING = datetime(2026, 11, 22, 2, tzinfo=UTC)  # ten o'clock in Jinhua
NIGHT = datetime(2026, 11, 22, 16, tzinfo=UTC)
SERVICES = [
    Service(
        code=one.code,
        category=one.category,
        specialties=frozenset(one.specialties_required),
        requires_prescription=one.requires_prescription,
        nurses_required=one.nurses_required,
        duration_min=one.duration_min,
    )
    for one in catalogue.load().services.values()
]
BY_CODE = {one.code: one for one in SERVICES}


@pytest.fixture(scope="module")
def people() -> dict[int, Kind]:
    made = enrolled.enrol(SEED, 300, areas.load(), MORNING.date())
    return {one.patient_no: kind_of(one, MORNING) for one in made}


def draw(
    people: dict[int, Kind], count: int, at: datetime = MORNING, timing: Timing = Timing.DAY
) -> list[Wish]:
    mix = Mix(SEED, SERVICES, people, timing)
    return [mix.draw(number, at) for number in range(1, count + 1)]


def test_the_mix_is_that_of_the_trade(people: dict[int, Kind]) -> None:
    wishes = draw(people, 4000)
    shares = Counter(wish.category for wish in wishes)
    expected = {
        "long_term_care": 0.35,
        "maternal_infant": 0.25,
        "rehabilitation": 0.18,
        "chronic_disease": 0.14,
        "elderly_care": 0.08,
    }
    assert {name: shares[name] / 4000 for name in expected} == pytest.approx(expected, abs=0.025)
    local = [wish.earliest.astimezone(roster.ZONE) for wish in wishes]
    same_day = sum(at.date() == MORNING.astimezone(roster.ZONE).date() for at in local)
    assert same_day / 4000 == pytest.approx(0.15, abs=0.02)
    peak = sum(8 <= at.hour < 11 or 17 <= at.hour < 20 for at in local)
    assert peak / 4000 == pytest.approx(0.70, abs=0.025)
    assert all(MORNING < wish.earliest < wish.latest for wish in wishes)


def test_people_order_what_is_for_them_and_often_again(people: dict[int, Kind]) -> None:
    wishes = draw(people, 500)
    for wish in wishes:
        for code in wish.service_codes:
            assert people[wish.patient_no] in kinds_for(BY_CODE[code])
        assert len({BY_CODE[code].specialties for code in wish.service_codes}) == 1
        needed = any(BY_CODE[code].requires_prescription for code in wish.service_codes)
        assert wish.needs_prescription is needed
    orders = Counter(wish.patient_no for wish in wishes)
    assert sum(count > 1 for count in orders.values()) > 50


def test_the_same_seed_wishes_the_same(people: dict[int, Kind]) -> None:
    assert draw(people, 50) == draw(people, 50)
    assert Course.draw(1, 2, is_urgent=False) == Course.draw(1, 2, is_urgent=False)
    assert Conduct.draw(1, 2, 3) == Conduct.draw(1, 2, 3) != Conduct.draw(2, 2, 3)
    assert Nature.draw(1, 2) == Nature.draw(1, 2)


def test_soon_is_within_the_hour_and_at_night_it_is_tomorrow(people: dict[int, Kind]) -> None:
    soon = draw(people, 200, MORNING, Timing.SOON)
    assert all(timedelta() < wish.earliest - MORNING < timedelta(minutes=16) for wish in soon)
    assert {wish.urgency for wish in soon} == {"urgent", "soon"}
    at_night = draw(people, 200, NIGHT, Timing.SOON)
    for wish in at_night:
        assert 7 <= wish.earliest.astimezone(roster.ZONE).hour <= 20


def test_the_crowd_has_numbers_that_no_sign_in_of_the_demo_has() -> None:
    signed_in = {one.phone for one in region.SIGN_INS}
    numbers = [phone_of(lane, number) for lane in (0, 1, 99) for number in (1, 42, 3000)]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert identity.normalise_phone(number) == number
        assert number not in signed_in
        assert not number.startswith(("+86137", "+86139"))


class SlowWire(Wire):
    """Answers with the times that are given, however long it took."""

    def __init__(self, *told: datetime) -> None:
        self.told = list(told)

    async def send(self, *_: Any, **__: Any) -> Answer:
        body = {"now": self.told.pop(0).isoformat(), "scale": 60}
        return Answer(status=200, body=json.dumps(body).encode())


async def test_the_clock_is_never_ahead_of_the_server() -> None:
    later = MORNING + timedelta(hours=1)
    clock = ServerClock(SlowWire(MORNING, later, MORNING))
    await clock.read()
    assert MORNING <= clock.now < MORNING + timedelta(minutes=30)
    await clock.read()
    assert clock.now >= later
    await clock.read()  # an answer that was long under way puts nothing back
    assert clock.now >= later


def event(
    minute: int,
    subject: str,
    move: str,
    state: str,
    nurse: str | None = None,
    by: str = "operator",
) -> dict[str, str | None]:
    at = MORNING + timedelta(minutes=minute)
    told = {"at": at.isoformat(), "subject": subject, "move": move, "state": state}
    return {**told, "nurse_id": nurse, "by": by}


def line(number: int, patient_no: int, nurse: str, wait_min: int) -> Line:
    made = Line(number=number, category="elderly_care", patient_no=patient_no)
    made.read(
        [
            event(0, "order", "place", "submitted"),
            event(5, "order", "approve", "open"),
            event(6, "offer", "send", "sent"),
            event(6, "offer", "send", "sent"),
            event(5 + wait_min, "order", "assign", "assigned"),
            event(90, "visit", "complete", "completed", nurse),
            event(90 + number, "order", "fulfil", "fulfilled"),
        ]
    )
    return made


def test_the_figures_are_those_of_the_timelines() -> None:
    kept = Ledger()
    kept.lines += [line(1, 1, "a", 10), line(2, 1, "a", 20), line(3, 1, "b", 30)]
    lost = Line(number=4, category="elderly_care", patient_no=2)
    lost.read([event(0, "order", "place", "submitted"), event(9, "order", "lapse", "lapsed")])
    kept.lines += [lost, Line(number=5, category="elderly_care", patient_no=3)]
    kept.asked |= {"a", "b", "c"}
    kept.declines["busy"] += 2
    kept.travels.append((1800, 6000))
    of = ledger.figures(kept, 60, {200: 90, 503: 4, 500: 1}, tried_again=4)
    assert (of.placed, of.assigned, of.under_way) == (5, 3, 1)
    assert of.ends == {"fulfilled": 3, "failed": 0, "rejected": 0, "cancelled": 0, "lapsed": 1}
    assert (of.first_offer.median_s, of.first_offer.p95_s) == (60, 60)
    assert (of.assignment.median_s, of.assignment.p95_s) == (1200, 1740)
    assert (of.offers, of.offers_per_filled, of.declines) == (6, 2.0, {"busy": 2})
    assert (of.repeats, of.same_nurse_share) == (2, 0.5)
    assert (of.travel_min, of.travel_km, of.visits) == (30, 6, 3)
    assert (of.nurses_active, of.nurses_asked, of.gini) == (2, 3, 0.444)
    assert of.visits_most == 2
    assert (of.requests, of.server_errors) == (95, 1)


def test_reviews_are_those_of_people_and_bills_those_that_nobody_touched() -> None:
    kept = Ledger()
    kept.lines += [line(number, 1, "a", 10) for number in (1, 2, 3, 4)]
    asked = event(2, "order", "need_info", "submitted")
    by_itself = event(5, "order", "approve", "open", by="clock")
    for one, told in zip(kept.lines, ([asked], [by_itself], [], []), strict=True):
        before = [] if told == [by_itself] else [event(5, "order", "approve", "open")]
        one.read([*told, *before, event(90, "visit", "complete", "completed", "a")])
    bill: dict[str, Any] = {"cause": "visit", "credit_fen": 0, "payers": []}
    covered = {"reference": None, "reason": None}
    bills: list[dict[str, Any]] = [
        {},
        {"credit_fen": 1000},
        {"payers": [covered]},
        {"cause": None},
    ]
    for one, changes in zip(kept.lines, bills, strict=True):
        one.look_at_bill({**bill, **changes})
    of = ledger.figures(kept, 1, {})
    assert (of.visits, of.reviews, of.reviews_per_visit) == (4, 4, 1.0)
    assert (of.billed, of.billed_alone_share) == (3, 0.667)
    rows = {label: value for _, lines in report.rows(of) for label, value in lines}
    assert rows["reviews per completed visit"] == "1.00"
    assert rows["billed without a person"] == "67%"


def test_reading_a_timeline_again_changes_nothing() -> None:
    once, twice = line(1, 1, "a", 10), line(1, 1, "a", 10)
    twice.read([event(0, "order", "place", "submitted")])
    assert (twice.offers, twice.state, twice.assigned_at) == (0, "submitted", once.assigned_at)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([], None), ([0, 0], None), ([3, 3, 3], 0.0), ([0, 0, 0, 8], 0.75), ([1, 3], 0.25)],
)
def test_gini(counts: list[int], expected: float | None) -> None:
    assert ledger.gini(counts) == expected


def test_table_picture_and_json_tell_the_same() -> None:
    kept = Ledger()
    kept.lines += [line(1, 1, "a", 10)]
    kept.declines["too_far"] += 3
    kept.faults["POST <x> & y"] += 1
    of = ledger.figures(kept, 1, {200: 5})
    rows = {label: value for _, lines in report.rows(of) for label, value in lines}
    assert rows["fulfilled"] == "1 (100%)"
    assert rows["assignment"] == "10.0 min · 10.0 min"
    assert rows["declined: too_far"] == "3"
    assert rows["fault: POST <x> & y"] == "1"
    drawn = ElementTree.fromstring(figure.svg(of, "A <day>", "& more"))  # noqa: S314 - ours
    words = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {"A <day>", "& more", "1 (100%)", "too_far"} <= words
    assert json.loads(report.as_json(of, seed=3))["seed"] == 3


def test_nothing_at_all_can_be_told_too() -> None:
    of = ledger.figures(Ledger(), 60, {})
    assert dict(report.rows(of)[0][1])["placed"] == "0"
    ElementTree.fromstring(figure.svg(of, "Nothing", ""))  # noqa: S314 - ours
    assert report.table(of).row_count > 10


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("demo", "--windows", "never"), "There is no choice of windows never"),
        (("demo", "live"), "set APP_DEMO=1"),
        (("demo", "--url", "foo"), "foo is not an address"),
        (("demo", "--json", "/nowhere/at/all.json"), "all.json cannot be written"),
    ],
)
def test_a_refusal_is_one_sentence(
    words: tuple[str, ...], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("APP_DEMO", raising=False)
    result = CliRunner().invoke(command_line.app, words)
    assert result.exit_code == 1
    assert reason in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("demo", "crowd", "is_there"),
    [(True, "gentle", True), (True, "busy", True), (True, "0", False), (False, "gentle", False)],
)
def test_a_crowd_runs_beside_the_demo_unless_it_is_off(
    demo: bool, crowd: str, is_there: bool
) -> None:
    plan = command_line._plan(Settings.model_validate({"demo": demo, "crowd": crowd}))
    assert ("crowd" in {child.name for child in plan.children}) is is_there
