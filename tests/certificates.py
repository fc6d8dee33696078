"""A throw-away authority, and the servers of an installation that speak TLS by its certificates.

Those of the wheels are built without TLS: PostgreSQL and Redis are the distribution's.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import redis
import trustme

from tests.commands import found as program
from tests.rabbitmq import RabbitMQ
from tests.servers import ASK_SECONDS, DistributionPostgres, ShortLivedNeo4j
from waxline.servers.postgres import DATABASE, USER
from waxline.servers.server import NotYetError, Server
from waxline.servers.state import HOST, Endpoint, free_port, write_private

CERTIFIED = "localhost"
"""The one name in the certificates: 127.0.0.1 is the same server under a wrong name."""


@dataclass(frozen=True)
class Certificates:
    """Files in PEM form: the authority's certificate, a server's certificate and its key."""

    folder: Path

    @property
    def authority(self) -> Path:
        """What clients trust."""
        return self.folder / "ca.crt"

    @property
    def certificate(self) -> Path:
        """What a server shows."""
        return self.folder / "public.crt"

    @property
    def key(self) -> Path:
        """What only the server may read."""
        return self.folder / "private.key"

    def make(self) -> None:
        """Write them, of a new authority, unless they are there."""
        if self.key.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        issued = authority.issue_cert(CERTIFIED)
        authority.cert_pem.write_to_path(self.authority)
        issued.cert_chain_pems[0].write_to_path(self.certificate)
        write_private(self.key, issued.private_key_pem.bytes().decode())


class Certified(Server):
    """A server with a certificate."""

    @cached_property
    def certificates(self) -> Certificates:
        """Its certificate and who issued it, made when they are first asked for."""
        certificates = Certificates(self.folder / "certificates")
        certificates.make()
        return certificates


class SecureRabbitMQ(Certified, RabbitMQ):
    """RabbitMQ that listens with TLS too, on another port."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name, folder)
        self.tls_port = free_port()

    def prepare(self, endpoint: Endpoint) -> None:
        """Add the listener to the configuration."""
        super().prepare(endpoint)
        lines = (
            f"listeners.ssl.local = {HOST}:{self.tls_port}",
            f"ssl_options.cacertfile = {self.certificates.authority}",
            f"ssl_options.certfile = {self.certificates.certificate}",
            f"ssl_options.keyfile = {self.certificates.key}",
            "ssl_options.verify = verify_none",
        )
        write_private(self.folder / "conf.d" / "30-tls.conf", "\n".join(lines) + "\n")


class SecureNeo4j(Certified, ShortLivedNeo4j):
    """Neo4j that takes connections with TLS and without, on one port."""

    def command(self, endpoint: Endpoint) -> list[str]:
        """Add the policy of Bolt; the names of key and certificate are the server's defaults."""
        policy = {
            "server.bolt.tls_level": "OPTIONAL",
            "dbms.ssl.policy.bolt.enabled": "true",
            "dbms.ssl.policy.bolt.base_directory": str(self.certificates.folder),
            "dbms.ssl.policy.bolt.client_auth": "NONE",
        }
        options = (part for key, value in policy.items() for part in ("-c", f"{key}={value}"))
        return [*super().command(endpoint), *options]


class SecurePostgres(Certified, DistributionPostgres):
    """The distribution's PostgreSQL with TLS, and no session without."""

    def prepare(self, endpoint: Endpoint) -> None:
        """Make the cluster, once; sessions without TLS are refused."""
        super().prepare(endpoint)
        access = self.folder / "data" / "pg_hba.conf"
        access.write_text("hostssl all all all scram-sha-256\n", encoding="utf-8")

    def settings(self, endpoint: Endpoint) -> dict[str, str]:
        """Add the certificate and its key."""
        return {
            **super().settings(endpoint),
            "ssl": "on",
            "ssl_cert_file": str(self.certificates.certificate),
            "ssl_key_file": str(self.certificates.key),
        }

    def url_of(self, endpoint: Endpoint) -> str:
        """Return a URL that checks the certificate and its name."""
        place = f"{CERTIFIED}:{endpoint.port}/{DATABASE}"
        return f"postgresql://{USER}:{endpoint.password}@{place}?sslmode=verify-full"


class SecureRedis(Certified):
    """The distribution's Redis, with TLS only; Valkey has the same options."""

    title = "Redis with TLS"

    def prepare(self, endpoint: Endpoint) -> None:
        """Write certificates and configuration."""
        lines = (
            "port 0",
            f"bind {HOST}",
            f"tls-port {endpoint.port}",
            f'tls-ca-cert-file "{self.certificates.authority}"',
            f'tls-cert-file "{self.certificates.certificate}"',
            f'tls-key-file "{self.certificates.key}"',
            "tls-auth-clients no",
            f'dir "{self.folder}"',
            f"requirepass {endpoint.password}",
            "maxmemory-policy noeviction",
        )
        write_private(self.folder / "redis.conf", "\n".join(lines) + "\n")

    def command(self, endpoint: Endpoint) -> list[str]:
        """Return ``redis-server`` and its configuration file."""
        del endpoint
        return [program("redis-server"), str(self.folder / "redis.conf")]

    def ask(self, endpoint: Endpoint) -> None:
        """PING, by TLS."""
        try:
            with redis.Redis.from_url(
                self.url_of(endpoint),
                ssl_ca_certs=str(self.certificates.authority),
                socket_timeout=ASK_SECONDS,
                socket_connect_timeout=ASK_SECONDS,
            ) as client:
                client.ping()
        except redis.RedisError as error:
            raise NotYetError(str(error)) from error

    def url_of(self, endpoint: Endpoint) -> str:
        """Return a URL as redis-py takes it, database 0."""
        return f"rediss://:{endpoint.password}@{CERTIFIED}:{endpoint.port}/0"
