"""What an order costs, what its nurses get of it, and what taking it back costs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from config.catalogue import Bundle
from config.settings import Settings
from config.vocabulary import Label

VISIT_FEE: Final = "visit_fee"
TRAVEL_FEE: Final = "travel_fee"
TRAVEL_LABEL: Final = Label(zh="路程费", en="Travel fee")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """`lines` as they are kept with the order, in both languages; `pay_fen` is each nurse's."""

    lines: tuple[dict[str, Any], ...]
    price_fen: int
    travel_fee_fen: int
    pay_fen: int


def of(bundle: Bundle, settings: Settings) -> Price:
    """The price of one visit for all of these services; the visit fee counts once a nurse."""
    lines = [
        _line(line.kind, line.label, line.service_code, line.quantity, line.amount_fen)
        for line in bundle.lines
    ]
    if settings.travel_fee_fen:
        lines.append(_line(TRAVEL_FEE, TRAVEL_LABEL, None, 1, settings.travel_fee_fen))
    price_fen: int = sum(line["amount_fen"] for line in lines)
    return Price(
        lines=tuple(lines),
        price_fen=price_fen,
        travel_fee_fen=settings.travel_fee_fen,
        pay_fen=price_fen * settings.nurse_share_percent // (100 * bundle.nurses_required),
    )


def cancellation_fee_fen(
    lines: list[dict[str, Any]],
    *,
    now: datetime,
    starts_at: datetime | None,
    on_the_way: int,
    settings: Settings,
) -> int:
    """What a patient owes who cancels now.

    Nothing while no nurse has agreed to come (`starts_at` None), nor up to `cancel_free_h` before
    the planned start; then a share of the price; of nurses on their way at least the visit fees.
    """
    if starts_at is None:
        return 0
    free = starts_at - now >= timedelta(hours=settings.cancel_free_h)
    price_fen: int = sum(line["amount_fen"] for line in lines)
    share_fen = 0 if free else price_fen * settings.cancel_fee_percent // 100
    kept_fen: int = sum(
        line["amount_fen"] * min(on_the_way, line["quantity"]) // line["quantity"]
        for line in lines
        if line["kind"] == VISIT_FEE
    )
    return max(share_fen, kept_fen)


def _line(
    kind: str, label: Label, service_code: str | None, quantity: int, amount_fen: int
) -> dict[str, Any]:
    return {
        "kind": kind,
        "label": {"zh": label.zh, "en": label.en},
        "service_code": service_code,
        "quantity": quantity,
        "amount_fen": amount_fen,
    }
