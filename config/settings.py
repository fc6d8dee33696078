"""Every setting, in one place: the only module that reads the environment.

A setting comes from ``WAXLINE_<NAME>`` in the environment, else from the file of its own that
``WAXLINE_<NAME>_FILE`` names (meant for secrets), else from the settings file (``waxline.toml``
in the working folder, or the file that ``WAXLINE_CONFIG`` names), else from the default below.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_core import ErrorDetails

from config.authority import AuthorityFile
from config.sinks import SinkName, sink_named
from config.urls import redact, url_of, with_password

__all__ = [
    "PREFIX",
    "BadSettingsError",
    "Settings",
    "load_settings",
    "redact",
    "settings_file",
    "with_password",
]

PREFIX = "WAXLINE_"
DEFAULT_FILE = "waxline.toml"
NAMED_FILE = f"{PREFIX}CONFIG"

_PASSWORD_OF = {
    "postgres_url": "postgres_password",
    "graph_url": "graph_password",
    "broker_url": "broker_password",
    "store_url": "store_password",
}


_STREAMS = ("redis", "rediss", "unix")
_BOLT = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")

PostgresUrl = Annotated[SecretStr, url_of("postgresql", "postgres", host=False)]
GraphUrl = Annotated[SecretStr, url_of(*_BOLT)]
BrokerUrl = Annotated[SecretStr, url_of("amqp", "amqps", *_STREAMS)]
StoreUrl = Annotated[SecretStr, url_of(*_STREAMS)]


def _words(value: object) -> object:
    """Return a list, written as text or not, of sinks as we call them, without repetitions."""
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(words, list):
        return words
    return tuple(
        dict.fromkeys(sink_named(word) if isinstance(word, str) else word for word in words)
    )


def _short_word(value: str) -> str:
    """Return a namespace; it stands in patterns of keys and in names of queues."""
    if not re.fullmatch("[a-z][a-z0-9_]{0,31}", value):
        raise ValueError("it is no short word of lower-case letters, digits and _")
    return value


CONTENT_OPTIONS = {"postgres": ("postgres_document",), "neo4j": ("graph_track_credits",)}
"""By sink: with another of these, it has to be given every record once more."""


class BadSettingsError(ValueError):
    """One sentence that names every bad setting."""


class Settings(BaseModel):
    """The settings of all processes; an unset URL means the embedded server."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    # Servers
    postgres_url: PostgresUrl | None = Field(
        None, description="PostgreSQL: postgresql://user@host:port/database"
    )
    graph_url: GraphUrl | None = Field(
        None,
        description="Neo4j or ArcadeDB: bolt://user@host:port/database; also bolt+s://, neo4j://",
    )
    broker_url: BrokerUrl | None = Field(
        None,
        description="RabbitMQ: amqp(s)://user@host:port/vhost; "
        "or streams on Dragonfly or Valkey: redis(s)://host:port/0, unix://path",
    )
    store_url: StoreUrl | None = Field(
        None, description="Dragonfly, Valkey or Redis: redis(s)://host:port/0, unix://path"
    )
    postgres_password: SecretStr | None = Field(None, description="put into postgres_url")
    graph_password: SecretStr | None = Field(None, description="put into graph_url")
    broker_password: SecretStr | None = Field(None, description="put into broker_url")
    store_password: SecretStr | None = Field(None, description="put into store_url")
    ca_file: AuthorityFile | None = Field(
        None,
        description="PEM file of the authority that signed the servers' certificates, for TLS; "
        "not set: what each driver trusts by itself",
    )
    sinks: Annotated[tuple[SinkName, ...], BeforeValidator(_words)] = Field(
        ("postgres", "neo4j"),
        min_length=1,
        description="databases to load: postgres, neo4j (or arcadedb, which is the same) or both; "
        "the queues of others are retired",
    )
    namespace: Annotated[str, AfterValidator(_short_word)] = Field(
        "waxline",
        description="what the names of all keys, streams, queues and exchanges begin with: "
        "pipelines that share a server have one each",
    )
    data_folder: Path = Field(
        Path(".waxline"),
        description="folder of the embedded servers, the logs and the quarantined records",
    )

    # Extractor
    parse_processes: int = Field(
        0,
        ge=0,
        description="parse worker processes; 0: one less than the usable cores, at least 1",
    )
    group_bytes: int = Field(
        400_000, ge=1, description="bytes of XML that a parse worker gets at once"
    )
    compiled: bool = Field(
        True,
        description="use what is compiled, where it is installed: cutter, walker, decoder, rows",
    )
    record_limit: int = Field(
        16_000_000,
        ge=1_000,
        description="bytes of one record; a longer one is quarantined, and so is one of more than "
        "16,000,000 bytes as JSON, which no message holds",
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
        5,
        ge=1,
        description="loaders that a message may end, tried by itself, before it goes to the "
        "dead letters",
    )
    broker_timeout: float = Field(30, gt=0, description="s, deadline of one call to the broker")

    # Loaders
    postgres_sessions: int = Field(2, ge=1, description="concurrent transactions of a loader")
    postgres_batch: int = Field(2_000, ge=1, description="records per transaction")
    postgres_document: bool = Field(False, description="keep the whole record as jsonb as well")
    postgres_timeout: float = Field(120, gt=0, description="s, deadline of one statement")
    graph_sessions: int = Field(2, ge=1, description="concurrent transactions; ArcadeDB takes 1")
    graph_batch: int = Field(1_000, ge=1, description="records per transaction")
    graph_track_credits: bool = Field(
        False, description="edges for the credits of single tracks too (doubles the graph)"
    )
    graph_timeout: float = Field(120, gt=0, description="s, deadline of one transaction")
    linger: float = Field(1.0, ge=0, description="s, how long a loader waits to fill a transaction")
    retry_seconds: float = Field(
        60, gt=0, description="s, how long a transient failure is retried in place"
    )
    connect_timeout: float = Field(10, gt=0, description="s, deadline of a connection attempt")
    store_timeout: float = Field(5, gt=0, description="s, deadline of one call to the store")
    shutdown_seconds: float = Field(8, gt=0, description="s, deadline of an ordered shutdown")

    # What one sees
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="console, json, or auto: readable on a terminal, JSON lines otherwise"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least severe events to log: debug, info, warning or error"
    )
    summary_seconds: float = Field(
        5, gt=0, description="s, between two progress summaries in the log"
    )
    run_attempts: int = Field(
        4,
        ge=1,
        description="times that `waxline run` reads a dump at most until the sinks equal it",
    )

    def url(self, name: Literal["postgres_url", "graph_url", "broker_url", "store_url"]) -> str:
        """Return a URL with its password put in; raise `BadSettingsError` when it is not set."""
        value: SecretStr | None = getattr(self, name)
        if value is None:
            raise BadSettingsError(
                f"{PREFIX}{name.upper()} is not set (`waxline config` says what it may be)"
            )
        password: SecretStr | None = getattr(self, _PASSWORD_OF[name])
        url = value.get_secret_value()
        return with_password(url, password.get_secret_value()) if password else url

    def options_of(self, *sinks: str) -> str:
        """Return the names of the options in force that say what these sinks hold of a record."""
        named = (name for sink in sinks for name in CONTENT_OPTIONS[sink])
        return " ".join(name for name in named if getattr(self, name))


