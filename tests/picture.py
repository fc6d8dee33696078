"""The README's picture of a terminal: ``python -m tests.picture`` makes it anew, of a real run.

A small catalogue is loaded on servers of its own, on a terminal of 80 columns.  What is drawn is
what the terminal got: the bars half-way, and what stands there in the end.
"""

import io
import os
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.servers import REPOSITORY
from tests.terminal import on_terminal

PICTURE = REPOSITORY / "docs" / "img" / "run.svg"
WIDTH = 80
_RELEASES = 3_000
_END = "Every sink equals the dumps."

_AGAIN = re.compile(r"(?:\r?\x1b\[2K|\r?\x1b\[1A)+")
"""By which rich takes back the bars that it has drawn, to draw them anew."""

_HALF_WAY = re.compile(r"([\d,]+) .{0,20}of ([\d,]+)\D*\Z", re.DOTALL)
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Of another place: a picture in a page gets none from there."""


def frames_of(said: str) -> list[str]:
    """Return what a terminal showed in turn, the end last; bars are of one frame each."""
    return [frame.strip("\r\n") for frame in _AGAIN.split(said) if frame.strip()]


def half_way(frames: list[str]) -> str:
    """Return the frame in which the last line's database is nearest to the half of its records."""

    def distance(frame: str) -> float:
        found = _HALF_WAY.search(Text.from_ansi(frame).plain)
        if not found:
            return 1.0
        done, sent = (int(number.replace(",", "")) for number in found.groups())
        return abs(done / max(sent, 1) - 0.5)

    return min(frames, key=distance)


def drawn(command: str, frames: list[str]) -> str:
    """Return an SVG of a terminal that shows the command, the bars and the end."""
    end = frames[-1].partition(_END)[0] + _END
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {command}\n", "bold"))
    for text in (half_way(frames[:-1]), "", end):
        console.print(Text.from_ansi(text))
    return _FONTS.sub("", console.export_svg(title="waxline", unique_id="waxline"))


def main() -> None:
    """Generate, load, draw."""
    waxline = [sys.executable, "-m", "waxline"]
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        on_terminal(
            [*waxline, "generate", "dumps", "--releases", str(_RELEASES)],
            folder,
            WIDTH,
            environment,
        )
        dumps = sorted(map(str, (folder / "dumps").glob("*.xml.gz")))
        said = on_terminal([*waxline, "run", *dumps], folder, WIDTH, environment)
    frames = frames_of(said)
    PICTURE.write_text(drawn("waxline run dumps/*.xml.gz", frames), encoding="utf-8")


if __name__ == "__main__":
    main()
