"""From bytes to what a route declared, or a refusal that names every bad field at once.

JSON as RFC 7493 has it: UTF-8, no duplicate names, no NaN, no lone surrogates; no NUL either, since
PostgreSQL's text has none. An integral float is an integer, as JSON Schema says.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final, NoReturn, TypeVar
from uuid import UUID

import orjson
from aiohttp import hdrs, web
from multidict import MultiMapping
from pydantic import BaseModel, ValidationError

from api.language import Language, Texts
from api.problems import BodyTooLarge, RequestTimedOut, UnsupportedMediaType
from api.schemas.conventions import HYPHENATED, REFUSED, Crs
from dispatch.errors import InvalidFields, NotFound

M = TypeVar("M", bound=BaseModel)
Problems = list[tuple[tuple[str | int, ...], str]]

DEPTH_MAX: Final = 32
INT64: Final = range(-(2**63), 2**63)
JSON_TYPE: Final = "application/json"
INTEGER: Final = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,17})?", re.ASCII)
CHOICE: Final = re.compile(r"'([^']*)'")
RETRY_KEY: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?", re.ASCII)
ETAG: Final = re.compile(r'"(\d{1,18})"', re.ASCII)


async def body_bytes(
    request: web.Request, *, limit_bytes: int, timeout_s: float, media_types: frozenset[str]
) -> bytes:
    """The whole body. Raises the refusals of 413, 415 and 408, in that order of looking."""
    if (request.content_length or 0) > limit_bytes:
        raise BodyTooLarge(limit_bytes=limit_bytes)
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower() != "identity":
        raise UnsupportedMediaType(media_types=sorted(media_types))
    if request.body_exists and not _is_readable(request, media_types):
        raise UnsupportedMediaType(media_types=sorted(media_types))
    received = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in request.content.iter_any():
                received += chunk
                if len(received) > limit_bytes:
                    raise BodyTooLarge(limit_bytes=limit_bytes)
    except TimeoutError:
        raise RequestTimedOut from None
    return bytes(received)


def _is_readable(request: web.Request, media_types: frozenset[str]) -> bool:
    if hdrs.CONTENT_TYPE not in request.headers:
        # A length of nothing needs no type; a chunked body might be anything.
        return request.content_length == 0
    charset = (request.charset or "utf-8").lower()
    return request.content_type in media_types and charset in ("utf-8", "utf8", "us-ascii")


async def some_bytes(request: web.Request, *, limit_bytes: int, timeout_s: float) -> bytes:
    """As much of the body as came in time and fits: for a call that nothing may refuse."""
    received = bytearray()
    with suppress(Exception):
        async with asyncio.timeout(timeout_s):
            async for chunk in request.content.iter_any():
                received += chunk
                if len(received) >= limit_bytes:
                    break
    return bytes(received[:limit_bytes])


class Unreadable(Exception):
    """A body that is no JSON of ours; `reason` is the key of a text."""

    def __init__(self, loc: tuple[str | int, ...], reason: str) -> None:
        super().__init__(reason)
        self.loc = loc
        self.reason = reason


def parse_json(raw: bytes) -> Any:
    """The value of a JSON text; nothing at all is `{}`. Raises `Unreadable`."""
    if not raw.strip():
        return {}
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_number,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError):
        raise Unreadable(("body",), "json") from None
    _check(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable(("body",), "duplicate_name")
    return found


def _integer(text: str) -> int:
    if len(text) > 20 or int(text) not in INT64:
        raise Unreadable(("body",), "number_range")
    return int(text)


def _number(text: str) -> float | int:
    value = float(text)
    if not math.isfinite(value):
        raise Unreadable(("body",), "number_range")
    return int(value) if value.is_integer() and abs(value) <= 2**53 else value


def _constant(_: str) -> NoReturn:
    raise Unreadable(("body",), "json")


def _check(value: Any) -> None:
    """Refuse text that no database column takes, and depth that no field of ours has."""
    level: list[tuple[Any, tuple[str | int, ...]]] = [(value, ("body",))]
    for _ in range(DEPTH_MAX):
        deeper: list[tuple[Any, tuple[str | int, ...]]] = []
        for item, loc in level:
            match item:
                case str() if not is_text(item):
                    raise Unreadable(loc, "text")
                case dict():
                    if not all(map(is_text, item)):
                        raise Unreadable(loc, "text")
                    deeper += [(value, (*loc, name)) for name, value in item.items()]
                case list():
                    deeper += [(value, (*loc, index)) for index, value in enumerate(item)]
        if not deeper:
            return
        level = deeper
    raise Unreadable(("body",), "too_deep")


def is_text(value: str) -> bool:
    """Whether it is Unicode that UTF-8 and PostgreSQL can hold."""
    if "\0" in value:
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def fingerprint(value: Any) -> bytes:
    """A digest of a body as parsed JSON: the order of names and spaces do not matter."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()


