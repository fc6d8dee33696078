"""What both databases must hold after some dumps: stated naively, and compared row by row.

Nothing here comes from the extractor or the loaders: the standard library reads the dumps, and
what the rows, nodes and edges have to be is written down again from the format of the dumps,
the comments of the tables and the design of the graph.
"""

from tests.oracle.differences import Difference, explain
from tests.oracle.graph import compare_graph
from tests.oracle.history import Held, Load, Truth, after
from tests.oracle.postgres import compare_postgres

__all__ = [
    "Difference",
    "Held",
    "Load",
    "Truth",
    "after",
    "compare_graph",
    "compare_postgres",
    "explain",
]
