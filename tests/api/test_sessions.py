"""Looking sessions up together: as fresh as one by one, in far fewer questions."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg

from api.sessions import SessionFinder
from dispatch.ids import new_id
from tests.world import World


async def sign_in(owner: asyncpg.Connection, account_id: UUID) -> UUID:
    session_id = new_id()
    await owner.execute(
        "INSERT INTO sessions (id, account_id) VALUES ($1, $2)", session_id, account_id
    )
    return session_id


async def test_each_of_many_hears_of_its_own_session(jinhua: World) -> None:
    nurses = [jinhua.nurse(number) for number in (1, 2, 3)]
    ids = [await sign_in(jinhua.owner, nurse.account_id) for nurse in nurses]
    find = SessionFinder(jinhua.pool)
    asked = [*ids, new_id(), *ids]
    found = await asyncio.gather(*map(find, asked))
    assert [one.account_id if one else None for one in found] == [
        *(nurse.account_id for nurse in nurses),
        None,
        *(nurse.account_id for nurse in nurses),
    ]
    assert all(one.live for one in found if one)


async def test_whoever_asks_after_the_end_hears_of_it(jinhua: World) -> None:
    """Also while others keep a question under way the whole time."""
    ended, other = [
        await sign_in(jinhua.owner, jinhua.nurse(number).account_id) for number in (1, 2)
    ]
    find = SessionFinder(jinhua.pool)
    over = asyncio.Event()

    async def keep_asking() -> None:
        while not over.is_set():
            await find(other)

    others = [asyncio.create_task(keep_asking()) for _ in range(4)]
    try:
        for _ in range(20):
            before = await find(ended)
            await jinhua.owner.execute(
                "UPDATE sessions SET ended_at = clock_timestamp() WHERE id = $1", ended
            )
            after = await find(ended)
            await jinhua.owner.execute("UPDATE sessions SET ended_at = NULL WHERE id = $1", ended)
            assert before is not None
            assert after is not None
            assert (before.live, after.live) == (True, False)
    finally:
        over.set()
        await asyncio.gather(*others)


async def test_one_who_leaves_takes_no_answer_from_the_others(jinhua: World) -> None:
    session_id = await sign_in(jinhua.owner, jinhua.nurse(1).account_id)
    find = SessionFinder(jinhua.pool)
    asking = [asyncio.create_task(find(session_id)) for _ in range(3)]
    await asyncio.sleep(0)
    asking[0].cancel()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert all(one is not None and not isinstance(one, BaseException) for one in found[1:])
