"""Known vulnerabilities of what is locked: ``python -m tests.audit`` asks pip-audit's service.

Where the service cannot be reached, or knows none of the distributions (as behind a mirror of
PyPI), that is said and is no failure: then only the lock has been checked.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.lock import LOCK

_ASK_SECONDS = "10"
_AUDIT_SECONDS = 300.0
_BAD_USAGE = 2
_SHOWN = 150
"""Characters of an error: what was asked may be long."""

Dependencies = list[dict[str, Any]]


def audit(lock: Path, *options: str) -> tuple[int, str]:
    """Ask about every locked version; return an exit code, and what to say."""
    command = ["pip_audit", "--requirement", str(lock), "--disable-pip", "--format", "json"]
    quiet = ["--progress-spinner", "off", "--timeout", _ASK_SECONDS]
    try:
        done = subprocess.run(
            [sys.executable, "-m", *command, *quiet, *options],
            check=False,
            capture_output=True,
            text=True,
            timeout=_AUDIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return 0, _not_asked(f"no answer in {_AUDIT_SECONDS:.0f} s")
    if done.stdout.startswith("{"):
        return judged(json.loads(done.stdout)["dependencies"])
    last = (done.stderr.strip().splitlines() or ["without a word"])[-1]
    return (1, last) if done.returncode == _BAD_USAGE else (0, _not_asked(last))


def judged(dependencies: Dependencies) -> tuple[int, str]:
    """Return the exit code of what pip-audit reports, and what to say of it."""
    known = [one for one in dependencies if "skip_reason" not in one]
    if not known:
        return 0, _not_asked("it knows none of the distributions")
    found = list(_vulnerabilities(known))
    unknown = [one["name"] for one in dependencies if "skip_reason" in one]
    said = [f"pip-audit: {len(found)} known vulnerabilities in {len(known)} distributions", *found]
    if unknown:
        said.append(f"not known to the service, and not audited: {', '.join(unknown)}")
    return int(bool(found)), "\n".join(said)


def _vulnerabilities(dependencies: Sequence[dict[str, Any]]) -> Iterator[str]:
    for one in dependencies:
        for hole in one["vulns"]:
            mended = ", ".join(hole["fix_versions"]) or "no version yet"
            yield f"{one['name']} {one['version']}: {hole['id']}, mended in {mended}"


def _not_asked(why: str) -> str:
    short = why if len(why) <= _SHOWN else f"{why[:_SHOWN]}…"
    return f"pip-audit's service was not reached ({short}): only the lock was checked"


def main() -> int:
    """Audit the lock; return 1 when a known vulnerability is found."""
    code, said = audit(LOCK, *sys.argv[1:])
    sys.stdout.write(f"{said}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
