"""Whether a nurse on her way is coming: when standing still, turning away or silence is a doubt.

Pure. What follows from a doubt is for `acts/watch_arrivals.py`; that she may be in trouble herself
is `welfare`'s concern and rings by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from config.settings import Settings
from dispatch.records.arrival_watches import ArrivalWatch


class Doubt(StrEnum):
    """Why she may not come; stands on the visit for the operator, too."""

    RETREATING = "retreating"
    STALLED = "stalled"
    DARK = "dark_on_the_way"
    LATE = "late_on_the_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """It is a doubt from `at` on, if nothing more is heard."""

    doubt: Doubt
    at: datetime


def next_doubt(
    watch: ArrivalWatch, expected_at: datetime, planned_start: datetime, settings: Settings
) -> Due | None:
    """What would be in doubt first, each after its own time without a change (0: never).

    A phone that has told of no place says nothing by its silence; then only the hour tells.
    """
    found = []

    def look(doubt: Doubt, since: datetime, after_min: int) -> None:
        if after_min:
            found.append(Due(doubt=doubt, at=since + timedelta(minutes=after_min)))

    if watch.left_m is not None:
        if watch.away_since is not None:
            look(Doubt.RETREATING, watch.away_since, settings.retreating_min)
        if watch.left_m > settings.geofence_m:
            look(Doubt.STALLED, watch.gained_at, settings.stalled_min)
        look(Doubt.DARK, watch.heard_at, settings.dark_way_min)
    look(Doubt.LATE, max(expected_at, planned_start), settings.late_arrival_min)
    return min(found, key=lambda due: (due.at, due.doubt), default=None)
