"""Where people live in the demo region: counties with their population and their main towns.

Populations are the published residents at the end of 2024, in thousands; town centres (WGS-84) are
approximate and their weights guesses: good enough to spread synthetic people, and for nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Town:
    name: str
    lat: float
    lng: float
    weight: int
    spread_m: int = 900  # standard deviation of homes around the centre


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    code: str
    name: str
    name_en: str
    population_k: int
    dialect: str
    towns: tuple[Town, ...]  # the county seat first


COUNTIES: Final = (
    County(
        code="330702",
        name="婺城区",
        name_en="Wucheng",
        population_k=982,
        dialect="wuu-jinhua",
        towns=(
            Town("城中街道", 29.106, 119.648, 44, 2200),
            Town("三江街道", 29.078, 119.633, 26, 1800),
            Town("白龙桥镇", 29.087, 119.536, 10, 1400),
            Town("罗店镇", 29.158, 119.630, 4),
            Town("竹马乡", 29.148, 119.590, 3),
            Town("汤溪镇", 29.062, 119.405, 6, 1200),
            Town("琅琊镇", 29.010, 119.480, 3),
            Town("安地镇", 28.985, 119.630, 2),
            Town("蒋堂镇", 29.085, 119.450, 2),
        ),
    ),
    County(
        code="330703",
        name="金东区",
        name_en="Jindong",
        population_k=527,
        dialect="wuu-jinhua",
        towns=(
            Town("多湖街道", 29.098, 119.690, 34, 1700),
            Town("东孝街道", 29.115, 119.705, 20, 1500),
            Town("孝顺镇", 29.185, 119.835, 16, 1500),
            Town("曹宅镇", 29.205, 119.765, 9),
            Town("傅村镇", 29.245, 119.875, 8),
            Town("塘雅镇", 29.140, 119.800, 6),
            Town("澧浦镇", 29.060, 119.790, 5),
            Town("岭下镇", 29.030, 119.780, 2),
        ),
    ),
    County(
        code="330723",
        name="武义县",
        name_en="Wuyi",
        population_k=474,
        dialect="wuu-wuyi",
        towns=(
            Town("壶山街道", 28.893, 119.816, 42, 1800),
            Town("桐琴镇", 28.925, 119.880, 18, 1300),
            Town("泉溪镇", 28.880, 119.865, 9),
            Town("王宅镇", 28.840, 119.740, 10),
            Town("履坦镇", 28.945, 119.775, 6),
            Town("新宅镇", 28.690, 119.790, 4),
            Town("柳城畲族镇", 28.605, 119.640, 11, 1100),
        ),
    ),
    County(
        code="330726",
        name="浦江县",
        name_en="Pujiang",
        population_k=469,
        dialect="wuu-pujiang",
        towns=(
            Town("浦阳街道", 29.456, 119.892, 42, 1700),
            Town("黄宅镇", 29.445, 119.985, 22, 1500),
            Town("郑宅镇", 29.478, 119.965, 9),
            Town("白马镇", 29.515, 119.985, 8),
            Town("岩头镇", 29.430, 119.880, 9),
            Town("郑家坞镇", 29.455, 120.055, 5),
            Town("杭坪镇", 29.500, 119.790, 5),
        ),
    ),
    County(
        code="330727",
        name="磐安县",
        name_en="Pan'an",
        population_k=179,
        dialect="wuu-panan",
        towns=(
            Town("安文街道", 29.054, 120.445, 40, 1300),
            Town("新渥街道", 29.010, 120.430, 16),
            Town("尖山镇", 29.220, 120.650, 16),
            Town("玉山镇", 29.190, 120.610, 9),
            Town("大盘镇", 28.980, 120.520, 6),
            Town("方前镇", 29.020, 120.650, 6),
            Town("冷水镇", 28.930, 120.390, 7),
        ),
    ),
    County(
        code="330781",
        name="兰溪市",
        name_en="Lanxi",
        population_k=584,
        dialect="wuu-lanxi",
        towns=(
            Town("兰江街道", 29.211, 119.465, 36, 1900),
            Town("云山街道", 29.215, 119.485, 18, 1300),
            Town("游埠镇", 29.150, 119.385, 10),
            Town("诸葛镇", 29.250, 119.290, 8),
            Town("马涧镇", 29.335, 119.600, 8),
            Town("香溪镇", 29.275, 119.520, 7),
            Town("横溪镇", 29.325, 119.690, 7),
            Town("女埠街道", 29.260, 119.430, 6),
        ),
    ),
    County(
        code="330782",
        name="义乌市",
        name_en="Yiwu",
        population_k=1918,
        dialect="wuu-yiwu",
        towns=(
            Town("稠城街道", 29.306, 120.075, 24, 2000),
            Town("北苑街道", 29.330, 120.045, 14, 1600),
            Town("江东街道", 29.295, 120.095, 14, 1600),
            Town("稠江街道", 29.285, 120.030, 10, 1500),
            Town("廿三里街道", 29.320, 120.160, 8, 1300),
            Town("佛堂镇", 29.205, 120.025, 10, 1500),
            Town("苏溪镇", 29.405, 120.110, 7, 1200),
            Town("上溪镇", 29.315, 119.925, 5),
            Town("义亭镇", 29.240, 119.950, 5),
            Town("大陈镇", 29.470, 120.115, 3),
        ),
    ),
    County(
        code="330783",
        name="东阳市",
        name_en="Dongyang",
        population_k=1095,
        dialect="wuu-dongyang",
        towns=(
            Town("吴宁街道", 29.265, 120.235, 26, 1800),
            Town("白云街道", 29.270, 120.205, 16, 1500),
            Town("横店镇", 29.155, 120.315, 18, 1800),
            Town("南马镇", 29.115, 120.255, 8),
            Town("巍山镇", 29.305, 120.405, 8),
            Town("虎鹿镇", 29.345, 120.435, 5),
            Town("千祥镇", 29.055, 120.245, 5),
            Town("歌山镇", 29.285, 120.340, 5),
            Town("佐村镇", 29.300, 120.560, 3),
        ),
    ),
    County(
        code="330784",
        name="永康市",
        name_en="Yongkang",
        population_k=981,
        dialect="wuu-yongkang",
        towns=(
            Town("东城街道", 28.895, 120.040, 26, 1800),
            Town("西城街道", 28.900, 120.010, 18, 1500),
            Town("芝英镇", 28.910, 120.120, 12, 1200),
            Town("古山镇", 28.945, 120.165, 12, 1200),
            Town("龙山镇", 28.985, 120.115, 8),
            Town("石柱镇", 28.840, 120.120, 8),
            Town("象珠镇", 29.010, 120.040, 8),
            Town("前仓镇", 28.815, 120.060, 4),
        ),
    ),
)

LANGUAGES: Final = {
    "zh": ("普通话", "Mandarin"),
    "wuu-jinhua": ("金华话", "Jinhua dialect"),
    "wuu-wuyi": ("武义话", "Wuyi dialect"),
    "wuu-pujiang": ("浦江话", "Pujiang dialect"),
    "wuu-panan": ("磐安话", "Pan'an dialect"),
    "wuu-lanxi": ("兰溪话", "Lanxi dialect"),
    "wuu-yiwu": ("义乌话", "Yiwu dialect"),
    "wuu-dongyang": ("东阳话", "Dongyang dialect"),
    "wuu-yongkang": ("永康话", "Yongkang dialect"),
    "en": ("英语", "English"),
    "csl": ("中国手语", "Chinese sign language"),
}
"""What nurses speak, in zh and en. Neighbouring dialects here are not understood next door."""
