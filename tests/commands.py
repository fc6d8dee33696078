"""Programs of this machine, run to their end."""

import shutil
import subprocess
from collections.abc import Mapping

from common.errors import ServerError
from waxline.servers.wheels import NotInstalledError

COMMAND_SECONDS = 60.0


def found(program: str) -> str:
    """Return a program's path; raise `NotInstalledError` when there is none."""
    path = shutil.which(program)
    if path is None:
        raise NotInstalledError(f"there is no program {program}")
    return path


def run_command(
    command: list[str],
    environment: Mapping[str, str],
    deadline: float = COMMAND_SECONDS,
    stdin: str = "",
) -> str:
    """Return what a program says; raise `ServerError` when it fails or takes too long."""
    try:
        done = subprocess.run(
            command,
            check=True,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=deadline,
            env=environment,
        )
    except subprocess.CalledProcessError as error:
        raise ServerError(f"{command[0]} failed:\n{error.stdout}") from error
    except subprocess.TimeoutExpired as error:
        raise ServerError(f"{command[0]} did not end in {deadline:.0f} s") from error
    return done.stdout
