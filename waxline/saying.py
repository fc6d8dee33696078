"""What is said to the user goes through here: text as it is, on any terminal or none."""

from rich.console import Console

from common.called import as_called


def make_console() -> Console:
    """Return the console of a command."""
    return Console()


def width_of(console: Console) -> int | None:
    """Return how many characters a line may have, None where it is of no matter."""
    return console.width if console.is_terminal else None


def say(console: Console, text: str) -> None:
    """Print text as it is, not wrapped and not coloured; our commands in it as they are called."""
    console.print(as_called(text), soft_wrap=True, highlight=False, markup=False)
