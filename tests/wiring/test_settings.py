"""Settings: one TOML file and the environment; what is wrong is refused with file, key and reason (contract, "Configuration")."""

import os
from decimal import Decimal
from pathlib import Path

import platformdirs
import pytest

from kiosk.domain.errors import BadInput
from kiosk.settings import Settings, configuration_file, load_settings

EVERYTHING = """
[station]
id = "STATION_XYZ"
name = "Kilimani"
attendant_id = "ATT-007"

[mqtt]
host = "broker.example.com"
port = 8883
tls_ca = "ca.pem"
tls_cert = "cert.pem"
tls_key = "key.pem"
username = "kiosk"
password_file = "secret"
dialect = "field"

[database]
url = "sqlite:////var/lib/kiosk.db"

[scanner]
backend = "simulated"
batteries = "batteries.json"
allow_soc_estimate = true

[ui]
language = "en-XA"
fullscreen = false

[printing]
printer = "EPSON"
paper = "58mm"
"""


@pytest.fixture(autouse=True)
def _nothing_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SWAP_KIOSK_"):
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text("")
    monkeypatch.setenv("SWAP_KIOSK_CONFIG", str(path))
    monkeypatch.setenv("SWAP_KIOSK_DATA", str(tmp_path / "data"))
    return path


def read(file: Path, text: str) -> Settings:
    file.write_text(text)
    return load_settings()


def refusal(file: Path, text: str) -> BadInput:
    with pytest.raises(BadInput) as refused:
        read(file, text)
    return refused.value


def test_an_empty_file_is_a_kiosk_with_defaults(file: Path) -> None:
    settings = load_settings()
    assert (settings.mqtt.host, settings.mqtt.port, settings.mqtt.dialect) == ("localhost", 1883, "spec")
    assert (settings.scanner.backend, settings.scanner.allow_soc_estimate) == ("bluetooth", False)
    assert (settings.printing.paper, settings.printing.printer) == ("80mm", "")
    assert settings.database_url == f"sqlite:///{file.parent / 'data' / 'kiosk.sqlite'}"


def test_every_key_of_the_contract_is_taken(file: Path) -> None:
    settings = read(file, EVERYTHING)
    assert settings.station.model_dump(include={"id", "name", "attendant_id"}) == {
        "id": "STATION_XYZ",
        "name": "Kilimani",
        "attendant_id": "ATT-007",
    }
    mqtt = settings.mqtt
    assert (mqtt.host, mqtt.port, mqtt.username, mqtt.dialect) == ("broker.example.com", 8883, "kiosk", "field")
    assert [mqtt.tls_ca, mqtt.tls_cert, mqtt.tls_key, mqtt.password_file] == [Path(f) for f in ("ca.pem", "cert.pem", "key.pem", "secret")]
    assert settings.database_url == "sqlite:////var/lib/kiosk.db"
    scanner = settings.scanner
    assert (scanner.backend, scanner.batteries, scanner.allow_soc_estimate) == ("simulated", Path("batteries.json"), True)
    assert (settings.ui.language, settings.ui.fullscreen) == ("en-XA", False)
    assert (settings.printing.printer, settings.printing.paper) == ("EPSON", "58mm")


def test_the_kinds_and_names_that_are_expected_can_be_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = read(file, '[scanner]\nprotocols = ["oves", "jbd", "jk"]\nfleet_names = ["OVES", "BAT-"]').scanner
    assert (told.protocols, told.fleet_names) == (("oves", "jbd", "jk"), ("OVES", "BAT-"))
    assert read(file, '[scanner]\nfamilies = { "BAT-" = "jbd" }').scanner.families == {"BAT-": "jbd"}
    monkeypatch.setenv("SWAP_KIOSK_SCANNER__PROTOCOLS", '["daly"]')
    assert read(file, "").scanner.protocols == ("daly",)


def test_the_contracts_example_variables_override_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWAP_KIOSK_MQTT__HOST", "elsewhere")
    monkeypatch.setenv("SWAP_KIOSK_SCANNER__BACKEND", "bluetooth")
    monkeypatch.setenv("SWAP_KIOSK_MQTT__PORT", "1884")
    monkeypatch.setenv("SWAP_KIOSK_UI__FULLSCREEN", "true")
    settings = read(file, EVERYTHING)
    assert (settings.mqtt.host, settings.mqtt.port, settings.scanner.backend, settings.ui.fullscreen) == (
        "elsewhere",
        1884,
        "bluetooth",
        True,
    )
    assert settings.mqtt.username == "kiosk"


