"""OpenAPI 3.1 from the route table and the policy table: what it says is what is enforced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from api import links, problems, uploads
from api.language import Language, Texts
from api.policy import Key, Load, Policy
from api.reading import JSON_TYPE
from api.schemas.conventions import Crs, Problem
from api.wire import EVENT_STREAM, Raw, Route, Upload
from dispatch import errors
from dispatch.errors import DispatchError

VERSION: Final = "1.0.0"
REF: Final = "#/components/schemas/{model}"
Schema = dict[str, Any]

PARAMETERS: Final[Mapping[str, Schema]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "pattern": r"^[!-~]([ -~]{0,253}[!-~])?$"},
    },
    "IdempotencyKeyRequired": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "pattern": r"^[!-~]([ -~]{0,253}[!-~])?$"},
    },
    "IdempotencyKeyUnchecked": {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "schema": {"type": "string", "pattern": r'^(\*|"[0-9]{1,18}")$'},
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "schema": {"type": "string", "default": Language.ZH.value},
    },
    "AcceptCrs": {
        "name": "Accept-CRS",
        "in": "header",
        "schema": {"type": "string", "enum": [crs.value for crs in Crs], "default": "wgs84"},
    },
    "LastEventId": {
        "name": "Last-Event-ID",
        "in": "header",
        "schema": {"type": "string"},
    },
}


def build(
    routes: Iterable[Route],
    policies: Mapping[tuple[str, str], Policy],
    texts: Texts,
    language: Language = Language.EN,
) -> Schema:
    """The whole document, its summaries in `language`."""
    table = sorted(routes, key=lambda route: route.path)
    schemas = _Schemas(table)
    linked = links.of(table, policies, _id)
    paths: dict[str, Schema] = {}
    for route in table:
        operation = _operation(route, policies[route.key], schemas, texts, language)
        if route.key in linked:
            for status in (route.status, *route.also):
                operation["responses"][str(status)]["links"] = linked[route.key]
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": texts.get("openapi.title", language),
            "version": VERSION,
            "description": texts.get("openapi.description", language),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(map(_tag, table))],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
            "parameters": dict(PARAMETERS),
            "schemas": schemas.components,
        },
    }


class _Schemas:
    """The JSON schemas of every model in the table, made in one go so that names are unique."""

    def __init__(self, routes: list[Route]) -> None:
        wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {
            (Problem, "serialization"): None
        }
        for route in routes:
            match route.body:
                case type() as model:
                    wanted[model, "validation"] = None
                case Upload(model=model):
                    wanted[model, "validation"] = None
            if route.query is not None:
                wanted[route.query, "validation"] = None
            if route.answer is not None:
                wanted[route.answer, "serialization"] = None
        self._refs, found = models_json_schema(list(wanted), ref_template=REF)
        self.components: dict[str, Schema] = dict(sorted(found.get("$defs", {}).items()))
        # A query model is told as parameters, so it is no component of its own.
        self._queries = {
            route.query: self.components.pop(_name(self._refs[route.query, "validation"]))
            for route in {route.query: route for route in routes if route.query}.values()
            if route.query is not None
        }

        # The fields of an upload are told with its file, in the one body that has them.
        uploaded = {route.body.model for route in routes if isinstance(route.body, Upload)}
        self._fields = {
            model: self.components.pop(_name(self._refs[model, "validation"])) for model in uploaded
        }

    def ref(self, model: type[BaseModel], mode: JsonSchemaMode) -> Schema:
        return self._refs[model, mode]

    def takes_nothing(self, model: type[BaseModel]) -> bool:
        schema = self.components[_name(self.ref(model, "validation"))]
        return schema.get("type") == "object" and not schema.get("required")

    def fields(self, model: type[BaseModel]) -> Schema:
        return self._fields[model]

    def query(self, model: type[BaseModel]) -> Schema:
        return self._queries[model]


def _name(ref: Schema) -> str:
    return str(ref["$ref"]).rpartition("/")[2]


def _tag(route: Route) -> str:
    return route.function.__module__.rpartition(".")[2]


def _id(route: Route) -> str:
    return f"{_tag(route)}_{route.function.__name__}"


def _operation(
    route: Route, policy: Policy, schemas: _Schemas, texts: Texts, language: Language
) -> Schema:
    summary = texts.find(f"operations.{route.method} {route.path}", language)
    operation: Schema = {
        "operationId": _id(route),
        "tags": [_tag(route)],
        "summary": summary or f"{route.method} {route.path}",
        "description": _who(policy, texts, language),
        "security": [{"bearer": []}] if policy.roles else [],
        "parameters": _parameters(route, policy, schemas),
    }
    if (body := _request_body(route, schemas)) is not None:
        operation["requestBody"] = body
    operation["responses"] = {
        **_successes(route, schemas),
        **_refusals(route, policy, schemas, texts, language),
    }
    return operation


def _who(policy: Policy, texts: Texts, language: Language) -> str:
    if not policy.roles:
        return texts.get("openapi.anyone", language)
    roles = ", ".join(sorted(role.value for role in policy.roles))
    if not policy.permissions:
        return texts.get("openapi.roles", language, roles=roles)
    permissions = ", ".join(sorted(policy.permissions))
    return texts.get("openapi.permissions", language, roles=roles, permissions=permissions)


def _parameters(route: Route, policy: Policy, schemas: _Schemas) -> list[Schema]:
    found: list[Schema] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"}
            if kind is UUID
            else {"type": "string", "minLength": 1, "maxLength": 200},
        }
        for name, kind in route.params.items()
    ]
    if route.query is not None:
        schema = schemas.query(route.query)
        required = schema.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": field}
            for name, field in schema.get("properties", {}).items()
        ]
    names = ["AcceptLanguage", "AcceptCrs"]
    if isinstance(route.body, Raw) and route.body.lenient:
        # No header is a reason to refuse, so none is held to a form.
        names = ["AcceptLanguage", "IdempotencyKeyUnchecked"]
    elif policy.key is Key.REQUIRED:
        names.append("IdempotencyKeyRequired")
    elif policy.key is Key.TAKEN:
        names.append("IdempotencyKey")
    if route.heeds_if_match:
        names.append("IfMatch")
    if route.media_type == EVENT_STREAM:
        names.append("LastEventId")
    return [*found, *({"$ref": f"#/components/parameters/{name}"} for name in names)]


def _request_body(route: Route, schemas: _Schemas) -> Schema | None:
    match route.body:
        case None:
            return None
        case Raw() as raw:
            content = {kind: {"schema": dict(raw.schema)} for kind in raw.media_types}
            return {"required": not raw.lenient, "content": content}
        case Upload(model=fields, media_types=media_types):
            told = uploads.schema(schemas.fields(fields), media_types)
            return {"required": True, "content": {uploads.MULTIPART: {"schema": told}}}
        case model:
            ref = schemas.ref(model, "validation")
            return {
                "required": not schemas.takes_nothing(model),
                "content": {JSON_TYPE: {"schema": ref}},
            }


def _successes(route: Route, schemas: _Schemas) -> Schema:
    answer: Schema = {"description": HTTPStatus(route.status).phrase}
    if route.answer is not None:
        schema = schemas.ref(route.answer, "serialization")
        answer["content"] = {route.media_type: {"schema": schema}}
        for other in route.also_types:
            answer["content"][other] = {"schema": {"type": "string"}}
        if "version" in route.answer.model_fields:
            answer["headers"] = {"ETag": {"schema": {"type": "string"}}}
    elif route.media_type != JSON_TYPE:
        answer["content"] = {route.media_type: {"schema": {"type": "string"}}}
    return {str(status): answer for status in (route.status, *route.also)}


def _refusals(
    route: Route, policy: Policy, schemas: _Schemas, texts: Texts, language: Language
) -> Schema:
    by_status: dict[int, list[type[DispatchError]]] = {}
    for kind in sorted(possible(route, policy), key=lambda kind: (kind.status, kind.slug)):
        by_status.setdefault(kind.status, []).append(kind)
    found: Schema = {}
    for status, kinds in by_status.items():
        lines = [
            f"`/problems/{kind.slug}`: {texts.get(f'problems.{kind.slug}.title', language)}"
            for kind in kinds
        ]
        answer: Schema = {
            "description": "; ".join(lines),
            "content": {problems.CONTENT_TYPE: {"schema": schemas.ref(Problem, "serialization")}},
        }
        if status in (web.HTTPTooManyRequests.status_code, web.HTTPServiceUnavailable.status_code):
            answer["headers"] = {"Retry-After": {"schema": {"type": "string"}}}
        found[str(status)] = answer
    return found


def possible(route: Route, policy: Policy) -> set[type[DispatchError]]:
    """Every problem that the way to the route, or the route by its own word, can answer with."""
    found: set[type[DispatchError]] = {
        problems.MalformedRequest,
        errors.InvalidFields,
        errors.Overloaded,
        *route.raises,
    }
    if policy.load is not Load.ALARM:
        found.add(errors.TooManyRequests)
    if policy.roles:
        found |= {errors.Unauthenticated, errors.Forbidden}
    if route.params:
        found.add(errors.NotFound)
    if policy.key is not Key.IGNORED:
        found |= {errors.RetryKeyReused, errors.RequestInProgress}
    if policy.key is Key.REQUIRED:
        found.add(errors.RetryKeyMissing)
    if route.body is not None and not (isinstance(route.body, Raw) and route.body.lenient):
        found |= {
            problems.RequestTimedOut,
            problems.BodyTooLarge,
            problems.UnsupportedMediaType,
            errors.RuleRefused,
        }
    if isinstance(route.body, Upload):
        found.add(errors.UnsupportedFile)
    if route.heeds_if_match:
        found |= {errors.StaleVersion, errors.IllegalTransition}
    return found


class Documents:
    """The document in each language, made when it is first asked for."""

    def __init__(
        self, routes: tuple[Route, ...], policies: Mapping[tuple[str, str], Policy], texts: Texts
    ) -> None:
        self._given = routes, policies, texts
        self._made: dict[Language, Schema] = {}

    def get(self, language: Language) -> Schema:
        if language not in self._made:
            self._made[language] = build(*self._given, language)
        return self._made[language]


DOCUMENTS: Final = web.AppKey("documents", Documents)
