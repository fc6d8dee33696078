"""One group of benchmarks that cannot be measured does not cost the others."""

import time
from collections.abc import Callable

from benchmarks.measure import Results
from common.errors import WaxlineError
from waxline.servers.wheels import NotInstalledError


def attempt(found: Results, group: str, measure: Callable[[], None]) -> bool:
    """Measure a group, and say whether that was done.

    In ``found`` it is noted that it was skipped, or has failed, and why.
    """
    print(f"{group}:", flush=True)
    began = time.monotonic()
    done = False
    try:
        measure()
        done = True
    except NotInstalledError as error:
        found.skipped[group] = str(error)
        print(f"  skipped: {error}", flush=True)
    except (WaxlineError, TimeoutError) as error:
        found.failed[group] = str(error)
        print(f"  failed: {error}", flush=True)
    print(f"  {time.monotonic() - began:.0f} s in all", flush=True)
    return done
