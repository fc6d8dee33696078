"""The parts of the pages that are made from the code: ``python -m tests.pages`` writes them.

They stand between two comments, ``<!-- made: NAME -->`` and ``<!-- end -->``; a test compares
them with what this module makes, so that they cannot go stale.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import SecretStr

from common.entities import LOAD_ORDER
from config.settings import Settings
from config.sources import variable
from loaders.postgres.search import make_search
from loaders.postgres.table_statements import TableStatements
from tests.servers import REPOSITORY

DOCS = REPOSITORY / "docs"

_SCHEMA = REPOSITORY / "loaders" / "postgres"
_TABLE = re.compile(r"^CREATE TABLE ([a-z_.]+) \(\n(.*?)^\)", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"^    ([a-z_0-9]+) +(.+?)(?: NOT NULL| PRIMARY KEY| DEFAULT.*)*,?$")
_COMMENT = re.compile(r"^COMMENT ON (?:TABLE|COLUMN) (\S+) IS\s+'((?:[^']|'')*)';", re.MULTILINE)
_INDEX = re.compile(
    r"^CREATE (?:UNIQUE )?INDEX IF NOT EXISTS (\w+)\s+ON (\S+) (.+?);", re.MULTILINE | re.DOTALL
)
_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def made_page(path: Path) -> str:
    """Return a page with its made parts as they should be."""
    text = path.read_text(encoding="utf-8")
    return _MADE.sub(lambda match: f"{match[1]}\n{PARTS[match[2]]()}\n{match[3]}", text)


def schema_comments() -> dict[str, str]:
    """Return the comments of all tables and columns, by their full names."""
    return {name: text.replace("''", "'") for name, text in _COMMENT.findall(_schema())}


def schema_columns() -> dict[str, list[tuple[str, str]]]:
    """Return the columns of each table, name and type."""
    return {table: list(_columns(body)) for table, body in _TABLE.findall(_schema())}


def _schema() -> str:
    catalogue = [f"{TableStatements(entity).create()};" for entity in LOAD_ORDER]
    names = [f"schema_{part}.sql" for part in ("deletion", "change", "waxline", "history")]
    own = [(_SCHEMA / name).read_text(encoding="utf-8") for name in names]
    return "\n".join([*catalogue, *make_search(), *own])


def _columns(body: str) -> Iterator[tuple[str, str]]:
    for line in body.splitlines():
        if match := _COLUMN.match(line):
            yield match[1], match[2]


def _tables() -> str:
    comments = schema_comments()
    return "\n".join(
        "\n".join(_table(name, columns, comments)) for name, columns in schema_columns().items()
    )


def _table(name: str, columns: list[tuple[str, str]], comments: Mapping[str, str]) -> Iterator[str]:
    yield f"### {name}\n\n{comments[name]}\n"
    yield "| column | type | |\n|---|---|---|"
    for column, kind in columns:
        yield f"| `{column}` | {kind} | {_cell(comments[f'{name}.{column}'])} |"
    yield ""


def _indexes() -> str:
    text = (_SCHEMA / "indexes.sql").read_text(encoding="utf-8")
    search = (_SCHEMA / "search.sql").read_text(encoding="utf-8")
    texts = [text, *(search.replace("{entity}", entity) for entity in LOAD_ORDER)]
    rows = [
        f"| `{name}` | `{table}` | `{_cell(' '.join(what.split()))}` |"
        for name, table, what in _INDEX.findall("\n".join(texts))
        if not name.endswith("_key")
    ]
    return "\n".join(["| index | table | on |", "|---|---|---|", *rows, ""])


def _settings() -> str:
    rows = [
        f"| `{name}` | {_default(field.default)} | {_cell(field.description or '')} |"
        for name, field in Settings.model_fields.items()
    ]
    head = f"| setting (`{variable('…')}`) | default | |\n|---|---|---|"
    return "\n".join([head, *rows, ""])


def _default(value: object) -> str:
    if value is None or isinstance(value, SecretStr):
        return "not set"
    shown = ",".join(value) if isinstance(value, tuple) else str(value)
    return f"`{shown.lower() if isinstance(value, bool) else shown}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PARTS: Mapping[str, Callable[[], str]] = {
    "tables": _tables,
    "indexes": _indexes,
    "settings": _settings,
}


def main() -> None:
    """Rewrite the pages."""
    for path in sorted(DOCS.glob("*.md")):
        path.write_text(made_page(path), encoding="utf-8")


if __name__ == "__main__":
    main()
