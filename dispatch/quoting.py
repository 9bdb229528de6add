"""What could be promised for a visit that nobody has ordered yet: who could come, and when.

It judges by the same rules as dispatch does, and holds nothing for anybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch import database, sourcing, ways
from dispatch.database import Connection
from dispatch.ids import new_id
from matching import eligibility
from matching.eligibility import RULES
from matching.inputs import Candidate, Frame, Need
from matching.travel import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Who is near, as read from the rows."""

    need: Need
    candidates: Sequence[Candidate]
    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """`starts_at` is when the last of the nurses needed could begin; None if there are too few.

    `counts` says how many fell to each rule, in order of RULES.
    """

    eligible: int
    starts_at: datetime | None
    counts: Mapping[str, int]


async def survey(
    conn: Connection,
    service_codes: Sequence[str],
    place: Place,
    county: str,
    earliest: datetime,
    latest: datetime,
) -> Survey:
    """Read who could be asked, as the clock: nurses' other visits are nobody's business."""
    async with conn.as_clock():
        now = await database.now(conn)
        need = sourcing.need_for(conn, new_id(), service_codes, place, county, earliest, latest)
        found = await sourcing.candidates_for(
            conn, [need], now, nearest=conn.settings.considered_max
        )
        candidates = found[need.order_id]
        measured = await ways.for_judging(conn, [(need, candidates)], now)
        frame = sourcing.frame_of(conn, now, measured.travel)
        return Survey(need=need, candidates=candidates, frame=frame)


def estimate(found: Survey) -> Estimate:
    """Judge everybody who is near. Pure, and too slow for the event loop."""
    verdicts = [
        eligibility.evaluate(found.need, candidate, found.frame) for candidate in found.candidates
    ]
    starts = sorted(verdict.fit.start_at for verdict in verdicts if verdict.fit is not None)
    fallen = Counter(refusal.rule for verdict in verdicts for refusal in verdict.refusals)
    seats = len(found.need.seats)
    return Estimate(
        eligible=len(starts),
        starts_at=starts[seats - 1] if len(starts) >= seats else None,
        counts={rule.name: fallen[rule.name] for rule in RULES if fallen[rule.name]},
    )
