"""py-spy beside a process: samples of its stacks, with those of compiled code."""

import asyncio
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Profile
from waxline.servers.wheels import NotInstalledError

TOP = 12
_RATE = "100"  # samples per second
_END_SECONDS = 60.0  # what it takes to look up the symbols of compiled code comes on top
_STACK = re.compile(r"^(.*) (\d+)$")
_ENDING = re.compile(r"\.(?:cpython|abi3)[\w-]*\.so")
_ADDRESS = re.compile(r"^0x[0-9a-f]+ ")
_WAITING = re.compile(r"^(?:epoll_wait|poll|select|sem_\w*wait|pthread_cond_\w*wait\w*) \(")
_IDLE_THREAD = re.compile(r"(?:^|;)(?:_queue_SimpleQueue_get|acquire_timed|lock_PyThread_acquire)")
_PACKAGED = re.compile(r"\([^)]*/|\((?:compiled_\w+|slicing|picking)\.c\)")
"""Of a Python package or its compiled part, ours included; not of the interpreter."""

_MACHINERY = re.compile(
    r"^0x|^<module>|\((?:<frozen |asyncio/|concurrent/|multiprocessing/"
    r"|common/service\.py|\w+/(?:__main__|command)\.py)"
)
"""What is at the bottom of every stack: event loops, processes, entry points, imports."""


@dataclass(frozen=True)
class Spy:
    """A running py-spy, the name of the process it looks at, and the file it writes."""

    name: str
    process: asyncio.subprocess.Process
    output: Path

    async def profile(self) -> Profile:
        """End it, unless it has with its process, and read what it saw.

        Raises `NotInstalledError` when it may not look into other processes here.
        """
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(_END_SECONDS):
            _, said = await self.process.communicate()
        if not self.output.exists():
            raise NotInstalledError(f"py-spy saw nothing of {self.name}: {said.decode()[-300:]}")
        return read_stacks(self.name, self.output.read_text(encoding="utf-8").splitlines())

    async def end(self) -> None:
        """Kill it, if it still runs."""
        if self.process.returncode is None:
            self.process.kill()
            await self.process.communicate()


def program() -> str:
    """Return where py-spy is; raise `NotInstalledError` when it is not there."""
    found = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if found is None:
        raise NotInstalledError("py-spy is not installed: pip install py-spy")
    return found


async def attach(name: str, pid: int, folder: Path) -> Spy:
    """Let py-spy look at a process until that ends, or `Spy.profile` is asked for."""
    output = folder / f"{name.replace(' ', '-')}.stacks"
    output.unlink(missing_ok=True)
    how = ("--format", "raw", "--nolineno", "--native", "--rate", _RATE)
    process = await asyncio.create_subprocess_exec(
        *(program(), "record", "--pid", str(pid), "--output", str(output), *how),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    return Spy(name, process, output)


def read_stacks(name: str, lines: Iterable[str]) -> Profile:
    """Add up stacks as ``outermost;…;innermost COUNT``, one a line, but those that wait."""
    own: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for stack, count in filter(None, map(_at_work, lines)):
        own[_ADDRESS.sub("code without a name ", stack[-1])] += count
        total.update(dict.fromkeys(filter(_is_told, stack), count))
    samples = own.total()
    return Profile(name, samples, _leading(own, samples), _leading(total, samples))


def _is_told(frame: str) -> bool:
    return bool(_PACKAGED.search(frame)) and not _MACHINERY.search(frame)


def _at_work(line: str) -> tuple[list[str], int] | None:
    """Return the frames of a stack and how often it was seen; None of one that waits."""
    match = _STACK.match(line)
    if match is None or _IDLE_THREAD.search(match[1]):
        return None
    stack = _ENDING.sub(".so", match[1]).split(";")
    return None if _WAITING.match(stack[-1]) else (stack, int(match[2]))


def _leading(counts: Mapping[str, int], samples: int) -> list[tuple[str, float]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(function, count / samples) for function, count in ordered[:TOP]]
