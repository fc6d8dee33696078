"""Which tests each worker of pytest-xdist gets."""

import re

from xdist.scheduler import LoadScopeScheduling

_INSTALLED = re.compile(
    r"\[.*(installed|neo4j|rabbitmq)"
    r"|test_(rabbitmq|secrets|front_door|tls|too_large)"
    r"|/bad_inputs/|/graph/test_(plans|orphans|error_table|failures)"
)
"""Tests on Neo4j or RabbitMQ, by their names; one that is missed costs a start of these servers."""


class FilesAndServers(LoadScopeScheduling):
    """Gives whole files to a worker, and to one of them all tests on servers that start slowly."""

    def _split_scope(self, nodeid: str) -> str:
        return "installed" if _INSTALLED.search(nodeid) else nodeid.partition("::")[0]
