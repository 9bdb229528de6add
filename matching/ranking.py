"""Owns the soft terms: what makes one eligible nurse a better choice than another.

A cost is the sum of its named parts, each a measure times a weight; lower is better. All parts are
in minutes of travel, so that a weight can be argued about: "ten minutes further for a known face".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import erfc, exp, hypot, log, pi, sqrt
from typing import Final

from config.vocabulary import Label
from matching.acceptance import Ask
from matching.inputs import Candidate, Frame, Need
from matching.policy import Policy, Urgency
from matching.timetable import Fit

MINUTE_S: Final = 60
DAY_S: Final = 86_400
PAIR: Final = 2
# Nobody is late who has so many standard deviations to spare.
SURE: Final = 5.0

# A patient who cannot wait pays for waiting more than one who plans for next week.
WAIT_FACTORS: Final[Mapping[Urgency, float]] = {
    Urgency.ROUTINE: 1.0,
    Urgency.SOON: 3.0,
    Urgency.URGENT: 10.0,
}
TIER_SURPLUS: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """`weight` is in minutes of travel for one `unit` of the measure."""

    name: str
    unit: str
    weight: float
    label: Label
    measure: Callable[[Need, Candidate, Fit, Frame], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """`total` is the sum of `parts`, in their order."""

    total: float
    parts: Mapping[str, float]


def travel(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> float:
    """What the visit adds to her day, so one on her way home is cheap however far from home."""
    return fit.added_travel_s / MINUTE_S


def waiting(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> float:
    """How far into the window the visit would start."""
    return WAIT_FACTORS[need.urgency] * (fit.start_at - need.earliest).total_seconds() / MINUTE_S


def lateness(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> float:
    """How late she must be expected to be at the end of the window, ways and visits before being
    uncertain: E[(X)+] of a normal X, sd (phi(z) - z (1 - Phi(z))) with z = slack / sd."""
    slack_s = (need.last_start_at - fit.start_at).total_seconds()
    policy = frame.policy
    spread_s = policy.travel_spread * fit.travel_in_s
    # Most have time to spare, whatever was before.
    if slack_s > SURE * (spread_s + policy.overrun_s):
        return 0.0
    near = fit.start_at - timedelta(seconds=fit.travel_in_s + policy.linger_s)
    if any(near < visit.ends_at <= fit.start_at for visit in candidate.visits):
        spread_s = hypot(spread_s, policy.overrun_s)
    if spread_s <= 0 or slack_s > SURE * spread_s:
        return 0.0
    z = slack_s / spread_s
    late = exp(-z * z / 2) / sqrt(2 * pi) - z * erfc(z / sqrt(2)) / 2
    return spread_s * max(0.0, late) / MINUTE_S


def continuity(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> float:
    """The marginal change of the patient's index of continuity (Bice and Boxerman 1977).

    The index is the share of pairs of visits that one nurse made both of. A visit to come makes as
    many new pairs as there were visits; this is their index less the present one, so that a long
    acquaintance is worth no less than a short one. Whom the patient has not seen for long counts
    the less as known (PLoS ONE 2022, 0268517).
    """
    visits = sum(past.visits for past in need.history.values())
    if not visits:
        return 0.0
    kept = 0.0
    past = need.history.get(candidate.nurse_id)
    if past is not None:
        apart_days = max(0.0, (fit.start_at - past.last_at).total_seconds() / DAY_S)
        kept = past.visits / visits * 0.5 ** (apart_days / frame.policy.trust_half_life_days)
    return kept - bice_boxerman([past.visits for past in need.history.values()])


def bice_boxerman(visits: Sequence[int]) -> float:
    """The index over the visits of each nurse: 1 when all are one's; so it is below two visits,
    since nothing has been broken."""
    count = sum(visits)
    if count < PAIR:
        return 1.0
    return sum(each * (each - 1) for each in visits) / (count * (count - 1))


def scarcity(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> float:
    """The rarest competence that this visit would tie up without using it."""
    surplus = frame.catalogue.closure(candidate.specialties) - frame.catalogue.closure(
        need.specialties
    )
    rarest = max((frame.scarcity.get(slug, 0.0) for slug in surplus), default=0.0)
    return rarest + TIER_SURPLUS * (candidate.tier - need.min_tier)


def acceptance(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> float:
    """How likely she says no, so that an order waits for a wave in vain; nothing is known of
    anybody until enough was learned."""
    said = chance(need, candidate, frame)
    return 0.0 if said is None else 1.0 - said


def chance(need: Need, candidate: Candidate, frame: Frame) -> float | None:
    """The probability that she accepts, if enough was learned to say so."""
    if frame.acceptance is None:
        return None
    ask = Ask(
        service=need.service_codes[0],
        distance_m=candidate.place.distance_m(need.place),
        pay_fen=need.pay_fen,
        load=candidate.recent_visits_30d,
        asked_at=frame.now,
    )
    return frame.acceptance.chance(ask, candidate.leaning)


def load(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> float:
    """Visits of the last 30 days, half by count and half by income, so that work goes round."""
    by_income = candidate.recent_income_30d_fen / frame.policy.pay_per_visit_fen
    return (candidate.recent_visits_30d + by_income) / 2


def ahead(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> float:
    """How much more than others' her hours were given, offers and paid minutes (fairness.py)."""
    return candidate.ahead


