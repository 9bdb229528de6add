"""The command line `shangmen`, also `python -m api`: what a person can start, and how it says no.

It prepares and delegates; the work is elsewhere. Only here are the demo and the benchmarks reached,
when asked for.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn, TypeVar

import asyncpg
import orjson
import typer

from config import settings as configuration
from config.settings import Crowd, Settings, SettingsError
from dispatch import database, migrate
from dispatch.cluster import PostgresError
from dispatch.sealing import SealingError

T = TypeVar("T")

HELP: Final = """
上门 Shangmen: dispatch for nursing at home.

To try it: `shangmen run` in demo mode (APP_DEMO=1, as `make run` does) starts an embedded
PostgreSQL, loads a made-up region and starts every process. Then open http://127.0.0.1:8080/docs.

To run it on servers: set DATABASE_URL, run `shangmen migrate` once for each release, then keep
these running: any number of `shangmen serve --role api` and `--role clock`, and one or two
`--role alarm`.

Every setting is an environment variable (APP_PORT=9000), or a line of the file that APP_CONFIG
names; config/default.toml lists them all.
"""

# What a person can mend; each says in one sentence how.
MENDABLE: Final = (PostgresError, SealingError, migrate.MigrationError, database.PrivilegeError)

app = typer.Typer(
    name="shangmen",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
demo = typer.Typer(invoke_without_command=True, no_args_is_help=True)
app.add_typer(demo, name="demo")


@app.command()
def run() -> None:
    """Start everything on this machine: database, API, clock, alarms. Ctrl-C stops all of it.

    Without DATABASE_URL an embedded PostgreSQL is started, whose data stays for the next run. A
    process that dies is started again.
    """
    from api import supervisor

    settings = _settings()
    sys.exit(supervisor.run(_plan(settings)))


@app.command()
def serve(
    role: Annotated[
        str, typer.Option(help="api (HTTP), clock (deadlines, notices), alarm (SOS), or all.")
    ] = "all",
) -> None:
    """Run one process in one role until SIGTERM; then it drains and exits with 0."""
    from api import logs
    from api import serve as serving

    settings = _settings()
    try:
        chosen = serving.ServeRole(role)
    except ValueError:
        _refuse(f"There is no role {role}: choose api, clock, alarm or all.")
    logs.configure(settings.log_level)
    _run(lambda: serving.serve(settings, chosen, top_up=_top_up(settings)))


@app.command("migrate")
def bring_up_to_date() -> None:
    """Bring the database to this release's schema. Safe to repeat, also from several machines."""
    settings = _settings()
    applied = _run(lambda: _migrate(settings))
    _say("\n".join(f"applied {name}" for name in applied) or "The schema is up to date.")


@app.command("import-nurses")
def import_nurses(
    file: Annotated[Path, typer.Argument(help="A CSV file, UTF-8 or GB18030, with a header line.")],
) -> None:
    """Register the nurses of a CSV file: all of them, or none, and each bad row is named."""
    from api import importing

    settings = _settings()
    try:
        content = file.read_bytes()
        count = _run(lambda: importing.import_nurses(settings, content))
    except OSError as refusal:
        _refuse(f"{file} cannot be read: {refusal.strerror}.")
    except importing.ImportRefused as refusal:
        _refuse(str(refusal))
    _say(f"{count} nurses were registered.")


@app.command("add-staff")
def add_staff(
    phone: Annotated[str, typer.Argument(help="The number that receives the sign-in codes.")],
    role: Annotated[str, typer.Option(help="operator, admin or auditor.")] = "operator",
    institution: Annotated[
        str | None, typer.Option(help="The code of their institution; without one they see all.")
    ] = None,
    permission: Annotated[
        list[str] | None,
        typer.Option(
            help="One of assess, dispatch, staff, alarms, billing, quality; or all. Repeat it."
        ),
    ] = None,
) -> None:
    """Let a phone sign in as staff. The first admin is made here; nothing else can."""
    from api import upkeep

    settings = _settings()
    try:
        _run(lambda: upkeep.add_staff(settings, phone, role, institution, permission))
    except upkeep.UpkeepRefused as refusal:
        _refuse(str(refusal))
    _say(f"The phone can sign in as {role} now.")


@app.command("rotate-key")
def rotate_key() -> None:
    """Add a new master key to the key folder. Then copy it to all machines, and rewrap-keys."""
    from api import upkeep

    settings = _settings()
    _say(f"{_done(lambda: upkeep.rotate_key(settings))} is the master key for new people now.")


@app.command("rewrap-keys")
def rewrap_keys() -> None:
    """Wrap every person's key with the newest master key. Safe to repeat, and to interrupt."""
    from api import upkeep

    settings = _settings()
    done = _run(lambda: upkeep.rewrap_keys(settings))
    _say(f"{done.count} keys were wrapped with {done.master}; no older master key is needed.")


@app.command("plan-days")
def plan_days(
    quiet: Annotated[bool, typer.Option(help="Say nothing where all went well.")] = False,
) -> None:
    """Plan booked days that have changed anew, for the operators' board. The clock does, too."""
    from api import upkeep

    settings = _settings()
    count = _run(lambda: upkeep.plan_days(settings))
    if not quiet:
        _say(f"{count} booked day(s) were planned anew.")


