"""How to look at what was loaded: lines for a shell, with a first query for each database."""

import re
import shlex
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from common.command_lines import interpreter
from config.servers import redact
from config.sinks import SinkName
from waxline.servers.embedded import password_file, psql_program
from waxline.servers.folder import program_for

# Lines that a terminal of 60 columns shows whole, as far as that is ours to say.
SQL = """
SELECT genre, count(*) AS releases
FROM discogs.release_genre
GROUP BY genre ORDER BY releases DESC, genre LIMIT 3"""

CYPHER = """
MATCH (r:Release)-[:BY]->(a:Artist)
WHERE a.name IS NOT NULL
RETURN a.name AS artist, count(r) AS releases
ORDER BY releases DESC, artist LIMIT 3"""

_SNIPPET = """\
{python} - <<'END'
from neo4j import GraphDatabase
{auth}query = \"\"\"{query}\"\"\"
address = "{address}"
with GraphDatabase.driver(address{arguments}) as driver:
    found = driver.execute_query(query{database})
    for row in found.records:
        print(*row)
END"""

_HIDDEN = re.compile(r":\*{3}(?=@)|(?<=[?&])[^=&]*=\*{3}&?")


def ways_to_look(
    urls: Mapping[SinkName, str], folder: Path, embedded: Collection[str], *, up: bool
) -> Iterator[str]:
    """Yield lines for a shell that ask each database something, and those that go on from there.

    ``urls`` has those of the sinks.  ``embedded`` names the servers that are ours, in ``folder``;
    ``up`` tells whether they are left running.  No password is among the lines.
    """
    program = program_for(folder)
    yield ""
    if embedded and not up:
        yield "# To look around, start the servers again:"
        yield f"{program} servers start"
    if url := urls.get("postgres"):
        yield "# PostgreSQL:"
        yield from _psql(url, program if "postgres" in embedded else "").splitlines()
    if url := urls.get("neo4j"):
        yield "# The graph, with Neo4j's driver:"
        yield from _driver(url, password_file(folder) if "graph" in embedded else None)
    yield "# Compare the databases with this run, now or at any time:"
    yield f"{program} audit"


def _psql(url: str, program: str) -> str:
    if program:
        psql = "psql" if shutil.which("psql") else shlex.quote(psql_program())
        return f"{psql} \"$({program} servers urls postgres)\" -c '{SQL}'"
    return f"psql {shlex.quote(without_password(url))} -c '{SQL}'"


def _driver(whole: str, password_in: Path | None) -> Iterator[str]:
    url = urlsplit(whole)
    user = unquote(url.username or "")
    password = f"open({str(password_in)!r}).read()" if password_in else "'its password'"
    database = url.path.strip("/")
    yield from _SNIPPET.format(
        python=interpreter(),
        auth=f"auth = ({user!r}, {password})\n" if user else "",
        address=url._replace(netloc=url.netloc.rpartition("@")[2], path="").geturl(),
        arguments=", auth=auth" if user else "",
        query=CYPHER,
        database=f", database_={database!r}" if database else "",
    ).splitlines()


def without_password(url: str) -> str:
    """Return a URL without its password: psql asks for it."""
    return _HIDDEN.sub("", redact(url))
