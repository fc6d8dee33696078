"""Reads a dump as the extractor does: in this process, or measured in one of its own."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import structlog

from common.dumps import find_dumps
from common.entities import Entity
from common.errors import DumpError
from common.store import Store
from config.settings import Settings
from extractor.quarantine import Quarantined, read_quarantine
from extractor.run import Run
from extractor.services import Services
from tests.integration.bad_inputs.cases import Case

COMMAND_SECONDS = 60.0

_MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
"""Between the test and the extractor: `ru_maxrss` begins with the size of who forks."""

_REFUSED = DumpError.exit_code


@dataclass(frozen=True, slots=True)
class Read:
    """What became of a dump: the error that refused it, empty if none did; what is in quarantine;
    what else was told, and the kilobytes of the largest process where they were measured.
    """

    error: str
    bad: Sequence[Quarantined]
    told: str
    kilobytes: int = 0


async def read(case: Case, path: Path, services: Services, settings: Settings) -> Read:
    """Read the dump of a case."""
    if case.megabytes:
        return await _read_apart(path, settings)
    return await _read_here(case, path, services)


async def _read_here(case: Case, path: Path, services: Services) -> Read:
    store = services.store
    if meddle := case.meddle:
        store = cast(Store, MeddlingStore(store, lambda: meddle(path)))
    with structlog.testing.capture_logs() as told:
        try:
            (dump,) = find_dumps([path])
            await Run(dump, _with(services, store), await store.reports()).run()
            error = ""
        except* DumpError as group:
            (error,) = map(str, _flat(group))
    bad = list(read_quarantine(services.options.data_folder))
    return Read(error, bad, json.dumps(told, default=str))


def _with(services: Services, store: Store) -> Services:
    return Services(services.broker, store, services.pool, services.options)


def _flat(group: BaseExceptionGroup[Any]) -> list[BaseException]:
    """Return the errors of a group, however deep."""
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _flat(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


class MeddlingStore:
    """A store that, the first time it is asked for fingerprints, lets something happen.

    That is while a dump is read: after its first block, and before its end is checked.
    """

    def __init__(self, store: Store, meddle: Callable[[], None]) -> None:
        self._store = store
        self._meddle = meddle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def fingerprints(self, entity: Entity, blocks: Sequence[int]) -> list[bytes | None]:
        """Return the blocks."""
        self._meddle()
        return await self._store.fingerprints(entity, blocks)


async def _read_apart(path: Path, settings: Settings) -> Read:
    """Run the extractor as users do, and measure it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _MEASURED, sys.executable, "-m", "extractor", str(path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **_environment(settings)},
    )
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    *told, kilobytes = output.decode().splitlines()
    assert process.returncode in (0, _REFUSED), output.decode()
    sentences = [line for line in told if line.startswith("waxline: ")]
    error = sentences[0].removeprefix("waxline: ") if process.returncode else ""
    bad = list(read_quarantine(settings.data_folder))
    return Read(error, bad, "\n".join(told), int(kilobytes))


def _environment(settings: Settings) -> Mapping[str, str]:
    return {
        "WAXLINE_STORE_URL": settings.server("store").url,
        "WAXLINE_BROKER_URL": settings.server("broker").url,
        "WAXLINE_DATA_FOLDER": str(settings.data_folder),
        "WAXLINE_PARSE_PROCESSES": "1",
        "WAXLINE_LOG_FORMAT": "json",
    }
