"""Owns the words for what the matcher found, in zh-CN (default) and en.

The sentences of rules and terms stand beside them; here values become readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import ceil
from typing import Final

from config.catalogue import Catalogue
from config.vocabulary import Label, Title
from matching import exchange, ranking
from matching.batch import SCALE
from matching.counterfactual import Change
from matching.decide import Alternative, Reason
from matching.eligibility import RULES_BY_NAME, Refusal, Value
from matching.spans import Span
from matching.travel import LOCAL_ZONE
from matching.waves import Alert, GiveUp

METRES: Final = frozenset({"radius", "distance_m", "nearer_m"})
MOMENTS: Final = frozenset({"timetable", "free_at", "free_until", "frozen", "window", "partner"})

WORDS: Final[Mapping[str, Label]] = {
    "liability": Label(zh="责任险", en="liability"),
    "medical_accident": Label(zh="医疗意外险", en="medical accident"),
    "personal_accident": Label(zh="人身意外险", en="personal accident"),
    "policy_no": Label(zh="保单号", en="policy number"),
    "female": Label(zh="女性", en="female"),
    "male": Label(zh="男性", en="male"),
    "validity": Label(zh="证件、保险有效期或执业年限", en="validity of her papers"),
    "shift": Label(zh="上门班次", en="her shift"),
    "ward_duty": Label(zh="在院值班", en="ward duty"),
    "visit": Label(zh="已有的上门安排", en="another visit"),
    "daytime": Label(zh="只能白天上门", en="visits by day only"),
    "notice": Label(zh="来不及赶到", en="too little notice to get there"),
    "urgent": Label(zh="加急", en="Urgent"),
    "soon": Label(zh="尽快", en="Wanted soon"),
    "zh": Label(zh="普通话", en="Mandarin"),
    "en": Label(zh="英语", en="English"),
    "csl": Label(zh="手语", en="Chinese Sign Language"),
    "wuu-jinhua": Label(zh="金华话", en="Jinhua dialect"),
    "wuu-lanxi": Label(zh="兰溪话", en="Lanxi dialect"),
    "wuu-yiwu": Label(zh="义乌话", en="Yiwu dialect"),
    "wuu-dongyang": Label(zh="东阳话", en="Dongyang dialect"),
    "wuu-yongkang": Label(zh="永康话", en="Yongkang dialect"),
    "wuu-wuyi": Label(zh="武义话", en="Wuyi dialect"),
    "wuu-pujiang": Label(zh="浦江话", en="Pujiang dialect"),
    "wuu-panan": Label(zh="磐安话", en="Pan'an dialect"),
}

WHY: Final[Mapping[str, Label]] = {
    "preferred": Label(zh="患者希望由您服务", en="The patient asked for you"),
    "continuity": Label(
        zh="您为这位患者服务过 {value} 次", en="You have visited this patient {value} time(s)"
    ),
    "distance_m": Label(zh="距离约 {value}", en="About {value} away"),
    "travel_s": Label(zh="路程约 {value} 分钟", en="About {value} min on the way"),
    "on_the_way": Label(zh="与您已有的上门安排顺路", en="On the way of your other visits"),
    "specialty": Label(zh="需要您的专科：{value}", en="Needs your specialty: {value}"),
    "urgency": Label(zh="{value}订单", en="{value}"),
}

# The same reasons as the patient reads them; what is missing here is not for her.
WHY_SHE: Final[Mapping[str, Label]] = {
    "preferred": Label(zh="您指定的护士", en="You asked for her"),
    "continuity": Label(zh="曾为您服务过 {value} 次", en="She has visited you {value} time(s)"),
    "specialty": Label(zh="具备所需专科：{value}", en="She has the specialty: {value}"),
    "on_the_way": Label(zh="与她当天的其他安排顺路", en="You are on the way of her other visits"),
    "travel_s": Label(zh="路程约 {value} 分钟", en="She is about {value} min away"),
}
FITS: Final = Label(
    zh="资质、时间和距离均符合您的预约要求",
    en="Her qualification, her time and the distance fit your order",
)
OF_SO_MANY: Final = Label(
    zh="在 {value} 名可以上门的护士中选出", en="Chosen among {value} nurses who could come"
)
BY_HAND: Final = Label(zh="由调度员为您安排", en="A dispatcher has chosen her for you")

# What would have had to be otherwise, to follow "if" or stand between 若 and 就.
WOULD: Final[Mapping[str, Label]] = {
    "nearer_m": Label(zh="近 {value}", en="{value} nearer"),
    "cheaper_min": Label(
        zh="综合排序再优 {value} 分钟", en="better by {value} min of travel, all in all"
    ),
    "shift_min": Label(zh="开放的时段再长 {value} 分钟", en="on a shift longer by {value} min"),
    "ward_duty_min": Label(zh="院内值班少占 {value} 分钟", en="on ward duty for {value} min less"),
    "free_at": Label(zh="至迟 {value} 能空出来", en="free at {value}"),
    "free_until": Label(zh="到 {value} 前没有其他安排", en="free until {value}"),
    "notice_min": Label(zh="早 {value} 分钟得知", en="told {value} min earlier"),
    "tier": Label(zh="准入等级达到 {value} 级", en="of tier {value}"),
    "title": Label(zh="职称为{value}及以上", en="of the title {value} or above"),
    "years": Label(zh="执业再多 {value} 年", en="in practice for {value} year(s) more"),
    "specialty": Label(zh="具备专科资质：{value}", en="trained in: {value}"),
    "certificate": Label(zh="执业证书在服务日期有效", en="with a certificate valid on the day"),
    "insurance": Label(zh="保险在服务日期有效", en="insured on the day"),
    "available": Label(zh="设置为可接单", en="set as available"),
    "offers": Label(zh="手上待答复的邀约未满", en="not holding the most offers that one may"),
    "quiet": Label(zh="不在免打扰时段", en="not in quiet hours"),
}
OUTCOMES: Final[Mapping[bool, Label]] = {
    True: Label(zh="若{changes}，就会被询问", en="Would have been asked if {changes}"),
    False: Label(zh="若{changes}，就会符合条件", en="Would have qualified if {changes}"),
}

# Rules that speak of a patient's wish or safety: the nurse whom they concern is not told which.
CONFIDENTIAL: Final = frozenset(
    {"blocked", "excluded", "no_visits", "two_nurses", "escort", "same_gender"}
)
UNTOLD: Final = Label(zh="因其他原因不予安排", en="For a reason that is not hers to see to")

ALTERNATIVES: Final[Mapping[Alternative, Label]] = {
    Alternative.LATER_WINDOW: Label(
        zh="换一个时间，或放宽时间窗", en="Choose another time or a wider window"
    ),
    Alternative.OTHER_INSTITUTION: Label(
        zh="由邻近机构或社区护士服务", en="A neighbouring institution or a community nurse"
    ),
    Alternative.FEWER_WISHES: Label(
        zh="放宽对护士性别、语言或人选的要求",
        en="Ask for less: the nurse's gender, language or person",
    ),
    Alternative.SPLIT_SERVICES: Label(
        zh="将项目分成几次上门", en="Have the services in separate visits"
    ),
    Alternative.HOSPITAL: Label(
        zh="到医院就诊，可由客服协助预约", en="Come to the hospital; the desk helps to book"
    ),
}

ALERTS: Final[Mapping[Alert, Label]] = {
    Alert.NOBODY_ELIGIBLE: Label(zh="没有符合条件的护士", en="No nurse is eligible"),
    Alert.NOBODY_LEFT: Label(
        zh="符合条件的护士都已询问过", en="Every eligible nurse has been asked"
    ),
    Alert.LAST_WAVE: Label(
        zh="已扩大到最大范围仍无人接单", en="Nobody has accepted; the widest wave is out"
    ),
    Alert.PROMISE_PASSED: Label(
        zh="已超过承诺的答复时间", en="The promised time of an answer has passed"
    ),
}

PRICES: Final[Mapping[str, Label]] = {
    "nobody": Label(zh="无人具备此资质", en="Nobody has it"),
    "order": Label(
        zh="再有一名具备此资质的护士，可多安排一单",
        en="One more who has it could let another be served",
    ),
    "minutes": Label(
        zh="再有一名具备此资质的护士，最多可省 {value} 分钟路程",
        en="One more who has it would save {value} min of travel at most",
    ),
}

SHORTAGE: Final = Label(
    zh="{county} {starts_at} 至 {ends_at}：{orders} 单共需 {seats} 人次（{needs}），"
    "符合条件的 {nurses} 名护士最多可上门 {visits_max} 次，缺 {missing} 次",
    en="{county}, {starts_at} to {ends_at}: {orders} order(s) ask for {seats} visit(s) ({needs}); "
    "the {nurses} nurse(s) who qualify can make {visits_max} at most, {missing} too few",
)

GIVE_UPS: Final[Mapping[GiveUp, Label]] = {
    GiveUp.WINDOW_PASSED: Label(
        zh="预约时间已过，未能安排到护士", en="The window passed and no nurse was found"
    ),
}


def refusal(
    found: Refusal,
    language: str,
    catalogue: Catalogue,
    counties: Mapping[str, str] | None = None,
) -> str:
    """One sentence; a rule that is no longer known answers with its name. `counties` names codes
    in the language that is asked for; without it they stand as codes."""
    rule = RULES_BY_NAME.get(found.rule)
    label = exchange.LABELS.get(found.rule) if rule is None else rule.label
    if label is None:
        return found.rule
    threshold = _shown(found.rule, found.threshold, language, catalogue)
    return label.in_language(language).format(
        value=_shown(found.rule, found.value, language, catalogue),
        threshold=(counties or {}).get(threshold, threshold),
    )


def why(reason: Reason, language: str, catalogue: Catalogue) -> str:
    """One line of an offer's "why you"."""
    value: Value = reason.value
    if reason.kind == "travel_s" and isinstance(value, (int, float)):
        shown = str(max(1, round(value / 60)))
    else:
        shown = _shown(reason.kind, value, language, catalogue)
    return WHY[reason.kind].in_language(language).format(value=shown)


