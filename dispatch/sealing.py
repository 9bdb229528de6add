"""How personal values are sealed and found again: keys, ciphertext and blind indexes.

It never talks to the database nor to a disk: wrapped data keys live in `records/person_keys.py`,
master keys in a `KeyProvider` such as `key_folder.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from dispatch.errors import NotFound

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
KEY_ID_BYTES: Final = 8

VALUE_VERSION: Final = b"\x01"
VALUE_HEAD_BYTES: Final = len(VALUE_VERSION) + KEY_ID_BYTES
VALUE_LEAST_BYTES: Final = VALUE_HEAD_BYTES + NONCE_BYTES + 16

# Only fields with many possible values: an index over a yes/no or a diagnosis gives itself away.
Indexed = Literal["phone", "id_number"]


class SealingError(Exception):
    """A key or a sealed value is not as it must be: a defect or an attack, never a refusal."""


class SealBrokenError(SealingError):
    """The value was changed, moved to another place, or sealed with another key."""


class KeyDestroyed(NotFound):
    """The person's key was destroyed at their wish: to everybody they are as if not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """The key of one person; it seals each value to the table, column and row that it stands in.

    A sealed value is version (1 byte) ‖ key id (8) ‖ nonce (12) ‖ ciphertext ‖ tag (16), by
    AES-256-GCM-SIV (RFC 8452), whose associated data are table, column, row and person.
    """

    person_id: UUID
    secret: bytes = field(repr=False)
    key_id: bytes

    def seal(self, table: str, column: str, row_id: UUID | str, plaintext: bytes) -> bytes:
        """Seal `plaintext` for exactly this place."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        place = joined("sealed value 1", table, column, str(row_id), str(self.person_id))
        sealed = AESGCMSIV(self.secret).encrypt(nonce, plaintext, place)
        return VALUE_VERSION + self.key_id + nonce + sealed

    def open(self, table: str, column: str, row_id: UUID | str, sealed: bytes) -> bytes:
        """The plaintext; SealBrokenError if the value is not what was sealed for this place."""
        if key_id_of(sealed) != self.key_id:
            raise SealBrokenError(f"{table}.{column} is sealed with another key")
        nonce, rest = split(sealed[VALUE_HEAD_BYTES:], NONCE_BYTES)
        place = joined("sealed value 1", table, column, str(row_id), str(self.person_id))
        try:
            return AESGCMSIV(self.secret).decrypt(nonce, rest, place)
        except InvalidTag:
            raise SealBrokenError(f"{table}.{column} does not open: changed or moved") from None

    def seal_json(self, table: str, column: str, row_id: UUID | str, value: object) -> bytes:
        """Seal what JSON can say; UUIDs, dates and aware times become strings."""
        return self.seal(table, column, row_id, orjson.dumps(value))

    def open_json(self, table: str, column: str, row_id: UUID | str, sealed: bytes) -> Any:
        """The value that `seal_json` was given, as JSON types."""
        return orjson.loads(self.open(table, column, row_id, sealed))


def data_key(person_id: UUID, secret: bytes) -> DataKey:
    """The person's key from its 32 secret bytes; its id follows from them and tells nothing."""
    mark = hmac.digest(secret, joined("data key id"), hashlib.sha256)
    return DataKey(person_id=person_id, secret=secret, key_id=mark[:KEY_ID_BYTES])


