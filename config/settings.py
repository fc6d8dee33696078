"""Every setting, in one place: what it is called, what it may be, and its default."""

import re
from dataclasses import replace
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

from config.checks import AuthorityFile, path_prefix, url_of, web_address
from config.servers import ServerAccess, ServerName, with_password
from config.sinks import CONTENT_OPTIONS, SERVERS, SinkName, SinkOptions, sink_named
from config.sources import BadSettingsError, Found, find_settings, variable

_STREAMS = ("redis", "rediss", "unix")
_BOLT = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")

DATA_FOLDER = Path(".waxline")
"""The data folder where none is set."""

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
    cache_url: StoreUrl | None = Field(
        None,
        description="Dragonfly, Valkey or Redis for cached answers, which may be evicted: "
        "another instance than the store's",
    )
    reading_url: PostgresUrl | None = Field(
        None,
        description="PostgreSQL as `waxline serve` reads it: a role that may only read, a replica; "
        "not set: postgres_url",
    )
    postgres_password: SecretStr | None = Field(None, description="put into postgres_url")
    graph_password: SecretStr | None = Field(None, description="put into graph_url")
    broker_password: SecretStr | None = Field(None, description="put into broker_url")
    store_password: SecretStr | None = Field(None, description="put into store_url")
    cache_password: SecretStr | None = Field(None, description="put into cache_url")
    reading_password: SecretStr | None = Field(None, description="put into reading_url")
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
        DATA_FOLDER,
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

    # Serving
    serve_host: str = Field("127.0.0.1", min_length=1, description="address that is listened on")
    serve_port: int = Field(8080, ge=0, le=65535, description="port; 0: a free one")
    serve_processes: int = Field(1, ge=1, description="processes that answer")
    discogs_prefix: Annotated[str, AfterValidator(path_prefix)] = Field(
        "/discogs", description="path that Discogs' own API stands under; /: the root"
    )
    public_address: Annotated[str, AfterValidator(web_address)] | None = Field(
        None,
        description="where clients reach what is served, as in https://music.example.org: "
        "addresses in answers begin so; not set: with the host that a client has asked",
    )
    serve_memory: int = Field(
        64_000_000, ge=1_000_000, description="bytes of answers that each process keeps in memory"
    )
    serve_access_log: bool = Field(
        False, description="log an event for each answer; it costs as much as a cached answer"
    )
    anonymous: bool = Field(True, description="answer those who have no key, too")
    anonymous_limit: int = Field(
        0,
        ge=0,
        description="tokens that an address without a key may use in a minute (a record costs 1, a "
        "list 2, a search 5, the graph 20); 0: without limit",
    )
    key_limit: int = Field(0, ge=0, description="the same for a key that has no limit of its own")
    reading_sessions: int = Field(
        8,
        ge=1,
        description="sessions of PostgreSQL of each process that answers, for records, and as many "
        "for everything else",
    )
    reading_timeout: float = Field(5, gt=0, description="s, deadline of one statement that reads")
    cache_timeout: float = Field(0.05, gt=0, description="s, deadline of one call to the cache")

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

    def server(self, name: ServerName) -> ServerAccess:
        """Return how a server is reached; raise `BadSettingsError` when its URL is not set."""
        url: SecretStr | None = getattr(self, f"{name}_url")
        if url is None and name == "reading":
            return replace(self.server("postgres"), timeout=self.reading_timeout)
        if url is None:
            raise BadSettingsError(
                f"{variable(f'{name}_url')} is not set (`waxline config` says what it may be)"
            )
        password: SecretStr | None = getattr(self, f"{name}_password")
        bare = url.get_secret_value()
        return ServerAccess(
            url=with_password(bare, password.get_secret_value()) if password else bare,
            namespace=self.namespace,
            ca_file=self.ca_file,
            connect_timeout=self.connect_timeout,
            timeout=getattr(self, f"{name}_timeout"),
            retry_seconds=self.retry_seconds,
        )

    def sink(self, name: SinkName) -> SinkOptions:
        """Return what a sink is opened with; raise `BadSettingsError` when its URL is not set."""
        server = SERVERS[name]
        return SinkOptions(
            name=name,
            server=self.server(server),
            sessions=getattr(self, f"{server}_sessions"),
            batch_size=getattr(self, f"{server}_batch"),
            content=self.content_options(name),
            compiled=self.compiled,
        )

    def content_options(self, *sinks: SinkName) -> str:
        """Return the names of the options in force that say what these sinks hold of a record."""
        return " ".join(name for sink in sinks if getattr(self, name := CONTENT_OPTIONS[sink]))


def load_settings(**overrides: Any) -> Settings:
    """Read all settings; ``overrides`` that are not None win over what `config.sources` finds.

    Raises `BadSettingsError`, naming each bad setting and where it stands.
    """
    given = {name: Found(value, name) for name, value in overrides.items() if value is not None}
    found = {**find_settings(Settings.model_fields), **given}
    try:
        return Settings(**{name: one.value for name, one in found.items()})
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        raise BadSettingsError(
            "; ".join(f"{found[str(one['loc'][0])].place}: {_in_words(one)}" for one in problems)
        ) from None


def _in_words(problem: ErrorDetails) -> str:
    if problem["type"] == "extra_forbidden":
        return "there is no such setting (`waxline config` lists them)"
    return problem["msg"].removeprefix("Value error, ")
