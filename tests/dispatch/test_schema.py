"""The schema holds what the code says: lifecycles, policies, append-only tables, statements."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from dispatch import migrate, records, transitions
from dispatch.database import APP_ROLE
from dispatch.lifecycles import LIFECYCLES, Role


async def test_moves_of_the_database_are_those_of_the_code(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch("SELECT subject, move, from_state, to_state FROM lifecycle_moves")
    assert {tuple(row) for row in rows} == {
        (cycle.subject, move.name, source, move.target)
        for cycle in LIFECYCLES
        for move in cycle.moves
        for source in move.sources
    }


@pytest.mark.parametrize("cycle", LIFECYCLES, ids=lambda cycle: cycle.subject)
async def test_enum_labels_are_the_states(owner: asyncpg.Connection, cycle: object) -> None:
    labels = await owner.fetchval(
        "SELECT array_agg(e::text) FROM unnest(enum_range(NULL::%s_state)) AS e" % cycle.subject  # type: ignore[attr-defined]  # noqa: S608, UP031
    )
    assert labels == [state.value for state in cycle.states]  # type: ignore[attr-defined]


async def test_enum_of_roles(owner: asyncpg.Connection) -> None:
    labels = await owner.fetchval(
        "SELECT array_agg(e::text) FROM unnest(enum_range(NULL::actor_role)) AS e"
    )
    assert set(labels) == {role.value for role in Role}


async def test_every_table_with_people_in_it_is_guarded(owner: asyncpg.Connection) -> None:
    """Row-level security is on and forced where a row tells of a patient, account or order."""
    rows = await owner.fetch(
        """
        SELECT DISTINCT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS guarded
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
           AND a.attname IN ('patient_id', 'account_id', 'order_id') AND NOT a.attisdropped
        """
    )
    assert {row["relname"] for row in rows if not row["guarded"]} == set()
    assert len(rows) >= 12


async def test_the_app_owns_nothing_and_passes_nothing(owner: asyncpg.Connection) -> None:
    passes = await owner.fetchval(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles"
        " WHERE rolname = $1",
        APP_ROLE,
    )
    assert passes is False
    owned = await owner.fetchval(
        "SELECT count(*) FROM pg_class WHERE relowner = $1::regrole", APP_ROLE
    )
    assert owned == 0


async def test_without_a_caller_there_are_no_rows(owner: asyncpg.Connection) -> None:
    """The backstop: the app's role without context sees no row of any guarded table."""
    account = uuid4()
    await owner.execute(
        "INSERT INTO accounts (id, role, phone_index, phone_sealed) VALUES ($1, 'patient', $2, $2)",
        account,
        b"x",
    )
    async with owner.transaction():
        await owner.execute(f"SET LOCAL ROLE {APP_ROLE}")
        assert await owner.fetchval("SELECT count(*) FROM accounts") == 0
        await owner.execute("SELECT set_config('app.role', 'patient', true)")
        await owner.execute("SELECT set_config('app.account', $1, true)", str(uuid4()))
        assert await owner.fetchval("SELECT count(*) FROM accounts") == 0
        await owner.execute("SELECT set_config('app.account', $1, true)", str(account))
        assert await owner.fetchval("SELECT count(*) FROM accounts") == 1