def preferred(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> float:
    return 1.0 if candidate.nurse_id == need.preferred_nurse_id else 0.0


def taken_back(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> float:
    """Asking her first again would undo what the operator did; asking nobody would be worse."""
    return 1.0 if candidate.taken_back else 0.0


TERMS: Final[tuple[Term, ...]] = (
    Term(
        name="travel",
        unit="min",
        weight=1.0,
        label=Label(zh="增加的路程时间", en="Added travel"),
        measure=travel,
    ),
    Term(
        name="waiting",
        unit="min",
        weight=0.05,
        label=Label(zh="在时间窗内的等待", en="Waiting within the window"),
        measure=waiting,
    ),
    Term(
        name="lateness",
        unit="min expected",
        weight=2.0,
        label=Label(zh="预计迟到", en="Expected lateness"),
        measure=lateness,
    ),
    Term(
        name="continuity",
        unit="change of index -1-1",
        weight=-20.0,
        label=Label(zh="照护延续性的变化", en="Change of continuity of care"),
        measure=continuity,
    ),
    Term(
        name="scarcity",
        unit="rarity 0-1.5",
        weight=12.0,
        label=Label(zh="占用稀缺专科", en="Ties up scarce competence"),
        measure=scarcity,
    ),
    Term(
        name="acceptance",
        unit="chance of a no 0-1",
        weight=5.0,
        label=Label(zh="可能婉拒", en="May say no"),
        measure=acceptance,
    ),
    Term(
        name="load",
        unit="visits in 30 d",
        weight=0.5,
        label=Label(zh="近期工作量", en="Recent load"),
        measure=load,
    ),
    Term(
        name="fairness",
        unit="share above the mean",
        weight=20.0,
        label=Label(zh="每开放时段所得多于平均", en="Given more for her hours than others"),
        measure=ahead,
    ),
    Term(
        name="preferred",
        unit="yes 1",
        weight=-30.0,
        label=Label(zh="患者指定", en="Preferred by the patient"),
        measure=preferred,
    ),
    Term(
        name="taken_back",
        unit="yes 1",
        # More than any way in the region, so that she comes after everybody else.
        weight=1_000.0,
        label=Label(zh="调度员已将此单从该护士处收回", en="Was taken back from her"),
        measure=taken_back,
    ),
)
TERMS_BY_NAME: Final = {term.name: term for term in TERMS}


def weight_of(name: str, policy: Policy) -> float:
    """What one of a term's measure counts, in minutes of travel."""
    return policy.weights.get(name, TERMS_BY_NAME[name].weight)


def cost(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> Cost:
    """Every term, also those that are nothing; rounded to a thousandth, and the total after."""
    parts = {
        term.name: round(
            weight_of(term.name, frame.policy) * term.measure(need, candidate, fit, frame), 3
        )
        # No minus nought: parts are shown to people.
        + 0.0
        for term in TERMS
    }
    return Cost(total=round(sum(parts.values()), 3), parts=parts)


def rarity(holders: Mapping[str, int], nurses: int) -> dict[str, float]:
    """How scarce each specialty is, from how many of `nurses` hold it: 0 for all, 1 for one alone.

    The share's logarithm: from a half to a quarter is as much rarer as from a quarter to an eighth.
    """
    if nurses < 2:
        return dict.fromkeys(holders, 0.0)
    return {
        slug: round(log(nurses / min(nurses, max(1, count))) / log(nurses), 4)
        for slug, count in holders.items()
    }
