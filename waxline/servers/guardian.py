"""A process that ends what a command has started when the command is gone without doing so."""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_SHELL = "/bin/sh"
_WAIT = 'read -r word || exec "$@"'
"""A shell waits, which costs next to nothing; a line sends it away, the pipe's end to work."""


@contextmanager
def guarded(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """Have ``command`` run when this process ends inside of the ``with``, however it ends.

    The guardian is in a session of its own: no closed terminal and no Ctrl-C ends it.
    """
    theirs, ours = os.pipe()
    try:
        pid = os.posix_spawn(
            _SHELL,
            [_SHELL, "-c", _WAIT, "guardian", *command],
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                (os.POSIX_SPAWN_DUP2, theirs, 0),
            ],
            setsid=True,
            setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),
        )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    try:
        yield
    finally:
        with suppress(BrokenPipeError):  # somebody has killed it
            os.write(ours, b"done\n")
        os.close(ours)
        os.waitpid(pid, 0)
