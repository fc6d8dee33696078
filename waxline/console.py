"""What is said to the user goes through here: text as it is, on any terminal or none."""

import os
import sys

from rich.console import Console

from common.command_lines import as_called
from common.outputs import in_width


class _Console(Console):
    """A console that may lose its reader, as in ``waxline run … | head``."""

    def on_broken_pipe(self) -> None:
        """Go on in silence: the work is not done yet, and its exit code still tells."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        sys.stderr.write("waxline: nobody reads what is printed; the work goes on\n")


def make_console() -> Console:
    """Return the console of a command."""
    return _Console()


def width_of(console: Console) -> int | None:
    """Return how many characters a line may have, None where it is of no matter."""
    return console.width if console.is_terminal else None


def say(console: Console, text: str) -> None:
    """Print text as it is, not coloured, our commands in it as they are called.

    On a terminal a line that is too long is broken between words.
    """
    say_whole(console, in_width(as_called(text), width_of(console)))


def say_whole(console: Console, line: str) -> None:
    """Print a line that is to be pasted or kept, whatever the terminal's width."""
    console.print(line, soft_wrap=True, highlight=False, markup=False)
