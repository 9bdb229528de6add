"""What the buttons and labels of the clients say, in each language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    sign_in: str
    demo: str
    who: str
    add_person: str
    parent: str
    name: str
    female: str
    birth: str
    conditions: str
    save: str
    address: str
    locate: str
    pinned: str
    floor: str
    no_lift: str
    save_address: str
    go_on: str
    say: str
    dressing: str
    next: str
    possible: re.Pattern[str]
    total: str
    consent: str
    signer: str
    agree: str
    place: str
    submitted: str
    open: str
    assigned: str
    away: str
    in_service: str
    fulfilled: str
    signed: str
    five_stars: str
    send_rating: str
    own_rating: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleWords:
    dispatcher: str
    loading: str
    any_text: re.Pattern[str] = re.compile(r"\w")


CONSOLE: Final = {
    "zh-CN": ConsoleWords(dispatcher="调度员", loading="正在载入"),
    "en": ConsoleWords(dispatcher="Dispatcher", loading="Loading"),
}

ZH: Final = Words(
    sign_in="用手机号登录",
    demo="以演示用户进入",
    who="谁需要护理",
    add_person="添加一位",
    parent="父母",
    name="姓名（与身份证一致）",
    female="女",
    birth="出生日期",
    conditions="疾病情况",
    save="保存",
    address="详细地址",
    locate="我在这里",
    pinned="位置已标出",
    floor="在几楼",
    no_lift="没有电梯",
    save_address="保存地址",
    go_on="用这个地址预约",
    say="说说需要什么",
    dressing="普通伤口换药",
    next="下一步",
    possible=re.compile("可约"),
    total="合计",
    consent="知情同意书",
    signer="签署人姓名",
    agree="我已阅读并同意",
    place="确认预约",
    submitted="护士正在评估",
    open="正在为您找合适的护士",
    assigned="护士已经定了",
    away="离您还有",
    in_service="护理正在进行",
    fulfilled="护理已经完成，谢谢您",
    signed="已签字",
    five_stars="5 星",
    send_rating="提交评价",
    own_rating="您的评价",
)

EN: Final = Words(
    sign_in="With your mobile number",
    demo="Enter as a demo user",
    who="Who needs care",
    add_person="Add a person",
    parent="Parent",
    name="Name (as on the identity card)",
    female="Female",
    birth="Date of birth",
    conditions="Illnesses",
    save="Save",
    address="Address",
    locate="I am here",
    pinned="The place is marked",
    floor="Which floor",
    no_lift="There is none",
    save_address="Save address",
    go_on="Book for this address",
    say="Say what is needed",
    dressing="Simple wound dressing",
    next="Next",
    possible=re.compile("Possible"),
    total="Total",
    consent="Informed consent",
    signer="Your name",
    agree="I have read the consent",
    place="Book the visit",
    submitted="A nurse is assessing",
    open="We are looking for the right nurse",
    assigned="Your nurse is settled",
    away="away.",
    in_service="Care is being given",
    fulfilled="The care has been given. Thank you",
    signed="Signed",
    five_stars="5 stars",
    send_rating="Send",
    own_rating="Your rating",
)
