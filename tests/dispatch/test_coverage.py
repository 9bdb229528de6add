"""Who pays besides the patient: the figures of Ningbo, of long-term care, of home beds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import payers
from config.payers import Plan
from config.vocabulary import Label
from dispatch import coverage, pricing
from dispatch.coverage import Cover
from dispatch.ids import new_id
from dispatch.payers import Claim, TablePayer
from dispatch.pricing import Line
from tests.world import CATALOGUE

PLANS = payers.load().by_code
DAY = timedelta(days=1)
ON = date(2026, 4, 15)


def line(kind: str, amount_fen: int, code: str | None = None) -> Line:
    return pricing.line_of(kind, Label(zh="项", en="line"), code, 1, amount_fen)


def cover(plan: str, **changes: Any) -> Cover:
    given = Cover(coverage_id=new_id(), plan=PLANS[plan], valid_from=date(2026, 1, 1))
    return replace(given, **changes)


def shares(lines: list[Line], *covers: Cover, on: date = ON) -> list[tuple[str, int]]:
    found = coverage.shares(lines, covers, on, CATALOGUE)
    return [(share.payer, share.amount_fen) for share in found]


def test_every_plan_names_what_the_catalogue_has() -> None:
    assert payers.unknown_services(payers.load(), CATALOGUE) == []


def test_r55_ningbo_pays_seventy_percent_of_the_medical_part() -> None:
    """162.00 of a stomach tube: the fund 113.40, the patient 48.60 and the whole visit fee."""
    lines = [line("visit_fee", 80_00), line("service", 162_00, "LT05")]
    assert shares(lines, cover("ningbo_basic")) == [("basic_insurance", 113_40)]
    own_fen = pricing.total_fen(lines) - 113_40
    assert own_fen == 48_60 + 80_00


def test_r55_what_a_plan_does_not_name_is_the_patients_own() -> None:
    lines = [line("visit_fee", 80_00), line("service", 80_00, "EC01")]
    assert shares(lines, cover("ningbo_basic")) == []


def test_ltci_thirty_days_at_forty_make_twelve_hundred() -> None:
    april = cover("jinhua_ltci")
    assert coverage.allowance_fen(april, ON) == 1_200_00
    begun = replace(april, valid_from=date(2026, 4, 21))
    assert coverage.allowance_fen(begun, date(2026, 4, 30)) == 400_00


def test_ltci_pays_what_is_left_of_the_allowance() -> None:
    """An order of 190 with 150 left: 150 from the insurance, 40 of one's own."""
    lines = [line("visit_fee", 80_00), line("service", 110_00, "CD05")]
    used = cover("jinhua_ltci", used_fen=1_200_00 - 150_00)
    (share,) = coverage.shares(lines, [used], ON, CATALOGUE)
    assert share.amount_fen == 150_00
    assert sum(share.parts) == 150_00
    assert pricing.total_fen(lines) - share.amount_fen == 40_00
    assert shares(lines, cover("jinhua_ltci", used_fen=1_200_00)) == []


def test_payers_are_asked_in_order_and_each_sees_what_is_left() -> None:
    lines = [line("visit_fee", 80_00), line("service", 160_00, "LT05")]
    found = shares(lines, cover("ningbo_basic"), cover("jinhua_ltci"))
    assert found == [("basic_insurance", 112_00), ("ltci", 128_00)]


BED = date(2026, 1, 1)


@pytest.mark.parametrize(("day", "refused"), [(90, None), (91, "days_a_bed")])
def test_home_bed_day_ninety_is_covered_and_the_next_is_not(day: int, refused: str | None) -> None:
    bed = cover("jinhua_home_bed", valid_from=BED, beds=((BED, None),))
    assert coverage.refusal(bed, BED + (day - 1) * DAY) == refused


def test_home_bed_a_year_has_a_hundred_and_eighty_days() -> None:
    second = BED + 100 * DAY
    third = BED + 200 * DAY
    beds = ((BED, BED + 89 * DAY), (second, second + 89 * DAY), (third, None))
    bed = cover("jinhua_home_bed", valid_from=third, beds=beds)
    assert coverage.refusal(bed, third) == "days_a_year"
    shorter = (beds[0], (second, second + 88 * DAY), beds[2])
    bed = replace(bed, beds=shorter)
    assert coverage.refusal(bed, third) is None
    assert coverage.refusal(bed, third + DAY) == "days_a_year"


def test_home_bed_the_third_of_a_year_opens_and_the_fourth_does_not() -> None:
    plan = PLANS["jinhua_home_bed"]
    beds = [(BED + n * 30 * DAY, BED + (n * 30 + 20) * DAY) for n in range(3)]
    assert coverage.opening_refusal(plan, beds[:2], BED + 60 * DAY) is None
    assert coverage.opening_refusal(plan, beds, BED + 90 * DAY) == "beds_a_year"
    assert coverage.opening_refusal(plan, beds[:1], BED + 20 * DAY) == "bed_open"
    assert coverage.opening_refusal(plan, beds, date(2027, 1, 1)) is None


async def test_a_table_decides_what_its_rules_still_allow() -> None:
    full = cover("jinhua_ltci", used_fen=1_100_00)
    claim = Claim(id=new_id(), cover=full, amount_fen=150_00, serviced_on=ON)
    assert (await TablePayer().decide(claim)).amount_fen == 100_00
    ended = replace(claim, cover=replace(full, valid_until=ON - DAY))
    decision = await TablePayer().decide(ended)
    assert (decision.amount_fen, decision.reason) == (0, "not_valid")


kinds = st.sampled_from(["visit_fee", "service", "distance", "extra", "holiday", "material"])
priced = st.builds(
    lambda kind, fen, code: line(kind, fen, code if kind == "service" else None),
    kinds,
    st.integers(0, 100_000),
    st.sampled_from(["LT05", "EC01", "CD05", "LT10"]),
)
covers = st.lists(
    st.builds(
        lambda plan, used, daily: Cover(
            coverage_id=new_id(),
            plan=plan,
            valid_from=date(2026, 1, 1),
            used_fen=used,
            daily_fen=daily if plan.daily_fen is not None else None,
        ),
        st.sampled_from([plan for plan in PLANS.values() if plan.days_a_bed_max is None]),
        st.integers(0, 200_000),
        st.integers(0, 10_000),
    ),
    max_size=6,
)


@given(lines=st.lists(priced, min_size=1, max_size=8), given_covers=covers)
def test_shares_and_own_part_add_up_to_the_fen_line_by_line(
    lines: list[Line], given_covers: list[Cover]
) -> None:
    found = coverage.shares(lines, given_covers, ON, CATALOGUE)
    for share in found:
        assert share.amount_fen == sum(share.parts) > 0
        plan: Plan = PLANS[share.plan]
        for one, part in zip(lines, share.parts, strict=True):
            assert part == 0 or one["kind"] in plan.lines
    for place, one in enumerate(lines):
        assert 0 <= sum(share.parts[place] for share in found) <= one["amount_fen"]
