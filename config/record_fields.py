"""What a nurse records for each group of services, beside what she records at every visit.

A name is `<kind of record>.<field>`, of which clients make their forms. It refuses no record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from config.catalogue import Catalogue

ALWAYS: Final = (
    "vitals.systolic_mmhg",
    "vitals.diastolic_mmhg",
    "vitals.pulse_bpm",
    "vitals.temperature_c",
    "vitals.respiration_bpm",
    "vitals.spo2_pct",
    "vitals.pain_0_10",
    "procedure.reaction",
    "education.topics",
    "waste.bags",
)

BY_GROUP: Final[Mapping[str, tuple[str, ...]]] = {
    "basic": ("procedure.skin_state",),
    "assessment": ("procedure.barthel_score", "procedure.fall_risk", "procedure.home_hazards"),
    "specimen": (
        "procedure.specimen",
        "procedure.tube_count",
        "procedure.puncture_site",
        "procedure.handed_over_at",
    ),
    "injection": (
        "procedure.drug",
        "procedure.drug_batch",
        "procedure.dose",
        "procedure.route",
        "procedure.site",
        "procedure.observed_min",
    ),
    "health_education": ("education.understood", "education.next_follow_up_on"),
    "elimination": ("procedure.drug", "procedure.stool", "procedure.abdomen"),
    "psychological": ("procedure.mood", "procedure.scale", "procedure.score"),
    "newborn": (
        "procedure.weight_g",
        "procedure.jaundice_mg_dl",
        "procedure.umbilicus",
        "procedure.feeding",
        "procedure.skin_state",
    ),
    "maternal": (
        "procedure.fundus",
        "procedure.lochia",
        "procedure.wound_healing",
        "procedure.breasts",
        "procedure.epds_score",
    ),
    "monitoring": ("vitals.glucose_mmol_l", "procedure.measured_relative_to_meal"),
    "wound": (
        "procedure.wound_site",
        "procedure.wound_length_cm",
        "procedure.wound_width_cm",
        "procedure.wound_depth_cm",
        "procedure.wound_bed",
        "procedure.exudate",
        "procedure.dressing",
        "photo.wound",
    ),
    "venous_access": (
        "procedure.catheter_type",
        "procedure.external_length_cm",
        "procedure.arm_circumference_cm",
        "procedure.exit_site",
        "procedure.flushed",
        "procedure.next_due_on",
        "photo.exit_site",
    ),
    "dialysis": (
        "procedure.exit_site",
        "procedure.dialysate",
        "procedure.filled_ml",
        "procedure.drained_ml",
        "procedure.effluent",
    ),
    "respiratory": ("procedure.drug", "procedure.dose", "procedure.flow_l_min", "procedure.sputum"),
    "stoma": (
        "procedure.stoma_size_mm",
        "procedure.stoma_colour",
        "procedure.skin_state",
        "procedure.output",
        "procedure.appliance",
        "photo.stoma",
    ),
    "drain": (
        "procedure.drain_type",
        "procedure.drained_ml",
        "procedure.drainage",
        "procedure.exit_site",
        "procedure.next_due_on",
    ),
    "function": ("procedure.exercises", "procedure.muscle_power", "procedure.tolerance"),
    "specialist": ("procedure.site", "procedure.drug", "procedure.finding"),
    "tcm": ("procedure.points", "procedure.duration_min", "procedure.skin_state"),
    "tube": (
        "procedure.tube_type",
        "procedure.tube_size_fr",
        "procedure.depth_cm",
        "procedure.position_checked_by",
        "procedure.output_ml",
        "procedure.next_due_on",
    ),
    "skin": (
        "procedure.braden_score",
        "procedure.wound_site",
        "procedure.stage",
        "procedure.wound_length_cm",
        "procedure.wound_width_cm",
        "photo.skin",
    ),
    "airway": (
        "procedure.cannula_type",
        "procedure.cuff_cm_h2o",
        "procedure.sputum",
        "procedure.exit_site",
        "procedure.next_due_on",
    ),
    "palliative": ("procedure.symptoms", "procedure.comfort", "procedure.wishes"),
}  # fmt: skip


def of_services(catalogue: Catalogue, codes: Iterable[str]) -> list[str]:
    """What to record at a visit for these services; each field once, what is always asked first."""
    groups = dict.fromkeys(catalogue.get(code).group for code in codes)
    asked = (field for group in groups for field in BY_GROUP[group])
    return list(dict.fromkeys((*ALWAYS, *asked)))
