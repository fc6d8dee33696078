"""PostgreSQL become a read-only standby, and two loaders of it while indexes are built."""

import asyncio
import signal
from contextlib import AsyncExitStack

from common.errors import ServerError
from faults.programs import loader, until
from faults.replica import standby_of
from faults.rows.queues import dead_letters
from faults.shared_servers import ask_postgres
from faults.stage import RoundError, Row, Stage
from tests.isolation import execute

_LOADER = loader("postgres")
_COPY = b"FROM STDIN"
_DELIVERY_LIMIT = 2
_BUILD_SECONDS = 14
_SLOW_INDEXES = "release_track_key|artist_url_key"

_SLOW = f"""
CREATE FUNCTION public.slowly() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (
        SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity ~ '{_SLOW_INDEXES}'
    ) THEN
        PERFORM pg_sleep({_BUILD_SECONDS});
    END IF;
END $$;
CREATE EVENT TRIGGER slowly ON ddl_command_end
WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION public.slowly();
"""

_BUILDS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND query LIKE 'CREATE%INDEX%' AND wait_event = 'PgSleep'
"""


async def _read_only(stage: Stage) -> None:
    """Fail over to a standby and back, again and again, whenever the loader begins to write."""
    await stage.load(stage.months.first)
    await stage.programs.away("postgres")
    await stage.programs.extract(stage.months.second)
    async with AsyncExitStack() as stack:
        standby = standby_of(stage.urls.postgres, stage.folder / "replica")
        url = await asyncio.to_thread(stack.enter_context, standby)
        for _ in range(_DELIVERY_LIMIT + 2):
            await _fail_over(stage, url)
        stage.links["postgres"].lead_to(stage.urls.postgres)
        stage.programs.allowed.set()
        if not await stage.settled(stage.months.second):
            raise RoundError("messages were lost while PostgreSQL was a read-only standby")
    if dead := await dead_letters(stage, "postgres"):
        raise RoundError(f"{dead} sound messages are dead letters")


async def _fail_over(stage: Stage, standby: str) -> None:
    """Let the loader have messages in hand, and a standby when it writes them; then stop it."""
    link, programs = stage.links["postgres"], stage.programs
    link.lead_to(stage.urls.postgres)
    link.mute_at(_COPY)
    end = (_LOADER, ServerError.exit_code)
    enough = programs.codes[end] + 2  # it knew the primary; the next finds the standby at its start
    programs.allowed.set()
    await link.until_muted()
    link.lead_to(standby)
    link.restore()
    await until(lambda: programs.codes[end] >= enough)
    await programs.away("postgres")


async def _two_loaders(stage: Stage) -> None:
    """Have indexes that take longer than every deadline, and kill a loader that waits or builds."""
    stage.watch.leave_out("postgres")
    await execute(stage.urls.postgres, _SLOW)
    async with stage.loading(stage.months.first):
        await until(lambda: ask_postgres(stage.urls.postgres, _BUILDS))
        await stage.moment(_BUILD_SECONDS / 4)
        stage.programs.kill(stage.rng.choice((_LOADER, f"{_LOADER}-2")))
    await stage.load(stage.months.second)
    ends = {code for name, code in stage.programs.codes if name.startswith(_LOADER)}
    if ends - {-signal.SIGKILL}:
        raise RoundError(f"a loader ended while another built indexes: {stage.programs.codes}")


POSTGRES = (
    Row(
        "read-only-standby",
        "PostgreSQL a read-only standby whenever the loader writes, oftener than delivery_limit",
        "no sound message is a dead letter; equal without another reading",
        _read_only,
        kind="replicated",
        settings={
            "WAXLINE_DELIVERY_LIMIT": str(_DELIVERY_LIMIT),
            "WAXLINE_RETRY_SECONDS": "1",
        },
        linked=True,
        plays=True,
    ),
    Row(
        "two-loaders",
        f"two loaders of PostgreSQL, indexes that take {_BUILD_SECONDS} s, one loader killed then",
        "the others wait for the indexes, and none ends",
        _two_loaders,
        settings={"WAXLINE_POSTGRES_TIMEOUT": "3", "WAXLINE_RETRY_SECONDS": "6"},
        plays=True,
        loaders=("postgres",),
    ),
)
