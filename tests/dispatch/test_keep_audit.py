"""The audit log in the database: what a superuser does to it is found, and honest work is not."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dispatch import audit, database
from dispatch.acts import keep_audit
from dispatch.audit import FaultKind, Verdict
from dispatch.database import Caller, Connection, Pool
from dispatch.lifecycles import Role
from dispatch.records import audit as audit_rows

NURSE = Caller(role=Role.NURSE, account_id=UUID(int=7), request_id="req-1")
CLOCK = Caller.clock()
AUDITOR = Caller(role=Role.AUDITOR, account_id=UUID(int=9))


@database.act
async def note(conn: Connection, *numbers: int) -> None:
    for number in numbers:
        await audit_rows.append(
            conn, "read", "patient", UUID(int=number), purpose="visit", detail={"field": "name"}
        )


@pytest.fixture
async def log(pool: Pool, tmp_path: Path, owner: asyncpg.Connection) -> asyncpg.Connection:
    """Forty sealed rows, checkpoints after 15, 30 and 40; this connection passes triggers."""
    for rows in (range(1, 16), range(16, 31), range(31, 41)):
        await note(pool, NURSE, *rows)
        await keep_audit.seal_audit(pool, CLOCK)
        assert await keep_audit.checkpoint_audit(pool, CLOCK, tmp_path) is not None
    await owner.execute("SET session_replication_role = replica")
    return owner


async def kinds_found(pool: Pool, state_dir: Path) -> set[FaultKind]:
    found = await keep_audit.verify_audit(pool, AUDITOR, state_dir)
    assert found.ok == (not found.faults)
    return {fault.kind for fault in found.faults}


async def test_a_row_says_who_did_what(pool: Pool, owner: asyncpg.Connection) -> None:
    await note(pool, NURSE, 1)
    row = await owner.fetchrow("SELECT * FROM audit")
    assert row is not None
    assert (row["actor_id"], row["actor_role"], row["request_id"]) == (
        UUID(int=7),
        "nurse",
        "req-1",
    )
    assert (row["action"], row["subject_id"], row["purpose"]) == ("read", UUID(int=1), "visit")
    assert row["detail"] == '{"field": "name"}'


async def test_an_honest_log_is_found_so(
    pool: Pool, log: asyncpg.Connection, tmp_path: Path
) -> None:
    found = await keep_audit.verify_audit(pool, AUDITOR, tmp_path)
    assert found == Verdict(checked=40, checkpoints=3, outside=3)
    assert await keep_audit.checkpoint_audit(pool, CLOCK, tmp_path) is None, "nothing new to sign"


async def rebuild_in_place(log: asyncpg.Connection) -> None:
    await log.execute("UPDATE audit SET purpose = 'none' WHERE id = 5")
    links = await log.fetch(audit_rows.LIST_LINKS, 0, 1_000)
    await log.execute("DELETE FROM audit_chain; DELETE FROM audit_checkpoints")
    rows, prev_hash = [], audit.GENESIS
    for each in links:
        hash_ = audit.link(prev_hash, each["seq"], each["content"])
        rows.append((each["seq"], each["audit_id"], prev_hash, hash_))
        prev_hash = hash_
    await log.executemany("INSERT INTO audit_chain VALUES ($1, $2, $3, $4)", rows)


async def cut_everywhere(log: asyncpg.Connection) -> None:
    await log.execute(
        """
        DELETE FROM audit WHERE id > 30;
        DELETE FROM audit_chain WHERE seq > 30;
        DELETE FROM audit_checkpoints WHERE seq > 30
        """
    )


async def insert_old(log: asyncpg.Connection) -> None:
    await log.execute(
        """
        INSERT INTO audit (id, recorded_at, actor_role, action, subject_kind)
        OVERRIDING SYSTEM VALUE
        VALUES (-3, clock_timestamp() - interval '1 day', 'nurse', 'read', 'patient')
        """
    )


STATEMENTS = {
    "UPDATE audit SET action = 'write' WHERE id = 17": {FaultKind.CHANGED},
    "UPDATE audit SET at = at + interval '1 microsecond' WHERE id = 17": {FaultKind.CHANGED},
    "UPDATE audit SET at = 'infinity', recorded_at = '-infinity' WHERE id = 2": {FaultKind.CHANGED},
    "UPDATE audit SET at = '200000-01-01' WHERE id = 2": {FaultKind.CHANGED},
    'UPDATE audit SET detail = \'{"field": "phone"}\' WHERE id = 40': {FaultKind.CHANGED},
    "DELETE FROM audit WHERE id = 17": {FaultKind.MISSING_ROW},
    "DELETE FROM audit_chain WHERE seq = 17": {FaultKind.MISSING_LINK, FaultKind.BROKEN_LINK},
    "DELETE FROM audit WHERE id > 30": {FaultKind.MISSING_ROW},
    "DELETE FROM audit_chain WHERE seq > 30": {FaultKind.TRUNCATED},
    "UPDATE audit SET id = 61 - id WHERE id IN (30, 31)": {FaultKind.CHANGED},
    "UPDATE audit_checkpoints SET head = '\\x00' WHERE seq = 30": {
        FaultKind.FORGED_CHECKPOINT,
        FaultKind.MISSING_CHECKPOINT,
    },
    "UPDATE audit_checkpoints SET at = 'infinity' WHERE seq = 30": {
        FaultKind.FORGED_CHECKPOINT,
        FaultKind.MISSING_CHECKPOINT,
    },
    "DELETE FROM audit_checkpoints WHERE seq = 40": {FaultKind.MISSING_CHECKPOINT},
}


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_a_superusers_statement_is_found(
    statement: str, pool: Pool, log: asyncpg.Connection, tmp_path: Path
) -> None:
    if statement.startswith("UPDATE audit SET id"):
        await log.execute("ALTER TABLE audit ALTER COLUMN id DROP IDENTITY")
        await log.execute("ALTER TABLE audit DROP CONSTRAINT audit_pkey")
    await log.execute(statement)
    found = await kinds_found(pool, tmp_path)
    assert found & STATEMENTS[statement]
    assert found <= STATEMENTS[statement]


async def test_a_log_cut_with_its_checkpoints_is_found_by_the_file(
    pool: Pool, log: asyncpg.Connection, tmp_path: Path
) -> None:
    await cut_everywhere(log)
    assert await kinds_found(pool, tmp_path) == {
        FaultKind.TRUNCATED,
        FaultKind.MISSING_CHECKPOINT,
    }
    assert await kinds_found(pool, tmp_path / "nowhere") == set(), "what the file is there for"
    await note(pool, NURSE, *range(20))
    await keep_audit.seal_audit(pool, CLOCK)
    assert FaultKind.REBUILT in await kinds_found(pool, tmp_path), "grown again it is another chain"


async def test_a_rebuilt_log_is_found(pool: Pool, log: asyncpg.Connection, tmp_path: Path) -> None:
    await rebuild_in_place(log)
    assert await kinds_found(pool, tmp_path) == {FaultKind.REBUILT, FaultKind.MISSING_CHECKPOINT}


async def test_an_inserted_old_row_is_found_before_and_after_it_is_sealed(
    pool: Pool, log: asyncpg.Connection, tmp_path: Path
) -> None:
    await insert_old(log)
    assert await kinds_found(pool, tmp_path) == {FaultKind.UNSEALED}
    assert await keep_audit.seal_audit(pool, CLOCK) == 1
    assert await kinds_found(pool, tmp_path) == {FaultKind.BACKDATED}


async def test_another_database_with_the_same_folder_is_another_log(
    pool: Pool, log: asyncpg.Connection, tmp_path: Path
) -> None:
    stranger = Ed25519PrivateKey.generate()
    (file,) = (tmp_path / "audit").iterdir()
    assert await log.fetchval("SELECT current_database()") in file.name
    audit.append_checkpoint(
        audit.checkpoint_file(tmp_path, "other"), audit.sign(stranger, 99, audit.GENESIS, "never")
    )
    assert await kinds_found(pool, tmp_path) == set()


async def test_nothing_is_signed_over_a_cut_chain(
    pool: Pool, log: asyncpg.Connection, tmp_path: Path
) -> None:
    await log.execute("DELETE FROM audit_chain WHERE seq > 30; DELETE FROM audit WHERE id > 30")
    with pytest.raises(audit_rows.ChainCutError):
        await keep_audit.checkpoint_audit(pool, CLOCK, tmp_path)


@pytest.mark.parametrize("table", ["audit", "audit_chain", "audit_checkpoints"])
async def test_nobody_changes_or_removes_a_row(
    table: str, pool: Pool, log: asyncpg.Connection
) -> None:
    await log.execute("SET session_replication_role = origin")
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608
        with pytest.raises(asyncpg.PostgresError):
            await log.execute(statement)
        async with pool.read(AUDITOR) as conn:
            with pytest.raises(asyncpg.PostgresError):
                await conn.execute(statement)


async def test_a_row_that_commits_late_is_sealed_behind_newer_ones(
    pool: Pool, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    slow = owner.transaction()
    await slow.start()
    await owner.execute(
        "INSERT INTO audit (actor_role, action, subject_kind) VALUES ('nurse', 'slow', 'order')"
    )
    await note(pool, NURSE, *range(10))
    assert await keep_audit.seal_audit(pool, CLOCK) == 10
    assert await keep_audit.checkpoint_audit(pool, CLOCK, tmp_path) is not None
    await slow.commit()
    assert await kinds_found(pool, tmp_path) == set()
    assert await keep_audit.seal_audit(pool, CLOCK) == 1
    assert await keep_audit.checkpoint_audit(pool, CLOCK, tmp_path) is not None
    assert await kinds_found(pool, tmp_path) == set()


async def test_a_backlog_is_sealed_before_anything_is_signed(
    pool: Pool, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await owner.execute(
        """
        INSERT INTO audit (recorded_at, actor_role, action, subject_kind)
        SELECT clock_timestamp() - interval '1 hour', 'nurse', 'read', 'patient'
          FROM generate_series(1, 1500)
        """
    )
    assert await keep_audit.checkpoint_audit(pool, CLOCK, tmp_path) is None
    assert await keep_audit.checkpoint_audit(pool, CLOCK, tmp_path) is not None
    assert await kinds_found(pool, tmp_path) == set()


async def test_no_false_alarm_while_many_append_seal_sign_and_verify(
    pool: Pool, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    done = asyncio.Event()
    chance = random.Random(3)  # noqa: S311
    tries, aborts = 120, 0

    @database.act
    async def deed(conn: Connection, fails: bool, linger_s: float) -> None:
        await audit_rows.append(conn, "read", "patient", UUID(int=1))
        await asyncio.sleep(linger_s)
        if fails:
            raise LookupError

    async def appender() -> None:
        nonlocal aborts
        for _ in range(tries):
            try:
                await deed(pool, NURSE, chance.random() < 0.1, chance.random() * 0.01)
            except LookupError:
                aborts += 1

    async def sealer() -> None:
        while not done.is_set():
            await keep_audit.seal_audit(pool, CLOCK, 25)
            await asyncio.sleep(0)

    async def signer() -> None:
        while not done.is_set():
            await keep_audit.checkpoint_audit(pool, CLOCK, tmp_path)
            await asyncio.sleep(0.01)

    async def verifier() -> int:
        rounds = 0
        while not done.is_set():
            found = await keep_audit.verify_audit(pool, AUDITOR, tmp_path)
            assert found.ok, found
            rounds += 1
        return rounds

    async with asyncio.TaskGroup() as keepers:
        for keep in (sealer, sealer, signer):
            keepers.create_task(keep())
        verified = keepers.create_task(verifier())
        async with asyncio.TaskGroup() as appenders:
            for _ in range(5):
                appenders.create_task(appender())
        done.set()
    assert verified.result() > 1
    while await keep_audit.seal_audit(pool, CLOCK):
        pass
    found = await keep_audit.verify_audit(pool, AUDITOR, tmp_path)
    assert (found.ok, found.checked) == (True, 5 * tries - aborts)
    assert found.outside > 1
