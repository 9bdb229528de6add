"""The one place where transactions open. Each is told who is calling before its first statement.

An act (`@act`) is one writing transaction; `Pool.read` is one reading transaction. Nothing else in
the tree begins or commits.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Final,
    Generic,
    Literal,
    ParamSpec,
    Self,
    TypeVar,
)
from uuid import UUID

import asyncpg
import orjson

from config.catalogue import Catalogue
from config.settings import Settings
from dispatch.errors import DispatchError, Overloaded, RequestInProgress
from dispatch.lifecycles import Role
from dispatch.sealing import Keyring

if TYPE_CHECKING:
    from dispatch.roads import Roads

P = ParamSpec("P")
T = TypeVar("T")

APP_ROLE: Final = "shangmen_app"
TRIES: Final = 3
# What a client may simply send again: a deadlock broken, a serialisation lost.
AGAIN: Final = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
# The server has gone or is no longer the primary: every connection of the pool is suspect.
SUSPECT: Final = (
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
)
_GONE: Final = (
    *SUSPECT,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
    # A connection that died in the middle of something, and is given back or used again.
    asyncpg.InternalClientError,
    ConnectionError,
)


def is_gone(error: Exception) -> bool:
    """Whether there is no server to talk to: what was asked of it is not to blame.

    For asyncpg a lost connection and a wrong argument are one class; only the text differs.
    """
    text = str(error)
    is_closed = type(error) is asyncpg.InterfaceError and ("clos" in text or "released" in text)
    return is_closed or isinstance(error, _GONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryKey:
    """An `Idempotency-Key` with its scope; `fingerprint` is a digest of the body as parsed JSON."""

    key: str
    method: str
    path: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is calling, as the guard established it; goes with every transaction."""

    role: Role
    account_id: UUID | None = None
    institution_id: UUID | None = None
    nurse_id: UUID | None = None
    permissions: frozenset[str] = frozenset()
    request_id: str = ""
    retry: RetryKey | None = None

    @classmethod
    def clock(cls, request_id: str = "clock") -> Self:
        """The service itself: a sweep, or an act before anybody is known."""
        return cls(role=Role.CLOCK, request_id=request_id)


Plans = Literal["auto", "force_generic_plan"]
"""How the server plans prepared statements. Left to itself it plans one that is given an array, or
reads behind row-level security, at every call, for ten times what the answer costs; a person's act
goes by ids, for which one plan is as good as another, if it was not made while a table was empty:
then reading all of it looks cheapest. So it may not."""

Rows = list[tuple[Any, ...]]
Write = Callable[["Connection", Rows], Awaitable[None]]
"""Writes rows of one kind in one statement."""


class Connection:
    """One transaction's connection, with who is calling and the keys that open sealed columns."""

    __slots__ = (
        "_conn",
        "_role_told",
        "_waiting",
        "caller",
        "catalogue",
        "keyring",
        "opened",
        "refusal",
        "roads",
        "role",
        "settings",
    )

    def __init__(
        self,
        conn: Any,
        caller: Caller,
        keyring: Keyring,
        settings: Settings,
        catalogue: Catalogue,
        roads: Roads | None = None,
    ) -> None:
        self._conn = conn
        self.caller = caller
        self.role = caller.role
        self._role_told = caller.role
        self._waiting: dict[Write, Rows] = {}
        self.keyring = keyring
        self.settings = settings
        self.catalogue = catalogue
        self.roads = roads
        self.refusal: DispatchError | None = None
        self.opened: asyncpg.Record | None = None

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        await self._tell_role()
        return await self._conn.fetch(query, *args)  # type: ignore[no-any-return]

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        await self._tell_role()
        return await self._conn.fetchrow(query, *args)  # type: ignore[no-any-return]

    async def fetchval(self, query: str, *args: Any) -> Any:
        await self._tell_role()
        return await self._conn.fetchval(query, *args)

    async def execute(self, query: str, *args: Any) -> str:
        await self._tell_role()
        return await self._conn.execute(query, *args)  # type: ignore[no-any-return]

    async def executemany(self, query: str, rows: Iterable[Iterable[Any]]) -> None:
        await self._tell_role()
        await self._conn.executemany(query, rows)

    async def copy(self, table: str, columns: list[str], rows: Iterable[Iterable[Any]]) -> str:
        await self._tell_role()
        return await self._conn.copy_records_to_table(  # type: ignore[no-any-return]
            table, columns=columns, records=rows
        )

    async def plan_each_time(self) -> None:
        """From here on plans suit what is asked for: for a search with many optional parts."""
        await self.execute(PLAN_EACH_TIME)

    def write_last(self, write: Write, row: tuple[Any, ...]) -> None:
        """Leave a row to the end of the transaction: all that one `write` is given go together.

        For what nothing in the transaction reads again. It is written before the commit or, if the
        transaction fails, not at all.
        """
        self._waiting.setdefault(write, []).append(row)

    async def settle(self) -> None:
        """Write what was left to the end, in the role that the server has last heard of."""
        self.role = self._role_told
        while self._waiting:
            write, rows = self._waiting.popitem()
            await write(self, rows)

    def refuse(self, error: DispatchError) -> None:
        """Let the transaction commit what it has noted, then answer with `error`.

        For the few refusals that leave a fact behind: a wrong code counts, a step that came too
        late is kept. Any other refusal is raised and leaves nothing.
        """
        self.refusal = error

    @contextlib.asynccontextmanager
    async def as_clock(self) -> AsyncIterator[None]:
        """Consequent moves are made as the clock, for rows that the caller may not touch."""
        before, self.role = self.role, Role.CLOCK
        try:
            yield
        finally:
            self.role = before

    async def _tell_role(self) -> None:
        """The server hears of a change of role with the first statement that it matters to."""
        if self.role is not self._role_told:
            await self._conn.execute(SET_ROLE, self.role.value)
            self._role_told = self.role

    @contextlib.asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part that may fail without the whole: on an exception only the part is undone."""
        await self._tell_role()
        role, waiting = self._role_told, {write: len(rows) for write, rows in self._waiting.items()}
        try:
            async with self._conn.transaction():
                yield
        except BaseException:
            self._role_told = role
            self._waiting = {
                write: self._waiting[write][:count] for write, count in waiting.items()
            }
            raise


SET_ROLE: Final = "SELECT set_config('app.role', $1, true)"
SET_CALLER: Final = """
    SELECT set_config('app.role', $1, true), set_config('app.account', $2, true),
           set_config('app.nurse', $3, true), set_config('app.institution', $4, true),
           set_config('application_name', $5, true), set_config('plan_cache_mode', $6, true),
           set_config('enable_seqscan', ($6 <> 'force_generic_plan')::text, true)
