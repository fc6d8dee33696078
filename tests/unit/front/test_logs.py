"""Logs: JSON lines or a console's, the libraries' warnings among them, and never in the way."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

PROGRAM = """
import logging, sys, warnings
import structlog
from common.logs import configure_logs

configure_logs("tester", "info", sys.argv[1])
structlog.get_logger().debug("too_small")
structlog.get_logger().info("batch_loaded", count=3, raw=b"x")
logging.getLogger("driver").info("chatter")
logging.getLogger("driver").warning("lost %s", "something")
warnings.warn("careful", stacklevel=1)
"""
SECONDS = 60


def logged(form: str, stderr: Path) -> list[str]:
    command = [sys.executable, "-c", PROGRAM, form]
    with stderr.open("wb") as file:
        subprocess.run(command, check=True, stderr=file, timeout=SECONDS)
    return stderr.read_text().splitlines() if stderr.is_file() else []


def test_json_lines(tmp_path: Path) -> None:
    events = [orjson.loads(line) for line in logged("json", tmp_path / "log")]
    assert [event["event"] for event in events] == ["batch_loaded"] + 2 * ["library_message"]
    assert {event["service"] for event in events} == {"tester"}
    assert (events[0]["level"], events[0]["count"], events[0]["raw"]) == ("info", 3, "b'x'")
    assert events[1]["level"] == "warning"
    assert (events[1]["library"], events[1]["message"]) == ("driver", "lost something")
    assert (events[2]["library"], "careful" in events[2]["message"]) == ("py.warnings", True)


def test_a_file_is_no_terminal(tmp_path: Path) -> None:
    assert orjson.loads(logged("auto", tmp_path / "log")[0])["event"] == "batch_loaded"


def test_console_lines(tmp_path: Path) -> None:
    first, second, *_ = logged("console", tmp_path / "log")
    assert "[info     ] batch_loaded" in first
    assert "count=3" in first
    assert "lost something" in second


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    full = Path("/dev/full")
    assert logged("json", full) == []


SERVICE = """
import sys
import structlog
from common.service import report_errors, run_service
from config.settings import load_settings

async def main():
    structlog.get_logger().info("at_work")
    open("opened", "w").write("by nobody else")
    print("done")

sys.exit(report_errors(lambda: run_service("tester", load_settings(), main)))
"""


@pytest.mark.parametrize(
    "redirection",
    ["2>/dev/full", ">/dev/full 2>&1", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2> >(exec true)"],
)
def test_a_service_whose_outputs_cannot_be_written_ends_well(
    redirection: str, tmp_path: Path
) -> None:
    command = ["/bin/bash", "-c", f'"$@" {redirection}', "bash", sys.executable, "-c", SERVICE]
    done = subprocess.run(command, check=False, cwd=tmp_path, timeout=SECONDS)
    assert done.returncode == 0
    assert (tmp_path / "opened").read_text() == "by nobody else", "a log got into a file"


HUNG_UP = """
import sys
from common.outputs import outlive_terminal
from waxline.console import make_console, say

outlive_terminal()
say(make_console(), "at work")
sys.stdin.readline()
say(make_console(), "lost")
sys.exit(7)
"""


def test_what_is_printed_on_a_closed_terminal_is_no_failure() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", HUNG_UP]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=theirs) as program:
        os.close(theirs)
        assert os.read(ours, 100).startswith(b"at work")
        os.close(ours)
        program.communicate(b"go on\n", timeout=SECONDS)
    assert program.returncode == 7
