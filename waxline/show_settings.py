"""What `config` does: every setting, its value, and what it means."""

import argparse

from pydantic import SecretStr

from common.outputs import in_width
from config.servers import redact
from config.settings import Settings, load_settings
from config.sources import settings_file, variable
from waxline.console import make_console, say, say_whole, width_of

_COMMENT = "    # "


def config(arguments: argparse.Namespace) -> int:
    """Print every setting with its value, secrets hidden, and what it means."""
    del arguments
    settings = load_settings()
    console = make_console()
    width = width_of(console)
    room = width and width - len(_COMMENT)
    file = settings_file()
    say(console, f"# {file} is {'read' if file.is_file() else 'not there'}")
    for name, field in Settings.model_fields.items():
        shown = _shown(getattr(settings, name))
        default = "not set" if field.default is None else _shown(field.default)
        say_whole(console, f"{variable(name)}={shown}")
        for line in in_width(f"{field.description} (default: {default})", room).splitlines():
            say_whole(console, f"{_COMMENT}{line}")
    return 0


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return redact(secret) if "://" in secret else "***"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
