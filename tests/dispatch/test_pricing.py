"""Prices line by line, and the figures that cities and platforms really have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import tariff
from config.settings import Settings
from config.tariff import Item, Night, Tariff, Tier
from dispatch import pricing
from dispatch.pricing import Circumstances, Price
from dispatch.shares import apportion, percent_of
from tests.world import CATALOGUE, EASY, PAIR

SETTINGS = Settings()
# A working day, 10:00 in Jinhua.
MORNING = datetime(2026, 11, 23, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def by_day(distance_m: int | None = None) -> Circumstances:
    return Circumstances(earliest=MORNING, latest=MORNING + HOUR, distance_m=distance_m)


def told(rates: Tariff, codes: list[str], at: Circumstances | None = None) -> Price:
    bundle = CATALOGUE.combine(codes)
    return pricing.price(bundle, rates, CATALOGUE, at or by_day(), SETTINGS)


def amounts(price: Price) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in price.lines:
        found[line["kind"]] = found.get(line["kind"], 0) + line["amount_fen"]
    return found


PLATFORM = pricing.platform(CATALOGUE.visit_fee_fen, SETTINGS)


@pytest.mark.parametrize("code", list(CATALOGUE.services))
def test_r50_without_a_declared_tariff_every_service_costs_what_the_catalogue_says(
    code: str,
) -> None:
    price = told(PLATFORM, [code])
    assert price.price_fen == CATALOGUE.get(code).price_fen
    assert price == pricing.of(CATALOGUE.combine([code]), SETTINGS)
    assert {line["kind"] for line in price.lines} == {"visit_fee", "service"}


def test_r50_two_items_in_one_visit_share_the_visit_fee() -> None:
    """A stomach tube and a catheter, 240 each: 240 + 240 - 80 = 400."""
    price = told(PLATFORM, ["LT05", "LT01"])
    assert price.price_fen == 400_00
    assert amounts(price) == {"visit_fee": 80_00, "service": 320_00}


@pytest.mark.parametrize(
    ("distance_m", "cny"), [(3_000, 130), (3_010, 200), (5_000, 200), (10_000, 300), (10_010, 550)]
)
def test_r51_distance_tiers_include_their_upper_boundary(distance_m: int, cny: int) -> None:
    """Zhongshan: up to 3 km 130, to 5 km 200, to 10 km 300, beyond 550."""
    zhongshan = Tariff(
        visit_fee=(
            Tier(until_m=3_000, amount_fen=130_00),
            Tier(until_m=5_000, amount_fen=200_00),
            Tier(until_m=10_000, amount_fen=300_00),
            Tier(amount_fen=550_00),
        )
    )
    price = told(zhongshan, [EASY], by_day(distance_m))
    found = amounts(price)
    assert found["visit_fee"] + found.get("distance", 0) == cny * 100
    assert price.travel_fee_fen == found.get("distance", 0)


def test_r51_the_visit_fee_is_paid_for_each_nurse() -> None:
    """Kaifeng: 78 within 5 km, two nurses: 156."""
    kaifeng = Tariff(
        visit_fee=(Tier(until_m=5_000, amount_fen=78_00), Tier(amount_fen=100_00)),
    )
    price = told(kaifeng, [PAIR], by_day(5_000))
    (fee,) = [line for line in price.lines if line["kind"] == "visit_fee"]
    assert (fee["quantity"], fee["amount_fen"]) == (2, 156_00)


HOLIDAY = datetime(2026, 10, 1, 2, tzinfo=UTC)


def test_r52_a_holiday_costs_thirty_percent_more_where_it_is_declared() -> None:
    """30 % on 190: 247, and a line of its own says so before the patient orders."""
    rates = PLATFORM.model_copy(update={"holiday_percent": 30})
    price = told(rates, ["CD05"], Circumstances(earliest=HOLIDAY, latest=HOLIDAY + HOUR))
    assert price.price_fen == 247_00
    assert amounts(price)["holiday"] == 57_00
    assert price.lines[-1]["label"]["zh"] == "节假日附加费（30%）"
    assert told(rates, ["CD05"]).price_fen == 190_00


@pytest.mark.parametrize(
    ("earliest_h", "latest_h", "charged"),
    [(22, 23, True), (22, 29.9, True), (22, 30, False), (21.9, 23, False), (29, 47, False)],
)
def test_a_night_is_charged_only_where_every_start_is_at_night(
    earliest_h: float, latest_h: float, charged: bool
) -> None:
    midnight = datetime(2026, 11, 22, 16, tzinfo=UTC)
    rates = PLATFORM.model_copy(update={"night": Night(percent=25)})
    at = Circumstances(earliest=midnight + earliest_h * HOUR, latest=midnight + latest_h * HOUR)
    assert ("night" in amounts(told(rates, [EASY], at))) == charged


def test_r58_no_price_depends_on_demand() -> None:
    """Nothing that rises with demand goes into a price: urgency, waves and candidates are no part
    of it, and the same visit costs the same for everybody."""
    asked = set(Circumstances.__dataclass_fields__)
    assert asked == {"earliest", "latest", "distance_m"}


def test_r29_each_begun_three_sites_more_cost_thirty() -> None:
    extra = PLATFORM.find_extra("pressure_injury_sites")
    assert extra is not None
    assert [extra.amount_for(n) for n in (3, 4, 6, 7)] == [0, 30_00, 30_00, 60_00]


@pytest.mark.parametrize(
    "rules",
    [
        {"visit_fee": []},
        {"visit_fee": [{"until_m": 5, "amount_fen": 1}]},
        {"visit_fee": [{"amount_fen": 1}, {"amount_fen": 2}]},
        {
            "visit_fee": [
                {"until_m": 5, "amount_fen": 9},
                {"until_m": 4, "amount_fen": 9},
                {"amount_fen": 9},
            ]
        },
        {"visit_fee": [{"until_m": 5, "amount_fen": 9}, {"amount_fen": 8}]},
        {"visit_fee": [{"amount_fen": -1}]},
        {"visit_fee": [{"amount_fen": 1}], "surge_percent": 20},
    ],
)
def test_a_tariff_that_cannot_be_charged_by_is_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(tariff.TariffError):
        tariff.parse(rules)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_what_is_shared_out_adds_up_to_the_fen(amount_fen: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        weights = [1, *weights]
    parts = apportion(amount_fen, weights)
    assert sum(parts) == amount_fen
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - amount_fen * weight) < whole
    if amount_fen <= whole:
        assert all(part <= weight for part, weight in zip(parts, weights, strict=True))


tiers = st.lists(st.integers(0, 50_000), min_size=1, max_size=4).map(
    lambda fees: tuple(
        Tier(until_m=None if last else (n + 1) * 2_500, amount_fen=fee)
        for n, fee in enumerate(sorted(fees))
        for last in [n == len(fees) - 1]
    )
)


@given(
    visit_fee=tiers,
    items=st.dictionaries(st.sampled_from(sorted(CATALOGUE.services)), st.integers(0, 90_000)),
    travel=st.integers(0, 5_000),
    holiday=st.integers(0, 100),
    night=st.integers(0, 100),
    codes=st.lists(
        st.sampled_from(sorted(CATALOGUE.services)), min_size=1, max_size=5, unique=True
    ),
    hours=st.integers(0, 24 * 400),
    distance_m=st.none() | st.integers(0, 30_000),
)
def test_the_lines_of_any_price_add_up_to_the_fen(
    visit_fee: tuple[Tier, ...],
    items: dict[str, int],
    travel: int,
    holiday: int,
    night: int,
    codes: list[str],
    hours: int,
    distance_m: int | None,
) -> None:
    rates = Tariff(
        visit_fee=visit_fee,
        items={code: Item(amount_fen=fen) for code, fen in items.items()},
        travel_fee_fen=travel,
        holiday_percent=holiday,
        night=Night(percent=night),
    )
    earliest = MORNING + hours * HOUR
    at = Circumstances(earliest=earliest, latest=earliest + HOUR, distance_m=distance_m)
    price = told(rates, codes, at)
    assert price.price_fen == sum(line["amount_fen"] for line in price.lines)
    assert all(line["amount_fen"] >= 0 for line in price.lines)
    assert price.pay_fen * CATALOGUE.combine(codes).nurses_required <= price.price_fen
    assert price == told(tariff.parse(rates.model_dump(mode="json")), codes, at)


def test_percentages_round_half_up() -> None:
    assert [percent_of(fen, 50) for fen in (1, 2, 3)] == [1, 1, 2]