@pytest.mark.parametrize("table", ["history", "audit", "audit_chain", "audit_checkpoints"])
async def test_r37_evidence_is_append_only(owner: asyncpg.Connection, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await owner.execute(f"TRUNCATE {table} CASCADE")
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        assert not await owner.fetchval(
            "SELECT has_table_privilege($1, $2, $3)", APP_ROLE, table, right
        )


# What a schema is made of, one line a thing, however its statements were ordered.
CONTENTS = """
    SELECT 'column ' || c.relname || '.' || a.attname AS thing,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                     pg_get_expr(d.adbin, d.adrelid)) AS definition
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
       AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'table ' || relname,
           concat_ws(' ', relrowsecurity, relforcerowsecurity, reloptions, relacl)
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v')
    UNION ALL
    SELECT 'constraint ' || conrelid::regclass || '.' || pg_get_constraintdef(oid), ''
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'trigger ' || tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
      FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'policy ' || tablename || '.' || policyname, concat_ws(' ', cmd, roles, qual, with_check)
      FROM pg_policies
    UNION ALL
    SELECT 'function ' || p.oid::regprocedure, pg_get_functiondef(p.oid)
      FROM pg_proc p LEFT JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
     WHERE p.pronamespace = 'public'::regnamespace AND d.objid IS NULL
    UNION ALL
    SELECT 'type ' || t.typname, array_agg(e.enumlabel ORDER BY e.enumsortorder)::text
      FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.typname
"""


async def test_schema_file_is_the_sum_of_the_migrations(
    owner: asyncpg.Connection, empty_dsn: str
) -> None:
    """`schema.sql` is what a reader opens, so it must not be what the database is not."""
    reader = await asyncpg.connect(empty_dsn)
    try:
        await reader.execute(migrate.FOLDER.with_name("schema.sql").read_text(encoding="utf-8"))
        written = {row["thing"]: row["definition"] for row in await reader.fetch(CONTENTS)}
        moves = "SELECT * FROM lifecycle_moves ORDER BY 1, 2, 3, 4"
        written["moves"] = [tuple(row) for row in await reader.fetch(moves)]
    finally:
        await reader.close()
    migrated = {row["thing"]: row["definition"] for row in await owner.fetch(CONTENTS)}
    migrated["moves"] = [tuple(row) for row in await owner.fetch(moves)]
    migrated = {thing: text for thing, text in migrated.items() if "schema_migrations" not in thing}
    assert written == migrated
    assert len(written) > 400


async def test_every_statement_prepares(database_dsn: str) -> None:
    """Each SQL constant of the records is understood by the real schema, as the app's role."""
    modules = [transitions] + [
        importlib.import_module(f"dispatch.records.{found.name}")
        for found in pkgutil.iter_modules(records.__path__)
    ]
    conn = await asyncpg.connect(database_dsn, server_settings={"role": APP_ROLE})
    seen = 0
    try:
        for module in modules:
            for name, value in inspect.getmembers(module):
                if name.isupper() and isinstance(value, str) and _is_statement(value):
                    try:
                        await conn.prepare(value)
                    except asyncpg.PostgresError as error:
                        pytest.fail(f"{module.__name__}.{name}: {error}")
                    seen += 1
    finally:
        await conn.close()
    assert seen > 60


def _is_statement(value: str) -> bool:
    return (
        value.split(maxsplit=1)[0] in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}
        if value.strip()
        else False
    )


HOT = {
    "dispatch.records.orders.CLAIM_WAVE_DUE": "orders_wave_due",
    "dispatch.records.orders.CLAIM_LAPSED": "orders_lapse_due",
    "dispatch.records.offers.CLAIM_EXPIRED": "offers_expiry_due",
    "dispatch.records.offers.LOCK_SENT_OF_ORDER": "offers_",
    "dispatch.records.events.NUMBER": "outbox_unnumbered",
    "dispatch.records.alarms.CLAIM_STEP_DUE": "alarms_step_due",
    "dispatch.records.safety_flags.FIND_DUE": "safety_flags_due",
    "dispatch.records.face_checks.CLAIM_DUE": "face_checks_due",
    "dispatch.records.door_waits.CLAIM_DUE": "door_waits_due",
    "dispatch.records.arrival_watches.FIND_DUE": "arrival_watches_due",
    "dispatch.records.confirmations.FIND_WAIT_DUE": "confirmation_waits_due",
    "dispatch.records.safety_checks.FIND_DUE": "safety_checks_due",
    "dispatch.records.visits.FIND_MISSED": "visits_miss_due",
    "dispatch.records.visits.FIND_NUDGE_DUE": "visits_nudge_due",
    "dispatch.records.visits.FIND_OVERDUE": "visits_overdue_due",
    "dispatch.records.waste_returns.CLAIM_REMIND_DUE": "waste_returns_remind_due",
    "dispatch.records.cases.LIST_ESCALATE_DUE": "cases_escalate_due",
    "dispatch.records.cases.CLAIM_ASK_DUE": "cases_ask_due",
    "dispatch.records.orders.COUNT_BY_STATE": "orders_by_end",
    "dispatch.records.visits.COUNT_BY_STATE": "visits_by_end",
}


