"""What the pages say of the code is so: lists made from it, paths, links, exit codes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.entities import Entity
from common.errors import WaxlineError
from common.records import Record
from common.records.graph import EDGES
from common.records.tables import TABLES
from common.reports import State
from common.verdicts import Standing
from loaders.neo4j.rows import make_row
from loaders.neo4j.schema import LABELS
from tests.acceptance.documents import documents
from tests.full_records import FULL
from tests.pages import DOCS, PARTS, made_page, schema_columns
from tests.servers import REPOSITORY

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_PATH = re.compile(r"`((?:common|config|extractor|loaders|waxline|tests|docs|\.ci)/[\w./-]*)`")
PAGES = documents()


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def errors(base: type[WaxlineError] = WaxlineError) -> Iterator[type[WaxlineError]]:
    yield base
    for kind in base.__subclasses__():
        yield from errors(kind)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_made_parts_are_as_made(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == made_page(path), "python -m tests.pages"


def test_the_pages_know_every_column() -> None:
    columns = schema_columns()
    for tables in TABLES.values():
        for table, filled in tables.items():
            found = [name for name, _ in columns[f"discogs.{table}"]]
            assert [name for name in found if name != "document"] == list(filled)


def test_every_part_stands_on_a_page() -> None:
    together = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    assert [name for name in PARTS if f"<!-- made: {name} -->" not in together] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_and_paths_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = [link for link in _LINK.findall(text) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []
    assert [name for name in _PATH.findall(text) if not (REPOSITORY / name).exists()] == []


def test_every_edge_and_property_of_the_graph_is_on_its_page() -> None:
    text = page("graph.md")
    for entity, edges in EDGES.items():
        for edge in edges:
            inner = f" {{{', '.join(edge.properties)}}}" if edge.properties else ""
            line = f"(:{LABELS[entity]})-[:{edge.type}{inner}]->(:{edge.target})"
            assert line in text
    for entity in Entity:
        record = Record(id=1, fingerprint=2, data=FULL[entity])
        for name in make_row(entity, record, 20260101)["properties"]:
            assert f"`{name}`" in text, (entity, name)


def test_exit_codes_and_standings_are_explained() -> None:
    text = page("operating.md")
    for kind in errors():
        assert f"| {kind.exit_code} |" in text, kind
    for name in [*(standing.value for standing in Standing), *State]:
        assert f"`{name}`" in text, name
