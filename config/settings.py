"""Every setting, in one place: the only module that reads the environment.

A setting comes from ``WAXLINE_<NAME>`` in the environment, else from the settings file
(``waxline.toml`` in the working folder, or the file that ``WAXLINE_CONFIG`` names), else from
the default below.  A secret can stand in a file of its own: ``WAXLINE_<NAME>_FILE``.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "WAXLINE_"
DEFAULT_FILE = "waxline.toml"

_PASSWORD_OF = {
    "postgres_url": "postgres_password",
    "graph_url": "graph_password",
    "broker_url": "broker_password",
    "store_url": "store_password",
}


SinkName = Literal["postgres", "neo4j"]


def _words(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


class BadSettingsError(ValueError):
    """One sentence that names every bad setting."""


class Settings(BaseSettings):
    """The settings of all processes; an unset URL means the embedded server."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    # Servers
    postgres_url: SecretStr | None = Field(None, description="PostgreSQL: postgresql://…")
    graph_url: SecretStr | None = Field(
        None, description="Neo4j or ArcadeDB: bolt://, bolt+s:// or neo4j://…, database as path"
    )
    broker_url: SecretStr | None = Field(
        None, description="RabbitMQ: amqp:// or amqps://; streams: redis://, rediss:// or unix://"
    )
    store_url: SecretStr | None = Field(
        None, description="Dragonfly, Valkey or Redis: redis://, rediss:// or unix://"
    )
    postgres_password: SecretStr | None = Field(None, description="put into postgres_url")
    graph_password: SecretStr | None = Field(None, description="put into graph_url")
    broker_password: SecretStr | None = Field(None, description="put into broker_url")
    store_password: SecretStr | None = Field(None, description="put into store_url")
    sinks: Annotated[tuple[SinkName, ...], NoDecode, BeforeValidator(_words)] = Field(
        ("postgres", "neo4j"), description="the sinks in use; others' queues are retired"
    )
    data_folder: Path = Field(
        Path(".waxline"), description="folder of the embedded servers and of quarantined records"
    )

    # Extractor
    parse_processes: int = Field(
        0, ge=0, description="parse worker processes; 0: one less than the cores, at least 1"
    )
    group_bytes: int = Field(
        400_000, ge=1, description="bytes of XML that a parse worker gets at once"
    )
    record_limit: int = Field(
        16_000_000, ge=1_000, description="bytes of one record; a longer one is quarantined"
    )
    publish_window: int = Field(8, ge=1, description="batches in flight to the broker")
    allow_older: bool = Field(False, description="load a dump older than what the sinks hold")
    allow_deletions: bool = Field(False, description="delete even more than a tenth of the rows")
    lease_seconds: float = Field(30, gt=0, description="s, time to live of an extractor's lease")

    # Broker
    queue_bytes: int = Field(
        256_000_000, ge=1_000_000, description="bytes a queue holds before publishers wait"
    )
    delivery_limit: int = Field(
        20, ge=1, description="deliveries of a message before it goes to the dead letters"
    )
    broker_timeout: float = Field(30, gt=0, description="s, deadline of one call to the broker")

    # Loaders
    postgres_sessions: int = Field(2, ge=1, description="concurrent transactions per loader")
    postgres_batch: int = Field(1_000, ge=1, description="records per transaction")
    postgres_document: bool = Field(False, description="keep the whole record as jsonb as well")
    postgres_timeout: float = Field(120, gt=0, description="s, deadline of one statement")
    graph_sessions: int = Field(2, ge=1, description="concurrent transactions; ArcadeDB takes 1")
    graph_batch: int = Field(1_000, ge=1, description="records per transaction")
    graph_track_credits: bool = Field(
        False, description="edges for the credits of single tracks too (doubles the graph)"
    )
    graph_timeout: float = Field(120, gt=0, description="s, deadline of one transaction")
    linger: float = Field(0.2, ge=0, description="s, how long a loader waits to fill a transaction")
    retry_seconds: float = Field(
        60, gt=0, description="s, how long a transient failure is retried in place"
    )
    connect_timeout: float = Field(10, gt=0, description="s, deadline of a connection attempt")
    store_timeout: float = Field(5, gt=0, description="s, deadline of one call to the store")
    shutdown_seconds: float = Field(8, gt=0, description="s, deadline of an ordered shutdown")

    # What one sees
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: readable on a terminal, JSON lines otherwise"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="")
    summary_seconds: float = Field(5, gt=0, description="s between two progress summaries")
    run_attempts: int = Field(4, ge=1, description="readings `waxline run` makes at most")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment first; what `load_settings` passes in is the file's."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    def url(self, name: Literal["postgres_url", "graph_url", "broker_url", "store_url"]) -> str:
        """Return a URL with its password put in; raise `BadSettingsError` when it is not set."""
        value: SecretStr | None = getattr(self, name)
        if value is None:
            raise BadSettingsError(f"{PREFIX}{name.upper()} is not set")
        password: SecretStr | None = getattr(self, _PASSWORD_OF[name])
        url = value.get_secret_value()
        return with_password(url, password.get_secret_value()) if password else url


def load_settings(**overrides: Any) -> Settings:
    """Read all settings; ``overrides`` win over the environment and the file.

    Raises `BadSettingsError`, naming each bad setting.
    """
    try:
        base = Settings(**_from_file(), **_from_secret_files())
        return base.model_copy(update=_checked(overrides))
    except ValidationError as error:
        raise BadSettingsError(_sentence(error)) from None


def with_password(url: str, password: str) -> str:
    """Return the URL with this password in it."""
    parts = urlsplit(url)
    user = parts.username or ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def redact(url: str) -> str:
    """Return the URL without its password, for logs and errors."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))


def _from_file() -> dict[str, Any]:
    named = os.environ.get(f"{PREFIX}CONFIG")
    path = Path(named or DEFAULT_FILE)
    if not path.is_file():
        if named:
            raise BadSettingsError(f"there is no settings file {path}")
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadSettingsError(f"settings file {path}: {error}") from None


def _from_secret_files() -> dict[str, Any]:
    secrets: dict[str, Any] = {}
    for name in Settings.model_fields:
        path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
        if path:
            try:
                secrets[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise BadSettingsError(f"{PREFIX}{name.upper()}_FILE: {error}") from None
    return secrets


def _checked(overrides: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in overrides.items() if value is not None}
    checked = Settings.model_validate(given)
    return {name: getattr(checked, name) for name in given}


def _sentence(error: ValidationError) -> str:
    problems = (
        f"{PREFIX}{'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    )
    return "bad settings: " + "; ".join(problems)
