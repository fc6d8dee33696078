"""Reads dumps, one after the other in loading order."""

import asyncio
import gc
from collections.abc import Sequence

import structlog

from common.dumps import Dump
from common.errors import TransientError
from common.paths import text_of
from common.reports import Progress, SinkReport
from common.store import Store
from config.settings import Settings
from extractor.journal import note_run
from extractor.lease import keep_telling, lease, summary, tell
from extractor.run import Run
from extractor.services import Services, open_services
from extractor.source import share_interpreter

log = structlog.get_logger()


async def extract(
    dumps: Sequence[Dump], settings: Settings, begin: asyncio.Event
) -> list[Progress]:
    """Read all dumps; raise the first error, with what was sent before it in the queues.

    Before ``begin`` is set nothing is looked at, sent or told.
    """
    share_interpreter()
    async with open_services(settings) as services:
        await begin.wait()
        await services.broker.declare(settings.sinks)
        # What was imported is not garbage, and was walked at every full collection.
        gc.freeze()
        gc.enable()
        return [await _extract_one(dump, services) for dump in dumps]


async def _extract_one(dump: Dump, services: Services) -> Progress:
    store = services.store
    async with lease(store, dump.entity, services.settings.lease_seconds) as owner:
        # Only now: the run's id must be above that of a reading which has just ended.
        run = Run(dump, services, await _reports(store))
        log.info(
            "reading_begins",
            entity=dump.entity,
            file=text_of(dump.path),
            run=run.run_id,
            walker=services.pool.walker,
        )
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(keep_telling(run, store, services.settings, owner))
            progress = await run.run()
            telling.cancel()
        await tell(store, progress)
        note_run(services.settings.data_folder, progress)
        log.info("reading_done", **summary(progress))
        return progress


async def _reports(store: Store) -> dict[str, SinkReport]:
    try:
        return await store.reports()
    except TransientError as error:
        log.warning("store_lost", consequence="sending all", error=str(error))
        return {}
