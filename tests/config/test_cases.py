"""The words of cases are whole: every sign leads somewhere, every kind can be settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import cases
from config.cases import CaseError, CaseKind, Severity
from config.vocabulary import Risk

WORDS = cases.load()


def test_every_kind_has_topics_and_outcomes() -> None:
    for kind in CaseKind:
        assert WORDS.topics[kind]
        assert len(WORDS.outcomes[kind]) >= 2
    assert set(WORDS.topics[CaseKind.FOLLOW_UP]) == set(Risk)
    assert list(WORDS.severities) == list(Severity)
    assert "well" in WORDS.outcomes[CaseKind.FOLLOW_UP]


def test_every_sign_leads_to_something() -> None:
    for sign in WORDS.signs.values():
        assert sign.event or sign.again or sign.urgent, sign.code
    assert [sign.code for sign in WORDS.signs_of(["tube", "fever", "nonsense"])] == [
        "fever",
        "tube",
    ]


def test_a_sign_of_an_unknown_event_is_refused(tmp_path: Path) -> None:
    text = cases.FILE.read_text(encoding="utf-8").replace('event = "tube"', 'event = "tubes"')
    path = tmp_path / "cases.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match="sign tube: no adverse event tubes"):
        cases.load(path)
