"""The clients are typed by the API as it is: whoever changes it, changes them in the same step."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import orjson

from api.app import modules
from api.language import Language, Texts
from api.openapi import build
from api.policy import POLICIES

TYPES = Path(__file__).resolve().parents[2] / "web" / "shared" / "api" / "types.ts"


def test_the_types_are_of_this_api() -> None:
    declared = tuple(route for module in modules() for route in module.all)
    document = build(declared, POLICIES, Texts.load(), Language.EN)
    told = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    first = TYPES.read_text(encoding="utf-8").partition("\n")[0]
    named = re.match(r"// OpenAPI ([0-9a-f]{64});", first)
    assert named, first
    assert named[1] == hashlib.sha256(told).hexdigest(), "the API has changed: run `make types`"
