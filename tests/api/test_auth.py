"""Tokens: only ours, only in time, only while the session lives; and who is let in where."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api import auth
from api.auth import Session, Tokens
from api.language import Language, Texts
from api.policy import (
    OPERATOR_PERMISSIONS,
    POLICIES,
    REVIEWER_PERMISSIONS,
    Key,
    Permission,
    Policy,
)
from dispatch.errors import Unauthenticated
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from tests.api.throwaway import NOW, SIGNING_KEY, Client, World, slug

OTHER_KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(32))
ACCOUNT, SESSION = (UUID(int=number) for number in (1, 2))
TOKENS: Final = Tokens(SIGNING_KEY, ttl_s=900, leeway_s=30)
GOOD: Final = TOKENS.issue(account_id=ACCOUNT, session_id=SESSION, now=NOW)
CLAIMS: Final = jwt.decode(GOOD, options={"verify_signature": False})
HEADER: Final = jwt.get_unverified_header(GOOD)
PUBLIC_PEM: Final = SIGNING_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def encoded(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(
    header: dict[str, Any] | None = None,
    claims: dict[str, Any] | None = None,
    key: Ed25519PrivateKey = SIGNING_KEY,
) -> str:
    """A token with a true signature over whatever is given; None drops a member."""
    parts = [{**HEADER, **(header or {})}, {**CLAIMS, **(claims or {})}]
    text = ".".join(
        encoded({name: value for name, value in part.items() if value is not None})
        for part in parts
    )
    return f"{text}.{encoded(key.sign(text.encode()))}"


def hs256(secret: bytes) -> str:
    text = f"{encoded({**HEADER, 'alg': 'HS256'})}.{encoded(CLAIMS)}"
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    return f"{text}.{encoded(algorithm.sign(text.encode(), secret))}"


FORGED: Final[dict[str, Callable[[], str]]] = {
    "nothing": lambda: "",
    "garbage": lambda: "garbage",
    "two parts": lambda: ".".join(GOOD.split(".")[:2]),
    "four parts": lambda: f"{GOOD}.x",
    "truncated": lambda: GOOD[:-4],
    "last bits changed": lambda: GOOD[:-3] + ("AAA" if GOOD[-3:] != "AAA" else "BBB"),
    "too long": lambda: signed(claims={"pad": "x" * 3000}),
    "alg none": lambda: f"{encoded({**HEADER, 'alg': 'none'})}.{encoded(CLAIMS)}.",
    "alg None": lambda: f"{encoded({**HEADER, 'alg': 'None'})}.{encoded(CLAIMS)}.",
    "alg of another case": lambda: signed({"alg": "eddsa"}),
    "alg ES256": lambda: signed({"alg": "ES256"}),
    "no alg": lambda: signed({"alg": None}),
    "public key as HMAC secret": lambda: hs256(PUBLIC_PEM),
    "raw public key as HMAC secret": lambda: hs256(SIGNING_KEY.public_key().public_bytes_raw()),
    "empty HMAC secret": lambda: hs256(b""),
    "another environment's key": lambda: Tokens(OTHER_KEY, ttl_s=900).issue(
        account_id=ACCOUNT, session_id=SESSION, now=NOW
    ),
    "another key under our name": lambda: signed(key=OTHER_KEY),
    "no kid": lambda: signed({"kid": None}),
    "kid a path": lambda: signed({"kid": "../../etc/passwd"}),
    "kid SQL": lambda: signed({"kid": "' OR 1=1 --"}),
    "kid a number": lambda: signed({"kid": 1}),
    "kid a list": lambda: signed({"kid": []}),
    "a key in the header": lambda: signed({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}}),
    "a key's address in the header": lambda: signed({"jku": "https://example.org/keys"}),
    "a certificate in the header": lambda: signed({"x5u": "https://example.org/c"}),
    "crit": lambda: signed({"crit": ["exp"]}),
    "unknown crit": lambda: signed({"crit": ["x"], "x": 1}),
    "b64 false": lambda: signed({"b64": False, "crit": ["b64"]}),
    "no typ": lambda: signed({"typ": None}),
    "typ JWT": lambda: signed({"typ": "JWT"}),
    "a refresh token": lambda: signed({"typ": "rt+jwt"}),
    "cty nested": lambda: signed({"cty": "JWT"}),
    "nested": lambda: f"{encoded(HEADER)}.{encoded(GOOD.encode())}.{GOOD.split('.')[2]}",
    "wrong iss": lambda: signed(claims={"iss": "somebody"}),
    "no iss": lambda: signed(claims={"iss": None}),
    "iss a list": lambda: signed(claims={"iss": [auth.ISSUER]}),
    "wrong aud": lambda: signed(claims={"aud": "other-api"}),
    "no aud": lambda: signed(claims={"aud": None}),
    "aud a list": lambda: signed(claims={"aud": [auth.AUDIENCE]}),
    "no exp": lambda: signed(claims={"exp": None}),
    "exp text": lambda: signed(claims={"exp": str(CLAIMS["exp"])}),
    "exp a float": lambda: signed(claims={"exp": 1e400}),
    "exp true": lambda: signed(claims={"exp": True}),
    "no iat": lambda: signed(claims={"iat": None}),
    "nbf": lambda: signed(claims={"nbf": CLAIMS["iat"]}),
    "no sub": lambda: signed(claims={"sub": None}),
    "sub no id": lambda: signed(claims={"sub": "me"}),
    "sub a number": lambda: signed(claims={"sub": 1}),
    "no sid": lambda: signed(claims={"sid": None}),
    "sid no id": lambda: signed(claims={"sid": "x"}),
    "sid a list": lambda: signed(claims={"sid": ["x"]}),
    "claims a list": lambda: f"{encoded(HEADER)}.{encoded([])}.{GOOD.split('.')[2]}",
    "header a list": lambda: f"{encoded([])}.{encoded(CLAIMS)}.{GOOD.split('.')[2]}",
    "deep header": lambda: f"{encoded(b'[' * 1500)}.{encoded(CLAIMS)}.x",
    "not ASCII": lambda: f"{GOOD}ä",
    "a NUL": lambda: f"{GOOD}\0",
}


def test_a_good_token_is_read() -> None:
    claims = TOKENS.read(GOOD)
    assert (claims.account_id, claims.session_id) == (ACCOUNT, SESSION)
    # This test's own signer makes tokens that hold: those below are refused for their fault.
    assert TOKENS.read(signed()) == claims


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_not(name: str) -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.read(FORGED[name]())


def test_a_retired_key_still_reads_but_no_longer_signs() -> None:
    rotated = Tokens(OTHER_KEY, [SIGNING_KEY.public_key()], ttl_s=900)
    assert rotated.read(GOOD).account_id == ACCOUNT
    with pytest.raises(Unauthenticated):
        TOKENS.read(rotated.issue(account_id=ACCOUNT, session_id=SESSION, now=NOW))


@pytest.mark.parametrize(
    "value", [None, "", "Bearer", "Bearer ", "Basic abc", f"Token {GOOD}", GOOD]
)
def test_only_a_bearer_header_counts(value: str | None) -> None:
    with pytest.raises(Unauthenticated):
        auth.bearer(value)
    assert auth.bearer(f"bEaReR  {GOOD} ") == GOOD


async def status(client: Client, path: str, headers: dict[str, str]) -> int:
    answer = await client.get(path, headers=headers)
    return answer.status


async def test_every_refusal_of_a_token_looks_the_same(client: Client, world: World) -> None:
    told = []
    tokens = [name() for name in FORGED.values() if name().isprintable() and name().isascii()]
    for headers in [{}, *({"Authorization": f"Bearer {token}"} for token in tokens)]:
        answer = await client.get("/v1/things", headers=headers)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        told.append(await answer.read())
    assert len(set(told)) == 1


async def test_a_token_ends_with_its_time_by_the_databases_clock(
    client: Client, world: World
) -> None:
    headers = world.headers(world.sign_in())
    for seconds, expected in ((0, 200), (929, 200), (931 - 929, 401)):
        world.later(seconds)
        assert await status(client, "/v1/things", headers) == expected
    early = World(world.pool, sessions=world.sessions)
    early.later(-31)
    session = world.sign_in()
    token = world.tokens.issue(account_id=session.account_id, session_id=session.id, now=world.now)
    with pytest.raises(Unauthenticated):
        world.tokens.check_age(world.tokens.read(token), early.now)


async def test_access_ends_with_the_session(client: Client, world: World) -> None:
    session = world.sign_in()
    headers = world.headers(session)
    assert await status(client, "/v1/things", headers) == 200
    world.end(session)
    assert await status(client, "/v1/things", headers) == 401
    del world.sessions[session.id]
    assert await status(client, "/v1/things", headers) == 401


async def test_a_session_serves_only_its_own_account(client: Client, world: World) -> None:
    session = world.sign_in()
    token = world.tokens.issue(account_id=new_id(), session_id=session.id, now=world.now)
    assert await status(client, "/v1/things", {"Authorization": f"Bearer {token}"}) == 401


async def test_the_role_is_the_databases_not_the_tokens(client: Client, world: World) -> None:
    session = world.sign_in()
    headers = world.headers(session)
    world.sessions[session.id] = replace(session, role=Role.NURSE)
    assert await status(client, "/v1/things", headers) == 403


async def test_an_alarm_is_heard_with_a_token_that_is_over(client: Client, world: World) -> None:
    session = world.sign_in()
    headers = world.headers(session)
    world.later(10_000_000)
    world.end(session)
    assert (await client.post("/v1/alarms", headers=headers)).status == 201
    assert (await client.post("/v1/alarms")).status == 401
    assert (await client.get("/v1/things", headers=headers)).status == 401


async def test_a_public_route_ignores_a_bad_token(client: Client) -> None:
    assert await status(client, "/v1/words/a", {"Authorization": "Bearer nonsense"}) == 200


async def test_an_operator_needs_the_permission(client: Client, world: World) -> None:
    cases: list[tuple[Session, int]] = [
        (world.sign_in(Role.OPERATOR, permissions=REVIEWER_PERMISSIONS), 200),
        (world.sign_in(Role.OPERATOR, permissions=frozenset({"dispatch"})), 403),
        (world.sign_in(Role.OPERATOR), 403),
        (world.sign_in(Role.ADMIN), 200),
        (world.sign_in(Role.NURSE), 403),
        (world.sign_in(Role.AUDITOR), 403),
    ]
    for session, expected in cases:
        answer = await client.get("/v1/review", headers=world.headers(session))
        assert answer.status == expected, session.role
        if expected == 403:
            assert slug(await answer.json(content_type=None)) == "forbidden"


# The table itself


def allowed(role: Role, permissions: frozenset[str] = frozenset()) -> set[tuple[str, str]]:
    return {
        key for key, row in POLICIES.items() if row.roles and row.admits(role, permissions)
    }  # fmt: skip


def test_a_reviewer_may_assess_orders_and_see_what_that_takes_and_nothing_else() -> None:
    everybody = {
        key for key, row in POLICIES.items() if row.roles == frozenset(Role) - {Role.CLOCK}
    }
    assert allowed(Role.OPERATOR, REVIEWER_PERMISSIONS) - everybody == {
        ("GET", "/v1/ops/orders"),
        ("GET", "/v1/ops/orders/{id}"),
        ("GET", "/v1/ops/orders/{id}/timeline"),
        ("GET", "/v1/ops/orders/{id}/assessments"),
        ("GET", "/v1/ops/assessments"),
        ("POST", "/v1/ops/orders/{id}/assess"),
        ("GET", "/v1/orders/{id}/documents"),
        ("POST", "/v1/orders/{id}/documents"),
        ("GET", "/v1/orders/{id}/documents/{document_id}"),
        ("GET", "/v1/patients/{id}/consents"),
        ("GET", "/v1/prescriptions/{id}"),
        ("GET", "/v1/prescriptions/{id}/file"),
    }


def test_an_admin_may_whatever_an_operator_may() -> None:
    assert allowed(Role.OPERATOR, OPERATOR_PERMISSIONS) < allowed(Role.ADMIN)


def test_an_auditor_reads_only() -> None:
    found = allowed(Role.AUDITOR)
    assert {key for key in found if key[0] != "GET"} == {("POST", "/v1/auth/logout")}
    assert ("GET", "/v1/audit/verify") in found


def test_the_clock_calls_nothing_over_http() -> None:
    assert not allowed(Role.CLOCK, OPERATOR_PERMISSIONS)


def test_the_table_keeps_the_contracts_promises() -> None:
    required = {key for key, row in POLICIES.items() if row.key is Key.REQUIRED}
    assert required == {("POST", "/v1/orders"), ("POST", "/v1/offers/{id}/accept")}
    without = {
        path
        for (method, path), row in POLICIES.items()
        if row.key is Key.IGNORED and method == "POST"
    }
    # Quotes and previews change nothing; a payment provider's events carry an id of their own.
    assert {path for path in without if not path.startswith("/v1/auth/")} == {
        "/v1/quotes",
        "/v1/ops/plans",
        "/v1/ops/visits/{id}/reassign/preview",
        "/v1/payments/callbacks/{provider}",
    }
    assert all(row.key is Key.IGNORED for (method, _), row in POLICIES.items() if method != "POST")
    assert [key for key, row in POLICIES.items() if row.any_age] == [
        ("POST", "/v1/visits/{id}/sos")
    ]
    owned = {key for key, row in POLICIES.items() if "{id}" in key[1] and not row.relation}
    assert owned == set()
    assert {p.value for p in Permission} == OPERATOR_PERMISSIONS
    assert Policy().admits(Role.PATIENT, frozenset())


def test_every_row_has_its_name_in_both_languages() -> None:
    texts = Texts.load()
    for language in Language:
        named = {
            key.removeprefix("operations.")
            for key in texts.keys(language)
            if key.startswith("operations.")
        }
        assert named == {f"{method} {path}" for method, path in POLICIES}
