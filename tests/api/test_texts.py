"""The texts as people read them, with what really fills them: no name of the code shows through."""

from __future__ import annotations

import re
from typing import Final

import pytest

from api import problems, readiness
from api.language import Language, Texts
from api.reading import Reader
from api.stopping import Stopping
from config.settings import Settings
from dispatch import errors
from dispatch.errors import DispatchError, IllegalTransition
from dispatch.lifecycles import LIFECYCLES
from tests.world import World

TEXTS: Final = Texts.load()
SNAKE: Final = re.compile(r"[A-Za-z0-9]+_[A-Za-z0-9_]+")
STATES: Final = {state.value for cycle in LIFECYCLES for state in cycle.states}
MOVES: Final = {move.name for cycle in LIFECYCLES for move in cycle.moves}
CHANGES: Final = ("accepted", "refused", "withdrawn")
NAMES: Final = (
    STATES | MOVES | {*CHANGES} | {"code", "phone", "process", "database", "schema", "dispatcher"}
)
# A client that writes a CSV needs the very words that the column takes.
LITERAL: Final = {"fields.title", "fields.gender"}

CASES: Final[list[DispatchError]] = [
    *(
        IllegalTransition(state=state.value, move=move.name, moves=[])
        for cycle in LIFECYCLES
        for state in cycle.states
        for move in cycle.moves
    ),
    *(errors.AlreadyRegistered(field=field) for field in ("phone", "staff_no", "code")),
    errors.InvalidFields((("body", "x"), "window_far"), window_max_days=60),
    errors.InvalidFields((("body",), "rows_too_many"), rows_max=5_000),
    errors.RuleRefused((("body", "consent", "version"), "consent_version"), version="1"),
    errors.RuleRefused((("body",), "too_many_patients"), limit=20),
    errors.NotEligible(reasons=[{"rule": "tier", "value": 1, "threshold": 3, "text": "…"}]),
    errors.OutsideGeofence(distance_m=812, limit_m=300),
    *(errors.ChangeAnswered(state=state) for state in CHANGES),
    errors.UnsupportedFile(media_types=["image/jpeg", "image/png"], found="application/pdf"),
    errors.StaleVersion(version=3),
    errors.TooManyRequests(retry_after_s=3),
    errors.Overloaded(retry_after_s=1),
    problems.MethodNotAllowed(allow=["GET", "PATCH"]),
    problems.BodyTooLarge(limit_bytes=262144),
    problems.UnsupportedMediaType(media_types=["application/json", "text/csv"]),
    problems.NotReady(
        reasons=["database: ConnectionRefusedError", "dispatcher: no clock for 12 s"]
    ),
]
BARE: Final = [kind() for kind in problems.PROBLEMS if kind not in {type(case) for case in CASES}]


def tell(error: DispatchError, language: Language) -> dict[str, object]:
    return problems.document(error, texts=TEXTS, language=language, instance="/v1/x")


def test_no_problem_names_a_state_a_step_or_a_field_as_the_code_does() -> None:
    for error in [*CASES, *BARE]:
        told = tell(error, Language.ZH)
        text = f"{told['title']} {told['detail']}"
        assert "—" not in text, (error.slug, text)
        assert not SNAKE.search(text), (error.slug, text)
        assert not set(re.findall(r"[A-Za-z]+", text)) & NAMES, (error.slug, text)


def test_a_state_and_a_step_are_told_in_words_and_go_along_as_they_are() -> None:
    refusal = IllegalTransition(state="held", move="need_info", moves=[])
    assert tell(refusal, Language.ZH)["detail"] == "当前状态为“暂停派单”，不能进行“要求补充信息”。"
    told = tell(refusal, Language.EN)
    assert "“on hold”; the step “ask for more information”" in str(told["detail"])
    assert (told["state"], told["move"]) == ("held", "need_info")


def test_a_danger_that_forbids_every_visit_is_named() -> None:
    dangers = ["threat", "weapon"]
    refusal = errors.RuleRefused((("order", "flags"), "no_visits"), danger=dangers)
    (error,) = problems.document(refusal, texts=TEXTS, language=Language.ZH, instance="/")["errors"]
    assert error["msg"] == "该患者或地址经审核不再安排上门：威胁恐吓、持有凶器"


def test_what_is_not_ready_is_named_in_words_and_its_reason_goes_along() -> None:
    told = tell(CASES[-1], Language.ZH)
    assert told["detail"] == "未通过的检查：数据库、调度进程。"
    assert told["reasons"] == ["database: ConnectionRefusedError", "dispatcher: no clock for 12 s"]


@pytest.mark.parametrize("language", list(Language))
def test_what_people_read_of_fields_and_orders_holds_no_names_of_the_code(
    language: Language,
) -> None:
    shown = ("fields.", "closing.", "ended.", "reasons.", "timeline.", "states.", "steps.", "day.")
    for key in sorted(TEXTS.keys(language)):
        if key.startswith(shown) and key not in LITERAL:
            text = re.sub(r"\{\w+\}", "", TEXTS.get(key, language))
            assert not SNAKE.search(text), (key, text)
            if language is Language.ZH:
                assert not set(re.findall(r"[A-Za-z]+", text)) & NAMES, (key, text)


def test_every_name_that_may_fill_a_sentence_has_its_words(world: World) -> None:
    checks = readiness.of_api(world.pool, Stopping(), _nothing)
    for language in Language:
        keys = TEXTS.keys(language)
        assert {f"states.{state}" for state in STATES} <= keys
        assert {f"steps.{move}" for move in MOVES} <= keys
        assert {f"checks.{name}" for name in checks} <= keys


async def _nothing() -> None:
    return None


def test_choices_are_listed_without_english_between_them() -> None:
    expected = {"expected": "'female' or 'male'"}
    for language, text in (
        (Language.ZH, "须为其中之一：female、male"),
        (Language.EN, "must be one of female, male"),
    ):
        assert Reader(TEXTS, language)._sentence("enum", expected) == text


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)
