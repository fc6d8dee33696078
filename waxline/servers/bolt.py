"""Asks a server that speaks Bolt whether a database is open."""

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from waxline.servers.server import NotYetError


def ask(address: str, auth: tuple[str, str], database: str, seconds: float) -> None:
    """RETURN 1; raise `NotYetError` without an answer in ``seconds``."""
    try:
        with neo4j.GraphDatabase.driver(
            address,
            auth=auth,
            connection_timeout=seconds,
            connection_acquisition_timeout=seconds,
            max_transaction_retry_time=0,
        ) as driver:
            driver.execute_query("RETURN 1", database_=database)
    except (DriverError, Neo4jError) as error:
        raise NotYetError(str(error)) from error
