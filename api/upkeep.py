"""What whoever runs an installation does from the shell: staff who sign in, and master keys."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from api import serve
from api.policy import OPERATOR_PERMISSIONS
from config.settings import Settings
from dispatch import roads
from dispatch.acts import open_staff, rotate_keys
from dispatch.acts import plan_days as planning
from dispatch.database import Caller
from dispatch.errors import AlreadyRegistered, NotFound
from dispatch.key_folder import LocalKeyProvider
from dispatch.lifecycles import Role

STAFF: Final = frozenset({Role.OPERATOR, Role.ADMIN, Role.AUDITOR})
KEEPER: Final = Caller.clock("upkeep")
BATCH: Final = 500
DAYS_AT_ONCE: Final = 3
NICENESS: Final = 10


class UpkeepRefused(Exception):
    """It cannot be done as asked; the text is one sentence for whoever asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrapped:
    """How many keys were wrapped anew, and the file of the master key that opens them all."""

    count: int
    master: str


async def plan_days(settings: Settings) -> int:
    """Plan the booked days that have changed anew, a few at most; returns how many.

    Whatever else this machine does goes first.
    """
    os.nice(NICENESS)
    # The engine is loaded here, and compiled here if it has to be: nobody else is in this process.
    import dispatch.day_planning  # noqa: F401

    dsn, keyring = await serve.find_dsn(settings), serve.open_keyring(settings)
    async with (
        serve.open_pool(settings, dsn, keyring, name="planner", size=1) as pool,
        roads.connect(settings) as pool.roads,
    ):
        return await planning.plan_days(pool, DAYS_AT_ONCE)


async def add_staff(
    settings: Settings,
    phone: str,
    role: str,
    institution_code: str | None,
    permissions: Collection[str] | None,
) -> None:
    """Open an account of staff; an operator gets all permissions unless some are named.

    Raises `UpkeepRefused`.
    """
    if role not in STAFF:
        raise UpkeepRefused(f"There is no staff role {role}: choose operator, admin or auditor.")
    if unknown := sorted(set(permissions or ()) - OPERATOR_PERMISSIONS):
        known = ", ".join(sorted(OPERATOR_PERMISSIONS))
        raise UpkeepRefused(f"There is no permission {unknown[0]}: choose among {known}.")
    if permissions and role != Role.OPERATOR:
        raise UpkeepRefused("Only operators have permissions.")
    granted = (permissions or OPERATOR_PERMISSIONS) if role == Role.OPERATOR else ()
    dsn, keyring = await serve.find_dsn(settings), serve.open_keyring(settings)
    async with serve.open_pool(settings, dsn, keyring, name="upkeep", size=1) as pool:
        try:
            await open_staff.open_staff(
                pool,
                KEEPER,
                Role(role),
                phone,
                institution_code=institution_code,
                permissions=granted,
            )
        except NotFound:
            raise UpkeepRefused("There is no institution with this code.") from None
        except AlreadyRegistered:
            raise UpkeepRefused("This phone has an account already.") from None
        except ValueError as refusal:
            raise UpkeepRefused(f"This is {refusal}.") from None


def rotate_key(settings: Settings) -> str:
    """Add the next master key to the folder; returns its path. Raises `SealingError`."""
    folder = settings.keys_dir or serve.state_dir(settings) / "keys"
    version = LocalKeyProvider(folder).rotate()
    return str(folder / f"master-{version}.key")


async def rewrap_keys(settings: Settings) -> Rewrapped:
    """Wrap all keys with the newest master key, in short transactions. Raises `SealingError`."""
    dsn, keyring = await serve.find_dsn(settings), serve.open_keyring(settings)
    count = 0
    async with serve.open_pool(settings, dsn, keyring, name="upkeep", size=1) as pool:
        while done := await rotate_keys.rewrap_keys(pool, KEEPER, BATCH):
            count += done
    return Rewrapped(count=count, master=f"master-{keyring.provider.current_version()}.key")
