"""Dumps cut off or with a byte changed, at seeded offsets: refused, and nothing is deleted."""

import asyncio

from common.errors import DumpError
from faults.material import reads_as, spoiled
from faults.shared_servers import ask_postgres
from faults.stage import RoundError, Row, Stage

_SPOILED = 5
"""Dumps spoiled in a round."""


async def _bad_dumps(stage: Stage) -> None:
    """Read spoiled dumps of the second month between the two months."""
    await stage.load(stage.months.first)
    for number in range(_SPOILED):
        dump = stage.rng.choice(stage.months.second)
        byte = None if stage.rng.random() < 0.5 else stage.rng.randint(1, 255)
        bad = spoiled(dump, stage.folder / f"bad-{number}", stage.rng.random(), byte)
        if reads_as(bad, dump):
            continue  # what was changed says nothing: a time, the name of a system
        done = await stage.programs.once("extractor", "extractor", str(bad))
        if done.code != DumpError.exit_code:
            raise RoundError(f"{bad.name} is spoiled, and the extractor ended with {done.code}")
        if str(bad) not in done.said:
            raise RoundError(f"the extractor does not say that it is {bad}: {done.said}")
    await asyncio.sleep(2)
    deleted = await ask_postgres(stage.urls.postgres, "SELECT count(*) FROM discogs.deletion")
    if deleted:
        raise RoundError(f"spoiled dumps have deleted {deleted} records")
    await stage.load(stage.months.second)


DUMPS = (
    Row(
        "bad-dump",
        "five dumps cut off or with a byte changed, anywhere",
        "exit code 3 with the file's name; nothing is deleted",
        _bad_dumps,
        plays=True,
    ),
)
