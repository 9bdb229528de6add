"""Owns who is asked now, who next, when the operator is told and when to give up.

Never sends anything: it answers with a plan, and says when it wants to be asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias
from uuid import UUID

from matching import acceptance
from matching.inputs import Candidate, Need
from matching.policy import Policy
from matching.travel import LOCAL_ZONE

OfferState: TypeAlias = Literal["sent", "accepted", "declined", "expired", "withdrawn"]


class Stage(StrEnum):
    """What kind of wave a plan sends."""

    PREFERRED = "preferred"
    SMALL = "small"
    WIDER = "wider"
    WIDEST = "widest"


class Alert(StrEnum):
    """Why the operator is told. A plan repeats it for as long as it holds."""

    NOBODY_ELIGIBLE = "nobody_eligible"
    NOBODY_LEFT = "nobody_left"
    LAST_WAVE = "last_wave"
    PROMISE_PASSED = "promise_passed"


class GiveUp(StrEnum):
    WINDOW_PASSED = "window_passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOffer:
    """An offer of the order's present round."""

    nurse_id: UUID
    seat: int
    state: OfferState


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the present round has come.

    `wave` is the last ranked wave that was sent, 0 before the first: while the preferred nurse has
    the order to herself it is still 0. `next_wave_at` is what the last plan gave as `next_due_at`.
    """

    wave: int = 0
    next_wave_at: datetime | None = None
    offers: tuple[PastOffer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    nurse_id: UUID
    seat: int
    ttl_s: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """From what it follows who is asked in a ranked wave: for which of the empty `seats` each nurse
    may be asked now, and how many of them are, best first, for each. Where the chances that they
    accept are known, `size` follows from them, so that the order is filled with the probability
    `target` in `waves` waves of `most` at most; else it is the policy's, and `waves` None."""

    seats: tuple[int, ...]
    open_to: Mapping[UUID, tuple[int, ...]]
    size: int
    waves: int | None
    target: float
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePlan:
    """`wave` is the order's wave number after the plan is carried out.

    `next_due_at` is when to decide again if nothing happens before; None once `give_up` is set.
    """

    stage: Stage | None
    wave: int
    asks: tuple[Ask, ...]
    next_due_at: datetime | None
    alert: Alert | None
    give_up: GiveUp | None
    reach: Reach | None = None


def quiet_until(candidate: Candidate, now: datetime) -> datetime | None:
    """When her quiet hours end, if she is in them now. Equal bounds mean none."""
    starts, ends = candidate.quiet_from, candidate.quiet_until
    if starts is None or ends is None or starts == ends:
        return None
    local = now.astimezone(LOCAL_ZONE)
    clock = local.time()
    quiet = starts <= clock < ends if starts < ends else clock >= starts or clock < ends
    if not quiet:
        return None
    end = local.replace(
        hour=ends.hour, minute=ends.minute, second=ends.second, microsecond=ends.microsecond
    )
    return end if end > local else end + timedelta(days=1)


def may_be_asked(progress: Progress, nurse_id: UUID, seats: Iterable[int]) -> tuple[int, ...]:
    """The empty seats for which this nurse may still get an offer in this round.

    Once she holds an offer or has answered one (or let it run out) she is left in peace. An offer
    that was withdrawn because its seat was taken does not count as asked for another seat.
    """
    hers = [offer for offer in progress.offers if offer.nurse_id == nurse_id]
    if not hers:
        return tuple(seats)
    if any(offer.state != "withdrawn" for offer in hers):
        return ()
    before = {offer.seat for offer in hers}
    return tuple(seat for seat in seats if seat not in before)


def is_due(need: Need, progress: Progress, now: datetime) -> bool:
    """A wave goes out when its time has come, or at once when nobody is left who could say yes,
    to the order or to one of its seats that was offered."""
    if progress.next_wave_at is None or progress.next_wave_at <= now:
        return True
    waiting = {offer.seat for offer in progress.offers if offer.state == "sent"}
    ended = {offer.seat for offer in progress.offers} - waiting
    return bool(progress.offers) and (not waiting or not ended.isdisjoint(need.seats))


