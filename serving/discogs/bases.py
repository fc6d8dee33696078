"""Where a client has asked, put into answers that are the same for all: they are kept without."""

import re
from dataclasses import replace

from starlette.types import Scope

from serving.answers import Answer
from serving.discogs.addresses import HERE
from serving.front import Finish

_AT_A_TEXTS_BEGINNING = b'"\\u0000'
"""`HERE` in JSON; a text that has these characters themselves has a second backslash."""

_HOST = re.compile(r"[A-Za-z0-9_.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


def finish_of(prefix: str, public_address: str | None) -> Finish:
    """Return what fills in the addresses of answers below a path.

    ``public_address`` is where clients reach the process, None: at the host that they have asked.
    """

    def finish(scope: Scope, answer: Answer) -> Answer:
        if not scope["path"].startswith(prefix) or _AT_A_TEXTS_BEGINNING not in answer.body:
            return answer
        return _filled(answer, f"{public_address or address_of(scope)}{prefix}")

    return finish


def address_of(scope: Scope) -> str:
    """Return the scheme and host that were asked; a host that cannot be one is left out."""
    host = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"host"), "")
    if not _HOST.fullmatch(host):
        host = "{}:{}".format(*scope["server"])
    return f"{scope['scheme']}://{host}"


def _filled(answer: Answer, base: str) -> Answer:
    body = answer.body.replace(_AT_A_TEXTS_BEGINNING, b'"' + base.encode())
    headers = {name: value.replace(HERE, base) for name, value in answer.headers.items()}
    return replace(answer, body=body, headers=headers)
