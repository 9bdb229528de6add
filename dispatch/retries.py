"""An act and its answer, once for each `Idempotency-Key`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from dispatch.database import Act, Caller, Connection, Pool
from dispatch.records import retry_keys
from dispatch.records.retry_keys import StoredAnswer

T = TypeVar("T")


async def perform(
    pool: Pool,
    caller: Caller,
    deed: Act[..., T],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    render: Callable[[Connection, T], Awaitable[StoredAnswer]],
) -> StoredAnswer:
    """Run an act and render its answer, once for each `Idempotency-Key` that the caller carries.

    The answer is rendered and kept in the act's own transaction, so that a second call with the key
    gives the same bytes, also after a crash. Refusals are not kept: they are worked out afresh.
    Raises `RetryKeyReused`, `RequestInProgress`.
    """
    retry, account_id = caller.retry, caller.account_id
    if retry is None or account_id is None:
        return await pool.transact(caller, partial(_once, deed, args, kwargs, render))

    async def work(conn: Connection) -> StoredAnswer:
        claimed = await retry_keys.claimed(conn, account_id, retry)
        if isinstance(claimed, StoredAnswer):
            return claimed
        answer = await _once(deed, args, kwargs, render, conn)
        if conn.refusal is None:
            retry_keys.keep(conn, claimed, retry, answer)
        else:
            await retry_keys.release(conn, account_id, retry)
        return answer

    return await pool.transact(caller, work, opening=retry_keys.claim(account_id, retry))


async def _once(
    deed: Act[..., T],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    render: Callable[[Connection, T], Awaitable[StoredAnswer]],
    conn: Connection,
) -> StoredAnswer:
    result = await deed.body(conn, *args, **kwargs)
    if conn.refusal is not None:
        return StoredAnswer(status=0, body=b"")
    return await render(conn, result)
