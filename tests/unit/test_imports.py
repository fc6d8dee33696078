"""A process imports the drivers that it uses: they take longer than most of what it does.

And what is compiled is all there where it has to be.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from common.compiled import MODULES

ROOT = Path(__file__).parents[2]

DRIVERS = {"aio_pika", "asyncpg", "neo4j", "numpy"}

OPENED = """
import asyncio
from common.broker import open_broker
from config.settings import load_settings
open_broker(load_settings(broker_url="redis://127.0.0.1/0").server("broker"), 1_000_000)
"""

UNCOLLECTED = """
import gc, sys
from contextlib import suppress
from importlib import import_module
module, *sys.argv[1:] = sys.argv[1:]
def collections():
    return sum(generation["collections"] for generation in gc.get_stats())
before = collections()
with suppress(SystemExit):
    import_module(module).main()
print()
print("pydantic" in sys.modules, collections() - before)
"""

A_FEW = 20
"""Collections in what a command does itself; its imports would make some 130."""


@pytest.mark.parametrize(
    "words",
    [
        ["waxline.__main__", "config"],
        ["extractor.__main__", "nowhere"],
        ["loaders.__main__", "postgres"],
    ],
)
def test_what_is_imported_is_not_walked_as_garbage(words: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", UNCOLLECTED, *words],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    imported, collections = done.stdout.splitlines()[-1].split()
    assert imported == "True"
    assert int(collections) < A_FEW


@pytest.mark.parametrize(
    ("what", "drivers"),
    [
        ("import waxline.run.commands", set()),
        ("import extractor.command", set()),
        ("import loaders.command", set()),
        (OPENED, set()),
        ("import loaders.command, loaders.postgres", {"asyncpg"}),
    ],
)
def test_a_process_imports_no_driver_that_it_does_not_use(what: str, drivers: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"{what}\nimport sys\nprint(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = set(done.stdout.split())
    assert "asyncio" in loaded
    assert loaded & DRIVERS == drivers


def in_setup() -> set[str]:
    """Return the extension modules that setup.py names."""
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    texts = {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {text for text in texts if re.fullmatch(r"(extractor|loaders)(\.[a-z_]+)+", text)}


def test_what_is_looked_for_is_all_that_is_compiled() -> None:
    sources = (path for name in ("extractor", "loaders") for path in (ROOT / name).rglob("*.pyx"))
    named = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sources}
    assert sorted(named) == sorted(in_setup()) == sorted(MODULES)


def test_no_image_is_made_without_what_is_compiled() -> None:
    steps = re.split(r"^(?=[A-Z]+ )", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    installed = next(i for i, step in enumerate(steps) if "--no-deps ." in step)
    checked = next(i for i, step in enumerate(steps) if "-m common.compiled" in step)
    taken = next(i for i, step in enumerate(steps) if step.startswith("COPY --from=build"))
    assert installed < checked < taken
    # Its exit code is the step's: nothing comes after it, and nothing takes its place.
    assert steps[checked].split("#")[0].rstrip().endswith("-m common.compiled")
