"""``python -m waxline.servers FOLDER``: stop servers that nobody uses; a guardian's work."""

import sys
from pathlib import Path

from common.service import report_errors
from waxline.servers.embedded import EmbeddedServers


def main() -> int:
    """Stop the servers of the folder, unless another uses them or they are to stay up."""
    EmbeddedServers(Path(sys.argv[1])).stop_unless_used()
    return 0


if __name__ == "__main__":
    sys.exit(report_errors(main))
