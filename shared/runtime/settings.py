"""What a process is told from outside: read once from the environment, validated, immutable.

Which variables there are is what `Settings` says: each field's alias is the variable's name.
"""

import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)


class SettingsError(ValueError):
    """The environment makes no sense. The message names each variable and what is wrong with it, never its value."""


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https URL")
    return value.rstrip("/")


Url = Annotated[str, AfterValidator(_url)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Seconds = Annotated[float, Field(gt=0, le=600)]
Milliseconds = Annotated[int, Field(ge=100, le=600_000)]


class Settings(BaseModel):
    """Settings of one process. Defaults are those of production; what loosens them has a name of its own.

    `environment` "development" allows replication 1, the movable clock and, with `insecure_no_issuer`, callers that
    nobody has verified. `start_unverified` takes commands before Kafka has said how far the own log went. `workers`
    says how many processes for long computations there may be at once.
    A secret may lie in a file instead: `MONGODB_URI_FILE` names one that holds `MONGODB_URI`. In the advertised URL
    `{instance}` stands for the instance's name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    environment: Literal["production", "development"] = Field("production", alias="OWLBUS_ENVIRONMENT")
    instance: Name = Field(default_factory=socket.gethostname, alias="OWLBUS_INSTANCE")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", alias="OWLBUS_LOG_LEVEL")

    http_host: str = Field("127.0.0.1", alias="OWLBUS_HTTP_HOST", min_length=1)
    http_port: int = Field(8080, alias="OWLBUS_HTTP_PORT", ge=1, le=65_535)
    advertised_url: Url | Literal[""] = Field("", alias="OWLBUS_ADVERTISED_URL")
    forward_timeout: Seconds = Field(2.0, alias="OWLBUS_FORWARD_TIMEOUT_SECONDS")
    drain_timeout: Seconds = Field(5.0, alias="OWLBUS_DRAIN_TIMEOUT_SECONDS")

    partitions: int = Field(12, alias="OWLBUS_PARTITIONS", ge=1, le=1_000)
    workers: int = Field(1, alias="OWLBUS_WORKERS", ge=1, le=64)
    start_unverified: bool = Field(False, alias="OWLBUS_START_UNVERIFIED")
    development_clock: Path | None = Field(None, alias="OWLBUS_DEVELOPMENT_CLOCK")

    issuer_jwks: str = Field("", alias="OWLBUS_ISSUER_JWKS")
    issuer: str = Field("owlbus", alias="OWLBUS_ISSUER", min_length=1)
    audience: str = Field("owlbus", alias="OWLBUS_AUDIENCE", min_length=1)
    insecure_no_issuer: bool = Field(False, alias="OWLBUS_INSECURE_NO_ISSUER")

    mongodb_uri: SecretStr = Field(SecretStr("mongodb://127.0.0.1:27017"), alias="MONGODB_URI")
    mongodb_database: Name | Literal[""] = Field("", alias="MONGODB_DATABASE")

    kafka_bootstrap_servers: str = Field("127.0.0.1:9092", alias="KAFKA_BOOTSTRAP_SERVERS", min_length=1)
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", alias="KAFKA_SECURITY_PROTOCOL"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", alias="KAFKA_SASL_MECHANISM"
    )
    kafka_sasl_username: str = Field("", alias="KAFKA_SASL_USERNAME")
    kafka_sasl_password: SecretStr = Field(SecretStr(""), alias="KAFKA_SASL_PASSWORD")
    kafka_ssl_ca_file: Path | None = Field(None, alias="KAFKA_SSL_CA_FILE")
    kafka_session_timeout_ms: Milliseconds = Field(6_000, alias="KAFKA_SESSION_TIMEOUT_MS")
    kafka_rebalance_timeout_ms: Milliseconds = Field(60_000, alias="KAFKA_REBALANCE_TIMEOUT_MS")

    @model_validator(mode="after")
    def _loosened_in_development_only(self) -> Self:
        if not self.development:
            for name in ("development_clock", "insecure_no_issuer"):
                if getattr(self, name):
                    raise ValueError(f"{_variable(name)} needs OWLBUS_ENVIRONMENT=development")
        return self

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kafka_security_protocol.startswith("SASL") and not (
            self.kafka_sasl_username and self.kafka_sasl_password.get_secret_value()
        ):
            raise ValueError("KAFKA_SECURITY_PROTOCOL needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD")
        if self.http_host in ("0.0.0.0", "::") and not self.advertised_url:
            raise ValueError("OWLBUS_HTTP_HOST listens everywhere: OWLBUS_ADVERTISED_URL must say where others find it")
        return self

    @property
    def development(self) -> bool:
        """Whether the looser rules of development hold."""
        return self.environment == "development"

    @property
    def url(self) -> str:
        """Where other replicas reach this one."""
        host = f"[{self.http_host}]" if ":" in self.http_host else self.http_host
        return self.advertised_url.replace("{instance}", self.instance) or f"http://{host}:{self.http_port}"

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Settings from variables; an empty one counts as absent. Raises SettingsError."""
        known = {str(field.alias) for field in cls.model_fields.values()}
        told = {name: environment[name] for name in known if environment.get(name)}
        try:
            return cls.model_validate(_secrets_of(environment) | told)
        except ValidationError as error:
            found = (f"{'.'.join(map(str, e['loc'][:1]))}: {e['msg']}" for e in error.errors(include_input=False))
            raise SettingsError("; ".join(line.removeprefix(": Value error, ") for line in found)) from None

    def describe(self) -> dict[str, str]:
        """Every variable with its value as text, without secrets."""
        texts = {str(field.alias): str(getattr(self, name)) for name, field in type(self).model_fields.items()}
        return texts | {"MONGODB_URI": _without_credentials(self.mongodb_uri.get_secret_value())}


def _variable(field: str) -> str:
    return str(Settings.model_fields[field].alias)


def _secrets_of(environment: Mapping[str, str]) -> dict[str, str]:
    """What lies in the files that `<VARIABLE>_FILE` names, for the variables that hold secrets."""
    secret = [str(field.alias) for field in Settings.model_fields.values() if field.annotation is SecretStr]
    named = {name: Path(path) for name in secret if (path := environment.get(f"{name}_FILE"))}
    try:
        return {name: path.read_text("utf-8").strip() for name, path in named.items()}
    except OSError as error:
        raise SettingsError(f"{' or '.join(f'{name}_FILE' for name in named)}: {error.strerror}") from None


def _without_credentials(uri: str) -> str:
    return re.sub(r"//.*@", "//**********@", uri)
