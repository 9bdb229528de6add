"""What the buttons and labels of the nurse's client say, in each language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Of somebody who is well, by what stands in the label; other numbers are in every field's range.
WELL: Final = {
    "收缩压": "128",
    "Systolic": "128",
    "舒张压": "78",
    "Diastolic": "78",
    "脉搏": "74",
    "Pulse": "74",
    "体温": "36.6",
    "Temperature": "36.6",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    sign_in: str
    number: str
    ask: str
    code: str
    waiting: str
    stairs: str
    accept: str
    decline: str
    why_not: str
    back: str
    day: str
    show_map: str
    duty: str
    radius: str
    me: str
    why_none: str
    why_each: str
    parts: str
    travel: str
    ranked: str
    share: str
    depart: str
    arrive: str
    far: str
    close: str
    start: str
    nobody: str
    rang: str
    same: str
    fit: str
    begin: str
    record: str
    systolic: str
    out_of_range: str
    unusual: str
    optional: str
    save_part: str
    record_done: str
    nothing_odd: str
    early: str
    summary: str
    sign_here: str
    complete: str
    completed: str
    unsent: str
    lost: str
    cancelled: str
    not_taken: str
    let_go: str

    def value_for(self, label: str) -> str:
        return next((value for name, value in WELL.items() if name in label), "8")


ZH: Final = Words(
    sign_in="用单位登记的手机号登录",
    number="手机号",
    ask="获取验证码",
    code="验证码",
    waiting="等您回复的任务",
    stairs="5 楼，无电梯",
    accept="接单",
    decline="不接",
    why_not="为什么不接",
    back="再想想",
    day="我的日程",
    show_map="看地图",
    duty="接单设置",
    radius="最远上门距离",
    me="我的",
    why_none="为什么没有接到单",
    why_each="逐单查看",
    parts="怎么排的",
    travel="增加的路程时间",
    ranked="人中您排第",
    share="比大家的平均少 25%",
    depart="我出发了",
    arrive="我到了",
    far="您离登记的地址约",
    close="关闭",
    start="核对身份并开始",
    nobody="没人应门",
    rang="按了门铃",
    same="身份核对无误",
    fit="生命体征和现场情况允许操作",
    begin="开始服务",
    record="护理记录",
    systolic="收缩压",
    out_of_range="应在 40 到 300 之间",
    unusual="数值少见",
    optional="选填",
    save_part="保存这一部分",
    record_done="必填项已齐",
    nothing_odd="无",
    early="提前离开的原因",
    summary="本次小结",
    sign_here="请用手指在框内签名",
    complete="完成并离开",
    completed="已完成",
    unsent="还在手机里",
    lost="没有接到",
    cancelled="已取消",
    not_taken="没有被接受",
    let_go="知道了，发送其余内容",
)

EN: Final = Words(
    sign_in="With the mobile number that your institution",
    number="Mobile number",
    ask="Send me a code",
    code="Code",
    waiting="Waiting for your answer",
    stairs="Floor 5, no lift",
    accept="Accept",
    decline="Decline",
    why_not="Why not?",
    back="Think again",
    day="My day",
    show_map="Show the map",
    duty="Duty",
    radius="How far you go",
    me="Me",
    why_none="Why did I not get a visit?",
    why_each="Order by order",
    parts="How it was ranked",
    travel="Added travel",
    ranked="You ranked",
    share="25% less than the mean",
    depart="I am setting out",
    arrive="I am here",
    far="You are about",
    close="Close",
    start="Check identity and begin",
    nobody="Nobody answers",
    rang="I rang",
    same="The identity is confirmed",
    fit="Vital signs and home allow the care",
    begin="Begin",
    record="Care record",
    systolic="Systolic pressure",
    out_of_range="should be from 40 to 300",
    unusual="Unusual",
    optional="optional",
    save_part="Save this part",
    record_done="All that is required is there",
    nothing_odd="none",
    early="Why you leave early",
    summary="Summary",
    sign_here="Sign with your finger in the box",
    complete="Complete and leave",
    completed="Completed",
    unsent="kept on this phone",
    lost="Not yours",
    cancelled="Cancelled",
    not_taken="was not accepted",
    let_go="All right, send the rest",
)
