"""The home-nursing teams of the demo's county hospitals: certified nurses, free all day.

They are why any of the services finds somebody in any town at any hour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from config import geometry
from demo import towns

# A whole team: every specialty of the catalogue is in one post, held or implied.
POSTS: Final = (
    ("home_stoma", ("wound_ostomy_continence", "surgical")),
    ("home_lines", ("venous_access", "palliative")),
    ("home_dialysis", ("dialysis", "diabetes")),
    ("home_tubes", ("airway", "enteral_nutrition", "continence", "wound_care")),
    ("home_rehabilitation", ("rehabilitation", "dysphagia")),
    ("home_mother", ("midwifery", "pelvic_floor")),
    ("home_newborn", ("neonatal", "lactation")),
    ("home_orthopaedics", ("orthopedic", "rehabilitation")),
    ("home_lungs", ("respiratory", "airway")),
    ("home_elders", ("geriatric", "mental_health", "chronic_care")),
    ("home_chinese_medicine", ("tcm", "chronic_care")),
    ("home_eyes", ("ophthalmic", "geriatric")),
)

TEAMS_AT_MOST: Final = 6
"""So many towns of a county have a team; further flexible nurses are ordinary ones."""


@dataclass(frozen=True, slots=True)
class Post:
    department: str
    specialties: tuple[str, ...]
    town: towns.Town


def posts(county: towns.County) -> Iterator[Post]:
    """The posts of a county's home-nursing teams in the order in which they are filled: a whole
    team in one town, the next in the town that is furthest from those that have one."""
    for town in _furthest_first(county.towns)[:TEAMS_AT_MOST]:
        for department, specialties in POSTS:
            yield Post(department, specialties, town)


def _furthest_first(among: Sequence[towns.Town]) -> list[towns.Town]:
    """All of them, the first first, each next one as far as can be from those before it."""

    def apart_m(one: towns.Town, other: towns.Town) -> float:
        plane = geometry.JINHUA
        return math.dist(plane.project(one.lat, one.lng), plane.project(other.lat, other.lng))

    ordered, left = [among[0]], list(among[1:])
    while left:
        following = max(left, key=lambda town: min(apart_m(town, one) for one in ordered))
        left.remove(following)
        ordered.append(following)
    return ordered
