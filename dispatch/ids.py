"""Where identifiers come from: UUIDv7, so that ids sort by creation and index pages stay warm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from uuid_utils import compat

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """A fresh UUIDv7; within one process every id is greater than the one before."""
    return compat.uuid7()


def made_at(given: UUID) -> datetime:
    """When a UUIDv7 was made, by the clock of the machine that made it, to the millisecond."""
    return EPOCH + timedelta(milliseconds=given.int >> 80)
