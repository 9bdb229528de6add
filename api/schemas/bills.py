"""What is owed and how it is paid, as patients, nurses and operators send and see it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.conventions import (
    Body,
    Day,
    Fen,
    Id,
    Instant,
    Line,
    MoveView,
    PageQuery,
    Query,
    View,
    Word,
)
from dispatch.lifecycles import BillState
from dispatch.pricing import KINDS


class BillLine(View):
    """One charge, for its whole quantity; `national_code` where the tariff knows it."""

    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]
    label: str
    service_code: str | None = None
    national_code: str | None = None
    quantity: int
    amount_fen: int


class PayerPart(View):
    """What somebody else pays. A rejected part is 0 and the patient's own now."""

    id: UUID
    payer: str
    plan: str
    label: str
    state: Literal["estimated", "confirmed", "rejected"]
    amount_fen: int
    reason: str | None = None
    reference: str | None = None


class Payment(View):
    """An attempt to pay. A `hold` reserves the money until the visit is over; `pay_url` is where
    the patient pays, for as long as it is only begun."""

    id: UUID
    kind: Literal["hold", "charge"]
    state: Literal["started", "held", "captured", "released", "failed"]
    amount_fen: int
    captured_fen: int
    refunded_fen: int
    pay_url: str | None = None
    created_at: Instant
    updated_at: Instant


class ChangeOrder(View):
    """A change of price on site; work goes on once it is answered."""

    id: UUID
    order_id: UUID
    visit_id: UUID
    state: Literal["proposed", "accepted", "refused", "withdrawn"]
    version: int
    moves: list[MoveView]
    lines: list[BillLine]
    amount_fen: int
    created_at: Instant
    answered_at: Instant | None = None


class Bill(View):
    """`own_fen` is the patient's part of `total_fen`: less what payers pay and what was let off.
    Until it is `due` all of it is an estimate, by the price that was told when ordering. `held`:
    there was an emergency, and nothing is charged before a person has reviewed the visit."""

    id: UUID
    order_id: UUID
    state: BillState
    version: int
    moves: list[MoveView]
    mode: Literal["prepay", "postpay"]
    held: bool
    cause: Literal["visit", "cancellation", "nothing"] | None = None
    lines: list[BillLine]
    payers: list[PayerPart]
    total_fen: int
    payers_fen: int
    credit_fen: int
    own_fen: int
    paid_fen: int
    left_fen: int
    refunding_fen: int
    payments: list[Payment]
    change_orders: list[ChangeOrder]
    tariff_id: UUID | None = None
    institution_id: UUID | None = None
    institution_name: str | None = None
    complaint_phone: str | None = None
    serviced_on: Day
    fixed_at: Instant | None = None
    pay_by: Instant | None = None
    reported_at: Instant | None = None
    created_at: Instant
    updated_at: Instant


class BillQuery(PageQuery):
    state: BillState | None = None


class CreditBill(Body):
    amount_fen: Annotated[Fen, Field(gt=0)]
    reason: Line


class DecidePayer(Body):
    """What the payer pays; 0 is a rejection, of which `reason` is a code."""

    amount_fen: Fen
    reason: Word | None = None
    reference: Line | None = None


# Changes on site


class AskedItem(Body):
    """Of an extra the whole quantity that was found; of a material the pieces that are used."""

    code: Word
    quantity: Annotated[int, Field(ge=1, le=1000)]


class ProposeChange(Body):
    items: Annotated[tuple[AskedItem, ...], Field(min_length=1, max_length=20)]


class PriceItem(View):
    """What can be added on site: an extra beyond `included`, by each begun `per`; or a material."""

    code: str
    kind: Literal["extra", "material", "drug"]
    label: str
    amount_fen: int
    included: int
    per: int
    at_most: int | None = None


class ChangeOrders(View):
    items: list[PriceItem]
    change_orders: list[ChangeOrder]


# Tariffs and coverages


class DeclareTariff(Body):
    """`rules` as the tariffs that are listed have them; without an institution the platform's."""

    institution_id: Id | None = None
    valid_from: Instant | None = None
    rules: dict[str, Any]


class DeclaredTariff(View):
    id: UUID
    institution_id: UUID | None = None
    valid_from: Instant
    rules: dict[str, Any]
    created_at: Instant


class CoverPatient(Body):
    """`plan` is one of config/payers.toml; `reference` the payer's number of the coverage."""

    plan: Word
    valid_from: Day
    valid_until: Day | None = None
    daily_fen: Fen | None = None
    reference: Line | None = None


class EndCoverage(Body):
    valid_until: Day


class Coverage(View):
    id: UUID
    patient_id: UUID
    plan: str
    payer: str
    label: str
    valid_from: Day
    valid_until: Day | None = None
    daily_fen: int | None = None
    created_at: Instant


# Money


class Difference(View):
    """An event on which the provider and we do not agree. `lost_callback` is booked already."""

    id: UUID
    provider: str
    day: Day
    kind: Literal["lost_callback", "unknown_to_us", "unknown_to_them", "amount"]
    event_id: str
    payment_id: UUID | None = None
    ours_fen: int | None = None
    theirs_fen: int | None = None
    created_at: Instant | None = None
    resolved_at: Instant | None = None


class DifferenceQuery(PageQuery):
    """Those that nobody has seen to; with `resolved` all of them."""

    resolved: Literal["true", "false"] = "false"


class LedgerQuery(Query):
    from_: Annotated[Instant, Field(alias="from")]
    to: Instant


class LedgerTotal(View):
    """What was booked on an account in the time; over all accounts the two sides are equal."""

    account: str
    debit_fen: int
    credit_fen: int
