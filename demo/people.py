"""Synthetic people: names, and identity numbers that pass the checksum but belong to nobody."""

from __future__ import annotations

import random
from datetime import date
from typing import Final

SURNAMES: Final = {
    "陈": 9, "王": 8, "张": 7, "徐": 6, "吴": 6, "朱": 5, "金": 5, "胡": 5, "方": 4, "楼": 4,
    "李": 4, "周": 4, "何": 3, "叶": 3, "傅": 3, "黄": 3, "郑": 3, "蒋": 3, "吕": 3, "卢": 2,
    "应": 2, "施": 2, "章": 2, "杜": 2, "马": 2, "盛": 2, "程": 2, "赵": 2, "虞": 1, "骆": 1,
    "倪": 1, "潘": 1, "童": 1, "俞": 1, "郭": 1, "申屠": 0.5,
}  # fmt: skip

FEMALE_FIRST: Final = "雅静丽美慧婷晓佳梦思雨文玉秀春巧素爱月红淑莹芳小"
FEMALE_LAST: Final = "芳萍燕娟敏霞琴珍怡琳娜颖洁莉妍欣蓉瑶倩英兰仙香"
MALE_FIRST: Final = "建志国文永海晓家俊子明德新伟立金光云正宏"
MALE_LAST: Final = "军强伟平峰杰斌华辉林勇明涛良鑫宇根富法松"

NOBODY_FROM: Final = "330799"
"""An area code of Jinhua that was never given out."""

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"

_SURNAMES: Final = list(SURNAMES)
_SURNAME_WEIGHTS: Final = list(SURNAMES.values())


def name(rng: random.Random, gender: str) -> str:
    first, last = (FEMALE_FIRST, FEMALE_LAST) if gender == "female" else (MALE_FIRST, MALE_LAST)
    surname = rng.choices(_SURNAMES, weights=_SURNAME_WEIGHTS)[0]
    given = rng.choice(last)
    return surname + (rng.choice(first) if rng.random() < 0.78 else "") + given


def id_number(birth_date: date, gender: str, serial: int) -> str:
    """18 characters by GB 11643. `serial` (0..499) tells apart people of one day and gender."""
    if not 0 <= serial < 500:
        raise ValueError(f"serial {serial} is not in 0..499")
    order = serial * 2 + (1 if gender == "male" else 0)
    digits = f"{NOBODY_FROM}{birth_date:%Y%m%d}{order:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + _CHECK[total % 11]
