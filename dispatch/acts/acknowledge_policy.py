"""A nurse says that she has read a document that her institution asks her to know."""

from __future__ import annotations

from config import policies
from dispatch import database
from dispatch.database import Connection
from dispatch.errors import InvalidFields, NotFound
from dispatch.records import acknowledgements, audit
from dispatch.records.acknowledgements import Acknowledgement


@database.act
async def acknowledge_policy(conn: Connection, slug: str, version: str) -> list[Acknowledgement]:
    """Note it once for each version, and return all that she has read.

    Raises `NotFound` for no such document, `InvalidFields` for a version that is not the present.
    """
    policy = policies.load().get(slug)
    nurse_id = conn.caller.nurse_id
    if policy is None or nurse_id is None:
        raise NotFound
    if version != policy.version:
        raise InvalidFields((("body", "version"), "policy_version"), version=policy.version)
    await acknowledgements.insert(conn, nurse_id, slug, version, policy.sha256)
    await audit.append(
        conn,
        "policy.acknowledge",
        "nurse",
        nurse_id,
        detail={"policy": slug, "version": version},
    )
    return await acknowledgements.list_of_nurse(conn, nurse_id)
