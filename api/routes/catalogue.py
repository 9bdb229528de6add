"""What anybody may read: services, consent texts, served areas, approved institutions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from api import reference, wire
from api.language import Language
from api.schemas import catalogue as schemas
from api.schemas.conventions import Page, PageQuery, page, slice_page
from api.wire import Answer, Call, Routes
from config import assessment
from config.catalogue import Service
from config.vocabulary import Label
from dispatch.errors import InvalidFields, NotFound
from dispatch.records import institutions
from dispatch.records.institutions import Institution
from matching import ranking

routes = Routes()

# It changes with a new version of the product only; five minutes of the old one hurt nobody.
CACHED: Final = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Language, Accept-CRS"}


def _cached(model: BaseModel) -> Answer:
    return replace(wire.rendered(model, 200), headers=CACHED)


@routes.get("/v1/services", query=schemas.ServiceQuery, answer=Page[schemas.ServiceView])
async def list_services(call: Call, query: schemas.ServiceQuery) -> Answer:
    found = call.catalogue.search(query.q, query.category)
    return _cached(slice_page(found, query, lambda service: _service(service, call.language)))


@routes.get("/v1/services/{code}", answer=schemas.ServiceView)
async def get_service(call: Call) -> Answer:
    service = call.catalogue.services.get(call.param("code"))
    if service is None:
        raise NotFound
    return _cached(_service(service, call.language))


def _service(service: Service, language: Language) -> schemas.ServiceView:
    return schemas.ServiceView(
        code=service.code,
        name=service.name(language),
        name_zh=service.name_zh,
        name_en=service.name_en,
        category=service.category,
        specialties_required=sorted(service.specialties_required),
        skill_tier=service.skill_tier,
        min_title=service.min_title,
        duration_min=service.duration_min,
        price_fen=service.price_fen,
        risk=service.risk,
        requires_prescription=service.requires_prescription,
        nurses_required=service.nurses_required,
        materials=list(service.materials),
        preconditions=list(service.preconditions),
    )


@routes.get("/v1/consents", query=schemas.ConsentQuery, answer=Page[schemas.ConsentText])
async def list_consents(call: Call, query: schemas.ConsentQuery) -> Answer:
    texts = reference.consent_texts()
    unknown = [code for code in query.service_codes if code not in call.catalogue.services]
    if unknown:
        raise InvalidFields((("query", "service_codes"), "service_code"))
    found = [texts.get(code, call.language) for code in dict.fromkeys(query.service_codes)]
    return _cached(
        slice_page(
            found,
            query,
            lambda consent: schemas.ConsentText(
                service_code=consent.service_code,
                version=consent.version,
                text=consent.text,
                hash=consent.sha256,
            ),
        )
    )


@routes.get("/v1/vocabulary", answer=schemas.Vocabulary)
async def get_vocabulary(call: Call) -> Answer:
    words, language = assessment.load(), call.language
    return _cached(
        schemas.Vocabulary(
            eligibility_bases=_named(words.bases, language),
            outcomes=_named(words.outcomes, language),
            conditions=_named(words.conditions, language),
            preconditions=_named(call.catalogue.preconditions, language),
            relations=_named(reference.purposes().relations, language),
            authorities=_named(reference.purposes().authorities, language),
            negative_list=_named(
                {slug: entry.label for slug, entry in reference.negative_entries().items()},
                language,
            ),
            terms=_named({term.name: term.label for term in ranking.TERMS}, language),
        )
    )


def _named(labels: Mapping[Any, Label], language: Language) -> list[schemas.NamedWord]:
    return [
        schemas.NamedWord(
            name=str(name),
            text=label.in_language(language),
            text_zh=label.zh,
            text_en=label.en,
        )
        for name, label in labels.items()
    ]


@routes.get("/v1/service-areas", answer=schemas.AreaCollection)
async def get_service_areas(_: Call) -> Answer:
    return _cached(
        schemas.AreaCollection.model_validate(reference.served_areas().feature_collection)
    )


@routes.get("/v1/institutions", query=PageQuery, answer=Page[schemas.InstitutionView])
async def list_institutions(call: Call, query: PageQuery) -> Answer:
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        rows = await institutions.list_approved(conn, before, query.limit + 1)
    return _cached(page(rows, query, lambda row: _institution(call, row), lambda row: (row.id,)))


def _institution(call: Call, row: Institution) -> schemas.InstitutionView:
    return schemas.InstitutionView(
        id=row.id,
        code=row.code,
        name=row.name,
        county=row.county,
        counties=row.counties,
        services=row.services,
        phone=row.phone,
        location=call.place(row.lat, row.lng),
    )
