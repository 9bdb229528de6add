"""Whether an order's prescription is good on the day on which its visit takes place."""

from __future__ import annotations

from datetime import datetime

from dispatch import booking
from dispatch.database import Connection
from dispatch.errors import RuleRefused
from dispatch.records import prescriptions
from dispatch.records.orders import Order


async def check(conn: Connection, order: Order, *moments: datetime) -> None:
    """Raises `RuleRefused` if it is not valid on the local day of each of these moments.

    Asked with the eyes of the clock: a nurse may not see the prescription before the visit is hers.
    """
    needed = conn.catalogue.combine(order.service_codes).prescription_codes
    # That there is one was seen to when the order was placed.
    if not needed or order.prescription_id is None:
        return
    async with conn.as_clock():
        prescription = await prescriptions.find_of_patient(
            conn, order.patient_id, order.prescription_id
        )
    for moment in moments:
        faults = booking.prescription_faults(needed, prescription, moment, moment)
        if faults:
            raise RuleRefused(*((("order", "prescription_id"), msg) for _, msg in faults))
