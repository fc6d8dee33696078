"""The rows of the fault matrix."""

from faults.rows.clocks import CLOCKS
from faults.rows.dumps import DUMPS
from faults.rows.kills import KILLS
from faults.rows.links import LINKS
from faults.rows.postgres import POSTGRES
from faults.rows.queues import QUEUES
from faults.rows.room import ROOM
from faults.rows.runs import RUNS
from faults.rows.servers import SERVERS
from faults.stage import Row

ROWS: tuple[Row, ...] = (
    *KILLS,
    *RUNS,
    *SERVERS,
    *POSTGRES,
    *CLOCKS,
    *LINKS,
    *QUEUES,
    *ROOM,
    *DUMPS,
)
