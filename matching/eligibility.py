"""Owns the hard rules: what nobody's wish can bend. One function each, all listed in RULES.

A rule answers None, or the value it found and the threshold it wanted. The checks that an offer,
an accept and the operator's list make are this one evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Final, NamedTuple, TypeAlias

from config.vocabulary import Condition, InsuranceKind, Label
from matching import spans, timetable
from matching.inputs import Candidate, Frame, Need, local_date
from matching.spans import Span

MINUTE_S: Final = 60
MINUTE: Final = timedelta(seconds=MINUTE_S)
PAIR: Final = 2

Value: TypeAlias = str | int | float | tuple[str, ...] | None


class Short(NamedTuple):
    """What a rule found and what it asks for."""

    value: Value
    threshold: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    rule: str
    value: Value
    threshold: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Eligible when nothing refuses; then `fit` says when the visit would start. `clash` is what
    the timetable found in the way."""

    refusals: tuple[Refusal, ...]
    fit: timetable.Fit | None
    clash: timetable.Clash | None = None

    @property
    def eligible(self) -> bool:
        return not self.refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`label` is one sentence for people; {value} and {threshold} are put in by texts."""

    name: str
    label: Label
    check: Callable[[Need, Candidate, Frame], Short | None]


def institution_approved(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    return None if candidate.institution_approved else Short(None, None)


def licence(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """Her institution may practise on the day; without a number only where none is asked for."""
    visit_on, until = local_date(need.first_start_at), candidate.institution_licence_until
    unknown = frame.policy.papers_numbered and (until is None or not candidate.institution_licensed)
    if unknown or (until is not None and until < visit_on):
        return Short(None if unknown or until is None else until.isoformat(), visit_on.isoformat())
    return None


def registration(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """Registered at the institution that sends her, not at the one before."""
    return None if candidate.registered else Short(None, None)


def register(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """The national register has vouched for her, not too long ago. No answer is no yes."""
    until = candidate.registered_until
    if not frame.policy.register_asked or (until is not None and until >= frame.now):
        return None
    return Short(None if until is None else local_date(until).isoformat(), None)


def face(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """It is she who sets out: recognised a while ago, or seen by a supervisor. No answer is no."""
    until = candidate.known_until
    if not (need.departs and frame.policy.face_asked) or (until is not None and until >= frame.now):
        return None
    return Short(None, None)


def institution_offers(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    missing = [code for code in need.service_codes if code not in candidate.institution_services]
    return Short(tuple(missing), need.service_codes) if missing else None


def institution_covers(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    if need.county in candidate.institution_counties:
        return None
    return Short(tuple(sorted(candidate.institution_counties)), need.county)


def admitted(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    return None if candidate.admitted else Short(None, None)


def active(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    return Short(None, None) if candidate.suspended else None


def on_hold(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """Nobody does again what a severe adverse event came of before a person has looked at it."""
    if not candidate.held_services:
        return None
    held = tuple(code for code in need.service_codes if code in candidate.held_services)
    return Short(held, None) if held else None


def available(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    return None if candidate.available else Short(None, None)


def title(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    asked = (need.min_title, frame.policy.min_title, candidate.institution_min_title)
    least = max((each for each in asked if each is not None), key=lambda each: each.rank)
    if candidate.title.rank >= least.rank:
        return None
    return Short(candidate.title.value, least.value)


def tier(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    least = need.min_tier
    if candidate.institution_min_tiers:
        asked = candidate.institution_min_tiers
        services = frame.catalogue.services
        least = max(least, *(asked.get(services[c].category, 0) for c in need.service_codes))
    return None if candidate.tier >= least else Short(candidate.tier, least)


def specialty(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """What she holds counts with all that it implies."""
    if need.specialties <= candidate.specialties:
        return None
    missing = need.specialties - frame.catalogue.closure(candidate.specialties)
    return Short(tuple(sorted(missing)), tuple(sorted(need.specialties))) if missing else None


def experience(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """Full years since first practice on the day of the visit, at the latest start."""
    visit_on, years = local_date(need.last_start_at), timetable.min_years(candidate, frame)
    if timetable.years_after(candidate.first_practised_on, years) <= visit_on:
        return None
    return Short(_full_years(candidate.first_practised_on, visit_on), years)


def certificate(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    return _in_force(candidate.certificate_valid_until, need)


def insurance(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """All three in force, each named that is not; with their numbers where those are asked for."""
    visit_on = local_date(need.first_start_at)
    lapsed: list[str] = []
    if candidate.insurance_valid_until < visit_on:
        told, earliest = candidate.insurances, candidate.insurance_valid_until
        lapsed = [kind.value for kind in InsuranceKind if told.get(kind, earliest) < visit_on]
    if frame.policy.papers_numbered and not candidate.policies_numbered:
        lapsed.append("policy_no")
    return Short(tuple(lapsed), visit_on.isoformat()) if lapsed else None


def shift(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """The whole visit lies in one stretch that she opened; minutes found, minutes needed."""
    return _too_short(candidate.open_hours, need)


def ward_duty(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """Her hospital's roster comes first. Silent where the shift alone is too short already."""
    if not candidate.ward_duties or shift(need, candidate, frame) is not None:
        return None
    return _too_short(candidate.free_hours, need)


