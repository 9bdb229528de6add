"""The nurses considered for an order, with the matcher's own numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from api import verdicts
from api.schemas import dispatch as schemas
from api.schemas.conventions import PageQuery, slice_page
from api.wire import Call
from dispatch.acts import fill_order
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.records import decisions, nurse_cards, offers
from dispatch.records.decisions import Considered, Decision, Nearest
from dispatch.records.nurse_cards import NurseCard
from dispatch.records.offers import Offer
from dispatch.records.orders import Order


async def candidates_view(
    conn: Connection, order: Order, query: PageQuery, call: Call
) -> schemas.Candidates:
    """What the matcher saw when it last looked at this round; before that, what it would see now.

    Nurses who were asked in an earlier wave stand with the numbers of that wave.
    """
    looks = await decisions.list_of_round(conn, order.id, order.round)
    latest = looks[-1] if looks else await fill_order.preview(conn, order)
    if latest is None:
        raise NotFound
    asked = await offers.list_of_order(conn, order.id, order.round)
    lines = _lines(looks or [latest], latest, asked)
    nearest, reach = latest.nearest, latest.summary.wave
    cards = await nurse_cards.by_nurse(conn, [line.nurse_id for line, _ in lines])
    page = slice_page(lines, query, lambda pair: _candidate(*pair, cards, nearest, call))
    return schemas.Candidates(
        items=page.items,
        next_cursor=page.next_cursor,
        round=order.round,
        wave=latest.wave,
        asked=bool(asked),
        decided_at=latest.at,
        considered=latest.summary.considered,
        eligible=latest.summary.eligible,
        counts=latest.summary.counts,
        reach=None
        if reach is None
        else schemas.ReachView(size=reach.size, waves=reach.waves, target=reach.target),
        travel=None if latest.travel is None else measure_view(latest.travel),
    )


def measure_view(told: Mapping[str, Any]) -> schemas.MeasureView:
    """By what ways were measured, as it was kept."""
    learned_at = told.get("learned_at")
    at = None if learned_at is None else datetime.fromisoformat(learned_at)
    return schemas.MeasureView(**{**told, "learned_at": at})


def _lines(
    looks: list[Decision], latest: Decision, asked: list[Offer]
) -> list[tuple[Considered, Offer | None]]:
    """Those asked in the order they were asked, then the eligible by rank, then the refused."""
    of_wave: Mapping[tuple[int, UUID], Considered] = {
        (look.wave, one.nurse_id): one
        for look in looks
        for one in look.considered
        if one.rank is not None
    }
    first = [
        (of_wave.get((offer.wave, offer.nurse_id)) or _from_offer(offer), offer) for offer in asked
    ]
    shown = {line.nurse_id for line, _ in first}
    rest = [one for one in latest.considered if one.nurse_id not in shown]
    ranked = sorted((one for one in rest if one.rank is not None), key=lambda one: one.rank or 0)
    return [*first, *((one, None) for one in ranked), *((o, None) for o in rest if o.rank is None)]


def _from_offer(offer: Offer) -> Considered:
    return Considered(
        nurse_id=offer.nurse_id,
        distance_m=offer.distance_m,
        rank=offer.rank,
        cost=offer.cost,
        travel_s=offer.travel_s,
    )


def _candidate(
    line: Considered,
    offer: Offer | None,
    cards: Mapping[UUID, NurseCard],
    nearest: Mapping[str, Nearest],
    call: Call,
) -> schemas.CandidateView:
    card = cards.get(line.nurse_id)
    change = nearest.get(str(line.nurse_id))
    return schemas.CandidateView(
        nurse_id=line.nurse_id,
        staff_no=card.staff_no if card else 0,
        name=card.name if card else "",
        eligible=not line.refusals,
        rank=line.rank,
        distance_m=line.distance_m,
        start_at=line.start_at,
        travel_s=line.travel_s,
        offer_id=offer.id if offer else None,
        offer_state=offer.state if offer else None,
        seat=offer.seat if offer else None,
        reasons=[reason_view(refusal, call) for refusal in line.refusals],
        cost=line.cost,
        parts=line.parts,
        chance=line.chance,
        nearest=nearest_view(line.refusals, change, call) if offer is None else None,
    )


def nearest_view(
    refusals: Sequence[decisions.Refusal], change: Nearest | None, call: Call
) -> schemas.Nearest | None:
    """What would have had to be otherwise for one who was not asked."""
    found = verdicts.would(refusals, change, call.language, call.catalogue)
    if found is None:
        return None
    changes, text = found
    return schemas.Nearest(
        changes=[
            schemas.ChangeView(
                kind=one.kind,
                value=list(one.value) if isinstance(one.value, tuple) else one.value,
            )
            for one in changes
        ],
        text=text,
    )


def reason_view(refusal: decisions.Refusal, call: Call) -> schemas.RefusalView:
    """Which rule refused somebody, in words."""
    return schemas.RefusalView(
        rule=refusal.rule,
        value=refusal.value,
        threshold=refusal.threshold,
        text=verdicts.in_words(
            refusal.rule, refusal.value, refusal.threshold, call.language, call.catalogue
        ),
    )
