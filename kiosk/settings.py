"""Settings, read once from one TOML file and the environment (contract, "Configuration").

An unknown key, a wrong type or an unreadable file is refused with file, key and reason (BadInput). Any key can be overridden by the
environment: `SWAP_KIOSK_MQTT__HOST`; there everything is text, so types are read from it, while in the file a number in quotes is a
wrong type. A refused variable is named as such. Secrets are named by the file they lie in.
"""

import json
import os
import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, get_origin

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.decimals import WHOLE_UNITS
from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.money import pay_code
from kiosk.domain.money.cash import QUICK_NOTES
from kiosk.domain.money.money import Collectable
from kiosk.domain.money.payments import pattern_fault
from kiosk.domain.swap.swap import SwapRules
from kiosk.shared.translations import translations_of

APP = "swap-kiosk"
_PREFIX = "SWAP_KIOSK_"
_LEVEL = "__"


def _usable_for(use: Callable[[str], object]) -> AfterValidator:
    """A text that `use` takes; what it refuses with BadInput is refused here for the same reason."""

    def check(text: str) -> str:
        try:
            use(text)
        except BadInput as error:
            raise _fault(error.reason) from error
        return text

    return AfterValidator(check)


def _fault(reason: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{reason}", {"reason": reason})


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StationSettings(_Section):
    """Who and where. `enrolment_file` is what `platform station add` wrote for this counter; `site` is where it stands, with others."""

    id: str = Field(default="STATION-1", min_length=1, max_length=64)
    name: Annotated[str, AfterValidator(cleaned)] = "Station 1"
    attendant_id: str = Field(default="ATT-001", min_length=1, max_length=64)
    supervisors: tuple[str, ...] = ()
    time_zone: str = ""
    enrolment_file: Path | None = None
    site: Annotated[str, AfterValidator(cleaned)] = ""


class MqttSettings(_Section):
    """The broker and the dialect spoken there. `tls` encrypts the link, as does any `tls_*`; without `tls_ca` the system's authorities are
    trusted. `allow_plain` lets a password pass a network unencrypted.
    """

    host: str = "localhost"
    port: int = Field(default=1883, ge=1, le=65535)
    tls: bool = False
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    username: str | None = None
    password_file: Path | None = None
    allow_plain: bool = False
    dialect: Literal["spec", "field"] = "spec"
    keep_alive_seconds: int = Field(default=15, ge=2, le=3600)
    connect_seconds: float = Field(default=10, gt=0, le=120)
    answer_seconds: float = Field(default=4, gt=0, le=120)
    confirm_seconds: float = Field(default=20, gt=0, le=600)


class PlatformSettings(_Section):
    """The platform's HTTP side, for the station's plans at the start of the day and for readings; empty means there is none. The token is
    read from its file at each use, so that it may change; `allow_plain` lets it pass a network unencrypted.
    """

    url: str = Field(default="", pattern=r"^(https?://[^\s/]+)?$")
    token_file: Path | None = None
    tls_ca: Path | None = None
    allow_plain: bool = False
    timeout_seconds: float = Field(default=10, gt=0, le=120)


class DatabaseSettings(_Section):
    """Any SQLAlchemy URL; empty is a SQLite file in the data folder."""

    url: str = ""


_NameHead = Annotated[str, Field(min_length=1, max_length=64)]


class ScannerSettings(_Section):
    """Where battery readings come from. `adapter` is the Bluetooth adapter's name, "" for the first that is on. `protocols` are the kinds
    of battery that may be read, all of them where it is empty; `fleet_names` beginnings of advertised names that are looked for first.
    `families` is the kind of battery by the beginning of a name, for packs that were renamed: most kinds are recognised by the maker's.
    `reading_seconds` is how long a reading that was made in the background may be taken for a new one; 0 makes none.
    """

    backend: Literal["bluetooth", "simulated"] = "bluetooth"
    adapter: str = Field(default="", pattern=r"^(hci[0-9]{1,3})?$")
    batteries: Path | None = None
    allow_soc_estimate: bool = False
    protocols: tuple[str, ...] = ()
    fleet_names: tuple[_NameHead, ...] = ()
    families: dict[_NameHead, str] = Field(default_factory=dict)
    reading_seconds: float = Field(default=120.0, ge=0, le=3600)

    @field_validator("families")
    @classmethod
    def _check_families(cls, families: dict[str, str]) -> dict[str, str]:
        cls._check_protocols(tuple(families.values()))
        return families

    @field_validator("protocols")
    @classmethod
    def _check_protocols(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        from kiosk.station.adapters.bluetooth.protocol_registry import protocol_names  # not loaded where all kinds are allowed

        known = protocol_names() if names else ()
        unknown = next((name for name in names if name not in known), None)
        if unknown is not None:
            raise _fault(tr("{name} is not a kind of battery known here: {known}", name=repr(unknown), known=", ".join(known)))
        return names


class BarcodeSettings(_Section):
    """The barcode scanner, which types like a keyboard. Keys up to `gap_ms` apart are a scanner's, whoever types. `prefix` and `suffix` are
    the characters that it adds; `suffix` may also be "enter", "tab", "none", or "auto": it is learnt. The page "Try the scanner"
    measures them. `url_pattern` is the web address on customers' cards with {code} in it; empty for `plan_id`, `id`, last part.
    """

    gap_ms: int = Field(default=35, ge=5, le=400)
    prefix: str = Field(default="", max_length=8)
    suffix: str = Field(default="auto", min_length=1, max_length=8)
    url_pattern: str = Field(default="", max_length=256, pattern=r"^([^{}]*\{code\}[^{}]*)?$")


class FitnessSettings(_Section):
    """Limits of fitness (decision 12); see FitnessLimits."""

    least_voltage: Decimal = Decimal(40)
    most_voltage: Decimal = Decimal(100)
    least_celsius: Decimal = Decimal(-10)
    most_celsius: Decimal = Decimal(60)
    most_cell_spread: Decimal = Field(default=Decimal("0.3"), gt=0)
    least_issue_kwh: Decimal = Field(default=Decimal("0.5"), ge=0)
    nameplate_kwh: Decimal | None = Field(default=None, gt=0)
    most_kwh: Decimal = Field(default=Decimal(100), gt=0)
    most_charge_kw: Decimal = Field(default=Decimal(15), gt=0)
    most_discharge_kw: Decimal = Field(default=Decimal(20), gt=0)
    returned_more_kwh: Decimal = Field(default=Decimal("0.2"), ge=0)


class PlansSettings(_Section):
    """How old a cached plan may be while offline (decision 19); how often the station's plans are asked for where the platform has an HTTP
    side.
    """

    offline_hours: float = Field(default=24, gt=0, le=24 * 31)
    sync_minutes: float = Field(default=15, gt=0, le=24 * 60)


class PeopleSettings(_Section):
    """People who sign in (decision 29). `offline_days` is how long the platform's list counts without its word; `lock_minutes` after how
    long without a touch the counter locks, 0 never.
    """

    offline_days: float = Field(default=30, gt=0, le=366)
    lock_minutes: float = Field(default=3, ge=0, le=240)


class LimitsSettings(_Section):
    """How long the bytes of a settled completion are kept, to be sent again to a platform that was restored (decision 33)."""

    resend_days: int = Field(default=60, ge=1, le=3660)


class PrivacySettings(_Section):
    """How long a swap names its customer; then a pseudonym takes the place, and the receipt and what was sent are removed. What waits is
    kept. Never shorter than `[limits] resend_days`.
    """

    keep_days: int = Field(default=400, ge=1, le=3660)


class PaymentSettings(_Section):
    """`collectable_units`: the smallest unit to collect by currency (decision 5), e.g. KES = 1. `qr` is what the code to pay by says
    (`kiosk.domain.money.pay_code`); empty for no code.
    `receipt_patterns`: what a receipt id looks like, by method, beside what the template says. `quick_notes`: banknotes by currency that
    cash is offered with, beside the exact sum.
    """

    methods: tuple[str, ...] = ("MOBILE_MONEY", "CASH", "CARD")
    qr: Annotated[str, _usable_for(pay_code.pay_template)] = pay_code.DEFAULT
    collectable_units: dict[str, Decimal] = Field(default_factory=lambda: dict.fromkeys(WHOLE_UNITS, Decimal(1)))
    receipt_patterns: dict[str, str] = Field(default_factory=dict)
    quick_notes: dict[str, tuple[Annotated[Decimal, Field(gt=0)], ...]] = Field(default_factory=lambda: dict(QUICK_NOTES))

    @field_validator("receipt_patterns")
    @classmethod
    def _check_patterns(cls, patterns: dict[str, str]) -> dict[str, str]:
        for method, pattern in patterns.items():
            fault = pattern_fault(pattern)
            if fault:
                raise _fault(tr("of {method}: {fault}", method=method, fault=fault))
        return patterns

    @property
    def code(self) -> pay_code.PayTemplate:
        """The template of the code to pay by."""
        return pay_code.pay_template(self.qr)


class UiSettings(_Section):
    """The window. `advance_seconds` is how long a page on which all is green is seen before it goes on by itself; 0 never does."""

    language: Annotated[str, _usable_for(translations_of)] = "en"
    fullscreen: bool = True
    theme: Literal["light", "dark"] = "light"
    diagonal_inches: float | None = Field(default=None, gt=5, le=60)
    sound_volume: float = Field(default=0.6, ge=0, le=1)
    advance_seconds: float = Field(default=1.5, ge=0, le=60)


class PrintingSettings(_Section):
    """The printer's queue name; empty means none is set up."""

    printer: str = ""
    paper: Literal["80mm", "58mm", "A4"] = "80mm"


class Settings(BaseSettings):
    """Everything that can be configured. `data` is the data folder; `topics` replaces patterns of `wire.actions.Topics` by name."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_nested_delimiter=_LEVEL, extra="forbid", frozen=True)

    station: StationSettings = StationSettings()
    mqtt: MqttSettings = MqttSettings()
    platform: PlatformSettings = PlatformSettings()
    database: DatabaseSettings = DatabaseSettings()
    scanner: ScannerSettings = ScannerSettings()
    barcode: BarcodeSettings = BarcodeSettings()
    fitness: FitnessSettings = FitnessSettings()
    plans: PlansSettings = PlansSettings()
    people: PeopleSettings = PeopleSettings()
    limits: LimitsSettings = LimitsSettings()
    privacy: PrivacySettings = PrivacySettings()
    payment: PaymentSettings = PaymentSettings()
    ui: UiSettings = UiSettings()
    printing: PrintingSettings = PrintingSettings()
    topics: dict[str, str] = Field(default_factory=dict)
    data: Path = Field(default_factory=lambda: Path(platformdirs.user_data_path(APP)))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which comes in as init values."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @property
    def rules(self) -> SwapRules:
        """What the rules of a swap need."""
        return SwapRules(
            limits=FitnessLimits(**dict(self.fitness)),
            collectable=Collectable(units=dict(self.payment.collectable_units)),
            receipt_patterns=dict(self.payment.receipt_patterns),
        )

    @property
    def database_url(self) -> str:
        """The configured URL, else a SQLite file in the data folder."""
        return self.database.url or f"sqlite:///{self.data / 'kiosk.sqlite'}"


def configuration_file() -> Path:
    """`$SWAP_KIOSK_CONFIG`, else the platform's configuration folder."""
    path = os.environ.get("SWAP_KIOSK_CONFIG")
    return Path(path) if path else platformdirs.user_config_path(APP) / "kiosk.toml"


def load_settings(file: Path | None = None) -> Settings:
    """The settings of `file`, else of `configuration_file()` where there is one. Raises BadInput."""
    path = file or configuration_file()
    is_required = file is not None or "SWAP_KIOSK_CONFIG" in os.environ
    values = _read(path) if is_required or path.exists() else {}
    _check_types(path, values)
    _check_variables()
    try:
        settings = Settings(**values)
    except ValidationError as error:
        _refuse(path, error)
    least = settings.limits.resend_days
    if settings.privacy.keep_days < least:
        reason = tr("must be {days} at least, which is {key}", days=least, key="limits.resend_days")
        raise BadInput(tr("{path}, key {key}", path=path, key="privacy.keep_days"), reason)
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise BadInput(str(path), error.strerror or tr("it cannot be read")) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(str(path), tr("it is no TOML: {error}", error=error)) from error


def _check_types(path: Path, values: dict[str, Any]) -> None:
    """A file knows its types: 1883 in quotes is no port. JSON's strict rules are TOML's but for dates, which are no setting's type."""
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if name in values and isinstance(kind, type) and issubclass(kind, _Section):
            try:
                kind.model_validate_json(json.dumps(values[name], default=_as_json), strict=True)
            except ValidationError as error:
                _refuse(path, error, name)


def _as_json(value: object) -> object:
    """For the look at the types alone; the exact number goes another way. A date is given the type of no setting."""
    return float(value) if isinstance(value, Decimal) else [str(value)]


def _check_variables() -> None:
    """What pydantic passes over or tells unclearly: sections that do not exist, lists and tables that are no JSON."""
    for variable, value in os.environ.items():
        section, level, key = variable.upper().removeprefix(_PREFIX).partition(_LEVEL)
        ours = variable.upper().startswith(_PREFIX)
        if ours and level and section.lower() not in Settings.model_fields:
            raise BadInput(_variable(variable), tr("is not a setting"))
        if ours and _is_compound(section.lower(), key.lower()) and not _is_json(value):
            raise BadInput(_variable(variable), tr('a list or table is written as JSON, e.g. ["A", "B"]'))


def _variable(name: str) -> str:
    return tr("environment, {variable}", variable=name)


def _is_compound(section: str, key: str) -> bool:
    field = Settings.model_fields.get(section)
    kind = field.annotation if field else None
    if isinstance(kind, type) and issubclass(kind, _Section):
        inner = kind.model_fields.get(key)
        return not key or (inner is not None and get_origin(inner.annotation) in {tuple, dict})
    return not key and get_origin(kind) is dict


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _refuse(path: Path, error: ValidationError, *section: str) -> NoReturn:
    """`section` is where the file was looked at alone; else the environment may be to blame."""
    first = error.errors()[0]
    places = [*section, *(str(part) for part in first["loc"])]
    name = _PREFIX + _LEVEL.join(places).upper()
    variable = "" if section else next((each for each in os.environ if each.upper() == name), "")
    where = _variable(variable) if variable else tr("{path}, key {key}", path=path, key=".".join(places))
    reason = tr("is not a setting") if first["type"] == "extra_forbidden" else first["msg"][:1].lower() + first["msg"][1:]
    raise BadInput(where, reason) from error
