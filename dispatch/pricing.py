"""What an order costs, line by line, what its nurses get of it, what taking it back costs. Pure.

A price rises with no demand: only with what is declared in the tariff before the patient orders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from config import holidays, tariff
from config.catalogue import Bundle, Catalogue
from config.settings import Settings
from config.tariff import Night, Tariff
from config.vocabulary import Label
from dispatch.shares import percent_of
from matching.travel import LOCAL_ZONE

VISIT_FEE: Final = "visit_fee"
SERVICE: Final = "service"
DISTANCE: Final = "distance"
TRAVEL_FEE: Final = "travel_fee"
NIGHT: Final = "night"
HOLIDAY: Final = "holiday"
EXTRA: Final = "extra"
MATERIAL: Final = "material"
DRUG: Final = "drug"
CANCELLATION: Final = "cancellation"
KINDS: Final = (
    VISIT_FEE, SERVICE, DISTANCE, TRAVEL_FEE, NIGHT, HOLIDAY, EXTRA, MATERIAL, DRUG, CANCELLATION,
)  # fmt: skip

DISTANCE_LABEL: Final = Label(zh="远距离附加费（每位护士）", en="Distance surcharge (each nurse)")
TRAVEL_LABEL: Final = Label(zh="路程费", en="Travel fee")
NIGHT_LABEL: Final = Label(zh="夜间附加费（{percent}%）", en="Night surcharge ({percent} %)")
HOLIDAY_LABEL: Final = Label(zh="节假日附加费（{percent}%）", en="Holiday surcharge ({percent} %)")
CANCELLATION_LABEL: Final = Label(zh="取消费用", en="Cancellation fee")
DAY: Final = timedelta(days=1)

Line = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What besides the services decides a price. `distance_m` is from the nearest institution that
    offers them, None where no tier asks for it; the window bounds the visit's start."""

    earliest: datetime
    latest: datetime
    distance_m: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """`lines` as they are kept with the order, in both languages; `pay_fen` is each nurse's."""

    lines: tuple[Line, ...]
    price_fen: int
    travel_fee_fen: int
    pay_fen: int


def platform(catalogue_visit_fee_fen: int, settings: Settings) -> Tariff:
    """The tariff that holds as long as none is declared."""
    return tariff.of_platform(catalogue_visit_fee_fen, settings.travel_fee_fen)


def of(bundle: Bundle, settings: Settings) -> Price:
    """The catalogue's price by day, on a working day: what holds where no tariff is declared."""
    lines = [
        line_of(line.kind, line.label, line.service_code, line.quantity, line.amount_fen)
        for line in bundle.lines
    ]
    if settings.travel_fee_fen:
        lines.append(line_of(TRAVEL_FEE, TRAVEL_LABEL, None, 1, settings.travel_fee_fen))
    return _price(lines, bundle, settings)


def price(
    bundle: Bundle,
    rates: Tariff,
    catalogue: Catalogue,
    given: Circumstances,
    settings: Settings,
) -> Price:
    """The price of one visit for all of these services by a tariff.

    The visit fee counts once for each nurse, however many services the visit has. A surcharge for
    night or holiday is taken only where every start that the window allows falls into it.
    """
    nurses = bundle.nurses_required
    lines = [
        line_of(
            line.kind,
            line.label,
            line.service_code,
            line.quantity,
            rates.visit_fee[0].amount_fen * nurses
            if line.service_code is None
            else rates.item_fen(line.service_code, catalogue),
        )
        for line in bundle.lines
    ]
    farther_fen = rates.visit_fee_at(given.distance_m) - rates.visit_fee[0].amount_fen
    if farther_fen:
        lines.append(line_of(DISTANCE, DISTANCE_LABEL, None, nurses, farther_fen * nurses))
    if rates.travel_fee_fen:
        lines.append(line_of(TRAVEL_FEE, TRAVEL_LABEL, None, 1, rates.travel_fee_fen))
    lines += _surcharges(rates, given, total_fen(lines))
    return _price(lines, bundle, settings)


def _surcharges(rates: Tariff, given: Circumstances, base_fen: int) -> Iterator[Line]:
    for kind, label, percent, applies in (
        (NIGHT, NIGHT_LABEL, rates.night.percent, _is_night(rates.night, given)),
        (HOLIDAY, HOLIDAY_LABEL, rates.holiday_percent, _is_holiday(given)),
    ):
        amount_fen = percent_of(base_fen, percent)
        if applies and amount_fen:
            told = Label(zh=label.zh.format(percent=percent), en=label.en.format(percent=percent))
            yield line_of(kind, told, None, 1, amount_fen)


def _is_night(night: Night, given: Circumstances) -> bool:
    first, last = given.earliest.astimezone(LOCAL_ZONE), given.latest.astimezone(LOCAL_ZONE)
    if not night.holds(first.time()):
        return False
    morning = datetime.combine(first.date(), night.ends_at, LOCAL_ZONE)
    return last < (morning if morning > first else morning + DAY)


def _is_holiday(given: Circumstances) -> bool:
    first, last = given.earliest.astimezone(LOCAL_ZONE), given.latest.astimezone(LOCAL_ZONE)
    days = (last.date() - first.date()).days + 1
    return all(holidays.is_holiday(first.date() + n * DAY) for n in range(days))


def _price(lines: Sequence[Line], bundle: Bundle, settings: Settings) -> Price:
    price_fen = total_fen(lines)
    return Price(
        lines=tuple(lines),
        price_fen=price_fen,
        travel_fee_fen=total_fen(
            [line for line in lines if line["kind"] in (TRAVEL_FEE, DISTANCE)]
        ),
        pay_fen=price_fen * settings.nurse_share_percent // (100 * bundle.nurses_required),
    )


def cancellation_fee_fen(
    lines: Sequence[Line],
    *,
    now: datetime,
    starts_at: datetime | None,
    on_the_way: int,
    settings: Settings,
) -> int:
    """What a patient owes who cancels now.

    No share of the price while no nurse has agreed to come (`starts_at` None), nor up to
    `cancel_free_h` before the planned start; of nurses who had set out at least the visit fees.
    """
    free = starts_at is None or starts_at - now >= timedelta(hours=settings.cancel_free_h)
    share_fen = 0 if free else total_fen(lines) * settings.cancel_fee_percent // 100
    kept_fen: int = sum(
        line["amount_fen"] * min(on_the_way, line["quantity"]) // line["quantity"]
        for line in lines
        if line["kind"] == VISIT_FEE
    )
    return max(share_fen, kept_fen)


def total_fen(lines: Sequence[Line]) -> int:
    return sum(line["amount_fen"] for line in lines)


def line_of(
    kind: str, label: Label, service_code: str | None, quantity: int, amount_fen: int
) -> Line:
    """A line as it is kept, in both languages."""
    return {
        "kind": kind,
        "label": {"zh": label.zh, "en": label.en},
        "service_code": service_code,
        "quantity": quantity,
        "amount_fen": amount_fen,
    }