def stage_of(need: Need, progress: Progress, askable: Iterable[UUID]) -> Stage:
    """The preferred nurse first and alone, but only if nobody was asked before her."""
    if not progress.offers and progress.wave == 0 and need.preferred_nurse_id in set(askable):
        return Stage.PREFERRED
    return (Stage.SMALL, Stage.WIDER, Stage.WIDEST)[min(progress.wave, 2)]


def plan(
    need: Need,
    progress: Progress,
    ranked: Sequence[Candidate],
    held: Mapping[UUID, int],
    policy: Policy,
    now: datetime,
    chances: Mapping[UUID, float] | None = None,
) -> WavePlan:
    """What to send now. `ranked` are the eligible nurses, best first; `held` how many offers each
    of them holds at this moment, those planned before in this batch included. With the `chances`
    that they accept, so many are asked as the promise needs; else as many as the policy says."""
    if now >= need.latest:
        return WavePlan(
            stage=None,
            wave=progress.wave,
            asks=(),
            next_due_at=None,
            alert=None,
            give_up=GiveUp.WINDOW_PASSED,
        )
    if not is_due(need, progress, now):
        return _wait(need, progress, progress.next_wave_at or now, None, now)
    awake = [
        nurse
        for nurse in ranked
        if quiet_until(nurse, now) is None and held.get(nurse.nurse_id, 0) < policy.max_open_offers
    ]
    open_to = {
        nurse.nurse_id: may_be_asked(progress, nurse.nurse_id, need.seats) for nurse in awake
    }
    askable = [nurse.nurse_id for nurse in awake if open_to[nurse.nurse_id]]
    if not askable:
        return _nobody(need, progress, ranked, policy, now)
    first = [nurse.nurse_id for nurse in awake if open_to[nurse.nurse_id] and not nurse.taken_back]
    stage = stage_of(need, progress, first)
    reach = None
    if stage is Stage.PREFERRED and need.preferred_nurse_id is not None:
        ttl_s = _ttl(policy.preferred_ttl_of(need.urgency), need, policy, now)
        picks = [(need.preferred_nurse_id, min(open_to[need.preferred_nurse_id]))]
        wave, gap_s = progress.wave, ttl_s
    else:
        ttl_s = _ttl(policy.offer_ttl_of(need.urgency), need, policy, now)
        reach = _reach(need, progress, open_to, chances, policy, now)
        picks = share_out(askable, reach)
        wave, gap_s = progress.wave + 1, policy.wave_gap_of(need.urgency)
    next_due_at = min(now + timedelta(seconds=gap_s), need.latest)
    return WavePlan(
        stage=stage,
        wave=wave,
        asks=tuple(
            Ask(
                nurse_id=nurse_id,
                seat=seat,
                ttl_s=ttl_s,
                expires_at=now + timedelta(seconds=ttl_s),
            )
            for nurse_id, seat in picks
        ),
        next_due_at=next_due_at,
        alert=Alert.LAST_WAVE if stage is Stage.WIDEST else _late_promise(need, now),
        give_up=None,
        reach=reach,
    )


def held_until(
    need: Need,
    progress: Progress,
    ranked: Sequence[tuple[Candidate, float]],
    elsewhere: Set[UUID],
    policy: Policy,
    now: datetime,
) -> datetime | None:
    """Until when an order that nobody was asked for yet waits for a better batch, if it does.

    It does while those who would cost it least are wanted at this moment, named `elsewhere` in the
    batch or holding an offer, and those who are free would cost it so much more that it is worth
    it; never beyond what its promise allows. `ranked` are the eligible with their costs.
    """
    until = policy.held_until(need.urgency, need.promise_at)
    if until is None or now >= until or progress.wave or progress.offers:
        return None
    awake = [(nurse, cost) for nurse, cost in ranked if quiet_until(nurse, now) is None]
    seats = len(need.seats)
    if len(awake) < seats:
        return None
    costs = sorted(cost for _, cost in awake)
    free = sorted(
        cost for nurse, cost in awake if not nurse.open_offers and nurse.nurse_id not in elsewhere
    )
    dearer = sum(free[:seats]) - sum(costs[:seats])
    waits = len(free) < seats or dearer >= policy.hold_gain_min * seats
    return until if waits else None