"""
PLAN_EACH_TIME: Final = """
    SELECT set_config('plan_cache_mode', 'force_custom_plan', true),
           set_config('enable_seqscan', 'on', true)
"""
NOW: Final = "SELECT app_now()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A first statement that tells the server who calls as well, with SET_CALLER's six arguments
    before its own: a way to it that is not gone twice. It may wait for nobody but its twin."""

    query: str
    args: tuple[Any, ...]


async def now(conn: Connection) -> datetime:
    """The one clock of every deadline; an act reads it once and hands it to pure code."""
    value: datetime = await conn.fetchval(NOW)
    return value


@dataclass(slots=True, kw_only=True)
class Pool:
    """The way to the database: connections, keys, settings and the catalogue.

    `roads` is the engine by which ways are measured, if there is one.
    """

    connections: asyncpg.Pool = field(repr=False)
    keyring: Keyring = field(repr=False)
    settings: Settings
    catalogue: Catalogue = field(repr=False)
    roads: Roads | None = field(default=None, repr=False)

    @contextlib.asynccontextmanager
    async def read(self, caller: Caller, *, plans: Plans = "auto") -> AsyncIterator[Connection]:
        """A reading transaction: what it tries to write is refused by the server."""
        async with self._begin(caller, readonly=True, plans=plans) as conn:
            yield conn

    @contextlib.asynccontextmanager
    async def _begin(
        self,
        caller: Caller,
        *,
        readonly: bool = False,
        plans: Plans,
        opening: Opening | None = None,
    ) -> AsyncIterator[Connection]:
        limit_s = self.settings.request_timeout_s
        try:
            async with (
                asyncio.timeout(limit_s),
                self.connections.acquire(timeout=self.settings.acquire_timeout_s) as raw,
                raw.transaction(readonly=readonly),
            ):
                conn = Connection(
                    raw, caller, self.keyring, self.settings, self.catalogue, self.roads
                )
                told = (*_context(caller), plans)
                if opening is None:
                    await raw.execute(SET_CALLER, *told)
                else:
                    conn.opened = await _open(raw, opening, told)
                yield conn
                await conn.settle()
        except SUSPECT:
            await self.connections.expire_connections()
            raise
        except asyncpg.LockNotAvailableError as error:
            raise Overloaded(retry_after_s=1) from error

    async def transact(
        self,
        caller: Caller,
        work: Callable[[Connection], Awaitable[T]],
        *,
        opening: Opening | None = None,
    ) -> T:
        """Run `work` in one writing transaction, again if the server broke it for another, or
        another made the same row at the same moment: the next look sees it.

        What `opening` returned stands in `conn.opened`.
        """
        plans: Plans = "auto" if caller.role is Role.CLOCK else "force_generic_plan"
        for attempt in range(TRIES):
            try:
                async with self._begin(caller, plans=plans, opening=opening) as conn:
                    result = await work(conn)
                    refusal = conn.refusal
            except (*AGAIN, asyncpg.UniqueViolationError):
                if attempt + 1 == TRIES:
                    raise
                await asyncio.sleep(random.uniform(0.005, 0.05) * (attempt + 1))  # noqa: S311
                continue
            if refusal is None:
                return result
            try:
                raise refusal
            finally:
                del refusal, conn  # its traceback holds this frame
        raise AssertionError("unreachable")

    async def close(self, limit_s: float = 5) -> None:
        """Give every connection back, by force after `limit_s`."""
        try:
            async with asyncio.timeout(limit_s):
                await self.connections.close()
        except TimeoutError:
            self.connections.terminate()


