"""A decision as one nurse may read it: about herself all, about the patient as good as nothing."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Final

from api import reference
from api.schemas import dispatch as schemas
from api.views.candidates import nearest_view, reason_view
from api.wire import Call
from dispatch.records.decisions import Considered, Glance, Refusal
from matching import texts
from matching.decide import Reason
from matching.inputs import local_date

# Steps in which a distance is told: finer ones would point to a door.
STEP_M: Final = 500
# That the patient knows her, wants her or was taken from her would tell who it is.
HERS: Final = ("travel", "lateness", "waiting", "scarcity", "acceptance", "load", "fairness")


def nurse_decision(glance: Glance, line: Considered, call: Call) -> schemas.NurseDecision:
    """Why she was asked, or was not."""
    county = reference.served_areas().by_code[glance.county]
    told = [it for it in line.refusals if it.rule not in texts.CONFIDENTIAL]
    reasons = [reason_view(_coarse(refusal), call) for refusal in told]
    if len(told) < len(line.refusals):
        untold = texts.UNTOLD.in_language(call.language)
        reasons.append(schemas.RefusalView(rule="other", text=untold))
    verdict = schemas.NurseVerdict.PASSED_OVER
    if glance.offer_id is not None:
        verdict = schemas.NurseVerdict.ASKED
    elif line.refusals:
        verdict = schemas.NurseVerdict.REFUSED
    parts = line.parts or {}
    return schemas.NurseDecision(
        at=glance.at,
        verdict=verdict,
        offer_id=glance.offer_id,
        county=county.code,
        county_name=county.name_en if call.language == "en" else county.name_zh,
        service_codes=glance.service_codes,
        on=local_date(glance.earliest),
        distance_km=_coarse_m(line.distance_m) / 1000,
        rank=line.rank,
        eligible=glance.eligible,
        reasons=reasons,
        parts=[
            schemas.PartView(term=name, name=texts.term(name, call.language), minutes=parts[name])
            for name in HERS
            if name in parts
        ],
        nearest=None
        if glance.offer_id is not None or len(told) < len(line.refusals)
        else nearest_view(line.refusals, glance.nearest, call),
        why=[
            texts.why(Reason(kind=why["kind"], value=why["value"]), call.language, call.catalogue)
            for why in glance.why or []
        ],
    )


def _coarse(refusal: Refusal) -> Refusal:
    if refusal.rule != "radius":
        return refusal
    return replace(refusal, value=_coarse_m(refusal.value))


def _coarse_m(distance_m: float) -> int:
    return max(1, ceil(distance_m / STEP_M)) * STEP_M
