"""Money over HTTP for operators: bills, tariffs, coverages, differences with the provider."""

from __future__ import annotations

from uuid import UUID

from api.schemas import bills as schemas
from api.schemas.conventions import Empty, Page, PageQuery, page
from api.views import bills as views
from api.wire import Answer, Call, Routes
from dispatch.acts import cover_patient, declare_tariff, settle_bill
from dispatch.database import Connection
from dispatch.errors import (
    AlreadyRegistered,
    IllegalTransition,
    NotFound,
    NothingToPay,
    RuleRefused,
)
from dispatch.records import bills, coverages, ledger, reconciliations, tariffs
from dispatch.records.coverages import Coverage
from dispatch.records.reconciliations import Difference
from dispatch.records.tariffs import DeclaredTariff

routes = Routes()


@routes.get("/v1/ops/bills", query=schemas.BillQuery, answer=Page[schemas.Bill])
async def list_bills(call: Call, query: schemas.BillQuery) -> Page[schemas.Bill]:
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        found = await bills.list_all(conn, state=query.state, before=before, limit=query.limit + 1)
        return await views.bills_page(conn, found, query, call)


@routes.get("/v1/ops/orders/{id}/bill", answer=schemas.Bill)
async def get_of_order(call: Call) -> schemas.Bill:
    async with call.read() as conn:
        found = await bills.find_of_order(conn, call.id())
        if found is None:
            raise NotFound
        return await views.bill_view(conn, found, call)


@routes.post(
    "/v1/ops/bills/{id}/credit",
    body=schemas.CreditBill,
    answer=schemas.Bill,
    raises=(IllegalTransition,),
)
async def credit(call: Call, body: schemas.CreditBill) -> Answer:
    return await call.act(
        settle_bill.credit_bill,
        call.id(),
        amount_fen=body.amount_fen,
        reason=body.reason,
        version=call.if_match,
        view=views.showing(call),
    )


@routes.post(
    "/v1/ops/bills/{id}/payers/{line_id}",
    body=schemas.DecidePayer,
    answer=schemas.Bill,
    raises=(NothingToPay,),
)
async def decide(call: Call, body: schemas.DecidePayer) -> Answer:
    return await call.act(
        settle_bill.decide_payer,
        call.id(),
        call.id("line_id"),
        amount_fen=body.amount_fen,
        reason=body.reason,
        reference=body.reference,
        version=call.if_match,
        view=views.showing(call),
    )


@routes.get("/v1/ops/tariffs", query=PageQuery, answer=Page[schemas.DeclaredTariff])
async def list_tariffs(call: Call, query: PageQuery) -> Page[schemas.DeclaredTariff]:
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        rows = await tariffs.list_all(conn, call.caller.institution_id, before, query.limit + 1)
    return page(rows, query, views.tariff_view, lambda row: (row.id,))


@routes.post(
    "/v1/ops/tariffs",
    body=schemas.DeclareTariff,
    answer=schemas.DeclaredTariff,
    status=201,
    raises=(AlreadyRegistered,),
)
async def declare(call: Call, body: schemas.DeclareTariff) -> Answer:
    async def view(_: Connection, made: DeclaredTariff) -> schemas.DeclaredTariff:
        return views.tariff_view(made)

    return await call.act(
        declare_tariff.declare_tariff,
        institution_id=body.institution_id,
        valid_from=body.valid_from,
        rules=body.rules,
        view=view,
    )


@routes.get("/v1/ops/patients/{id}/coverages", query=PageQuery, answer=Page[schemas.Coverage])
async def list_coverages(call: Call, query: PageQuery) -> Page[schemas.Coverage]:
    async with call.read() as conn:
        found = await coverages.list_of_patient(conn, call.id())
    return Page(items=[views.coverage_view(one, call) for one in found[: query.limit]])


@routes.post(
    "/v1/ops/patients/{id}/coverages",
    body=schemas.CoverPatient,
    answer=schemas.Coverage,
    status=201,
    raises=(RuleRefused,),
    conditional=False,
)
async def cover(call: Call, body: schemas.CoverPatient) -> Answer:
    return await call.act(
        cover_patient.cover_patient,
        call.id(),
        plan_code=body.plan,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        daily_fen=body.daily_fen,
        reference=body.reference,
        view=lambda _, made: _coverage(made, call),
    )


@routes.post(
    "/v1/ops/patients/{id}/coverages/{coverage_id}/end",
    body=schemas.EndCoverage,
    answer=schemas.Coverage,
    conditional=False,
)
async def end_coverage(call: Call, body: schemas.EndCoverage) -> Answer:
    return await call.act(
        cover_patient.end_coverage,
        call.id(),
        call.id("coverage_id"),
        body.valid_until,
        view=lambda _, made: _coverage(made, call),
    )


async def _coverage(made: Coverage, call: Call) -> schemas.Coverage:
    return views.coverage_view(made, call)


@routes.get(
    "/v1/ops/payments/differences",
    query=schemas.DifferenceQuery,
    answer=Page[schemas.Difference],
)
async def list_differences(call: Call, query: schemas.DifferenceQuery) -> Page[schemas.Difference]:
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        rows = await reconciliations.list_differences(
            conn, resolved=query.resolved == "true", before=before, limit=query.limit + 1
        )
    return page(rows, query, _difference, lambda row: (row.id,))


@routes.post(
    "/v1/ops/payments/differences/{difference_id}/resolve",
    answer=schemas.Difference,
    conditional=False,
)
async def resolve(call: Call, body: Empty) -> Answer:
    async def view(_: Connection, seen: Difference) -> schemas.Difference:
        return _difference(seen)

    return await call.act(settle_bill.resolve_difference, call.id("difference_id"), view=view)


def _difference(one: Difference) -> schemas.Difference:
    return schemas.Difference(
        id=one.id,
        provider=one.provider,
        day=one.day,
        kind=one.kind,
        event_id=one.event_id,
        payment_id=one.payment_id,
        ours_fen=one.ours_fen,
        theirs_fen=one.theirs_fen,
        created_at=one.created_at,
        resolved_at=one.resolved_at,
    )


@routes.get("/v1/ops/ledger", query=schemas.LedgerQuery, answer=Page[schemas.LedgerTotal])
async def tell_ledger(call: Call, query: schemas.LedgerQuery) -> Page[schemas.LedgerTotal]:
    async with call.read() as conn:
        found = await ledger.list_totals(conn, query.from_, query.to)
    return Page(
        items=[
            schemas.LedgerTotal(
                account=one.account, debit_fen=one.debit_fen, credit_fen=one.credit_fen
            )
            for one in found
        ]
    )
