"""The layout is the data flow: who may import whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ALLOWED = {
    "config": {"config"},
    "common": {"config", "common"},
    "extractor": {"config", "common", "extractor"},
    "loaders": {"config", "common", "loaders"},
    "generator": {"config", "common", "generator"},
    "serving": {"config", "common", "serving"},
    "waxline": {"config", "common", "extractor", "generator", "loaders", "serving", "waxline"},
}


BESIDE = {"tests", "faults", "benchmarks"}
"""What tries the product, and is no part of it."""

MOST_LINES = 300
"""Of a file of Python; SQL, Cypher and Cython may have more."""


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_its_place_in_the_flow_allows(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    for file in files:
        ours = imported(file) & (ALLOWED.keys() | BESIDE)
        assert ours <= ALLOWED[package], f"{file.relative_to(ROOT)} imports {ours}"


@pytest.mark.parametrize("package", sorted(ALLOWED.keys() | BESIDE))
def test_no_file_is_too_long_to_be_read_at_once(package: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / package).rglob("*.py")
    }
    assert lengths
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_only_where_settings_come_from_is_the_environment_read() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for package in ALLOWED
        for path in (ROOT / package).rglob("*.py")
        if "os.environ" in path.read_text(encoding="utf-8")
        or "os.getenv" in path.read_text(encoding="utf-8")
    }
    # A child process is given the whole environment and a few settings more; where to kill
    # itself in a test of faults is no setting.
    others = {"common/faultpoints.py", "common/command_lines.py"}
    assert readers <= {"config/sources.py"} | others | started_servers()


def started_servers() -> set[str]:
    """Return the modules that hand a server's process its environment."""
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / "waxline" / "servers").glob("*.py")
        if "Popen" in path.read_text(encoding="utf-8")
    }
