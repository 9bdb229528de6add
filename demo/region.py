"""A synthetic Jinhua: institutions, nurses and patients that exist nowhere, the same for a seed.

Pure: it opens no database, and its rows are flat so that loading them is a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from config import areas, catalogue
from demo import institutions, nurses, patients, towns
from demo.institutions import Institution
from demo.nurses import Nurse
from demo.patients import Patient

SEED: Final = 330_700
NURSES: Final = 4_117
INSTITUTIONS: Final = 95
PATIENTS: Final = 2_000

SYNTHETIC: Final = {
    "zh-CN": (
        "演示数据：本区域的机构、护士、患者、电话和住址均为程序生成，与任何真实机构或个人无关。"
    ),
    "en": (
        "Demo data: every institution, nurse, patient, telephone number and address of this region "
        "was made up by a program and stands for nobody."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """An account of the staff. No permissions listed: all that the role has."""

    phone: str
    role: str
    name: str
    permissions: tuple[str, ...] = ()


SIGN_INS: Final = (
    SignIn(phone="+8613800000001", role="operator", name="演示调度员"),
    SignIn(phone="+8613800000002", role="admin", name="演示管理员"),
    SignIn(phone="+8613800000003", role="auditor", name="演示审计员"),
    SignIn(phone="+8613800000004", role="operator", name="演示评估员", permissions=("assess",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    seed: int
    today: date
    institutions: tuple[Institution, ...]  # by code
    nurses: tuple[Nurse, ...]  # by staff_no, from 1
    patients: tuple[Patient, ...]  # by patient_no, from 1


def build(
    *,
    today: date,
    seed: int = SEED,
    nurse_count: int = NURSES,
    institution_count: int = INSTITUTIONS,
    patient_count: int = PATIENTS,
) -> Region:
    """The region as it stands on `today`, in Asia/Shanghai: ages and papers are counted from it.

    Raises ValueError for fewer institutions than counties: each needs a hospital of its own.
    """
    if institution_count < len(towns.COUNTIES):
        raise ValueError(f"{institution_count} institutions cannot serve every county")
    served = areas.load()
    founded = institutions.found(seed, institution_count, served, catalogue.load())
    return Region(
        seed=seed,
        today=today,
        institutions=tuple(founded),
        nurses=tuple(nurses.hire(seed, nurse_count, founded, served, today)),
        patients=tuple(patients.enrol(seed, patient_count, served, today)),
    )
