"""Other people's files and distributions whose names are those of our packages."""

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from generator import Plan
from tests.acceptance.material import month
from tests.acceptance.place import Place, place_on
from tests.servers import REPOSITORY
from waxline.ours import NAMES

PLAN = Plan(releases=20, seed=27)
DEADLINE = 120.0
STRANGER = "raise SystemExit('a stranger was executed')\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
MADE_OF = ("waxline", *NAMES)


@pytest.fixture
def place(postgres_url: str, valkey_url: str, tmp_path: Path) -> Place:
    """A folder in which somebody has modules of the same names."""
    for name in ("config", "common"):
        (tmp_path / f"{name}.py").write_text(STRANGER)
    for name in ("extractor", "loaders"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(STRANGER)
    return place_on(postgres_url, valkey_url, month(PLAN, 1, tmp_path / "dumps"), tmp_path)


def program(*options: str) -> list[str]:
    """Return how waxline is called: as a module, or as the program that pip has made."""
    return [sys.executable, *options, "-m", "waxline"]


@pytest.mark.parametrize("script", [True, False], ids=["program", "module"])
def test_modules_in_the_users_folder_are_not_executed(place: Place, script: bool) -> None:
    start = [str(Path(sys.executable).parent / "waxline")] if script else program()
    command = [*start, "run", *map(str, place.dumps)]
    done = finished(command, place.folder, place.settings)
    assert "stranger" not in done.stdout
    assert (done.returncode, "Every sink equals the dumps." in done.stdout) == (0, True), (
        done.stdout
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Where pip has installed waxline: its packages, and nothing else."""
    site = Path(sysconfig.get_path("purelib", vars={"base": str(tmp_path / "prefix")}))
    for name in MADE_OF:
        left_out = shutil.ignore_patterns("*.so", "__pycache__")
        shutil.copytree(REPOSITORY / name, site / name, ignore=left_out)
    return site


@pytest.mark.parametrize("name", NAMES)
def test_a_distribution_of_the_same_name_is_told_of_and_not_executed(
    site: Path, tmp_path: Path, name: str
) -> None:
    assert finished(help_of(site), tmp_path, {}).returncode == 0
    wheel = wheel_of(name, tmp_path)
    offline = ("--no-index", "--no-deps", "--quiet", "--disable-pip-version-check")
    pip = ["-m", "pip", "install", *offline, "--ignore-installed", "--prefix"]
    subprocess.run([sys.executable, *pip, tmp_path / "prefix", wheel], check=True, timeout=DEADLINE)
    assert (site / name / "__init__.py").read_text() == STRANGER
    assert_told_of(name, finished(help_of(site), tmp_path, {}))


def test_a_package_before_ours_or_in_no_place_is_told_of(site: Path, tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    (before / "config.py").write_text(STRANGER)
    assert_told_of("config", finished(help_of(before, site), tmp_path, {}))
    shutil.rmtree(site / "extractor")
    assert "extractor" in finished(help_of(site), tmp_path, {}).stdout


def assert_told_of(name: str, done: "subprocess.CompletedProcess[str]") -> None:
    said = done.stdout
    assert done.returncode == 1
    assert said.startswith("waxline: ")
    assert f"its package {name}" in said
    assert "an environment of its own" in said
    assert said.count("\n") == 1


def help_of(*path: Path) -> list[str]:
    """Return the command that prints the help, of the waxline on this path."""
    start = f"import sys; sys.path[:0] = {list(map(str, path))!r}; "
    run = "sys.argv[:] = ['waxline', '--help']; from waxline.__main__ import main; sys.exit(main())"
    return [sys.executable, "-P", "-c", start + run]


def wheel_of(name: str, folder: Path) -> Path:
    """Make the wheel of a distribution, with one package, of this name."""
    path = folder / f"{name}-5.0-py3-none-any.whl"
    about = f"{name}-5.0.dist-info"
    files = {
        f"{name}/__init__.py": STRANGER,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 5.0\n",
        f"{about}/WHEEL": WHEEL,
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
        record = "".join(f"{file},,\n" for file in (*files, f"{about}/RECORD"))
        wheel.writestr(f"{about}/RECORD", record)
    return path


def finished(
    command: Sequence[str], folder: Path, settings: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run a command in a folder to its end, with no environment but these settings."""
    return subprocess.run(
        command,
        cwd=folder,
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