class Reader:
    """Collects what is wrong with one request, so that all of it is told at once."""

    __slots__ = ("_language", "_texts", "problems")

    def __init__(self, texts: Texts, language: Language) -> None:
        self._texts = texts
        self._language = language
        self.problems: Problems = []

    def raise_if_refused(self) -> None:
        if self.problems:
            raise InvalidFields(*self.problems)

    def json(self, raw: bytes) -> Any:
        """The parsed body, or None with the reason noted."""
        try:
            return parse_json(raw)
        except Unreadable as refusal:
            self.note(refusal.loc, refusal.reason)
            return None

    def model(self, model: type[M], value: Any, place: str) -> M | None:
        """`value` as `model`, or None with the reasons noted under `place`.

        What is refused is looked at again, with all that can be said without asking the database.
        """
        text = orjson.dumps(value)
        try:
            return model.model_validate_json(text)
        except ValidationError:
            pass
        try:
            model.model_validate_json(text, context=REFUSED)
        except ValidationError as refusal:
            found = refusal.errors(include_url=False, include_input=False)
            self.problems += [
                ((place, *entry["loc"]), self._sentence(entry["type"], entry.get("ctx", {})))
                for entry in found[:100]
            ]
        return None

    def _sentence(self, kind: str, context: Mapping[str, Any]) -> str:
        if "expected" in context:
            context = {**context, "expected": self._choices(context["expected"])}
        text = self._texts.find(f"fields.{kind}", self._language, **context)
        return text or self._texts.get("fields.invalid", self._language)

    def _choices(self, expected: object) -> str:
        """pydantic's list of what it takes, `'a', 'b' or 'c'`, without its English."""
        separator = ", " if self._language is Language.EN else "、"
        return separator.join(CHOICE.findall(str(expected))) or str(expected)

    def query(self, model: type[M], query: MultiMapping[str]) -> M | None:
        """The query string as `model`. A scalar that is given twice is refused."""
        kinds = kinds_of(model)
        value: dict[str, Any] = {}
        for name in dict.fromkeys(query):
            given = query.getall(name)
            if not is_text(name) or not all(map(is_text, given)):
                self.note(("query", name if is_text(name) else "?"), "text")
            elif kinds.get(name) == "array":
                value[name] = [part for text in given for part in text.split(",") if part]
            elif len(given) > 1:
                self.note(("query", name), "given_twice")
            else:
                value[name] = _scalar(given[0], kinds.get(name, "string"))
        return self.model(model, value, "query")

    def note(self, loc: tuple[str | int, ...], msg: str) -> None:
        self.problems.append((loc, self._sentence(msg, {})))

    def retry_key(self, request: web.Request) -> str | None:
        """The `Idempotency-Key`, or None if there is none or it is refused."""
        given = request.headers.getall("Idempotency-Key", [])
        if not given:
            return None
        if len(given) > 1 or not RETRY_KEY.fullmatch(given[0]):
            self.note(("header", "Idempotency-Key"), "retry_key")
            return None
        return given[0]

    def if_match(self, request: web.Request) -> int | None:
        """The version that `If-Match` demands; None if any will do."""
        given = request.headers.get(hdrs.IF_MATCH, "*").strip()
        if given == "*":
            return None
        found = ETAG.fullmatch(given)
        if found is None:
            self.note(("header", "If-Match"), "if_match")
            return None
        return int(found[1])

    def crs(self, request: web.Request) -> Crs:
        """The datum in which places are to be answered."""
        try:
            return Crs(request.headers.get("Accept-CRS", Crs.WGS84).strip().lower())
        except ValueError:
            self.note(("header", "Accept-CRS"), "crs")
            return Crs.WGS84


def _scalar(text: str, kind: str) -> Any:
    match kind:
        case "integer" if INTEGER.fullmatch(text):
            return int(text)
        case "number" if NUMBER.fullmatch(text):
            return float(text)
        case "boolean" if text in ("true", "false"):
            return text == "true"
        case _:
            return text


@cache
def kinds_of(model: type[BaseModel]) -> dict[str, str]:
    """The JSON type of each parameter of a query model, by its name on the wire."""
    schema = model.model_json_schema()
    found: dict[str, str] = {}
    for name, field in schema.get("properties", {}).items():
        options = [field, *field.get("anyOf", [])]
        types = [option["type"] for option in options if option.get("type") not in (None, "null")]
        found[name] = types[0] if types else "string"
    return found


def path_value(text: str, kind: type) -> UUID | str:
    """A part of the path. What cannot be one does not exist: `NotFound`."""
    if kind is not UUID:
        if not text or len(text) > 200 or not is_text(text):
            raise NotFound
        return text
    if not HYPHENATED.fullmatch(text):
        raise NotFound
    return UUID(text)
