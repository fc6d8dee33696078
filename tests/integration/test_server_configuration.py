"""The configuration files that docker-compose.yml mounts, read by the real servers."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis.asyncio
import yaml

from tests.rabbitmq import RabbitMQ
from tests.servers import CONFIGURATIONS, REPOSITORY, graph_driver
from waxline.servers.postgres import configuration_file

DEADLINE = 20.0


def settings_of(path: Path) -> dict[str, str]:
    """Return the ``key = value`` lines of a configuration file, comments and quotes left out."""
    lines = (line.partition(" #")[0] for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("'") for key, _, value in pairs}


def mounted(service: str) -> set[Path]:
    compose: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    volumes: list[str] = compose["services"][service]["volumes"]
    sources = (entry.partition(":")[0] for entry in volumes if entry.startswith("./"))
    return {REPOSITORY / source for source in sources}


async def test_postgres_takes_every_setting_from_the_file(postgres_url: str) -> None:
    assert configuration_file() in mounted("postgres")
    connection = await asyncpg.connect(postgres_url, timeout=DEADLINE)
    try:
        rows = await connection.fetch(
            "SELECT name, setting, applied, error FROM pg_file_settings", timeout=DEADLINE
        )
        shared = await connection.fetchval("SHOW shared_buffers", timeout=DEADLINE)
        durable = await connection.fetchval("SHOW synchronous_commit", timeout=DEADLINE)
    finally:
        await connection.close(timeout=DEADLINE)
    expected = settings_of(configuration_file())
    assert {row["name"]: row["setting"] for row in rows} == expected
    assert [(row["name"], row["error"]) for row in rows if not row["applied"]] == []
    assert (shared, durable) == ("256MB", "on")


def test_rabbitmq_takes_the_settings_from_the_file(rabbitmq_server: RabbitMQ) -> None:
    path = CONFIGURATIONS / "rabbitmq" / "rabbitmq.conf"
    assert mounted("rabbitmq") == {path}
    expected = settings_of(path)
    for key in ("max_message_size", "consumer_timeout", "channel_max", "heartbeat"):
        value = rabbitmq_server.evaluate(f"application:get_env(rabbit, {key}).")
        assert value == f"{{ok, {expected[key]}}}"
    limit = rabbitmq_server.evaluate("rabbit_disk_monitor:get_disk_free_limit().")
    assert int(limit) == 2 * 10**9


@pytest.mark.long
def test_neo4j_takes_the_settings_from_the_file(neo4j_url: str) -> None:
    path = CONFIGURATIONS / "neo4j" / "neo4j.conf"
    assert mounted("neo4j") == {path}
    names = ["db.checkpoint.interval.time", "db.logs.query.enabled", "server.http.enabled"]
    with graph_driver(neo4j_url) as driver:
        rows, _, _ = driver.execute_query(
            "SHOW SETTINGS YIELD name, value, isExplicitlySet WHERE name IN $names "
            "RETURN name, value, isExplicitlySet",
            names=[*names, "dbms.memory.transaction.total.max"],
        )
    found = {row["name"]: row["value"] for row in rows if row["isExplicitlySet"]}
    expected = {name: settings_of(path)[name] for name in names}
    assert {name: found[name] for name in names} == expected
    assert found["dbms.memory.transaction.total.max"] == "700.00MiB"


async def test_valkey_takes_the_settings_from_the_file(valkey_url: str) -> None:
    async with redis.asyncio.Redis.from_url(
        valkey_url, socket_timeout=DEADLINE, decode_responses=True
    ) as client:
        found = await client.config_get("maxmemory*", "append*")
    assert found["maxmemory"] == str(2**30)
    assert found["maxmemory-policy"] == "noeviction"
    assert (found["appendonly"], found["appendfsync"]) == ("yes", "everysec")
