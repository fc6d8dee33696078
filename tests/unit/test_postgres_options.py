"""URLs of PostgreSQL with libpq's options: honoured, harmless, or refused in a sentence."""

import pytest

from common.errors import SettingsError
from common.postgres.options import Target, target_of
from config.servers import redact, with_password
from config.settings import load_settings

URL = "postgresql://anna:secret@db.example:5432/waxline"


@pytest.mark.parametrize(
    "options",
    [
        "keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=3",
        "tcp_user_timeout=1000&load_balance_hosts=disable&sslsni=1",
        "gssencmode=disable",
        "gssencmode=prefer&channel_binding=prefer",
        "channel_binding=disable&client_encoding=UTF8",
    ],
)
def test_what_changes_nothing_is_left_out(options: str) -> None:
    assert target_of(f"{URL}?{options}") == Target(URL)


@pytest.mark.parametrize(
    "options",
    [
        "sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem",
        "target_session_attrs=read-write",
        "options=-c+search_path%3Dpublic",
        "passfile=%2Fhome%2Fanna%2F.pgpass",
    ],
)
def test_what_the_driver_knows_stays(options: str) -> None:
    assert target_of(f"{URL}?{options}") == Target(f"{URL}?{options}")


def test_what_is_ours_to_do_is_taken_out() -> None:
    target = target_of(f"{URL}?connect_timeout=7&application_name=my+loader&sslmode=require")
    assert target == Target(f"{URL}?sslmode=require", 7, "my loader")


@pytest.mark.parametrize(
    "option",
    [
        *("channel_binding=require", "gssencmode=require", "client_encoding=latin1"),
        *("hostaddr=10.0.0.1", "replication=database", "require_auth=none"),
        "connect_timeout=soon",
    ],
)
def test_what_would_have_to_be_done_and_cannot_be_is_refused(option: str) -> None:
    with pytest.raises(SettingsError, match=option.partition("=")[0]):
        target_of(f"{URL}?{option}")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anna:secret@one:5432,two:5433/waxline?target_session_attrs=read-write",
        "postgresql://anna@[::1]:5432,two/waxline",
        "postgresql:///waxline?host=/var/run/postgresql",
        "postgresql:///?service=waxline",
    ],
)
def test_several_hosts_and_services_are_urls(url: str) -> None:
    settings = load_settings(postgres_url=url)
    assert target_of(settings.server("postgres").url).url.startswith("postgresql:")


def test_passwords_of_several_hosts_and_of_options_are_hidden() -> None:
    url = with_password("postgresql://anna@one:5432,two:5433/waxline", "canary")
    assert url == "postgresql://anna:canary@one:5432,two:5433/waxline"
    for secret in (url, f"{URL}?password=canary", f"{URL}?sslmode=require&sslpassword=canary"):
        assert "canary" not in redact(secret)


@pytest.mark.parametrize("scheme", ["bolt", "amqp", "redis"])
def test_several_hosts_are_for_postgresql_alone(scheme: str) -> None:
    name = {"bolt": "graph_url", "amqp": "broker_url", "redis": "store_url"}[scheme]
    with pytest.raises(ValueError, match=name):
        load_settings(**{name: f"{scheme}://one:1,two:2/0"})
