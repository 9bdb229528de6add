"""The page of rules is whole: a row a requirement, and every test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| (R\d\d) \|(.*)\|$", PAGE, re.MULTILINE))
# `file::name`, `file::name_…` or only a file; a name alone belongs to the file before it.
NAMED = re.compile(r"`((?:tests/)?(?:[\w/]+\.py)?)(?:::([\w…]+))?`")
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
EVERY = {f"R{number:02}" for number in range(1, 70)}


def test_every_requirement_has_its_row_once() -> None:
    assert ROWS.keys() == EVERY
    assert len(ROWS) == len(re.findall(r"^\| R\d\d \|", PAGE, re.MULTILINE))


@pytest.mark.parametrize("rule", sorted(ROWS))
def test_a_row_says_what_how_where_and_by_which_test(rule: str) -> None:
    assert len(ROWS[rule].split(" | ")) == 4


def _named() -> set[tuple[str, str]]:
    found = set()
    for line in PAGE.splitlines():
        if not line.startswith("| ") or "tests/" not in line:
            continue
        file = ""
        for path, name in NAMED.findall(line.rsplit(" | ", 1)[1]):
            if path:
                file = path if path.startswith("tests/") else f"tests/dispatch/{path}"
            if file:
                found.add((file, name))
    return found


@pytest.mark.parametrize(("file", "name"), sorted(_named()))
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"def {name.removesuffix('…')}", text)


@pytest.mark.parametrize("rule", sorted(rule for rule in ROWS if rule <= "R58"))
def test_what_issue_and_page_call_enforced_has_a_test_named_after_it(rule: str) -> None:
    """Of the requirements that are about the trade; those on data are held by many tests."""
    how = ROWS[rule].split(" | ")[1]
    if not how.startswith(("enforced", "flagged")):
        return
    name = re.compile(rf"def test_(?:\w+_)?{rule.lower()}_")
    assert any(name.search(path.read_text(encoding="utf-8")) for path in TESTS), rule


def test_the_numbers_to_test_against_are_all_there() -> None:
    table = PAGE.partition("## Numbers to test against")[2]
    assert len(re.findall(r"^\| (?!case|---)", table, re.MULTILINE)) == 14
