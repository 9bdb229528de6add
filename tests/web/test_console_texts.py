"""The console has a short word for each rule: it counts how many nurses fell to which."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from matching import eligibility

TEXTS = Path(__file__).resolve().parents[2] / "web" / "operator" / "texts"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_rule_has_a_short_word(language: str) -> None:
    told = (TEXTS / f"{language}.ts").read_text(encoding="utf-8")
    block = re.search(r"\n    rule: \{(.*?)\n    \}", told, re.DOTALL)
    assert block
    named = set(re.findall(r"^\s+(\w+):", block[1], re.MULTILINE))
    assert named == {rule.name for rule in eligibility.RULES}