def hold(
    need: Need, progress: Progress, until: datetime, policy: Policy, now: datetime
) -> WavePlan:
    """Nobody is asked yet: the order waits for a better batch, no longer than `until`."""
    soon = now + timedelta(seconds=policy.recheck_s)
    return _wait(need, progress, min(soon, until), None, now)


def _reach(
    need: Need,
    progress: Progress,
    open_to: Mapping[UUID, tuple[int, ...]],
    chances: Mapping[UUID, float] | None,
    policy: Policy,
    now: datetime,
) -> Reach:
    """`open_to` is in the order in which they would be asked."""
    askable = {nurse_id: seats for nurse_id, seats in open_to.items() if seats}
    waves, size = None, policy.wave_sizes[min(progress.wave, len(policy.wave_sizes) - 1)]
    if chances is not None:
        waves = acceptance.waves_in_all(
            now,
            need.promise_at,
            policy.wave_gap_of(need.urgency),
            progress.wave,
            policy.fill_waves,
        )
        size = acceptance.wave_size(
            [chances[nurse_id] for nurse_id in askable],
            len(need.seats),
            policy.fill_target,
            waves,
            policy.wave_size_max,
        )
    return Reach(
        seats=need.seats,
        open_to=askable,
        size=size,
        waves=waves,
        target=policy.fill_target,
        most=policy.wave_size_max,
    )


def share_out(askable: Iterable[UUID], reach: Reach) -> list[tuple[UUID, int]]:
    """Best first, in turn to the seat that has fewest: two seats get equally good nurses."""
    counts = dict.fromkeys(sorted(reach.seats), 0)
    picks: list[tuple[UUID, int]] = []
    for nurse_id in askable:
        wanting = [seat for seat in reach.open_to[nurse_id] if counts[seat] < reach.size]
        if wanting:
            seat = min(wanting, key=lambda seat: (counts[seat], seat))
            counts[seat] += 1
            picks.append((nurse_id, seat))
    return picks


def _nobody(
    need: Need, progress: Progress, ranked: Sequence[Candidate], policy: Policy, now: datetime
) -> WavePlan:
    """Nobody can be asked at this moment: say why, and look again when that may have changed."""
    soon = now + timedelta(seconds=policy.recheck_s)
    later = now + timedelta(seconds=policy.idle_recheck_s)
    left = [nurse for nurse in ranked if may_be_asked(progress, nurse.nurse_id, need.seats)]
    if any(offer.state == "sent" and offer.seat in need.seats for offer in progress.offers):
        return _wait(need, progress, soon, None, now)
    if not ranked:
        return _wait(need, progress, later, Alert.NOBODY_ELIGIBLE, now)
    if not left:
        return _wait(need, progress, later, Alert.NOBODY_LEFT, now)
    wakes = [quiet_until(nurse, now) for nurse in left]
    if None in wakes:
        # Somebody is awake but holds her fill of offers: the next one to end frees her.
        return _wait(need, progress, soon, None, now)
    first = min(wake for wake in wakes if wake is not None)
    alert = Alert.NOBODY_LEFT if first >= need.latest else None
    return _wait(need, progress, min(first, later), alert, now)


def _wait(
    need: Need, progress: Progress, until: datetime, alert: Alert | None, now: datetime
) -> WavePlan:
    return WavePlan(
        stage=None,
        wave=progress.wave,
        asks=(),
        next_due_at=min(until, need.latest),
        alert=alert or _late_promise(need, now),
        give_up=None,
    )


def _ttl(ttl_s: int, need: Need, policy: Policy, now: datetime) -> int:
    """Shorter when the window closes soon, never past its end, never too short to read."""
    left_s = int((need.latest - now).total_seconds())
    return max(1, min(left_s, max(policy.min_offer_ttl_s, min(ttl_s, left_s // 3))))


def _late_promise(need: Need, now: datetime) -> Alert | None:
    passed = need.promise_at is not None and now >= need.promise_at
    return Alert.PROMISE_PASSED if passed else None