async def _open(raw: Any, opening: Opening, told: tuple[str, ...]) -> asyncpg.Record | None:
    try:
        return await raw.fetchrow(opening.query, *told, *opening.args)  # type: ignore[no-any-return]
    except asyncpg.LockNotAvailableError as error:
        raise RequestInProgress(retry_after_s=1) from error


def _context(caller: Caller) -> tuple[str, str, str, str, str]:
    return (
        caller.role.value,
        str(caller.account_id or ""),
        str(caller.nurse_id or ""),
        str(caller.institution_id or ""),
        caller.request_id[:63],
    )


def _plain(value: object) -> str:
    """The driver's own UUIDs are a subclass, which the encoder does not take for one."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError


async def _set_codecs(conn: asyncpg.Connection) -> None:
    await conn.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value, default=_plain),
        decoder=lambda value: orjson.loads(value[1:]),
        format="binary",
    )


async def _as_it_is(_: asyncpg.Connection) -> None:
    """A connection goes back as it is: whatever a transaction of ours sets ends with it."""


def count_prepared(pool: asyncpg.Pool) -> int:
    """How many statements the pool's connections have prepared, each of which holds some memory.

    asyncpg has no public word for it.
    """
    connections = (holder._con for holder in pool._holders)  # type: ignore[attr-defined]
    return sum(len(one._stmt_cache) for one in connections if one is not None)


async def connect(
    dsn: str, *, keyring: Keyring, settings: Settings, catalogue: Catalogue, size: int, name: str
) -> Pool:
    """Open a pool of `size` connections as the application's role, named `name` on the server.

    Raises `PrivilegeError` if that role could pass row-level security.
    """
    connections = await asyncpg.create_pool(
        dsn,
        min_size=min(2, size),
        max_size=size,
        timeout=settings.connect_timeout_s,
        command_timeout=settings.command_timeout_s,
        max_inactive_connection_lifetime=0,
        init=_set_codecs,
        reset=_as_it_is,
        # More than there are statements in `records`, and for good: none is parsed and planned
        # twice on a connection, as it would be every five minutes.
        statement_cache_size=1_000,
        max_cached_statement_lifetime=0,
        server_settings={
            "role": APP_ROLE,
            "application_name": name,
            "timezone": "UTC",
            "jit": "off",
            "statement_timeout": str(settings.statement_timeout_ms),
            "lock_timeout": str(settings.lock_timeout_ms),
            "max_parallel_workers_per_gather": "0",
            "idle_in_transaction_session_timeout": str(settings.idle_in_transaction_timeout_ms),
        },
    )
    try:
        await _check_privileges(connections)
    except BaseException:
        connections.terminate()
        raise
    return Pool(connections=connections, keyring=keyring, settings=settings, catalogue=catalogue)


class PrivilegeError(Exception):
    """The application's role could pass row-level security; the message is for a person."""


PRIVILEGES: Final = """
    SELECT r.rolsuper OR r.rolbypassrls AS passes,
           EXISTS (SELECT FROM pg_class c
                    WHERE c.relnamespace = 'public'::regnamespace AND c.relowner = r.oid) AS owns
      FROM pg_roles r WHERE r.rolname = current_user
"""


async def _check_privileges(connections: asyncpg.Pool) -> None:
    row = await connections.fetchrow(PRIVILEGES)
    if row is None or row["passes"] or row["owns"]:
        raise PrivilegeError(
            f"The role {APP_ROLE} owns tables or passes row-level security; run the migrations "
            "as another role and take these rights away."
        )


class Act(Generic[P, T]):
    """A body that runs inside one writing transaction; called with the pool and the caller."""

    def __init__(self, body: Callable[Concatenate[Connection, P], Awaitable[T]]) -> None:
        self.body = body
        functools.update_wrapper(self, body)

    async def __call__(self, pool: Pool, caller: Caller, /, *args: P.args, **kwargs: P.kwargs) -> T:
        async def work(conn: Connection) -> T:
            return await self.body(conn, *args, **kwargs)

        return await pool.transact(caller, work)


def act(body: Callable[Concatenate[Connection, P], Awaitable[T]]) -> Act[P, T]:
    """Make `body(conn, …)` an act: `await body(pool, caller, …)` is one whole transaction."""
    return Act(body)
