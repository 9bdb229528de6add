"""The `otp_codes` table: one-time codes by the blind index of their phone. A code is never stored.

All of it goes by real time, not by `app_now()`: a code and its limits mean people and attackers.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

from dispatch import credentials
from dispatch.database import Connection
from dispatch.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How many codes a phone has asked for lately."""

    last_minute: int
    last_hour: int
    last_day: int


COUNT_ASKED: Final = """
    SELECT count(*) FILTER (WHERE created_at > real.now - interval '1 minute') AS last_minute,
           count(*) FILTER (WHERE created_at > real.now - interval '1 hour') AS last_hour,
           count(*) AS last_day
      FROM otp_codes, (SELECT clock_timestamp() AS now) AS real
     WHERE phone_index = $1 AND created_at > real.now - interval '1 day'
"""


async def count_asked(conn: Connection, phone: str) -> Asked:
    """What the limits are held against; true to the end of the transaction under `lock_phone`."""
    index = conn.keyring.blind_index("phone", phone)
    row = await conn.fetchrow(COUNT_ASKED, index)
    return Asked(**row) if row else Asked(last_minute=0, last_hour=0, last_day=0)


INSERT: Final = """
    INSERT INTO otp_codes (id, phone_index, code_hash, expires_at)
    VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
"""


async def insert(conn: Connection, phone: str, code: str, *, ttl_s: int) -> None:
    """Keep a fresh code; whatever was asked for before is no longer the one that counts."""
    code_id = new_id()
    index = conn.keyring.blind_index("phone", phone)
    mark = credentials.code_hash(conn.keyring, code_id, code)
    await conn.execute(INSERT, code_id, index, mark, float(ttl_s))


# One statement counts the try and decides whether it may be judged at all, so that any number of
# guesses at once gets no more than `tries_max` of them judged.
TRY: Final = """
    UPDATE otp_codes
       SET tries = tries + 1
     WHERE id = (SELECT id FROM otp_codes WHERE phone_index = $1 ORDER BY created_at DESC LIMIT 1)
       AND tries < $2
       AND used_at IS NULL
       AND expires_at > clock_timestamp()
 RETURNING id, code_hash
"""
USE: Final = "UPDATE otp_codes SET used_at = clock_timestamp() WHERE id = $1"


async def spend(conn: Connection, phone: str, code: str, *, tries_max: int) -> bool:
    """Count one try at this phone's newest code; true if it is the code, which is then used up.

    The try must be committed whatever the answer is.
    """
    row = await conn.fetchrow(TRY, conn.keyring.blind_index("phone", phone), tries_max)
    if row is None:
        return False
    mark = credentials.code_hash(conn.keyring, row["id"], code)
    if not hmac.compare_digest(mark, row["code_hash"]):
        return False
    await conn.execute(USE, row["id"])
    return True


PRUNE: Final = """
    DELETE FROM otp_codes
     WHERE id IN (SELECT id FROM otp_codes
                   WHERE created_at < clock_timestamp() - interval '25 hours'
                   ORDER BY created_at
                   LIMIT $1)
"""


async def prune(conn: Connection, limit: int) -> str:
    """Drop up to `limit` codes that no limit counts any more."""
    return await conn.execute(PRUNE, limit)
