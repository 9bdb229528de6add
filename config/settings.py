"""Every setting, with its unit in its name and its default. Nothing else reads the environment.

A value comes from the environment (`APP_PORT=9000`), else from the TOML file that `APP_CONFIG`
names, else from here; `default.toml` shows the same settings with a comment each.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from config.vocabulary import MIN_TITLE, Title

PREFIX: Final = "APP_"
FILE_VARIABLE: Final = "APP_CONFIG"
# Names of the host that mean all of them.
EVERY_HOST: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared, not bound


class SettingsError(Exception):
    """A setting cannot be used; the text names each, one a line, and never repeats a value."""


class Crowd(StrEnum):
    """How lively the demo's crowd of patients and nurses is."""

    OFF = "off"
    GENTLE = "gentle"
    BUSY = "busy"


def _crowd(value: object) -> object:
    """`APP_CROWD=0` and `APP_CROWD=1` are understood as well."""
    text = str(value).lower()
    words = {"0": Crowd.OFF, "false": Crowd.OFF, "1": Crowd.GENTLE, "true": Crowd.GENTLE}
    return words.get(text, text)


def _at_least_national(title: Title) -> Title:
    if title.rank < MIN_TITLE.rank:
        raise ValueError(f"must be {MIN_TITLE} or above")
    return title


MinTitle = Annotated[Title, AfterValidator(_at_least_national)]
Port = Annotated[int, Field(ge=1, le=65535)]
Rule = Literal["refuse", "flag"]
Percent = Annotated[int, Field(ge=0, le=100)]
# As `matching.ranking.TERMS` calls them.
CostTerm = Literal[
    "travel",
    "waiting",
    "lateness",
    "continuity",
    "scarcity",
    "acceptance",
    "load",
    "fairness",
    "preferred",
    "taken_back",
]
Factor = Annotated[float, Field(ge=0, le=100)]
Sizes = Annotated[tuple[PositiveInt, ...], Field(min_length=1, max_length=10)]


