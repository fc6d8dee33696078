"""docker-compose.yml, the files it mounts and the secrets it names."""

import importlib.resources
import json
import re
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml

from config.settings import Settings
from config.sources import variable
from tests.servers import REPOSITORY

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVERS = sorted(name for name, service in SERVICES.items() if "build" not in service)
PROGRAMS = sorted(name for name, service in SERVICES.items() if "build" in service)

each_service = pytest.mark.parametrize("name", sorted(SERVICES))
each_server = pytest.mark.parametrize("name", SERVERS)
each_program = pytest.mark.parametrize("name", PROGRAMS)


def environment(name: str) -> dict[str, str]:
    found: dict[str, str] = SERVICES[name].get("environment", {})
    return found


def secret_names(name: str) -> set[str]:
    mounted = SERVICES[name].get("secrets", [])
    return {entry if isinstance(entry, str) else entry["source"] for entry in mounted}


def test_it_is_valid_by_the_compose_specification() -> None:
    vendored = importlib.resources.files("check_jsonschema.builtin_schemas.vendor")
    schema = json.loads((vendored / "compose-spec.json").read_text(encoding="utf-8"))
    jsonschema.validate(COMPOSE, schema)


def test_the_servers_and_programs_are_the_designs() -> None:
    assert SERVERS == ["dragonfly", "neo4j", "postgres", "rabbitmq"]
    assert PROGRAMS == ["extractor", "load-neo4j", "load-postgres"]


@each_server
def test_ports_are_open_on_this_machine_only(name: str) -> None:
    ports = SERVICES[name]["ports"]
    assert ports
    for port in ports:
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


@each_program
def test_programs_open_no_port(name: str) -> None:
    assert "ports" not in SERVICES[name]


@each_server
def test_a_server_has_a_pinned_image_and_a_health_check(name: str) -> None:
    service = SERVICES[name]
    assert re.search(r":v?\d+(\.\d+)*(-community)?$", service["image"])
    assert {"test", "interval", "timeout", "retries", "start_period"} <= set(service["healthcheck"])


@each_service
def test_every_service_is_limited(name: str) -> None:
    assert {"cpus", "memory", "pids"} <= set(SERVICES[name]["deploy"]["resources"]["limits"])


@each_program
def test_programs_are_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert int(service["user"].partition(":")[0]) > 0
    assert "no-new-privileges:true" in service["security_opt"]


@each_service
def test_no_password_is_written_out(name: str) -> None:
    for key, value in environment(name).items():
        assert urlsplit(value).password is None, key
        if "PASSWORD" in key or "AUTH" in key:
            assert value.startswith("/run/secrets/"), key
    command = " ".join(SERVICES[name].get("command", []))
    assert not re.search(r"pass(word)?[ =](?!/run/secrets)", command)


@each_service
def test_every_secret_that_is_read_is_mounted(name: str) -> None:
    text = json.dumps(SERVICES[name])
    read = set(re.findall(r"/run/secrets/(\w+)", text))
    assert read <= secret_names(name) <= set(COMPOSE["secrets"])


@each_program
def test_programs_are_given_settings_that_exist(name: str) -> None:
    known = {variable(field) for field in Settings.model_fields}
    given = {key.removesuffix("_FILE") for key in environment(name)}
    assert given
    assert given <= known


@each_service
def test_dependencies_wait_until_the_server_is_healthy(name: str) -> None:
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        assert how == {"condition": "service_healthy"}
        assert "healthcheck" in SERVICES[needed]


@each_server
def test_mounted_configuration_is_there_and_read_only(name: str) -> None:
    binds = [entry for entry in SERVICES[name]["volumes"] if entry.startswith("./")]
    assert binds
    for entry in binds:
        source, _, mode = entry.split(":")
        assert (REPOSITORY / source).is_file()
        assert mode == "ro"


def make_secrets(folder: Path) -> None:
    script = REPOSITORY / "config" / "make-secrets.sh"
    subprocess.run(["/bin/sh", script, folder], check=True, timeout=20)


def test_the_script_makes_every_secret_and_keeps_those_there_are(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(made) == {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    make_secrets(folder)
    assert made == {path.name: path.read_text() for path in folder.iterdir()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_secrets_are_random_and_agree_with_each_other(tmp_path: Path) -> None:
    make_secrets(tmp_path / "one")
    make_secrets(tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_text() != (tmp_path / "two" / path.name).read_text()
    one = {path.stem: path.read_text().strip() for path in (tmp_path / "one").iterdir()}
    assert re.fullmatch(r"[\w-]{32}", one["postgres_password"])
    assert one["neo4j_auth"] == f"neo4j/{one['graph_password']}"
    assert one["dragonfly_password"] == f"--requirepass={one['store_password']}"
    assert one["rabbitmq_user"].endswith(f"default_pass = {one['broker_password']}")


@pytest.mark.parametrize("name", ["dragonfly.conf", "cache.conf"])
def test_dragonfly_gets_flags_it_can_read(name: str) -> None:
    lines = (REPOSITORY / "config" / "dragonfly" / name).read_text().splitlines()
    flags = [line for line in lines if line and not line.startswith("#")]
    assert flags
    assert all(re.fullmatch(r"--[a-z_]+=(\S.*)?", flag) for flag in flags)
    assert not any("requirepass" in flag for flag in flags)


def test_the_image_does_not_run_as_root() -> None:
    lines = (REPOSITORY / "Dockerfile").read_text().splitlines()
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER 10001:10001"]


def test_the_image_is_built_of_every_package() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    dockerfile = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"^COPY (\w+) \1$", dockerfile, re.MULTILINE)) == {
        package.removesuffix("*") for package in packages
    }
