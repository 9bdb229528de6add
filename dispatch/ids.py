"""Where identifiers come from: UUIDv7, so that ids sort by creation and index pages stay warm."""

from __future__ import annotations

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A fresh UUIDv7; within one process every id is greater than the one before."""
    return compat.uuid7()