def why_she(
    reasons: Iterable[Reason], eligible: int | None, language: str, catalogue: Catalogue
) -> list[str]:
    """Why this nurse, for the patient: `eligible` could have come. Her way is said to five minutes,
    so that nobody learns where she lives."""
    told = [FITS.in_language(language)]
    for reason in reasons:
        label, value = WHY_SHE.get(reason.kind), reason.value
        if label is None:
            continue
        if reason.kind == "travel_s" and isinstance(value, (int, float)):
            value = max(1, ceil(value / 300)) * 5
        told.append(
            label.in_language(language).format(
                value=_shown(reason.kind, value, language, catalogue)
            )
        )
    if eligible is not None and eligible > 1:
        told.append(OF_SO_MANY.in_language(language).format(value=eligible))
    return told


def would(
    changes: Iterable[Change], *, asked: bool, language: str, catalogue: Catalogue
) -> str | None:
    """One sentence of what would have had to be otherwise to be asked, or to qualify; None where
    nothing would have done, or the words are no longer known."""
    known = list(changes)
    if not known or any(change.kind not in WOULD for change in known):
        return None
    told = (" and " if language == "en" else "、且").join(
        WOULD[change.kind]
        .in_language(language)
        .format(value=_shown(change.kind, change.value, language, catalogue))
        for change in known
    )
    return OUTCOMES[asked].in_language(language).format(changes=told)


