"""How to look at what was loaded: lines for a shell, with a first query for each database."""

import re
import shlex
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from common.program_name import called, interpreter
from config.settings import PREFIX, Settings, redact
from waxline.servers.embedded import password_file, psql_program

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


def ways_to_look(settings: Settings, embedded: Collection[str], *, up: bool) -> Iterator[str]:
    """Yield lines for a shell that ask each database something, and those that go on from there.

    ``embedded`` names the servers that are ours, ``up`` tells whether they are left running.
    No password is among the lines.
    """
    program = _program(settings)
    yield ""
    if embedded and not up:
        yield "# To look around, start the servers again:"
        yield f"{program} servers start"
    if "postgres" in settings.sinks:
        yield "# PostgreSQL:"
        yield from _psql(settings, program if "postgres" in embedded else "").splitlines()
    if "neo4j" in settings.sinks:
        yield "# The graph, with Neo4j's driver:"
        yield from _driver(settings, ours="graph" in embedded)
    yield "# Compare the databases with this run, now or at any time:"
    yield f"{program} audit"


def _program(settings: Settings) -> str:
    """Return how waxline is called, with the folder that it was given."""
    folder = settings.data_folder
    default: Path = Settings.model_fields["data_folder"].default
    return called() if folder == default else f"{_assigned('data_folder', folder)} {called()}"


def _assigned(name: str, value: object) -> str:
    return f"{PREFIX}{name.upper()}={shlex.quote(str(value))}"


def _psql(settings: Settings, program: str) -> str:
    if program:
        psql = "psql" if shutil.which("psql") else shlex.quote(psql_program())
        return f"{psql} \"$({program} servers urls postgres)\" -c '{SQL}'"
    return f"psql {shlex.quote(without_password(settings.url('postgres_url')))} -c '{SQL}'"


def _driver(settings: Settings, *, ours: bool) -> Iterator[str]:
    url = urlsplit(settings.url("graph_url"))
    user = unquote(url.username or "")
    file = str(password_file(settings.data_folder))
    password = f"open({file!r}).read()" if ours else "'its password'"
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
