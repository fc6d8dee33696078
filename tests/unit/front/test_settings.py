"""Settings: where they come from, what is refused, and what is never shown."""

import os
from pathlib import Path
from typing import get_args

import pytest
from pydantic_core import PydanticUndefined

from config.servers import ServerName, redact, with_password
from config.settings import Settings, load_settings
from config.sources import BadSettingsError

CANARY = "canary"
URL = "postgresql://me:canary@host:5432/db"
_PASSWORDS = [f"{server}_password" for server in get_args(ServerName)]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but those of the test, in a folder without a settings file."""
    for name in os.environ:
        if name.startswith("WAXLINE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def test_what_is_given_wins_then_environment_then_secret_file_then_settings_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load_settings().graph_batch == 1_000
    write("waxline.toml", 'graph_batch = 1\nsinks = ["neo4j"]\n')
    assert load_settings().graph_batch == 1
    assert load_settings().sinks == ("neo4j",)
    monkeypatch.setenv("WAXLINE_GRAPH_BATCH_FILE", write("batch", "2\n"))
    assert load_settings().graph_batch == 2
    monkeypatch.setenv("WAXLINE_GRAPH_BATCH", "3")
    assert load_settings().graph_batch == 3
    assert load_settings(graph_batch=4).graph_batch == 4
    assert load_settings(graph_batch=None).graph_batch == 3


def test_another_settings_file_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    write("waxline.toml", "graph_batch = 1")
    monkeypatch.setenv("WAXLINE_CONFIG", write("other.toml", "linger = 2"))
    settings = load_settings()
    assert (settings.graph_batch, settings.linger) == (1_000, 2)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAXLINE_POSTGRES_URL", "")
    assert load_settings().postgres_url is None


def test_addresses_lose_the_slash_at_their_end() -> None:
    assert load_settings(discogs_prefix="/").discogs_prefix == ""
    assert load_settings(discogs_prefix="/music/discogs/").discogs_prefix == "/music/discogs"
    assert load_settings(public_address="https://m.example/").public_address == "https://m.example"


def test_sinks_are_words_without_repetitions() -> None:
    assert load_settings(sinks="postgres, neo4j,postgres").sinks == ("postgres", "neo4j")
    assert load_settings(sinks="arcadedb neo4j").sinks == ("neo4j",)


def test_a_password_of_its_own_is_put_into_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAXLINE_POSTGRES_URL", "postgresql://me@host/db")
    monkeypatch.setenv("WAXLINE_POSTGRES_PASSWORD_FILE", write("secret", "p@ss/w?rd\n"))
    assert load_settings().server("postgres").url == "postgresql://me:p%40ss%2Fw%3Frd@host/db"
    with pytest.raises(BadSettingsError, match="WAXLINE_GRAPH_URL is not set"):
        load_settings().server("graph")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("GRAPH_BATCH", "many", "WAXLINE_GRAPH_BATCH: .*integer"),
        ("GRAPH_BATCH", "0", "WAXLINE_GRAPH_BATCH: .*greater than or equal to 1"),
        ("SINKS", "mysql", "WAXLINE_SINKS: .*'postgres' or 'neo4j'"),
        ("SINKS", ",", "WAXLINE_SINKS: .*at least 1"),
        ("GRAF_BATCH", "1", "WAXLINE_GRAF_BATCH is no setting: is WAXLINE_GRAPH_BATCH meant"),
        ("X9", "1", "WAXLINE_X9 is no setting .`waxline config` lists them"),
        ("CONFIG", "nowhere", "WAXLINE_CONFIG: there is no settings file nowhere"),
        ("STORE_URL_FILE", "nowhere", "WAXLINE_STORE_URL_FILE: nowhere cannot be read: No such"),
        ("STORE_URL_FILE", "latin", "WAXLINE_STORE_URL_FILE: latin is not text"),
        ("STORE_URL_FILE", "bad-url", "WAXLINE_STORE_URL_FILE: it is no URL"),
        ("POSTGRES_URL", "host/db", "WAXLINE_POSTGRES_URL: it is no URL; .*postgresql://"),
        ("POSTGRES_URL", "mysql://h/canary", "WAXLINE_POSTGRES_URL: .*mysql://; .*postgresql://"),
        ("GRAPH_URL", "bolt://:canary@", "WAXLINE_GRAPH_URL: it names no host"),
        ("BROKER_URL", "amqp://u:can/ary@h/", "WAXLINE_BROKER_URL: .*percent-encode"),
        ("BROKER_URL", "amqp://u:canary@h:99999", "WAXLINE_BROKER_URL: .*cannot be read"),
        ("STORE_URL", "redis://[canary", "WAXLINE_STORE_URL: .*cannot be read"),
        ("DISCOGS_PREFIX", "discogs", "WAXLINE_DISCOGS_PREFIX: it is no path as in /discogs"),
        ("DISCOGS_PREFIX", "/a?b", "WAXLINE_DISCOGS_PREFIX: it is no path as in /discogs"),
        ("PUBLIC_ADDRESS", "music", "WAXLINE_PUBLIC_ADDRESS: it is no URL"),
        ("PUBLIC_ADDRESS", "http://h/?a=b", "WAXLINE_PUBLIC_ADDRESS: it has more than host and"),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    write("bad-url", "canary")
    Path("latin").write_bytes(b"canary\xff")
    monkeypatch.setenv(f"WAXLINE_{name}", value)
    with pytest.raises(BadSettingsError, match=words) as caught:
        load_settings()
    sentence = str(caught.value)
    assert "canary" not in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("kind", get_args(ServerName))
def test_every_secret_may_stand_in_a_file(
    monkeypatch: pytest.MonkeyPatch, kind: ServerName
) -> None:
    scheme = {
        "postgres": "postgresql",
        "reading": "postgresql",
        "graph": "bolt+s",
        "broker": "amqps",
    }
    whole = f"{scheme.get(kind, 'rediss')}://me:canary@host/db"
    monkeypatch.setenv(f"WAXLINE_{kind.upper()}_URL_FILE", write("url", f"{whole}\n"))
    assert load_settings().server(kind).url == whole
    monkeypatch.setenv(f"WAXLINE_{kind.upper()}_PASSWORD_FILE", write("secret", "better\n"))
    settings = load_settings()
    assert settings.server(kind).url == whole.replace("canary", "better")
    assert "canary" not in (shown := repr(settings))
    assert "better" not in shown


def test_every_secret_is_known_to_be_one() -> None:
    secret = [name for name in Settings.model_fields if name.endswith(("_url", "_password"))]
    assert sorted(_PASSWORDS + [name.replace("password", "url") for name in _PASSWORDS]) == sorted(
        secret
    )
    for name in secret:
        assert "SecretStr" in str(Settings.model_fields[name].annotation)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "WAXLINE_CA_FILE: authority cannot be read: No such file"),
        ("nothing", "WAXLINE_CA_FILE: authority holds no certificate in PEM form"),
    ],
)
def test_an_authority_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, content: str | None, words: str
) -> None:
    if content is not None:
        write("authority", content)
    monkeypatch.setenv("WAXLINE_CA_FILE", "authority")
    with pytest.raises(BadSettingsError, match=words):
        load_settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("graph_batch = ", "settings file waxline.toml: Invalid value"),
        ("graph_batsch = 1", "graph_batsch in waxline.toml: there is no such setting"),
        ("graph_batch = []\nlinger = -1", "graph_batch in waxline.toml: .*linger in waxline.toml"),
    ],
)
def test_a_bad_settings_file(text: str, words: str) -> None:
    write("waxline.toml", text)
    with pytest.raises(BadSettingsError, match=words):
        load_settings()


@pytest.mark.parametrize(
    "url",
    ["postgresql:///db?host=/run/pg", "unix:///run/s", "redis://h", "bolt+s://h", "amqps://h"],
)
def test_urls_that_are_good(url: str) -> None:
    names: dict[str, ServerName] = {"postgresql": "postgres", "bolt+s": "graph", "amqps": "broker"}
    name = names.get(url.partition(":")[0], "store")
    assert load_settings(**{f"{name}_url": url}).server(name).url == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://host:1/0", "redis://host:1/0"),
        (URL, "postgresql://me:***@host:5432/db"),
        ("redis://:canary@host/0", "redis://:***@host/0"),
        ("amqp://me:can/a?r#y@z@host/v", "amqp://me:***@host/v"),
        ("unix:///run/s?password=canary&db=1", "unix:///run/s?password=***&db=1"),
        ("postgresql://h/db?a=1&sslpassword=canary", "postgresql://h/db?a=1&sslpassword=***"),
        ("postgresql://[canary:canary@h", "postgresql://[canary:***@h"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert redact(url) == shown


def test_a_password_replaces_the_one_there_is() -> None:
    assert with_password(URL, "a b") == "postgresql://me:a%20b@host:5432/db"


def test_settings_show_no_secret() -> None:
    settings = load_settings(postgres_url=URL, graph_password=CANARY)
    assert "canary" not in repr(settings) + str(settings)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_says_what_it_means_and_in_what_unit(name: str) -> None:
    field = Settings.model_fields[name]
    assert field.description
    assert field.default is not PydanticUndefined
    assert not field.description.endswith(".")
    if isinstance(field.default, float) or name.endswith(("_seconds", "_timeout")):
        assert field.description.startswith("s, ")
    if name.endswith("_bytes"):
        assert "bytes" in field.description


FLOATS = [name for name, field in Settings.model_fields.items() if field.annotation is float]


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("value", ["inf", "nan", "-1"])
def test_a_number_of_seconds_is_finite(name: str, value: str) -> None:
    with pytest.raises(BadSettingsError, match=name):
        load_settings(**{name: value})
