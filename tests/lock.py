"""The locks of the dependencies: ``python -m tests.lock`` checks them, ``--renew`` writes them.

``requirements.lock`` has one version of each distribution for every platform and Python that
pyproject.toml allows, with the hashes of its files.  The check needs no network: everything that
pyproject.toml and the locked distributions ask for is locked, and it is what is installed here.
The other locks are parts of it: what a run with servers of its own needs, and what one without.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.servers import REPOSITORY

LOCK = REPOSITORY / "requirements.lock"
PROJECT = REPOSITORY / "pyproject.toml"
_RENEW = "python -m tests.lock --renew"
_ENTRY = re.compile(r"^([\w.-]+)==([^\s;]+)(?: *; *(.+?))?((?: +--hash=sha256:[0-9a-f]{64})*)$")
_OLDEST_PYTHON = "3.11"
_GROUPS = ("embedded", "serve", "dev", "bench")
"""What `make test` installs; other groups of optional dependencies are for some platforms only."""

PARTS = {"requirements-run.lock": ("embedded", "serve"), "requirements-image.lock": ("serve",)}
"""The groups of each part: `make run` installs the first, the container the second."""


@dataclass(frozen=True)
class Entry:
    """One version of a distribution, where its marker holds."""

    name: str
    version: str
    marker: str
    hashed: bool

    @property
    def applies(self) -> bool:
        """Whether it is for the Python and the platform of this process."""
        return not self.marker or Marker(self.marker).evaluate()


class BadLockError(ValueError):
    """A line of the lock is something else than a version with hashes."""


def entries(lock: str) -> list[Entry]:
    """Read a lock; raise `BadLockError` for a line that is no entry, as an index or a URL."""
    lines = lock.replace("\\\n", " ").splitlines()
    return [_entry(line.strip()) for line in lines if line.strip() and line[0] != "#"]


def problems(project: str, lock: str, installed: Iterable[Distribution]) -> list[str]:
    """Return what is wrong with the lock of everything, a sentence each."""
    locked = entries(lock)
    here = {str(canonicalize_name(one.metadata["Name"])): one for one in installed}
    return [
        *(f"{one.name} {one.version} has no hash" for one in locked if not one.hashed),
        *_unmet("pyproject.toml", _asked(project, _GROUPS), locked),
        *_differing(here, [one for one in locked if one.applies]),
    ]


def problems_of_part(
    project: str, lock: str, part: str, groups: Iterable[str], installed: Iterable[Distribution]
) -> list[str]:
    """Return what is wrong with a lock that is a part of another, a sentence each."""
    whole, locked = {(one.name, one.version) for one in entries(lock)}, entries(part)
    others = [f"{one.name} {one.version}" for one in locked if (one.name, one.version) not in whole]
    here = {str(canonicalize_name(one.metadata["Name"])): one for one in installed}
    return [
        *(f"{one} is not in {LOCK.name}" for one in others),
        *_unmet("pyproject.toml", _asked(project, groups), locked),
        *_differing(here, [one for one in locked if one.applies]),
    ]


def renew(*options: str) -> None:
    """Write the locks anew, of the versions that are in them already where they still fit."""
    _compile(LOCK.name, _GROUPS, *options)
    for name, groups in PARTS.items():
        (REPOSITORY / name).unlink(missing_ok=True)
        _compile(name, groups, "--constraint", LOCK.name)


def _compile(name: str, extras: Iterable[str], *options: str) -> None:
    how = ("--universal", "--python-version", _OLDEST_PYTHON)
    groups = [word for group in extras for word in ("--extra", group)]
    form = ("--generate-hashes", "--no-header", "--no-annotate", "--quiet")
    command = ["uv", "pip", "compile", PROJECT.name, "--output-file", name]
    subprocess.run(
        [sys.executable, "-m", *command, *how, *groups, *form, *options],
        check=True,
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
    )


def _entry(line: str) -> Entry:
    match = _ENTRY.match(line)
    if match is None:
        raise BadLockError(f"not a version with hashes: {line.split(' --hash', maxsplit=1)[0]}")
    return Entry(str(canonicalize_name(match[1])), match[2], match[3] or "", bool(match[4]))


def _asked(project: str, groups: Iterable[str]) -> Iterator[Requirement]:
    declared = tomllib.loads(project)["project"]
    optional = declared["optional-dependencies"]
    for group in (declared["dependencies"], *(optional.get(name, ()) for name in groups)):
        yield from map(Requirement, group)


def _unmet(who: str, requirements: Iterable[Requirement], locked: Iterable[Entry]) -> Iterator[str]:
    for wanted in requirements:
        name = canonicalize_name(wanted.name)
        found = [one.version for one in locked if one.name == name]
        bad = [one for one in found if not wanted.specifier.contains(one, prereleases=True)]
        if not found:
            yield f"{who} asks for {wanted}: it is not locked"
        for version in bad:
            yield f"{who} asks for {wanted}: locked is {version}"


def _differing(here: Mapping[str, Distribution], locked: list[Entry]) -> Iterator[str]:
    for one in locked:
        distribution = here.get(one.name)
        if distribution is None:
            yield f"{one.name} {one.version} is locked and not installed"
        elif distribution.version != one.version:
            yield f"{one.name} {one.version} is locked, installed is {distribution.version}"
        else:
            yield from _unmet(one.name, _asked_by(distribution), locked)


def _asked_by(distribution: Distribution) -> Iterator[Requirement]:
    for requirement in map(Requirement, distribution.requires or ()):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement


def _problems_here() -> list[str]:
    try:
        project, lock = PROJECT.read_text("utf-8"), LOCK.read_text("utf-8")
        found = [f"{LOCK.name}: {one}" for one in problems(project, lock, distributions())]
        for name, groups in PARTS.items():
            part = (REPOSITORY / name).read_text("utf-8")
            of_part = problems_of_part(project, lock, part, groups, distributions())
            found += [f"{name}: {one}" for one in of_part]
    except (BadLockError, FileNotFoundError) as error:
        found = [str(error)]
    return found


def main() -> int:
    """Check or renew; return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.lock", description=__doc__)
    parser.add_argument("--renew", action="store_true", help="write the lock anew")
    parser.add_argument("--upgrade", action="store_true", help="… with the newest versions")
    arguments = parser.parse_args()
    if arguments.renew or arguments.upgrade:
        renew(*(["--upgrade"] if arguments.upgrade else []))
        return 0
    found = _problems_here()
    for sentence in found:
        sys.stdout.write(f"{sentence}\n")
    if found:
        sys.stdout.write(f"To renew it: {_RENEW}; to install what it says: make clean, then make\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
