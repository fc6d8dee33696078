"""``python -m serving``: one of several processes that answer; `waxline serve` starts it."""

import sys

from common.service import report_errors
from serving.command import run_child

if __name__ == "__main__":
    sys.exit(report_errors(run_child))
