"""A region of people who suit each other: who wins a seat depends on speed and on nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from config import catalogue
from config.vocabulary import Title
from demo import region
from demo.region import Region
from demo.roster import PATTERN, Duty, duty_of

COUNTY: Final = "330702"
HOME: Final = (29.098, 119.630)
NEAR_DEG: Final = 0.02
SEED: Final = 64


def build(today: date, *, nurses: int, patients: int) -> Region:
    """Nurses without ward duty who may do everything, and patients of 60 within 2 km of them."""
    catalogued = catalogue.load()
    built = region.build(
        today=today,
        seed=SEED,
        nurse_count=nurses * len(PATTERN),
        patient_count=patients,
    )
    free = [one for one in built.nurses if duty_of(one.staff_no) is Duty.FLEXIBLE][:nurses]
    return replace(
        built,
        institutions=tuple(
            replace(one, services=tuple(catalogued.services), counties=(COUNTY,))
            for one in built.institutions
        ),
        nurses=tuple(
            replace(
                one,
                county=COUNTY,
                lat=HOME[0],
                lng=HOME[1] + NEAR_DEG * place / nurses,
                radius_m=20_000,
                title=Title.ZHUREN,
                tier=3,
                specialties=tuple(sorted(catalogued.specialties)),
                first_practised_on=date(today.year - 15, 7, 1),
                certificate_valid_until=date(today.year + 4, 12, 31),
                insurance_valid_until=date(today.year + 1, 12, 31),
                admitted=True,
                suspended=False,
            )
            for place, one in enumerate(free)
        ),
        patients=tuple(
            replace(
                one,
                county=COUNTY,
                lat=HOME[0] + NEAR_DEG * place / patients,
                lng=HOME[1],
            )
            for place, one in enumerate(built.patients)
        ),
    )