def test_energy_and_money_are_exact_from_the_file_on(file: Path) -> None:
    settings = read(file, "[fitness]\nleast_issue_kwh = 0.1\nmost_celsius = 60\n[payment]\ncollectable_units = { KES = 0.05 }\n")
    assert settings.fitness.least_issue_kwh == Decimal("0.1")
    assert settings.rules.limits.least_issue_kwh == Decimal("0.1")
    assert settings.rules.collectable.units["KES"] == Decimal("0.05")


WRONG = {
    "unknown key": ('[mqtt]\nhots = "x"', "mqtt.hots", "is not a setting"),
    "unknown section": ('[mqqt]\nhost = "x"', "mqqt", "is not a setting"),
    "unknown top key": ("port = 1883", "port", "is not a setting"),
    "text for a number": ('[mqtt]\nport = "many"', "mqtt.port", "integer"),
    "number in quotes": ('[mqtt]\nport = "1883"', "mqtt.port", "integer"),
    "yes for true": ('[ui]\nfullscreen = "yes"', "ui.fullscreen", "boolean"),
    "1 for true": ("[scanner]\nallow_soc_estimate = 1", "scanner.allow_soc_estimate", "boolean"),
    "true for a number": ("[mqtt]\nport = true", "mqtt.port", "integer"),
    "number for a text": ("[station]\nid = 14", "station.id", "string"),
    "fraction of a port": ("[mqtt]\nport = 1883.5", "mqtt.port", "integer"),
    "port out of range": ("[mqtt]\nport = 70000", "mqtt.port", "65535"),
    "no such choice": ('[mqtt]\ndialect = "klingon"', "mqtt.dialect", "'spec' or 'field'"),
    "no such language": ('[ui]\nlanguage = "klingon"', "ui.language", "klingon is not one of en"),
    "no such paper": ('[printing]\npaper = "A3"', "printing.paper", "'80mm', '58mm' or 'A4'"),
    "no such kind of battery": ('[scanner]\nprotocols = ["oves", "victron"]', "scanner.protocols", "'victron' is not a kind of battery"),
    "no such family": ('[scanner]\nfamilies = { "BAT-" = "victron" }', "scanner.families", "'victron' is not a kind of battery"),
    "an empty fleet name": ('[scanner]\nfleet_names = [""]', "scanner.fleet_names.0", "at least 1"),
    "no such backend": ('[scanner]\nbackend = "nfc"', "scanner.backend", "'bluetooth' or 'simulated'"),
    "empty station": ('[station]\nid = ""', "station.id", "at least 1"),
    "not a number": ("[fitness]\nleast_issue_kwh = nan", "fitness.least_issue_kwh", "finite"),
    "no such placeholder": ('[payment]\nqr = "pay {price}"', "payment.qr", "{price} is no placeholder: {amount}, {currency}"),
    "too much for a code": (f'[payment]\nqr = "{"x" * 400}"', "payment.qr", "too long: 400 bytes"),
    "a pattern that could hang": (
        '[payment.receipt_patterns]\nMOBILE_MONEY = "(a+)+$"',
        "payment.receipt_patterns",
        "of MOBILE_MONEY: a pattern is made of",
    ),
    "endless": ("[plans]\noffline_hours = inf", "plans.offline_hours", "less than or equal"),
    "negative": ("[fitness]\nleast_issue_kwh = -0.5", "fitness.least_issue_kwh", "greater than or equal"),
    "list for a text": ('[station]\nname = ["a"]', "station.name", "string"),
    "date for a text": ("[station]\nname = 2026-11-21", "station.name", "string"),
    "value for a section": ('mqtt = "localhost"', "mqtt", ""),
    "list of sections": ('[[mqtt]]\nhost = "x"', "mqtt", ""),
    "topic of a wrong type": ("[topics]\ncomplete_service = 5", "topics.complete_service", "string"),
    "no TOML": ("[mqtt\nhost", "", "no TOML"),
    "a key twice": ('[mqtt]\nhost = "a"\nhost = "b"', "", "no TOML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_file_key_and_reason(file: Path, case: str) -> None:
    text, key, reason = WRONG[case]
    refused = refusal(file, text)
    assert refused.where == (f"{file}, key {key}" if key else str(file))
    assert reason in refused.reason


def test_a_file_that_cannot_be_read_is_named(file: Path) -> None:
    file.write_bytes(b"\xff\xfe[mqtt]")
    with pytest.raises(BadInput, match="no TOML") as refused:
        load_settings()
    assert refused.value.where == str(file)
    file.unlink()
    with pytest.raises(BadInput, match="No such file"):
        load_settings()
    file.mkdir()
    with pytest.raises(BadInput, match="directory"):
        load_settings()


VARIABLES = {
    "wrong type": ("SWAP_KIOSK_MQTT__PORT", "many", "integer"),
    "unknown key": ("SWAP_KIOSK_MQTT__HOTS", "x", "is not a setting"),
    "unknown section": ("SWAP_KIOSK_MQQT__HOST", "x", "is not a setting"),
    "no such choice": ("SWAP_KIOSK_PRINTING__PAPER", "A3", "58mm"),
    "section that is no table": ("SWAP_KIOSK_MQTT", "localhost", "JSON"),
    "topics that are no table": ("SWAP_KIOSK_TOPICS", "{", "JSON"),
    "lower case": ("swap_kiosk_mqtt__port", "many", "integer"),
}


@pytest.mark.parametrize("case", VARIABLES)
def test_a_wrong_variable_is_named_as_such(file: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    name, value, reason = VARIABLES[case]
    monkeypatch.setenv(name, value)
    refused = refusal(file, "")
    assert refused.where == f"environment, {name}"
    assert reason in refused.reason


def test_a_variable_that_should_be_a_list_and_is_not_is_a_sentence(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWAP_KIOSK_STATION__SUPERVISORS", "Amina")
    refused = refusal(file, "")
    assert refused.where == "environment, SWAP_KIOSK_STATION__SUPERVISORS"
    assert "JSON" in refused.reason
    monkeypatch.setenv("SWAP_KIOSK_STATION__SUPERVISORS", '["Amina"]')
    assert load_settings().station.supervisors == ("Amina",)


def test_a_right_variable_does_not_hide_a_wrong_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWAP_KIOSK_MQTT__PORT", "1883")
    assert refusal(file, '[mqtt]\nport = "many"').where == f"{file}, key mqtt.port"


def test_a_file_given_by_name_wins_over_the_environments(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('[station]\nid = "OTHER"')
    assert load_settings(other).station.id == "OTHER"


def test_without_a_named_file_the_platforms_folder_is_looked_into(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(platformdirs, "user_config_path", lambda app: tmp_path / app)
    assert configuration_file() == tmp_path / "swap-kiosk" / "kiosk.toml"
    assert load_settings().station.id == "STATION-1"
    configuration_file().parent.mkdir()
    configuration_file().write_text('[station]\nid = "HERE"')
    assert load_settings().station.id == "HERE"


def test_settings_hold_no_secret(file: Path) -> None:
    assert "password" not in Settings.model_fields["mqtt"].annotation.model_fields  # type: ignore[union-attr]  # a section is a model
    assert refusal(file, '[mqtt]\npassword = "hunter2"').reason == "is not a setting"


def test_customers_are_never_forgotten_before_what_may_be_sent_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(file).privacy.keep_days >= load_settings(file).limits.resend_days == 60
    file.write_text("[privacy]\nkeep_days = 60\n")
    assert load_settings(file).privacy.keep_days == 60
    file.write_text("[privacy]\nkeep_days = 59\n")
    with pytest.raises(BadInput) as refused:
        load_settings(file)
    assert "privacy.keep_days" in refused.value.where
    assert "60" in refused.value.reason
    file.write_text("[privacy]\nkeep_days = 100\n")
    monkeypatch.setenv("SWAP_KIOSK_LIMITS__RESEND_DAYS", "101")
    with pytest.raises(BadInput):
        load_settings(file)
