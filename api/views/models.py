"""What was learned, with what it measures and how old it is."""

from __future__ import annotations

from datetime import datetime

from api.schemas import models as schemas
from dispatch import ways
from dispatch.records.learned_models import LearnedModel
from matching.acceptance import MEASURES, Acceptance


def acceptance_view(
    kept: LearnedModel, target_percent: int, now: datetime
) -> schemas.AcceptanceModel:
    """The model of who says yes, and its reliability."""
    model = Acceptance.of(kept.model)
    return schemas.AcceptanceModel(
        learned_at=kept.learned_at,
        age_days=(now - kept.learned_at).days,
        offers=model.offers,
        used=target_percent > 0,
        target_percent=target_percent,
        a=model.a,
        b=model.b,
        terms=[
            schemas.TermView(term=term, measure=measure, coefficient=coefficient)
            for (term, measure), coefficient in zip(
                MEASURES.items(), model.coefficients, strict=True
            )
        ],
        services=[
            schemas.ServiceLeaning(service_code=code, leaning=leaning)
            for code, leaning in sorted(model.services.items(), key=lambda it: (-it[1], it[0]))
        ],
        reliability=[
            schemas.ReliabilityBar(offers=bar.offers, said=bar.said, found=bar.found)
            for bar in model.reliability
        ],
    )


def pace_view(kept: LearnedModel, now: datetime) -> schemas.PaceModel:
    """How long ways take."""
    pace = ways.pace_of(kept.model)
    return schemas.PaceModel(
        learned_at=kept.learned_at,
        age_days=(now - kept.learned_at).days,
        ways=pace.ways,
        detour=pace.detour,
        speeds_kmh=list(pace.speeds_kmh),
    )
