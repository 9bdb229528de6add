"""What demo nurses can do: the departments they come from and the specialties these bring.

Shares and odds are guesses, kept so that dialysis, stoma and palliative nurses are rare and wound
or catheter care is common.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from config.vocabulary import Title
from demo.institutions import Kind


@dataclass(frozen=True, slots=True)
class Department:
    """`shares`: how many of a hundred nurses work in it, by kind of institution.

    `odds`: how likely one of its nurses of tier 2 or 3 holds the specialty. `specialist` are those
    that only certified nurses hold: whoever holds one is of tier 3.
    """

    shares: dict[Kind, float]
    odds: dict[str, float]
    specialist: frozenset[str] = frozenset()


# So that the table below fits on the page: general, medicine (Chinese), women and children, centre.
G, M, W, C = Kind.GENERAL, Kind.CHINESE_MEDICINE, Kind.WOMEN_CHILDREN, Kind.CENTRE

DEPARTMENTS: Final = {
    "internal_medicine": Department(
        {G: 20, M: 22, C: 8},
        {"geriatric": 0.35, "chronic_care": 0.4, "enteral_nutrition": 0.35, "continence": 0.3,
         "diabetes": 0.12, "respiratory": 0.12},
    ),
    "surgery": Department(
        {G: 19, M: 12, W: 12},
        {"surgical": 0.7, "wound_care": 0.8, "continence": 0.45, "enteral_nutrition": 0.25,
         "wound_ostomy_continence": 0.03},
        frozenset({"wound_ostomy_continence"}),
    ),
    "critical_care": Department(
        {G: 9, M: 5},
        {"airway": 0.8, "enteral_nutrition": 0.7, "continence": 0.5, "venous_access": 0.25,
         "respiratory": 0.25},
        frozenset({"venous_access"}),
    ),
    "oncology": Department(
        {G: 6, M: 4},
        {"venous_access": 0.55, "palliative": 0.25, "wound_care": 0.3, "mental_health": 0.1},
        frozenset({"venous_access", "palliative"}),
    ),
    "nephrology": Department(
        {G: 4, M: 2}, {"dialysis": 0.8, "chronic_care": 0.3}, frozenset({"dialysis"})
    ),
    "respiratory": Department(
        {G: 5, M: 4}, {"respiratory": 0.85, "airway": 0.3, "chronic_care": 0.25}
    ),
    "endocrinology": Department(
        {G: 4, M: 4, C: 3}, {"diabetes": 0.85, "chronic_care": 0.5, "wound_care": 0.3}
    ),
    "orthopaedics": Department(
        {G: 7, M: 9}, {"orthopedic": 0.8, "wound_care": 0.5, "rehabilitation": 0.15}
    ),
    "rehabilitation": Department(
        {G: 4, M: 10, C: 6},
        {"rehabilitation": 0.85, "dysphagia": 0.2, "tcm": 0.15},
        frozenset({"dysphagia"}),
    ),
    "obstetrics": Department(
        {G: 6, W: 46},
        {"obstetric": 0.9, "lactation": 0.45, "midwifery": 0.25, "pelvic_floor": 0.08,
         "neonatal": 0.3},
        frozenset({"pelvic_floor"}),
    ),
    "neonatology": Department({G: 5, W: 34}, {"neonatal": 0.9, "lactation": 0.25}),
    "ophthalmology": Department({G: 2, M: 1}, {"ophthalmic": 0.9}),
    "psychiatry": Department({G: 2, M: 1, W: 2}, {"mental_health": 0.9, "geriatric": 0.2}),
    "stoma_clinic": Department(
        {G: 1.5, M: 1},
        {"wound_ostomy_continence": 0.9, "surgical": 0.3},
        frozenset({"wound_ostomy_continence"}),
    ),
    "chinese_medicine": Department(
        {G: 2, M: 21, C: 13}, {"tcm": 0.95, "geriatric": 0.2, "chronic_care": 0.2}
    ),
    "community": Department(
        {G: 3.5, M: 4, W: 6, C: 70},
        {"chronic_care": 0.75, "geriatric": 0.35, "wound_care": 0.45, "continence": 0.35,
         "enteral_nutrition": 0.3, "diabetes": 0.12, "neonatal": 0.1, "tcm": 0.1},
    ),
}  # fmt: skip

ORDINARY_TIERS: Final = {1: 27, 2: 58, 3: 15}

TITLE_SHARES: Final = {
    Title.HUSHI: 1.5,
    Title.HUSHI_SHI: 52.0,
    Title.ZHUGUAN: 36.5,
    Title.FUZHUREN: 9.0,
    Title.ZHUREN: 1.0,
}

YEARS: Final = {
    Title.HUSHI: (3, 9),
    Title.HUSHI_SHI: (5, 14),
    Title.ZHUGUAN: (9, 25),
    Title.FUZHUREN: (16, 31),
    Title.ZHUREN: (22, 36),
}
"""Full years since first practice that usually go with a title, both ends included."""