def term(name: str, language: str) -> str:
    """The name of a cost part."""
    known = ranking.TERMS_BY_NAME.get(name)
    return known.label.in_language(language) if known is not None else name


def alternative(which: Alternative, language: str) -> str:
    return ALTERNATIVES[which].in_language(language)


def alert(which: Alert, language: str) -> str:
    return ALERTS[which].in_language(language)


def price(worth: int | None, left_out: bool, language: str) -> str:
    """What the price of a scarce competence means, in thousandths of a minute; `left_out`: an order
    that needs it was."""
    kind = "nobody" if worth is None else "order" if left_out else "minutes"
    return PRICES[kind].in_language(language).format(value=f"{(worth or 0) / SCALE:.1f}")


def shortage(
    county: str,
    between: Span,
    *,
    orders: int,
    nurses: int,
    seats: int,
    visits_max: int,
    needs: Iterable[str],
    language: str,
    catalogue: Catalogue,
) -> str:
    """One sentence of orders that cannot all be served, between the first and the last of them."""
    return SHORTAGE.in_language(language).format(
        county=county,
        starts_at=f"{between.starts_at.astimezone(LOCAL_ZONE):%m-%d %H:%M}",
        ends_at=f"{between.ends_at.astimezone(LOCAL_ZONE):%m-%d %H:%M}",
        orders=orders,
        seats=seats,
        needs=_shown("specialty", tuple(needs), language, catalogue),
        nurses=nurses,
        visits_max=visits_max,
        missing=seats - visits_max,
    )


def give_up(which: GiveUp, language: str) -> str:
    return GIVE_UPS[which].in_language(language)


def _shown(kind: str, value: Value, language: str, catalogue: Catalogue) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        separator = ", " if language == "en" else "、"
        return separator.join(_shown(kind, item, language, catalogue) for item in value)
    if isinstance(value, (int, float)):
        return _distance(value, language) if kind in METRES else f"{value:g}"
    if kind in MOMENTS and (moment := _moment(value)) is not None:
        return f"{moment.astimezone(LOCAL_ZONE):%m-%d %H:%M}"
    if kind == "title":
        return Title(value).label.in_language(language)
    if value in catalogue.services:
        return catalogue.services[value].name(language)
    if value in catalogue.specialties:
        return catalogue.specialties[value].label.in_language(language)
    return WORDS[value].in_language(language) if value in WORDS else value


def _distance(metres: float, language: str) -> str:
    if metres < 1000:
        return f"{metres:.0f} m" if language == "en" else f"{metres:.0f} 米"
    return f"{metres / 1000:.1f} km" if language == "en" else f"{metres / 1000:.1f} 公里"


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