@app.command()
def openapi(
    language: Annotated[str, typer.Option(help="Of the descriptions: en or zh-CN.")] = "en",
) -> None:
    """Print the OpenAPI 3.1 document, as the API serves it at /openapi.json."""
    from api.app import modules
    from api.language import Language, Texts
    from api.openapi import build
    from api.policy import POLICIES

    try:
        chosen = Language(language)
    except ValueError:
        _refuse(f"There is no language {language}: choose en or zh-CN.")
    declared = [route for module in modules() for route in module.all]
    document = build(declared, POLICIES, Texts.load(), chosen)
    _say(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


@app.command()
def solve(
    family: Annotated[str, typer.Argument(help="Which kind of instance: assign, stream, …")],
    instance: Annotated[str, typer.Argument(help="A file (.gz too); for assign n:m:k:seed.")],
    seconds: Annotated[float, typer.Option(min=0.01, help="How long to search.")] = 10.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same answer.")] = 1,
    technicians: Annotated[
        Path | None, typer.Option(help="The crew's file, where a family has one.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the answer is written, as JSON; else it is shown.")
    ] = None,
) -> None:
    """Let the matching engine solve a published instance: the engine that dispatches, on its own.

    The answer is in the format that the family's checker reads.
    """
    from bench import families

    progress = families.Progress(title=f"{family} {Path(instance).name}")
    task = families.Task(
        family=family,
        instance=instance,
        seconds=seconds,
        seed=seed,
        progress=progress,
        technicians=technicians,
    )
    try:
        answer = orjson.dumps(families.solve(task))
        if out is None:
            _say(answer.decode())
        else:
            out.write_bytes(answer)
    except families.Refused as refusal:
        _refuse(str(refusal))
    except OSError as refusal:
        _refuse(f"{out} cannot be written: {refusal.strerror}.")


@demo.callback()
def play_demo(
    context: typer.Context,
    orders: Annotated[int, typer.Option(min=1, help="How many orders the crowd places.")] = 100,
    rate: Annotated[float, typer.Option(min=0.001, max=1000, help="Orders a second.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same people.")] = 1,
    windows: Annotated[
        str,
        typer.Option(
            help="When visits are wished for: day (most tomorrow), soon (within the hour), or auto:"
            " day if the server's clock runs fast, else soon."
        ),
    ] = "auto",
    limit_min: Annotated[
        float | None, typer.Option(min=0.01, help="Stop after so many minutes, done or not.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="The server; by default the one that `run` starts here.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the closing figures here.")
    ] = None,
    figure_file: Annotated[
        Path | None, typer.Option("--figure", help="Draw the closing table here, as SVG.")
    ] = None,
) -> None:
    """Let a crowd of made-up patients, nurses and operators use a running demo server.

    `shangmen demo --orders 100 --rate 1` plays until every order has ended, and shows a table;
    Ctrl-C ends it early with the table so far. It touches only what it has ordered itself. The
    demo runs in real time unless the server was started with APP_TIME_SCALE.
    """
    if context.invoked_subcommand is not None:
        return
    from demo.crowd import play
    from demo.crowd.mix import Timing

    if windows not in {"auto", *Timing}:
        _refuse(f"There is no choice of windows {windows}: choose day, soon or auto.")
    run = play.Run(
        url=url or _own_url(_settings()),
        orders=orders,
        rate=rate,
        seed=seed,
        timing=None if windows == "auto" else Timing(windows),
        limit_min=limit_min,
        json_file=json_file,
        figure_file=figure_file,
    )
    try:
        _run(lambda: play.play(run))
    except play.CannotPlay as refusal:
        _refuse(str(refusal))


@demo.command("live")
def keep_demo_lively() -> None:
    """Keep the demo lively until stopped, as `run` does unless APP_CROWD=0."""
    settings = _settings()
    if not settings.demo:
        _refuse("The crowd lives in demo mode only: set APP_DEMO=1.")
    if settings.crowd is Crowd.OFF:
        _refuse("The crowd is off: set APP_CROWD to gentle or busy.")
    from demo.crowd import play

    _run(lambda: play.keep_lively(_own_url(settings), settings.crowd))


@demo.command("sandbox")
def serve_sandbox(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where patients pay.")],
) -> None:
    """Stand in for a payment provider, as `run` does in demo mode unless APP_PAYMENT_URL is set."""
    from api import logs
    from api import serve as serving
    from demo import sandbox

    settings = _settings()
    if not settings.demo or settings.payment_secret is None:
        _refuse("The sandbox is for demo mode, with APP_PAYMENT_SECRET: `shangmen run` starts it.")
    logs.configure(settings.log_level)
    folder = serving.state_dir(settings) / sandbox.FOLDER
    secret = settings.payment_secret.get_secret_value()
    _run(
        lambda: sandbox.serve(
            folder,
            host=settings.host,
            port=port,
            secret=secret,
            callback_url=f"{_own_url(settings)}/v1/payments/callbacks/{settings.payment_provider}",
        )
    )


@demo.command("load")
def load_demo() -> None:
    """Fill the database with the made-up region, as far as it is not there yet."""
    settings = _settings()
    if not settings.demo:
        _refuse("The demo's people are loaded in demo mode only: set APP_DEMO=1.")
    _run(lambda: _load_demo(settings))


def main() -> None:
    """The entry point of the command `shangmen`."""
    app()


def _plan(settings: Settings) -> Any:
    from api import serve as serving
    from api import supervisor
    from api.supervisor import Address, Child, Plan

    api = Address(host=settings.host, port=settings.port, setting="APP_PORT")
    alarm = Address(host=settings.host, port=settings.alarm_port, setting="APP_ALARM_PORT")
    state_dir = serving.state_dir(settings)

    def child(role: str, url: str | None) -> Child:
        argv = (sys.executable, "-m", "api", "serve", "--role", role)
        return Child(name=role, argv=argv, ready_url=f"{url}/readyz" if url else None)

    children = [child("clock", None), child("alarm", alarm.url), child("api", api.url)]
    if settings.demo and settings.crowd is not Crowd.OFF:
        argv = (sys.executable, "-m", "api", "demo", "live")
        children.append(Child(name="crowd", argv=argv))

    environment: dict[str, str] = {}
    if settings.demo and settings.payment_url is None:
        from demo import sandbox

        till = Address(
            host=settings.host, port=_free_port(settings.host), setting="APP_PAYMENT_URL"
        )
        environment = {
            "APP_PAYMENT_URL": _reachable(till).url,
            "APP_PAYMENT_SECRET": sandbox.secret_of(state_dir / sandbox.FOLDER),
        }
        pay = (sys.executable, "-m", "api", "demo", "sandbox", "--port", str(till.port))
        children.insert(0, Child(name="sandbox", argv=pay))

    async def prepare(dsn: str) -> None:
        at = settings.model_copy(update={"database_url": dsn})
        _say("Bringing the schema up to date …")
        await _migrate(at)
        if settings.demo:
            try:
                await _load_demo(at)
            except SealingError as refusal:
                raise supervisor.StartRefused(str(refusal)) from refusal

    return Plan(
        state_dir=state_dir,
        database_url=settings.database_url,
        addresses=(api, alarm),
        children=children,
        prepare=prepare,
        environment=environment,
        welcome=supervisor.welcome(api=api, alarm=alarm, state_dir=state_dir, demo=settings.demo),
    )


def _own_url(settings: Settings) -> str:
    """Where `run` serves on this machine."""
    from api.supervisor import Address

    api = Address(host=settings.host, port=settings.port, setting="APP_PORT")
    url: str = _reachable(api).url
    return url


def _reachable(address: Any) -> Any:
    """Where what listens on every address is reached on this machine."""
    every = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
    return replace(address, host=every.get(address.host, address.host))


def _free_port(host: str) -> int:
    """Some port that nobody listens on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as held:
        return int(held.getsockname()[1])


async def _migrate(settings: Settings) -> list[str]:
    from api import serve as serving

    dsn = await serving.find_dsn(settings)
    applied = await migrate.migrate(dsn)
    await migrate.set_clock(dsn, settings.time_scale)
    return applied


async def _load_demo(settings: Settings) -> None:
    from api import serve as serving
    from demo import load

    dsn = await serving.find_dsn(settings)
    await load.load(dsn, settings, serving.open_keyring(settings), progress=_show)


def _top_up(settings: Settings) -> Any:
    if not settings.demo:
        return None
    from demo import load

    return load.top_up_shifts


def _settings() -> Settings:
    try:
        return configuration.load()
    except SettingsError as refusal:
        _refuse(str(refusal))


def _run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run to the end. What a person can mend is one sentence and exit code 1, not a traceback."""
    try:
        return asyncio.run(work())
    except (
        PostgresError,
        SealingError,
        migrate.MigrationError,
        database.PrivilegeError,
    ) as refusal:
        _refuse(str(refusal))
    except asyncpg.PostgresError as refusal:
        _refuse(f"The database refuses: {type(refusal).__name__} ({refusal.sqlstate}).")
    except TimeoutError:
        _refuse("The database did not answer in time.")
    except (OSError, asyncpg.InterfaceError) as refusal:
        said = getattr(refusal, "strerror", None) or str(refusal) or type(refusal).__name__
        _refuse(f"It cannot be started: {said}.")


def _done(work: Callable[[], T]) -> T:
    """Like `_run`, of what needs no database."""
    try:
        return work()
    except SealingError as refusal:
        _refuse(str(refusal))


def _show(what: str, done: int, of: int) -> None:
    """One line for each kind, written over itself where a person is looking."""
    is_last = done >= of
    if sys.stdout.isatty():
        sys.stdout.write(f"\r  {what}: {done} of {of}" + ("\n" if is_last else ""))
    elif is_last:
        sys.stdout.write(f"  {what}: {of}\n")
    sys.stdout.flush()


def _refuse(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(1)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
