"""What a person signs in with, and what little we keep of it: one-time codes, refresh tokens.

Pure but for the randomness; codes and tokens themselves are never stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final
from uuid import UUID

from dispatch.sealing import Keyring, joined

CODE_DIGITS: Final = 6
TOKEN_BYTES: Final = 32


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def code_hash(keyring: Keyring, code_id: UUID, code: str) -> bytes:
    """What is kept of a code: keyed, since a million codes are soon tried, and bound to its row."""
    return _mac(keyring, "one-time code 1", str(code_id), code)


def new_token() -> str:
    """The first refresh token of a session: 43 characters."""
    return _spelled(secrets.token_bytes(TOKEN_BYTES))


def successor(keyring: Keyring, token: str) -> str:
    """The refresh token that follows: always the same one, so that asking twice does no harm.

    Only who has both the token and our key can know it, and nothing secret needs to be stored.
    """
    return _spelled(_mac(keyring, "refresh token 1", token))


def token_hash(token: str) -> bytes:
    """What is kept of a refresh token; 256 random bits cannot be guessed from their hash."""
    return hashlib.sha256(token.encode()).digest()


def _mac(keyring: Keyring, purpose: str, *parts: str) -> bytes:
    return hmac.digest(keyring.provider.index_key, joined(purpose, *parts), hashlib.sha256)


def _spelled(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