def load_settings(**overrides: Any) -> Settings:
    """Read all settings; ``overrides`` that are not None win over the environment and the file.

    Raises `BadSettingsError`, naming each bad setting and where it stands.
    """
    _refuse_unknown_names()
    secrets, file = _from_secret_files(), _from_file()
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**{**file, **secrets, **_from_environment(), **given})
    except ValidationError as error:
        raise BadSettingsError(_sentence(error, secrets, given)) from None


def settings_file() -> Path:
    """Return the path of the settings file, which need not exist unless it is named."""
    return Path(os.environ.get(NAMED_FILE) or DEFAULT_FILE)


def _refuse_unknown_names() -> None:
    """Raise for names that begin as ours do and mean nothing: most likely a slip of the pen."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known} | {NAMED_FILE}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise BadSettingsError(
            "; ".join(f"{name} is no setting{_like(name, known)}" for name in unknown)
        )


def _like(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    return f": is {close[0]} meant?" if close else " (`waxline config` lists them)"


def _from_environment() -> dict[str, str]:
    values = {name: os.environ.get(f"{PREFIX}{name.upper()}") for name in Settings.model_fields}
    return {name: value for name, value in values.items() if value}


def _from_file() -> dict[str, Any]:
    path = settings_file()
    if not path.is_file():
        if os.environ.get(NAMED_FILE):
            raise BadSettingsError(f"{NAMED_FILE}: there is no settings file {path}")
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadSettingsError(f"settings file {path}: {error}") from None


def _from_secret_files() -> dict[str, str]:
    secrets = {}
    for name in Settings.model_fields:
        variable = f"{PREFIX}{name.upper()}_FILE"
        if path := os.environ.get(variable):
            secrets[name] = _read_secret(variable, Path(path))
    return secrets


def _read_secret(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSettingsError(f"{variable}: {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadSettingsError(f"{variable}: {path} is not text in UTF-8") from None


def _sentence(error: ValidationError, secrets: Collection[str], given: Collection[str]) -> str:
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(
        f"{_place(str(problem['loc'][0]), secrets, given)}: {_in_words(problem)}"
        for problem in problems
    )


def _place(name: str, secrets: Collection[str], given: Collection[str]) -> str:
    """Return how its user calls a setting: by the place where it was read."""
    variable = f"{PREFIX}{name.upper()}"
    if name in given:
        return name
    if os.environ.get(variable):
        return variable
    return f"{variable}_FILE" if name in secrets else f"{name} in {settings_file()}"


def _in_words(problem: ErrorDetails) -> str:
    if problem["type"] == "extra_forbidden":
        return "there is no such setting (`waxline config` lists them)"
    return problem["msg"].removeprefix("Value error, ")
