"""The rows of the fault matrix."""

from faults.row import Row
from faults.rows.dumps import DUMPS
from faults.rows.kills import KILLS
from faults.rows.links import LINKS
from faults.rows.queues import QUEUES
from faults.rows.room import ROOM
from faults.rows.servers import SERVERS

ROWS: tuple[Row, ...] = (*KILLS, *SERVERS, *LINKS, *QUEUES, *ROOM, *DUMPS)
