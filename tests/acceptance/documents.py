"""The documents as their tests see them: fenced blocks, and what becomes of each command."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.servers import REPOSITORY

LANGUAGES = {"sh", "sql", "cypher", "toml", "python", "text"}
"""A block of text is shown and not tried: it is what something prints.

Those of Python ask what is served: `tests/serving/discogs/` runs them.
"""

RUN = (
    *("waxline ", "make run", "make secrets"),
    *("psql ", "pg_dump ", "pg_restore ", "gzip "),
)
STARTED = ("waxline load ", "waxline serve ")
"""Commands that work until they are told to stop."""

NOT_RUN = {
    "git clone ": "where the repository lies is the reader's to know",
    ". .venv/bin/activate": "changes the reader's shell; the tests' commands have it already",
    "make test": "CI runs it, and this is a part of it",
    "make lint": "CI runs it",
    "make format": "changes files of the checkout",
    "make clean": "removes what the tests run in",
    "make bench": "takes minutes; the benchmarks say how long",
    "make faults": "takes minutes to hours; a test plays rounds of some rows",
    "make simulate": "a test plays some of the same nights by the same driver",
    "make fuzz": "atheris is for Linux only; a test runs its corpus through the same targets",
    "curl ": "asks what the reader serves; tests/serving asks the same of one that they start",
    "docker compose ": "there are no containers where the tests run",
    "pytest ": "a test run within a test run",
    ".venv/bin/python -m tests.pages": "changes files of the checkout; a test compares them",
    "python -m benchmarks": "takes minutes; the benchmarks say how long",
    "waxline serve --port": "tests/serving starts it, at a free port",
    "waxline quarantine show ": "the key is one of the reader's own list",
    "waxline quarantine replay 5b0f1f0c": "the keys are of the reader's own list",
    ".venv/bin/python -m tests.dictionary": "changes a file of the checkout",
    ".venv/bin/python -m tests.lock": "changes a file of the checkout, and asks PyPI",
    "rabbitmqctl ": "asks the reader's own RabbitMQ, as its user",
    "rabbitmq-diagnostics ": "asks the reader's own RabbitMQ, as its user",
    "systemctl ": "there is no systemd where the tests run",
}
"""The beginnings of commands that the tests leave out, and why."""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SETTINGS = re.compile(r"^(?:WAXLINE_[A-Z_]+=\S+ )+")
_EXIT_CODE = re.compile(r"#.*\bexit code (\d+)")
_USES = re.compile(r"^-- Uses ([a-z_, ]+)\.$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block; ``line`` is that of its fence."""

    document: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"

    @property
    def indexes(self) -> list[str]:
        """The indexes that an SQL block says it uses."""
        return [name for names in _USES.findall(self.text) for name in names.split(", ")]


@dataclass(frozen=True)
class Command:
    """A line of a shell block; ``code`` is the exit code its comment announces."""

    where: str
    text: str
    code: int = 0

    @property
    def started(self) -> bool:
        """Whether it works until it is told to stop."""
        return self._program.startswith(STARTED)

    @property
    def run(self) -> bool:
        """Whether the tests run it to its end."""
        return self._program.startswith(RUN) and not self.started and not self.left_out

    @property
    def left_out(self) -> str:
        """Why the tests leave it out, empty when they do not."""
        return next((why for start, why in NOT_RUN.items() if self._program.startswith(start)), "")

    @property
    def _program(self) -> str:
        return _SETTINGS.sub("", self.text)


def documents() -> list[Path]:
    """Return README and the pages of docs, by name."""
    top = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"]
    return [*top, *sorted((REPOSITORY / "docs").glob("*.md"))]


@cache
def blocks(language: str = "") -> list[Block]:
    """Return the blocks of all documents, of one language if it is named."""
    found = [block for path in documents() for block in _blocks(path)]
    return [block for block in found if language in ("", block.language)]


def commands(document: str) -> list[Command]:
    """Return the commands of a document in their order."""
    of_document = (block for block in blocks("sh") if block.document == document)
    return [command for block in of_document for command in _commands(block)]


def _blocks(path: Path) -> Iterator[Block]:
    text = path.read_text(encoding="utf-8")
    name = str(path.relative_to(REPOSITORY))
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(name, line, match[1], match[2])


def _commands(block: Block) -> Iterator[Command]:
    joined = block.text.replace("\\\n", " ")
    for line in joined.splitlines():
        text = line.partition("  #")[0].strip()
        if text and not text.startswith("#"):
            code = _EXIT_CODE.search(line)
            yield Command(str(block), text, int(code[1]) if code else 0)
