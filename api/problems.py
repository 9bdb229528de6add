"""The one table from what went wrong to RFC 9457. No handler builds an error answer itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import asyncpg
import orjson
from aiohttp import web

from api.language import Language, Texts
from dispatch import database, errors
from dispatch.errors import DispatchError

CONTENT_TYPE: Final = "application/problem+json"


class MalformedRequest(DispatchError):
    """What came in is not HTTP that can be read."""

    slug, status = "malformed-request", 400


class MethodNotAllowed(DispatchError):
    """The path is there, the method is not; `allow` lists those that are."""

    slug, status = "method-not-allowed", 405


class RequestTimedOut(DispatchError):
    """The body did not arrive in time; the connection is closed."""

    slug, status = "request-timeout", 408


class BodyTooLarge(DispatchError):
    """The body is longer than `limit_bytes`."""

    slug, status = "body-too-large", 413


class UnsupportedMediaType(DispatchError):
    """The body is not of a type that this path reads, or it is compressed."""

    slug, status = "unsupported-media-type", 415


class NotReady(DispatchError):
    """This process cannot do its work now; `reasons` names each check that failed."""

    slug, status = "not-ready", 503


class InternalError(DispatchError):
    """A defect of ours. The answer says nothing more; the log has the request's id."""

    slug, status = "internal-error", 500


def _table() -> tuple[type[DispatchError], ...]:
    found = [
        value
        for value in (*vars(errors).values(), *globals().values())
        if isinstance(value, type) and issubclass(value, DispatchError)
    ]
    kinds = {kind.slug: kind for kind in found if kind is not DispatchError}
    return tuple(sorted(kinds.values(), key=lambda kind: (kind.status, kind.slug)))


PROBLEMS: Final = _table()

# The extras whose values are names of ours, and the table of their words. A reason of `not-ready`
# is the name of a check, a colon, and what is for the log.
NAMED: Final = {
    "state": "states",
    "move": "steps",
    "field": "names",
    "reasons": "checks",
    "danger": "dangers",
}

# Besides a database that is gone, one that is going, full or slower than we are willing to wait.
# The client may come back.
_AWAY: Final = (
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.TargetServerAttributeNotMatched,
    TimeoutError,
)
RETRY_AFTER_S: Final = 1


def translate(error: Exception) -> DispatchError:
    """What a client may know of any exception. What has no better name is an `InternalError`."""
    match error:
        case DispatchError():
            return error
        case web.HTTPMethodNotAllowed():
            return MethodNotAllowed(allow=sorted(error.allowed_methods))
        case web.HTTPNotFound():
            return errors.NotFound()
        case web.HTTPRequestEntityTooLarge():
            return BodyTooLarge()
        case web.HTTPClientError() | web.RequestPayloadError():
            return MalformedRequest()
        case _ if isinstance(error, _AWAY) or database.is_gone(error):
            return errors.Overloaded(retry_after_s=RETRY_AFTER_S)
        case _:
            return InternalError()


def document(
    error: DispatchError, *, texts: Texts, language: Language, instance: str
) -> dict[str, Any]:
    """The members of a problem document, its texts in the reader's language.

    A `msg` of `errors` that is a key under `fields.` is replaced by that text, so that acts, which
    know no language, can refuse fields too.
    """
    told = {**error.filling, **error.extras}
    values = {name: _shown(name, value, texts, language) for name, value in told.items()}
    members: dict[str, Any] = {
        "type": f"/problems/{error.slug}",
        "title": texts.get(f"problems.{error.slug}.title", language, **values),
        "status": error.status,
        "detail": texts.get(f"problems.{error.slug}.detail", language, **values),
        "instance": instance,
    }
    for name, value in error.extras.items():
        if name == "errors" and isinstance(value, list):
            members[name] = [_field(entry, texts, language, values) for entry in value]
        else:
            members.setdefault(name, value)
    return members


def _field(
    entry: Mapping[str, Any], texts: Texts, language: Language, values: Mapping[str, object]
) -> dict[str, Any]:
    msg = str(entry["msg"])
    return {**entry, "msg": texts.find(f"fields.{msg}", language, **values) or msg}


def _shown(name: str, value: object, texts: Texts, language: Language) -> object:
    """What stands for an extra in a sentence: names of ours in the reader's words."""
    if isinstance(value, list | tuple | frozenset):
        separator = ", " if language is Language.EN else "、"
        return separator.join(str(_shown(name, one, texts, language)) for one in value)
    table = NAMED.get(name)
    if table is None or not isinstance(value, str):
        return value
    return texts.find(f"{table}.{value.partition(':')[0]}", language) or value


def headers(error: DispatchError) -> dict[str, str]:
    """The headers that belong to a problem: when to come back, what is allowed, how to sign in."""
    found: dict[str, str] = {"Cache-Control": "no-store"}
    retry_after_s = error.extras.get("retry_after_s")
    if isinstance(retry_after_s, int):
        found["Retry-After"] = str(max(1, retry_after_s))
    elif isinstance(error, errors.RequestInProgress | errors.Overloaded | NotReady):
        found["Retry-After"] = str(RETRY_AFTER_S)
    allow = error.extras.get("allow")
    if isinstance(allow, list):
        found["Allow"] = ", ".join(allow)
    if error.status == web.HTTPUnauthorized.status_code:
        found["WWW-Authenticate"] = "Bearer"
    return found


def response(
    error: DispatchError, *, texts: Texts, language: Language, instance: str
) -> web.Response:
    """The answer that tells a client of a problem."""
    members = document(error, texts=texts, language=language, instance=instance)
    answer = web.Response(
        status=error.status,
        body=orjson.dumps(members, default=str, option=orjson.OPT_UTC_Z),
        content_type=CONTENT_TYPE,
        headers={**headers(error), "Content-Language": language},
    )
    if isinstance(error, RequestTimedOut | MalformedRequest):
        answer.force_close()
    return answer
