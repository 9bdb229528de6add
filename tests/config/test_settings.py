"""Settings: the page that shows them is true, and each source goes before the next."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from config import settings
from config.settings import Crowd, Settings, SettingsError

PAGE = Path(settings.__file__).with_name("default.toml")
SHOWN_ONLY = re.compile(r"^# (?P<name>[a-z][a-z0-9_]*) = ", re.MULTILINE)
TECHNICAL = {"ms", "s", "min", "h", "days", "years", "m", "kmh", "kib", "mb", "percent", "fen"}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("APP_CONFIG", raising=False)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"APP_{name.upper()}", raising=False)


def plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def test_the_page_shows_every_setting_with_its_default() -> None:
    page = PAGE.read_text(encoding="utf-8")
    defaults = {name: plain(value) for name, value in settings.load()}
    assert tomllib.loads(page) == {
        name: value for name, value in defaults.items() if value is not None
    }
    unset = {name for name, value in defaults.items() if value is None}
    assert set(SHOWN_ONLY.findall(page)) == unset


def test_the_page_stands_in_the_order_of_the_code() -> None:
    named = re.findall(r"^(?:# )?([a-z][a-z0-9_]*) = ", PAGE.read_text(encoding="utf-8"), re.M)
    assert named == list(Settings.model_fields)


def test_every_group_on_the_page_is_explained() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for above, line in itertools.pairwise(lines):
        if re.match(r"[a-z]", line):
            assert above, f"no comment above {line!r}"


def test_every_number_has_its_unit_or_counts_something() -> None:
    counting = re.compile(r"(_max|_size|_sizes|_port|_limit|_offers|_scale|_detour)$|^port$")
    for name, field in Settings.model_fields.items():
        if field.annotation in (int, float):
            assert name.rsplit("_", 1)[-1] in TECHNICAL or counting.search(name), name


def test_the_page_itself_can_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_CONFIG", str(PAGE))
    assert settings.load() == Settings()


def test_environment_goes_before_the_file_and_the_file_before_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "site.toml"
    file.write_text('port = 7000\noffer_ttl_s = 90\ndatabase_url = "postgresql://file"\n')
    monkeypatch.setenv("APP_CONFIG", str(file))
    monkeypatch.setenv("APP_PORT", "9000")
    found = settings.load()
    assert (found.port, found.offer_ttl_s, found.tick_ms) == (9000, 90, 250)
    assert found.database_url == "postgresql://file"
    monkeypatch.setenv("DATABASE_URL", "postgresql://environment")
    assert settings.load().database_url == "postgresql://environment"
    assert settings.load(port=1234).port == 1234


def test_alarm_port_follows_port_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.load(port=9000).alarm_port == 9001
    monkeypatch.setenv("APP_ALARM_PORT", "9100")
    assert settings.load(port=9000).alarm_port == 9100


@pytest.mark.parametrize(
    ("text", "crowd"),
    [("0", Crowd.OFF), ("1", Crowd.GENTLE), ("busy", Crowd.BUSY), ("Off", Crowd.OFF)],
)
def test_the_crowd_is_a_word_or_a_switch(
    text: str, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_CROWD", text)
    assert settings.load().crowd is crowd


def test_an_empty_variable_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("APP_PORT", "")
    found = settings.load()
    assert (found.database_url, found.port) == (None, 8080)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"port": "secret-looking"}, r"Setting port: .*integer"),
        ({"time_scale": 60}, "only in the demo"),
        ({"port": 8000, "alarm_port": 8000}, "must differ"),
        ({"wave_sizes": ()}, "Setting wave_sizes"),
        ({"data_key_cache_s": 61}, "Setting data_key_cache_s"),
        ({"cancel_fee_percent": 101}, "Setting cancel_fee_percent"),
        ({"travel_speed_kmh": float("nan")}, "Setting travel_speed_kmh"),
        ({"cost_factors": {"travel": -1}}, "Setting cost_factors"),
        ({"cost_factors": {"beauty": 1}}, "Setting cost_factors"),
        ({"prot": 1}, "Setting prot: there is no such setting"),
    ],
)
def test_a_refused_setting_is_one_sentence_without_its_value(
    given: dict[str, Any], told: str
) -> None:
    with pytest.raises(SettingsError, match=told) as refusal:
        settings.load(**given)
    assert "secret-looking" not in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


def test_a_file_with_an_unknown_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "site.toml"
    file.write_text("offer_tll_s = 90\n")
    monkeypatch.setenv("APP_CONFIG", str(file))
    with pytest.raises(SettingsError, match="offer_tll_s: there is no such setting"):
        settings.load()


def test_an_unknown_name_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_OFFER_TLL_S", "90")
    with pytest.raises(SettingsError, match="offer_tll_s: there is no such setting"):
        settings.load()


@pytest.mark.parametrize("content", [None, "port =\n"])
def test_a_file_that_cannot_be_read_is_one_sentence(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "site.toml"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("APP_CONFIG", str(file))
    with pytest.raises(SettingsError):
        settings.load()


def test_secrets_do_not_show() -> None:
    found = settings.load(**dict.fromkeys(("database_url", "sms_gateway_token"), "never-shown"))
    assert found.database_url == "never-shown"
    assert "never-shown" not in repr(found)
