"""Settings: read from the environment, refused with the variable's name, never shown with secrets."""

from pathlib import Path
from typing import Any

import pytest

from shared.runtime.settings import Settings, SettingsError

DEVELOPMENT = {"OWLBUS_ENVIRONMENT": "development"}


def test_defaults_are_those_of_production() -> None:
    settings = Settings.read({"UNRELATED": "1", "OWLBUS_HTTP_PORT": ""})
    assert not settings.development
    assert (settings.partitions, settings.http_host, settings.http_port) == (12, "127.0.0.1", 8080)
    assert settings.url == "http://127.0.0.1:8080"
    assert settings.kafka_rebalance_timeout_ms == 60_000


def test_values_are_read_and_checked() -> None:
    settings = Settings.read(
        DEVELOPMENT
        | {
            "OWLBUS_HTTP_HOST": "::1",
            "OWLBUS_HTTP_PORT": "9001",
            "OWLBUS_DEVELOPMENT_CLOCK": "run/clock",
            "OWLBUS_START_UNVERIFIED": "true",
        }
    )
    assert settings.url == "http://[::1]:9001"
    assert settings.start_unverified and str(settings.development_clock) == "run/clock"


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"OWLBUS_HTTP_PORT": "http"}, "OWLBUS_HTTP_PORT"),
        ({"OWLBUS_HTTP_PORT": "70000"}, "OWLBUS_HTTP_PORT"),
        ({"OWLBUS_PARTITIONS": "0"}, "OWLBUS_PARTITIONS"),
        ({"OWLBUS_INSTANCE": "a b"}, "OWLBUS_INSTANCE"),
        ({"OWLBUS_ADVERTISED_URL": "ideas:8080"}, "OWLBUS_ADVERTISED_URL"),
        ({"OWLBUS_ENVIRONMENT": "test"}, "OWLBUS_ENVIRONMENT"),
        ({"OWLBUS_DEVELOPMENT_CLOCK": "clock"}, "OWLBUS_DEVELOPMENT_CLOCK"),
        ({"OWLBUS_INSECURE_NO_ISSUER": "yes"}, "OWLBUS_INSECURE_NO_ISSUER"),
        ({"OWLBUS_HTTP_HOST": "0.0.0.0"}, "OWLBUS_ADVERTISED_URL"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "KAFKA_SASL_USERNAME"),
    ],
)
def test_what_makes_no_sense_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Settings.read(environment)


def test_secrets_are_neither_described_nor_repeated_in_errors() -> None:
    environment: dict[str, Any] = {
        "MONGODB_URI": "mongodb://ideas:hunter2@db/?authSource=ideas",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_USERNAME": "ideas",
        "KAFKA_SASL_PASSWORD": "hunter2",
    }
    settings = Settings.read(environment)
    described = settings.describe()
    assert "hunter2" not in f"{described}{settings!r}"
    assert described["MONGODB_URI"] == "mongodb://**********@db/?authSource=ideas"
    with pytest.raises(SettingsError) as refused:
        Settings.read(environment | {"OWLBUS_PARTITIONS": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    uri, password = tmp_path / "uri", tmp_path / "password"
    uri.write_text("mongodb://ideas:hunter2@db/owlbus_ideas\n")
    password.write_text("hunter3\n")
    files = {"MONGODB_URI_FILE": str(uri), "KAFKA_SASL_PASSWORD_FILE": str(password)}
    settings = Settings.read(files)
    assert settings.mongodb_uri.get_secret_value() == "mongodb://ideas:hunter2@db/owlbus_ideas"
    assert settings.kafka_sasl_password.get_secret_value() == "hunter3"
    assert Settings.read(files | {"KAFKA_SASL_PASSWORD": "told"}).kafka_sasl_password.get_secret_value() == "told"
    with pytest.raises(SettingsError, match="MONGODB_URI_FILE"):
        Settings.read({"MONGODB_URI_FILE": str(tmp_path / "absent")})


def test_the_advertised_url_may_name_the_instance() -> None:
    settings = Settings.read(
        {
            "OWLBUS_HTTP_HOST": "0.0.0.0",
            "OWLBUS_INSTANCE": "0a1b2c",
            "OWLBUS_ADVERTISED_URL": "http://{instance}.ideas:8080",
        }
    )
    assert settings.url == "http://0a1b2c.ideas:8080"
