"""Access tokens and who stands behind them.

A token names a session; what that is worth, the database says at each request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from api.policy import Policy
from dispatch.database import Caller
from dispatch.errors import Forbidden, Unauthenticated
from dispatch.lifecycles import Role

ALGORITHM: Final = "EdDSA"
ISSUER: Final = "shangmen"
AUDIENCE: Final = "shangmen-api"
TYPE: Final = "at+jwt"
LONGEST: Final = 2048
REMEMBERED_MAX: Final = 5_000
HEADER_FIELDS: Final = frozenset({"alg", "kid", "typ"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the database says about a sign-in, at this request.

    `live` is false once it was signed out, its account suspended or its family revoked. `now` is
    the database's real time, by which a token's age is judged: this host's clock decides nothing.
    """

    id: UUID
    account_id: UUID
    role: Role
    live: bool
    now: datetime
    institution_id: UUID | None = None
    nurse_id: UUID | None = None
    permissions: frozenset[str] = field(default_factory=frozenset)


FindSession = Callable[[UUID], Awaitable[Session | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says, once its signature holds. Its age has not been judged yet."""

    account_id: UUID
    session_id: UUID
    issued_at: int
    expires_at: int


class Tokens:
    """Signs and reads access tokens: Ed25519 only, one issuer, one audience, one type."""

    __slots__ = ("_keys", "_kid", "_leeway_s", "_signing_key", "_verified", "ttl_s")

    def __init__(
        self,
        signing_key: Ed25519PrivateKey,
        retired: Iterable[Ed25519PublicKey] = (),
        *,
        ttl_s: int,
        leeway_s: int = 30,
    ) -> None:
        self._signing_key = signing_key
        self._kid = key_id(signing_key.public_key())
        self._keys = {key_id(key): key for key in (*retired, signing_key.public_key())}
        self._leeway_s = leeway_s
        self._verified = lru_cache(REMEMBERED_MAX)(self._read)
        self.ttl_s = ttl_s

    def issue(self, *, account_id: UUID, session_id: UUID, now: datetime) -> str:
        """A token that is good for `ttl_s` from `now`, the database's real time."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(account_id),
            "sid": str(session_id),
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=self.ttl_s)).timestamp()),
        }
        return jwt.encode(
            claims, self._signing_key, ALGORITHM, headers={"kid": self._kid, "typ": TYPE}
        )

    def read(self, token: str) -> Claims:
        """The claims of a token that we signed. Whatever is wrong with it: `Unauthenticated`.

        That the signature holds is remembered, for it holds for ever; what it is worth is not.
        """
        try:
            return self._verified(token)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, RecursionError):
            raise Unauthenticated from None

    def _read(self, token: str) -> Claims:
        if len(token) > LONGEST:
            raise Unauthenticated
        header = jwt.get_unverified_header(token)
        if header.keys() != HEADER_FIELDS or header["typ"] != TYPE:
            raise Unauthenticated
        found: dict[str, Any] = jwt.decode(
            token,
            self._keys[header["kid"]],
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={
                "require": ["iss", "aud", "sub", "sid", "iat", "exp"],
                "strict_aud": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        if "nbf" in found or type(found["iat"]) is not int or type(found["exp"]) is not int:
            raise Unauthenticated
        return Claims(
            account_id=UUID(str(found["sub"])),
            session_id=UUID(str(found["sid"])),
            issued_at=found["iat"],
            expires_at=found["exp"],
        )

    def check_age(self, claims: Claims, now: datetime) -> None:
        """Raise `Unauthenticated` if the token is over, or from a future that no clock excuses."""
        seconds = now.timestamp()
        if seconds > claims.expires_at + self._leeway_s:
            raise Unauthenticated
        if seconds < claims.issued_at - self._leeway_s:
            raise Unauthenticated


def key_id(key: Ed25519PublicKey) -> str:
    """The name of a key, derived from it: two environments never share one."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def bearer(authorization: str | None) -> str:
    """The token of an `Authorization` header; `Unauthenticated` for anything else."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()


async def identify(
    authorization: str | None, policy: Policy, tokens: Tokens, find_session: FindSession
) -> Session | None:
    """Who calls: None where anyone may. Raises `Unauthenticated` (401).

    With `policy.any_age` neither the token's age nor the end of its session counts: whoever presses
    the alarm was signed in once, and that is enough to be heard.
    """
    if not policy.roles:
        return None
    claims = tokens.read(bearer(authorization))
    session = await find_session(claims.session_id)
    if session is None or session.account_id != claims.account_id:
        raise Unauthenticated
    if not policy.any_age:
        tokens.check_age(claims, session.now)
        if not session.live:
            raise Unauthenticated
    return session


def admit(session: Session | None, policy: Policy, request_id: str) -> Caller:
    """The caller for the transactions of this request. Raises `Forbidden` (403)."""
    if session is None:
        # Row-level security shows a patient without an account only what is public.
        return Caller(role=Role.PATIENT, request_id=request_id)
    if not policy.admits(session.role, session.permissions):
        raise Forbidden
    return Caller(
        role=session.role,
        account_id=session.account_id,
        institution_id=session.institution_id,
        nurse_id=session.nurse_id,
        permissions=session.permissions,
        request_id=request_id,
    )