def key_id_of(sealed: bytes) -> bytes:
    """Which data key a value was sealed with; SealBrokenError if it is no sealed value."""
    if len(sealed) < VALUE_LEAST_BYTES or sealed[:1] != VALUE_VERSION:
        raise SealBrokenError("this is not a sealed value")
    return bytes(sealed[len(VALUE_VERSION) : VALUE_HEAD_BYTES])


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A data key as it is stored: readable only with the master key of that version."""

    wrapped: bytes
    master_version: int


class KeyProvider(Protocol):
    """Where master keys are kept: a folder, later a key management system or an SM4 module."""

    index_key: bytes
    token_signing_key: Ed25519PrivateKey
    audit_signing_key: Ed25519PrivateKey
    push_signing_key: EllipticCurvePrivateKey

    def current_version(self) -> int:
        """The version with which new data keys are wrapped."""
        ...

    async def wrap(self, secret: bytes, person_id: UUID) -> WrappedKey:
        """Wrap a data key with the current master key, bound to the person."""
        ...

    async def unwrap(self, wrapped: bytes, person_id: UUID) -> bytes:
        """The data key, under whichever known version; SealBrokenError if it does not open."""
        ...


class Keyring:
    """What records need of the keys: fresh data keys, unwrapped ones, and blind indexes.

    Unwrapped data keys are remembered for `remember_s` seconds from the unwrapping, however often
    they are used, and at most `remember_max` of them; so a destroyed key is gone everywhere within
    that time. They are remembered by the key id that stands in the value: a key that some
    transaction made and then rolled back can never be taken for the one that was stored.
    """

    def __init__(
        self,
        provider: KeyProvider,
        *,
        remember_s: float = 30.0,
        remember_max: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.provider = provider
        self._remember_s = remember_s
        self._remember_max = remember_max
        self._clock = clock
        self._known: OrderedDict[tuple[UUID, bytes], tuple[DataKey, float]] = OrderedDict()
        self._drop_at_s = clock()

    async def new_key(self, person_id: UUID) -> tuple[DataKey, WrappedKey]:
        """A fresh data key for this person, and how to store it."""
        secret = secrets.token_bytes(KEY_BYTES)
        return data_key(person_id, secret), await self.provider.wrap(secret, person_id)

    async def unwrap(self, wrapped: bytes, person_id: UUID) -> DataKey:
        """The person's data key from its stored form, remembered for a while."""
        key = data_key(person_id, await self.provider.unwrap(wrapped, person_id))
        self._drop_expired()
        self._known[(person_id, key.key_id)] = (key, self._clock() + self._remember_s)
        self._known.move_to_end((person_id, key.key_id))
        while len(self._known) > self._remember_max:
            self._known.popitem(last=False)
        return key

    async def rewrap(self, wrapped: bytes, person_id: UUID) -> WrappedKey:
        """The same data key under the current master key."""
        return await self.provider.wrap(await self.provider.unwrap(wrapped, person_id), person_id)

    def recall(self, person_id: UUID, key_id: bytes) -> DataKey | None:
        """The key with this id, if it is still remembered."""
        known = self._known.get((person_id, key_id))
        if known is None:
            return None
        key, until = known
        if self._clock() >= until:
            del self._known[(person_id, key_id)]
            return None
        self._known.move_to_end((person_id, key_id))
        return key

    def _drop_expired(self) -> None:
        """Those that nobody asks for again, too: once in `remember_s`, for it looks at all."""
        now_s = self._clock()
        if now_s < self._drop_at_s:
            return
        self._drop_at_s = now_s + self._remember_s
        for place in [place for place, (_, until_s) in self._known.items() if now_s >= until_s]:
            del self._known[place]

    def forget(self, person_id: UUID) -> None:
        """Drop every remembered key of this person."""
        for place in [place for place in self._known if place[0] == person_id]:
            del self._known[place]

    def blind_index(self, kind: Indexed, normalised: str) -> bytes:
        """The 32 bytes under which an equal value is found; the value itself stays unknown.

        HMAC-SHA-256 with a key of its own: a bare hash of a phone number is guessed in hours.
        Equal values show as equal, so only fields with many possible values are indexed.
        """
        text = joined("blind index 1", kind, normalised)
        return hmac.digest(self.provider.index_key, text, hashlib.sha256)


def joined(*parts: str) -> bytes:
    """The parts, the first of which names the purpose, as bytes that no other parts give.

    Each stands behind its length: ("ab", "c") and ("a", "bc") differ.
    """
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4) + part for part in encoded)


def split(value: bytes, at: int) -> tuple[bytes, bytes]:
    return bytes(value[:at]), bytes(value[at:])
