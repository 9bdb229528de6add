"""The demo region's patients: synthetic people with an address, each in somebody's account."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from config.areas import Areas
from demo import draws, people, towns


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    patient_no: int
    account_phone: str
    name: str
    gender: str
    birth_date: date
    relation: str  # of the patient to the account: self, parent, child, spouse, other
    phone: str | None
    id_number: str
    conditions: tuple[str, ...]
    allergies: tuple[str, ...]
    emergency_name: str
    emergency_phone: str
    label: str
    address: str
    access_notes: str
    floor: int
    has_lift: bool
    county: str
    town: str
    lat: float  # the exact home
    lng: float


@dataclass(frozen=True, slots=True)
class Group:
    """People who order for a common reason. Ages in days, both ends included."""

    share: float
    age_d: tuple[int, int]
    female: float
    relations: dict[str, float]
    conditions: dict[str, float]


YEAR_D: Final = 365

# Shares follow the mix of orders: the old and the bedridden first, then mothers and newborns.
GROUPS: Final = {
    "bedridden": Group(
        0.30, (68 * YEAR_D, 96 * YEAR_D), 0.55,
        {"parent": 80, "spouse": 12, "self": 3, "other": 5},
        {"脑卒中后遗症": 0.5, "长期鼻饲": 0.3, "留置导尿管": 0.35, "2期压力性损伤": 0.3,
         "高血压": 0.6, "失能（重度）": 0.5, "气管切开术后": 0.06},
    ),
    "elderly": Group(
        0.26, (60 * YEAR_D, 92 * YEAR_D), 0.54,
        {"parent": 60, "self": 28, "spouse": 10, "other": 2},
        {"高血压": 0.6, "2型糖尿病": 0.35, "骨质疏松": 0.25, "慢性阻塞性肺疾病": 0.15,
         "冠心病": 0.2, "轻度认知障碍": 0.12},
    ),
    "convalescent": Group(
        0.18, (30 * YEAR_D, 80 * YEAR_D), 0.45,
        {"self": 45, "parent": 35, "spouse": 18, "other": 2},
        {"骨折术后": 0.3, "肠造口": 0.2, "PICC置管": 0.25, "肿瘤术后": 0.3, "外科伤口": 0.4,
         "腹膜透析": 0.06},
    ),
    "mother": Group(
        0.14, (21 * YEAR_D, 42 * YEAR_D), 1.0,
        {"self": 70, "spouse": 30},
        {"产后": 1.0, "剖宫产术后": 0.45, "乳汁淤积": 0.3, "妊娠期糖尿病史": 0.12},
    ),
    "newborn": Group(
        0.12, (3, 60), 0.48, {"child": 100}, {"新生儿黄疸": 0.6, "早产": 0.08, "脐部护理": 0.4}
    ),
}  # fmt: skip

ALLERGIES: Final = {"青霉素": 0.05, "头孢类": 0.03, "碘伏": 0.02, "医用胶布": 0.04, "海鲜": 0.02}

ROADS: Final = ("演示路", "样例街", "示范巷", "虚构大道", "模拟弄")

ACCESS: Final = {
    "请按门铃": 45.0,
    "门禁请呼叫住户": 35.0,
    "院门白天不锁": 15.0,
    "家中有犬，已拴好": 5.0,
}

# A house of seven storeys needs a lift (GB 50096); of the lower ones few have one.
WALK_UP_MAX: Final = 6
LIFT_SHARE: Final = 0.3

SECOND_PROFILE: Final = 0.15
"""How likely a patient who is not `self` lives with the one before and shares the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    county: str
    town: str
    lat: float
    lng: float
    address: str
    access_notes: str
    floor: int
    has_lift: bool


def enrol(seed: int, count: int, areas: Areas, today: date) -> list[Patient]:
    """Patients 1..`count`; an account holds one household of one person or a few."""
    taken: set[str] = set()
    account_no = 0
    home: Home | None = None
    patients: list[Patient] = []
    for patient_no in range(1, count + 1):
        rng = draws.stream(seed, "patient", patient_no)
        group = GROUPS[draws.pick(rng, {name: group.share for name, group in GROUPS.items()})]
        relation = draws.pick(rng, group.relations)
        shares = rng.random() < SECOND_PROFILE and relation != "self"
        if home is None or not shares:
            account_no += 1
            home = _home(rng, areas)
        gender = "female" if rng.random() < group.female else "male"
        birth_date = today - timedelta(days=rng.randint(*group.age_d))
        id_number = _id_number(rng, birth_date, gender, taken)
        taken.add(id_number)
        account_phone = f"+86137{account_no:08d}"
        patients.append(
            Patient(
                patient_no=patient_no,
                account_phone=account_phone,
                name=people.name(rng, gender),
                gender=gender,
                birth_date=birth_date,
                relation=relation,
                phone=account_phone if relation == "self" else None,
                id_number=id_number,
                conditions=tuple(draws.pick_each(rng, group.conditions)),
                allergies=tuple(draws.pick_each(rng, ALLERGIES)),
                emergency_name=people.name(rng, "male" if gender == "female" else "female"),
                emergency_phone=account_phone,
                label="家",
                address=home.address,
                access_notes=home.access_notes,
                floor=home.floor,
                has_lift=home.has_lift,
                county=home.county,
                town=home.town,
                lat=home.lat,
                lng=home.lng,
            )
        )
    return patients


def _home(rng: random.Random, areas: Areas) -> Home:
    code = draws.pick(rng, {county.code: county.population_k for county in towns.COUNTIES})
    county = next(county for county in towns.COUNTIES if county.code == code)
    town = draws.town_of(rng, county)
    lat, lng = draws.place_near(rng, town, county, areas, snap_m=1)
    floor = rng.randrange(1, 18)
    return Home(
        county=code,
        town=town.name,
        lat=round(lat, 6),
        lng=round(lng, 6),
        address=_address(rng, county, town, floor),
        access_notes=draws.pick(rng, ACCESS),
        floor=floor,
        has_lift=floor > WALK_UP_MAX or rng.random() < LIFT_SHARE,
    )


def _address(rng: random.Random, county: towns.County, town: towns.Town, floor: int) -> str:
    road = f"{rng.choice(ROADS)}{rng.randrange(1, 300)}号"
    flat = f"{floor}0{rng.randrange(1, 5)}室"
    home = f"{rng.randrange(1, 25)}幢{rng.randrange(1, 5)}单元{flat}"
    return f"浙江省金华市{county.name}{town.name}{road}{home}"


def _id_number(rng: random.Random, birth_date: date, gender: str, taken: set[str]) -> str:
    first = rng.randrange(500)
    for serial in range(first, first + 500):
        number = people.id_number(birth_date, gender, serial % 500)
        if number not in taken:
            return number
    raise ValueError("more than 500 people of one day and gender")
