"""Who stands behind a session, asked of the database at each request and for many at once.

Nothing is remembered: every answer was read after its request came in, so that a sign-out or a
suspension cuts at once.
"""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

from api.auth import Session
from dispatch.database import Caller, Pool
from dispatch.records import sessions
from dispatch.records.sessions import Identity

GUARD: Final = Caller.clock("guard")
TOGETHER_MAX: Final = 500


class SessionFinder:
    """Looks sessions up: one question is under way, and whoever comes meanwhile shares the next."""

    __slots__ = ("_asking", "_pool", "_waiting")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[UUID, asyncio.Future[Session | None]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self, session_id: UUID) -> Session | None:
        """The session as it stands now; None if there never was one."""
        told: asyncio.Future[Session | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((session_id, told))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await told

    async def _ask(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = (
                    self._waiting[:TOGETHER_MAX],
                    self._waiting[TOGETHER_MAX:],
                )
                await self._answer(asked)
        finally:
            self._asking = None

    async def _answer(self, asked: list[tuple[UUID, asyncio.Future[Session | None]]]) -> None:
        try:
            async with self._pool.read(GUARD, plans="force_generic_plan") as conn:
                rows = await sessions.list_identities(conn, {each for each, _ in asked})
        except Exception as error:
            for _, told in asked:
                if not told.done():
                    told.set_exception(error)
            return
        found = {row.session_id: _session(row) for row in rows}
        for session_id, told in asked:
            if not told.done():
                told.set_result(found.get(session_id))


def _session(found: Identity) -> Session:
    return Session(
        id=found.session_id,
        account_id=found.account_id,
        role=found.role,
        live=found.live,
        now=found.now,
        institution_id=found.institution_id,
        nurse_id=found.nurse_id,
        permissions=found.permissions,
    )