@pytest.mark.parametrize("constant", HOT)
async def test_hot_claims_keep_their_index(owner: asyncpg.Connection, constant: str) -> None:
    """A claim that no longer fits its partial index would read the whole table at every tick."""
    module, name = constant.rsplit(".", 1)
    statement = getattr(importlib.import_module(module), name)
    prepared = await owner.prepare(statement)
    given = ["10" if one.name == "int8" else "NULL" for one in prepared.get_parameters()]
    async with owner.transaction():
        await owner.execute("SET LOCAL enable_seqscan = off")
        await owner.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await owner.execute(f"PREPARE hot AS {statement}")
        arguments = f"({', '.join(given)})" if given else ""
        plan = await owner.fetch(f"EXPLAIN EXECUTE hot {arguments}")
        await owner.execute("DEALLOCATE hot")
    assert HOT[constant] in "\n".join(row[0] for row in plan)


async def test_the_clock_never_steps_back(owner: asyncpg.Connection) -> None:
    before = await owner.fetchval("SELECT app_now()")
    await owner.execute("UPDATE app_clock SET origin_app = origin_app + interval '1 day'")
    after = await owner.fetchval("SELECT app_now()")
    assert timedelta(days=1) <= after - before < timedelta(days=1, minutes=1)
    with pytest.raises(asyncpg.RaiseError, match="never steps back"):
        await owner.execute("UPDATE app_clock SET origin_app = origin_app - interval '1 second'")


async def test_a_scale_speeds_it_up_without_a_jump(
    owner: asyncpg.Connection, database_dsn: str
) -> None:
    before = await owner.fetchval("SELECT app_now()")
    await migrate.set_clock(database_dsn, 3600.0)
    first = await owner.fetchval("SELECT app_now()")
    assert first - before < timedelta(hours=1)
    await owner.fetchval("SELECT pg_sleep(0.05)")
    assert await owner.fetchval("SELECT app_now()") - first > timedelta(minutes=2)
    fast = await owner.fetchval("SELECT app_now()")
    await migrate.set_clock(database_dsn, 1.0)
    slowed = await owner.fetchval("SELECT app_now()")
    assert fast < slowed, "a fast clock goes on while it is set"
    await owner.fetchval("SELECT pg_sleep(0.05)")
    assert await owner.fetchval("SELECT app_now()") - slowed < timedelta(seconds=5)


def test_each_migration_has_its_number() -> None:
    numbers = [int(one.name[:4]) for one in migrate.list_migrations()]
    assert numbers == sorted(set(numbers))


async def test_migrations_run_once(database_dsn: str) -> None:
    assert await migrate.migrate(database_dsn) == []


async def test_a_changed_migration_is_refused(owner: asyncpg.Connection, database_dsn: str) -> None:
    await owner.execute("UPDATE schema_migrations SET digest = 'x' WHERE name = '0001_foundation'")
    with pytest.raises(migrate.MigrationError, match="0001_foundation was changed"):
        await migrate.migrate(database_dsn)


async def test_a_newer_database_is_refused(owner: asyncpg.Connection, database_dsn: str) -> None:
    await owner.execute("INSERT INTO schema_migrations (name, digest) VALUES ('9999_future', 'x')")
    with pytest.raises(migrate.MigrationError, match="newer Shangmen"):
        await migrate.migrate(database_dsn)