def radius(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    limit_m = frame.policy.default_radius_m if candidate.radius_m is None else candidate.radius_m
    distance_m = round(candidate.place.distance_m(need.place))
    return None if distance_m <= limit_m else Short(distance_m, limit_m)


def gender(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    if need.nurse_gender is None or candidate.gender is need.nurse_gender:
        return None
    return Short(candidate.gender.value, need.nurse_gender.value)


def same_gender(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """Asked by the assessment or a flag, whatever the patient wishes."""
    asked = need.patient_gender
    if Condition.SAME_GENDER not in need.conditions or asked in (None, candidate.gender):
        return None
    return Short(candidate.gender.value, asked.value)


def daytime(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """By day only: whether the window leaves the whole visit any daylight."""
    by_day = timetable.hours_of_day(need, frame)
    if by_day is None:
        return None
    usable = spans.longest(by_day, need.first_start_at, need.last_end_at)
    if usable >= need.duration:
        return None
    policy = frame.policy
    asked = f"{policy.daytime_from_h:02}:00-{policy.daytime_until_h:02}:00"
    return Short(usable // MINUTE, asked)


def two_nurses(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """Nobody goes alone: an order that has one seat only is not ready to be served."""
    seats = len(need.seats) + len(need.nurse_ids_on_order)
    if Condition.TWO_NURSES not in need.conditions or seats >= PAIR:
        return None
    return Short(seats, PAIR)


def escort(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """Nobody is asked by the clock: the operator who arranges the escort sends her."""
    return Short(None, None) if Condition.ESCORT in need.conditions and not need.escorted else None


def no_visits(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    return Short(None, None) if Condition.NO_VISITS in need.conditions else None


def language(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    if need.language is None or need.language in candidate.languages:
        return None
    return Short(tuple(sorted(candidate.languages)), need.language)


def blocked(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    return Short(None, None) if candidate.blocked else None


def excluded(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    return Short(None, None) if candidate.nurse_id in need.excluded_nurse_ids else None


def declined(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    return Short(None, None) if candidate.declined_this_order else None


def other_seat(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """Two seats are two nurses."""
    return Short(None, None) if candidate.nurse_id in need.nurse_ids_on_order else None


def timetable_clear(need: Need, candidate: Candidate, frame: Frame) -> Short | None:
    """Travel included, nothing she has already is touched: what stands in the way, and when."""
    fit = timetable.fit(need, candidate, frame)
    return _clash(fit) if isinstance(fit, timetable.Clash) else None


TIMETABLE: Final = Rule(
    name="timetable",
    label=Label(
        zh="计入路程后时间排不开：{value}（{threshold}）",
        en="With travel there is no time for it: {value} ({threshold})",
    ),
    check=timetable_clear,
)

# The timetable stands last: it costs most, and is asked only of a nurse whom nothing else refuses.
RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="institution_approved",
        label=Label(zh="所属机构未获准开展居家护理", en="Her institution is not approved"),
        check=institution_approved,
    ),
    Rule(
        name="licence",
        label=Label(
            zh="所属机构的执业许可证在服务日期（{threshold}）无效或未登记：{value}",
            en="Her institution's licence is not in force or not known on {threshold}: {value}",
        ),
        check=licence,
    ),
    Rule(
        name="institution_offers",
        label=Label(
            zh="所属机构未开展：{value}",
            en="Her institution does not offer: {value}",
        ),
        check=institution_offers,
    ),
    Rule(
        name="institution_covers",
        label=Label(
            zh="所属机构不服务该地区（{threshold}）",
            en="Her institution does not serve this area ({threshold})",
        ),
        check=institution_covers,
    ),
    Rule(
        name="admitted",
        label=Label(zh="尚未通过机构准入", en="Not admitted by her institution yet"),
        check=admitted,
    ),
    Rule(
        name="registration",
        label=Label(
            zh="在现机构的执业注册尚未核实",
            en="Her registration at this institution is not verified",
        ),
        check=registration,
    ),
    Rule(
        name="register",
        label=Label(
            zh="国家护士电子化注册未核验或核验已过期：{value}",
            en="Not verified in the national register, or no longer: {value}",
        ),
        check=register,
    ),
    Rule(
        name="face",
        label=Label(
            zh="人脸未核验或核验已过期，可由主管确认",
            en="Not recognised by her face, or no longer; a supervisor may confirm",
        ),
        check=face,
    ),
    Rule(name="active", label=Label(zh="已被暂停服务", en="Suspended"), check=active),
    Rule(
        name="on_hold",
        label=Label(
            zh="因不良事件待审核，暂不安排：{value}",
            en="On hold until an adverse event is reviewed: {value}",
        ),
        check=on_hold,
    ),
    Rule(
        name="available",
        label=Label(zh="本人设置为暂不接单", en="Has set herself as not available"),
        check=available,
    ),
    Rule(
        name="title",
        label=Label(
            zh="职称为{value}，要求{threshold}及以上",
            en="Title is {value}; {threshold} or above is needed",
        ),
        check=title,
    ),
    Rule(
        name="tier",
        label=Label(
            zh="准入等级为 {value} 级，要求 {threshold} 级",
            en="Tier is {value}; tier {threshold} is needed",
        ),
        check=tier,
    ),
    Rule(
        name="specialty",
        label=Label(zh="缺少专科资质：{value}", en="Lacks the specialty: {value}"),
        check=specialty,
    ),
    Rule(
        name="experience",
        label=Label(
            zh="至服务当日执业满 {value} 年，要求 {threshold} 年",
            en="{value} full years in practice on the day of the visit; {threshold} are needed",
        ),
        check=experience,
    ),
    Rule(
        name="certificate",
        label=Label(
            zh="执业证书有效期至 {value}，服务日期为 {threshold}",
            en="Certificate is valid until {value}; the visit is on {threshold}",
        ),
        check=certificate,
    ),
    Rule(
        name="insurance",
        label=Label(
            zh="服务日期（{threshold}）不在保险期内或缺保单号：{value}",
            en="On {threshold} not insured, or without the policy's number: {value}",
        ),
        check=insurance,
    ),
    Rule(
        name="shift",
        label=Label(
            zh="开放的上门时段内最长可用 {value} 分钟，需要 {threshold} 分钟",
            en="Her shifts leave at most {value} min in the window; {threshold} min are needed",
        ),
        check=shift,
    ),
    Rule(
        name="ward_duty",
        label=Label(
            zh="除去在院值班后最长可用 {value} 分钟，需要 {threshold} 分钟",
            en="Ward duty leaves at most {value} min in the window; {threshold} min are needed",
        ),
        check=ward_duty,
    ),
    Rule(
        name="radius",
        label=Label(
            zh="距离 {value}，超出服务半径 {threshold}",
            en="{value} away, beyond her radius of {threshold}",
        ),
        check=radius,
    ),
    Rule(
        name="gender",
        label=Label(
            zh="患者要求{threshold}护士，该护士为{value}",
            en="The patient asked for a {threshold} nurse; this one is {value}",
        ),
        check=gender,
    ),
    Rule(
        name="no_visits",
        label=Label(
            zh="该患者或地址经审核不再安排上门", en="No visits to this patient or address any more"
        ),
        check=no_visits,
    ),
    Rule(
        name="two_nurses",
        label=Label(
            zh="须两名护士同行（现有 {value} 个席位）",
            en="Two nurses must go together (the order has {value} seat)",
        ),
        check=two_nurses,
    ),
    Rule(
        name="escort",
        label=Label(
            zh="须有人陪同，由调度员安排后指派",
            en="Somebody must go with her: a dispatcher arranges it and assigns",
        ),
        check=escort,
    ),
    Rule(
        name="same_gender",
        label=Label(
            zh="须由{threshold}护士上门，该护士为{value}",
            en="A {threshold} nurse must go; this one is {value}",
        ),
        check=same_gender,
    ),
    Rule(
        name="daytime",
        label=Label(
            zh="只能在白天（{threshold}）上门，时段内仅余 {value} 分钟",
            en="By day only ({threshold}), of which the window leaves {value} min",
        ),
        check=daytime,
    ),
    Rule(
        name="language",
        label=Label(
            zh="患者要求会讲 {threshold}，该护士会讲 {value}",
            en="The patient asked for {threshold}; the nurse speaks {value}",
        ),
        check=language,
    ),
    Rule(
        name="blocked",
        label=Label(zh="与该患者互不派单", en="Nurse and patient are not to meet"),
        check=blocked,
    ),
    Rule(
        name="excluded",
        label=Label(zh="患者不希望由该护士服务", en="The patient asked for somebody else"),
        check=excluded,
    ),
    Rule(
        name="declined",
        label=Label(zh="已婉拒过此订单", en="Has declined this order before"),
        check=declined,
    ),
    Rule(
        name="other_seat",
        label=Label(zh="已是此订单的另一名护士", en="Is the other nurse of this order already"),
        check=other_seat,
    ),
    TIMETABLE,
)
# What she and her institution must hold whenever she sets out, whoever has sent her, and what the
# visit must keep to.
GATES: Final = (
    "institution_approved",
    "licence",
    "admitted",
    "registration",
    "register",
    "face",
    "active",
    "on_hold",
    "title",
    "tier",
    "specialty",
    "experience",
    "certificate",
    "insurance",
    "no_visits",
    "two_nurses",
    "escort",
    "same_gender",
    "daytime",
)
# What depends on the hours that she has, and has left.
HOURS: Final = frozenset({"shift", "ward_duty", TIMETABLE.name})
RULES_BY_NAME: Final = {rule.name: rule for rule in RULES}
_CHECKS: Final = tuple((rule.name, rule.check) for rule in RULES if rule is not TIMETABLE)


def evaluate(need: Need, candidate: Candidate, frame: Frame) -> Verdict:
    """All refusals, in the order of RULES; the timetable only where nothing else refuses."""
    refusals = []
    for name, check in _CHECKS:
        short = check(need, candidate, frame)
        if short is not None:
            refusals.append(Refusal(rule=name, value=short.value, threshold=short.threshold))
    if refusals:
        return Verdict(refusals=tuple(refusals), fit=None)
    fit = timetable.fit(need, candidate, frame)
    if isinstance(fit, timetable.Clash):
        value, threshold = _clash(fit)
        refusal = Refusal(rule=TIMETABLE.name, value=value, threshold=threshold)
        return Verdict(refusals=(refusal,), fit=None, clash=fit)
    return Verdict(refusals=(), fit=fit)


def qualifies(need: Need, candidate: Candidate, frame: Frame) -> bool:
    """Whether she may go at all, whatever else she does on the day."""
    return all(
        check(need, candidate, frame) is None for name, check in _CHECKS if name not in HOURS
    )


def gates(need: Need, candidate: Candidate, frame: Frame) -> tuple[Refusal, ...]:
    """Which of GATES refuse her for this visit; nothing else of her or it is asked."""
    found = ((name, RULES_BY_NAME[name].check(need, candidate, frame)) for name in GATES)
    return tuple(
        Refusal(rule=name, value=short.value, threshold=short.threshold)
        for name, short in found
        if short is not None
    )


def _in_force(until: date, need: Need) -> Short | None:
    """Valid on the first day on which the visit may start; the timetable keeps to the last."""
    visit_on = local_date(need.first_start_at)
    return None if until >= visit_on else Short(until.isoformat(), visit_on.isoformat())


def _too_short(hours: Iterable[Span], need: Need) -> Short | None:
    usable = spans.longest(hours, need.first_start_at, need.last_end_at)
    return None if usable >= need.duration else Short(usable // MINUTE, need.duration // MINUTE)


def _clash(clash: timetable.Clash) -> Short:
    return Short(clash.obstacle.value, clash.at.astimezone(UTC).isoformat())


def _full_years(since: date, day: date) -> int:
    years = day.year - since.year
    return years if timetable.years_after(since, years) <= day else years - 1
