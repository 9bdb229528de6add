"""Which answers name what other operations ask for: the links of the OpenAPI document.

They follow from paths and names of fields, so that a new route is linked without being told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from api.policy import Policy
from api.wire import PLACEHOLDER, Route

Links = dict[str, dict[str, Any]]

# Whose `{id}` a field of any answer is.
FIELDS: Final[Mapping[str, Sequence[str]]] = {
    "order_id": ("/v1/orders", "/v1/ops/orders"),
    "visit_id": ("/v1/visits", "/v1/ops/visits"),
    "nurse_id": ("/v1/ops/nurses",),
    "alarm_id": ("/v1/ops/alarms",),
    "patient_id": ("/v1/patients",),
    "flag_id": ("/v1/ops/flags",),
}
# Lists of some of them, whose members stand elsewhere.
ELSEWHERE: Final[Mapping[str, str]] = {
    "/v1/nurse/offers": "/v1/offers",
    "/v1/nurse/visits": "/v1/visits",
    "/v1/ops/assessments": "/v1/ops/orders",
}
CALLED: Final = 200
_WORD: Final = re.compile(r"[^A-Za-z0-9]+")


def of(
    routes: Sequence[Route],
    policies: Mapping[tuple[str, str], Policy],
    operation_id: Callable[[Route], str],
) -> dict[tuple[str, str], Links]:
    """The links of each route's success, by name; routes without any are left out.

    Nobody is led to what no role of his may do.
    """
    found: dict[tuple[str, str], Links] = {}
    for source in routes:
        links: Links = {}
        roles = policies[source.key].roles
        for target, parameters in _targets(source, routes):
            if not roles & policies[target.key].roles:
                continue
            name = _WORD.sub("_", f"{target.method}_{target.path}").strip("_")
            links[name] = {"operationId": operation_id(target), "parameters": parameters}
        if links:
            found[source.key] = links
    return found


def _targets(source: Route, routes: Iterable[Route]) -> Iterator[tuple[Route, dict[str, str]]]:
    where, fields = _fields(source)
    prefixes = {f"{ELSEWHERE.get(source.path, source.path)}/": f"{where}/id"} if where else {}
    if "id" not in fields:
        prefixes = {}
    for field in FIELDS.keys() & fields:
        prefixes |= {f"{home}/": f"{where}/{field}" for home in FIELDS[field]}
    given = {name: f"$request.path.{name}" for name in source.params}
    for target in routes:
        for prefix, expression in sorted(prefixes.items()):
            own, _, rest = target.path.removeprefix(prefix).partition("/")
            if not target.path.startswith(prefix) or (match := PLACEHOLDER.fullmatch(own)) is None:
                continue
            if PLACEHOLDER.search(rest) is None and target is not source:
                named = {**given, match[1]: expression}
                yield target, {name: named[name] for name in target.params if name in named}


def _fields(source: Route) -> tuple[str, frozenset[str]]:
    """Where the answer names one thing, and by which fields: a new one, or the first of a list.

    A step answers with what its path has named already.
    """
    answer = source.answer
    if answer is None:
        return "", frozenset()
    arguments = answer.__pydantic_generic_metadata__["args"]
    if "items" in answer.model_fields and arguments:
        return "$response.body#/items/0", frozenset(getattr(arguments[0], "model_fields", ()))
    fields = frozenset(answer.model_fields)
    if source.method == "POST" and not ("id" in fields and source.status == CALLED):
        return "$response.body#", fields
    return "", frozenset()