class Settings(BaseSettings):
    """All settings, checked once at start and never changed while running."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        allow_inf_nan=False,
        env_ignore_empty=True,
    )

    # Where it runs.
    host: str = "127.0.0.1"
    port: Port = 8080
    alarm_port: Port = Field(default_factory=lambda given: given.get("port", 8080) + 1)
    public_url: str | None = None
    alarm_public_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    state_dir: Path | None = None
    clients_dir: Path | None = None
    map_tiles_url: str | None = None
    map_tiles_crs: Literal["wgs84", "gcj02"] = "wgs84"
    map_tiles_credit: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    # The demo.
    demo: bool = False
    crowd: Annotated[Crowd, BeforeValidator(_crowd)] = Crowd.GENTLE
    time_scale: Annotated[PositiveFloat, Field(le=1000)] = 1.0

    # The database.
    database_url: str | None = Field(
        default=None,
        repr=False,
        validation_alias=AliasChoices("DATABASE_URL", "APP_DATABASE_URL", "database_url"),
    )
    api_pool_size: PositiveInt = 12
    clock_pool_size: PositiveInt = 6
    alarm_pool_size: PositiveInt = 2
    connect_timeout_s: PositiveFloat = 2.0
    acquire_timeout_s: PositiveFloat = 1.0
    command_timeout_s: PositiveFloat = 5.0
    request_timeout_s: PositiveFloat = 6.0
    statement_timeout_ms: PositiveInt = 4_000
    lock_timeout_ms: PositiveInt = 2_000
    idle_in_transaction_timeout_ms: PositiveInt = 10_000

    # Keys and sealing.
    key_provider: Literal["local"] = "local"
    keys_dir: Path | None = None
    data_key_cache_s: Annotated[PositiveFloat, Field(le=60)] = 30.0
    data_key_cache_max: PositiveInt = 10_000

    # Signing in.
    access_token_ttl_s: PositiveInt = 900
    refresh_token_ttl_s: PositiveInt = 2_592_000
    refresh_grace_s: Annotated[int, Field(ge=0, le=300)] = 0
    token_leeway_s: NonNegativeInt = 30
    otp_ttl_s: PositiveInt = 300
    otp_tries_max: PositiveInt = 5
    otp_per_minute_max: PositiveInt = 1
    otp_per_hour_max: PositiveInt = 5
    otp_per_day_max: PositiveInt = 10

    # HTTP: sizes, patience, load.
    body_max_kib: PositiveInt = 256
    upload_max_mb: PositiveInt = 10
    header_timeout_s: PositiveFloat = 5.0
    body_timeout_s: PositiveFloat = 10.0
    keepalive_s: PositiveFloat = 20.0
    drain_s: PositiveFloat = 8.0
    retry_key_keep_days: PositiveInt = 7
    account_per_minute_max: PositiveInt = 300
    account_burst_max: PositiveInt = 60
    address_per_minute_max: PositiveInt = 1_200
    address_burst_max: PositiveInt = 240
    in_flight_visit_max: PositiveInt = 256
    in_flight_accept_max: PositiveInt = 192
    in_flight_order_max: PositiveInt = 128
    in_flight_browse_max: PositiveInt = 64

    # Files.
    files_dir: Path | None = None
    upload_timeout_s: PositiveFloat = 60.0
    uploads_max: PositiveInt = 8
    picture_pixels_max: PositiveInt = 25_000_000
    visit_files_max: PositiveInt = 60
    prescription_files_max: PositiveInt = 10
    order_files_max: PositiveInt = 20
    nurse_files_h: NonNegativeInt = 24
    orphan_files_h: PositiveInt = 24

    # Streams.
    sse_queue_max: PositiveInt = 256
    sse_comment_s: PositiveFloat = 15.0
    sse_resume_h: PositiveInt = 24
    sse_per_account_max: PositiveInt = 5

    # The clock.
    tick_ms: PositiveInt = 250
    sweep_limit: PositiveInt = 50
    heartbeat_s: PositiveFloat = 2.0
    heartbeat_stale_s: PositiveFloat = 15.0
    audit_seal_s: PositiveFloat = 1.0
    audit_checkpoint_s: PositiveFloat = 60.0
    housekeeping_s: PositiveFloat = 60.0

    # Orders.
    window_max_days: PositiveInt = 60
    assessment_valid_days: PositiveInt = 90
    assess_within_min: PositiveInt = 30
    review_from_h: Annotated[int, Field(ge=0, le=23)] = 8
    review_until_h: Annotated[int, Field(ge=1, le=24)] = 20
    reuse_after_s: NonNegativeInt = 60
    precondition_rule: Rule = "flag"
    cancel_free_h: NonNegativeInt = 4
    cancel_fee_percent: Percent = 20
    replan_lead_min: NonNegativeInt = 60
    travel_fee_fen: NonNegativeInt = 0
    nurse_share_percent: Percent = 75
    promise_routine_min: PositiveInt = 240
    promise_soon_min: PositiveInt = 60
    promise_urgent_min: PositiveInt = 20

    # Bills.
    payment_mode: Literal["postpay", "prepay"] = "postpay"
    postpay_credit_fen: NonNegativeInt = 0
    bill_overdue_h: PositiveInt = 48
    bill_report_days: PositiveInt = 7
    complaint_phone: str | None = None
    incentive_step_fen: NonNegativeInt = 0
    incentive_order_limit_fen: NonNegativeInt = 6_000
    incentive_day_limit_fen: NonNegativeInt = 200_000
    incentive_fund_limit_fen: NonNegativeInt = 5_000_000

    # Payments.
    payment_url: str | None = None
    payment_secret: SecretStr | None = None
    payment_provider: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] = "sandbox"
    payment_timeout_s: PositiveFloat = 5.0
    payment_tolerance_s: PositiveInt = 300
    payment_retry_first_s: PositiveFloat = 2.0
    payment_retry_max_s: PositiveFloat = 900.0
    payment_give_up_h: PositiveInt = 72

    # Who may go.
    min_years: Annotated[int, Field(ge=5)] = 5
    min_title: MinTitle = MIN_TITLE
    papers_numbered: bool = False
    daytime_from_h: Annotated[int, Field(ge=0, le=23)] = 8
    daytime_until_h: Annotated[int, Field(ge=1, le=24)] = 18
    default_radius_m: PositiveInt = 10_000
    candidates_max: PositiveInt = 50
    considered_first_max: PositiveInt = 60
    considered_max: PositiveInt = 200
    coverage_horizon_h: PositiveInt = 24
    plan_ahead_days: NonNegativeInt = 2
    cost_factors: dict[CostTerm, Factor] = {}
    hold_before_promise_min: NonNegativeInt = 0
    hold_gain_min: PositiveInt = 10

    # The national register of nurses.
    register_url: str | None = None
    register_token: SecretStr | None = None
    register_file: Path | None = None
    register_timeout_s: PositiveFloat = 5.0
    register_recheck_days: PositiveInt = 90
    register_lead_days: NonNegativeInt = 14
    register_grace_days: PositiveInt = 14
    register_retry_min: PositiveInt = 10

    # The face check.
    face_check: Literal["off", "depart"] = "off"
    face_url: str | None = None
    face_token: SecretStr | None = None
    face_timeout_s: PositiveFloat = 5.0
    face_valid_h: PositiveInt = 12

    # Offers.
    offer_ttl_s: PositiveInt = 300
    offer_ttl_urgent_s: PositiveInt = 120
    preferred_ttl_s: PositiveInt = 120
    wave_sizes: Sizes = (3, 6, 10)
    fill_target_percent: Annotated[int, Field(ge=0, le=99)] = 95
    fill_waves_max: PositiveInt = 4
    wave_size_max: PositiveInt = 12
    answers_learn_days: PositiveInt = 90
    max_open_offers: PositiveInt = 3

    # Travel.
    travel_detour: Annotated[float, Field(ge=1, le=5)] = 1.35
    travel_speed_kmh: PositiveFloat = 28.0
    travel_peak_speed_kmh: PositiveFloat = 20.0
    travel_buffer_min: NonNegativeInt = 10
    travel_learn_days: NonNegativeInt = 60
    osrm_url: str | None = None
    osrm_timeout_s: PositiveFloat = 1.0
    osrm_table_max: Annotated[int, Field(ge=2, le=10_000)] = 100
    osrm_cache_max: PositiveInt = 200_000
    osrm_keep_h: PositiveFloat = 24.0

    # Visits.
    geofence_m: PositiveInt = 300
    early_depart_min: NonNegativeInt = 60
    early_arrive_min: NonNegativeInt = 30
    record_rule: Rule = "flag"
    dwell_rule: Rule = "flag"
    signature_rule: Rule = "flag"
    door_rule: Rule = "flag"
    door_wait_min: PositiveInt = 15
    door_travel_fen: NonNegativeInt = 2_000
    no_answer_fee_percent: Percent = 0
    dwell_min_percent: Percent = 50
    travel_max_kmh: PositiveFloat = 150.0
    late_sync_min: PositiveInt = 10
    depart_nudge_min: NonNegativeInt = 10
    depart_alarm_min: NonNegativeInt = 10
    miss_after_min: PositiveInt = 60
    overdue_alarm_min: PositiveInt = 30
    eta_slip_min: PositiveInt = 15
    stalled_min: NonNegativeInt = 15
    retreating_m: PositiveInt = 1_500
    retreating_min: PositiveInt = 5
    late_arrival_min: PositiveInt = 20
    arrival_grace_min: PositiveInt = 5
    no_show_min: NonNegativeInt = 30
    positions_max: PositiveInt = 500
    position_keep_days: PositiveInt = 90
    waste_due_h: PositiveInt = 24
    confirm_before_min: PositiveInt = 120
    confirm_wait_min: PositiveInt = 30

    # Cases.
    adverse_severe_min: PositiveInt = 60
    adverse_moderate_h: PositiveInt = 24
    adverse_mild_h: PositiveInt = 72
    adverse_settle_days: PositiveInt = 7
    complaint_take_up_h: PositiveInt = 24
    complaint_settle_days: PositiveInt = 5
    follow_up_high_h: PositiveInt = 24
    follow_up_medium_h: PositiveInt = 48
    follow_up_low_h: PositiveInt = 72
    follow_up_signs_h: PositiveInt = 12
    follow_up_urgent_min: PositiveInt = 60

    # Alarms.
    alarm_steps_s: Sizes = (10, 20, 40)
    alarm_repeat_s: PositiveInt = 30
    alarm_unresolved_min: NonNegativeInt = 30

    # Whether a nurse who is out is well.
    check_in_low_min: NonNegativeInt = 0
    check_in_medium_min: NonNegativeInt = 0
    check_in_high_min: NonNegativeInt = 30
    check_in_flagged_min: NonNegativeInt = 15
    check_in_night_min: NonNegativeInt = 30
    night_from_h: Annotated[int, Field(ge=0, le=23)] = 21
    night_until_h: Annotated[int, Field(ge=0, le=23)] = 6
    check_in_grace_min: PositiveInt = 5
    emergency_stay_min: PositiveInt = 180
    emergency_report_min: PositiveInt = 10
    flag_review_h: PositiveInt = 24
    flag_valid_days: PositiveInt = 180
    dark_way_min: NonNegativeInt = 20
    dark_home_min: NonNegativeInt = 30

    # Notices.
    sms_gateway_url: str | None = None
    sms_gateway_token: SecretStr | None = None
    sms_timeout_s: PositiveFloat = 5.0
    push_contact: str = "mailto:operations@example.org"
    push_origins: tuple[str, ...] = (
        "https://fcm.googleapis.com",
        "https://*.push.services.mozilla.com",
        "https://*.push.apple.com",
        "https://*.notify.windows.com",
    )
    push_timeout_s: PositiveFloat = 10.0
    notice_retry_first_s: PositiveFloat = 2.0
    notice_retry_max_s: PositiveFloat = 900.0
    notice_give_up_h: PositiveInt = 24

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> Self:
        if self.time_scale != 1 and not self.demo:
            raise ValueError("time_scale may differ from 1 only in the demo (APP_DEMO=1)")
        if self.alarm_port == self.port:
            raise ValueError("port and alarm_port must differ")
        if (self.payment_url is None) != (self.payment_secret is None):
            raise ValueError("payment_url and payment_secret belong together")
        if self.register_url is not None and self.register_file is not None:
            raise ValueError("register_url and register_file exclude each other")
        if self.daytime_from_h >= self.daytime_until_h:
            raise ValueError("daytime_from_h must be less than daytime_until_h")
        if self.review_from_h >= self.review_until_h:
            raise ValueError("review_from_h must be less than review_until_h")
        if self.register_lead_days >= self.register_recheck_days:
            raise ValueError("register_lead_days must be less than register_recheck_days")
        return self

    @property
    def asks_register(self) -> bool:
        """Whether there is a register to ask; then nobody goes without its word."""
        return self.register_url is not None or self.register_file is not None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        named = os.environ.get(FILE_VARIABLE)
        files = (TomlConfigSettingsSource(settings_cls, Path(named)),) if named else ()
        return (init_settings, env_settings, *files)


def load(**given: Any) -> Settings:
    """The settings of this process; `given` goes before the environment.

    Raises SettingsError, with one line for each setting that is refused.
    """
    named = os.environ.get(FILE_VARIABLE)
    if named and not Path(named).is_file():
        raise SettingsError(f"{FILE_VARIABLE} names {named}, but there is no such file.")
    if unknown := sorted(_named_in_environment() - Settings.model_fields.keys()):
        raise SettingsError(
            "\n".join(f"Setting {name}: there is no such setting." for name in unknown)
        )
    try:
        return Settings(**given)
    except ValidationError as refusal:
        raise SettingsError("\n".join(_sentences(refusal))) from None
    except ValueError as refusal:
        raise SettingsError(f"The settings cannot be read: {refusal}.") from None


def _named_in_environment() -> set[str]:
    named = (name.upper() for name in os.environ if name != FILE_VARIABLE)
    return {name.removeprefix(PREFIX).lower() for name in named if name.startswith(PREFIX)}


def _sentences(refusal: ValidationError) -> list[str]:
    found = []
    for error in refusal.errors(include_url=False, include_context=False, include_input=False):
        if error["type"] == "default_factory_not_called":
            continue
        name = ".".join(str(part) for part in error["loc"])
        unknown = error["type"] == "extra_forbidden"
        text = "there is no such setting" if unknown else error["msg"].removeprefix("Value error, ")
        found.append(f"Setting {name}: {text}." if name else f"Settings: {text}.")
    return found
