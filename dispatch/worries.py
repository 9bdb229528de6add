"""Why the operators should look at an order that has its nurses: signs that stand on its visits.

Any of them puts it on the board; it leaves when none is left, or the nurse is at the door.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from dispatch.arriving import Doubt
from dispatch.database import Connection
from dispatch.records import orders

# The patient is not ready for the visit, or nobody knows whether she is.
NOT_READY: Final = "patient_not_ready"
SILENT: Final = "patient_silent"
# The order waits for another assessment, or did when its nurse set out.
ASSESSMENT_VOID: Final = "assessment_void"
SIGNS: Final = (NOT_READY, SILENT, ASSESSMENT_VOID, *(doubt.value for doubt in Doubt))


async def weigh(conn: Connection, order_id: UUID) -> None:
    """Let an order be at risk or not, by the signs that are left. The caller holds it."""
    await orders.weigh_risk(conn, order_id, SIGNS)
