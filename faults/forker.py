"""A process that has imported the programs and forks one for each request.

Starting Python and importing takes a second of processor time: most of a round with many kills.
A request is a line of JSON on standard input; the answers, on standard output, are the process
id, and the exit code when it has ended (negative: of a signal).
"""

import importlib
import json
import os
import selectors
import sys
import traceback
from typing import Any

_IMPORTED = ("extractor.command", "loaders.command", "waxline.__main__")
_CHUNK = 65_536


def main() -> None:
    """Serve requests until standard input ends."""
    for name in _IMPORTED:
        importlib.import_module(name)
    waiting = selectors.DefaultSelector()
    waiting.register(0, selectors.EVENT_READ)
    said = b""
    while True:
        for key, _ in waiting.select():
            if key.data is not None:
                waiting.unregister(key.fd)
                _bury(key.fd, *key.data)
            elif chunk := os.read(0, _CHUNK):
                # Not readline: what it keeps for later, select would not tell.
                *lines, said = (said + chunk).split(b"\n")
                for line in lines:
                    _serve(json.loads(line), waiting)
            else:
                return


def _serve(request: dict[str, Any], waiting: selectors.BaseSelector) -> None:
    pid = os.fork()
    if pid == 0:
        _become(request)
    waiting.register(os.pidfd_open(pid), selectors.EVENT_READ, (request["number"], pid))
    _say(number=request["number"], pid=pid)


def _bury(descriptor: int, number: int, pid: int) -> None:
    os.close(descriptor)
    _, status = os.waitpid(pid, 0)
    _say(number=number, code=os.waitstatus_to_exitcode(status))


def _say(**answer: int) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _become(request: dict[str, Any]) -> None:
    """Run a program as ``python -m`` does, and end."""
    code = 1
    try:
        _dress(request)
        program, *sys.argv[1:] = request["command"]
        code = importlib.import_module(f"{program}.__main__").main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - the top of a program: what Python itself would print
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _dress(request: dict[str, Any]) -> None:
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    _wire(log, request["terminal"])
    # What was read from the forker's environment is read from the program's.
    importlib.reload(importlib.import_module("common.faultpoints"))


def _wire(log: int, terminal: str) -> None:
    """Let the program say everything to its log; with a terminal, its errors only."""
    os.dup2(log, 2)
    if not terminal:
        os.dup2(log, 1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        return
    os.setsid()
    opened = os.open(terminal, os.O_RDWR)  # the first that a session opens is its own
    os.dup2(opened, 0)
    os.dup2(opened, 1)


if __name__ == "__main__":
    main()
