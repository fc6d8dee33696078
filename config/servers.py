"""How a server is reached; its URL completed with a password, or shown without one."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

ServerName = Literal["postgres", "graph", "store", "broker", "cache", "reading"]

_HIDDEN = "***"
# Up to the last @: a password that was not percent-encoded may hold any other character.
_CREDENTIALS = re.compile(r"(?<=://)([^:@/?#]*):.*@", re.DOTALL)
_SECRET_OPTIONS = re.compile(r"(?i)([?&][^=&#]*(?:pass|secret|token)[^=&#]*=)[^&#]*")


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """What it takes to work with a server: where it is, whom to trust, and how long to wait.

    The ``url`` has its password in it.  ``namespace`` is what is ours there.  ``ca_file`` is the
    authority that has signed its certificate, None where the driver's own will do.  Times are in
    seconds: of a connection, of one call, and in which a transient failure is retried.
    """

    url: str = field(repr=False)
    namespace: str
    ca_file: Path | None
    connect_timeout: float
    timeout: float
    retry_seconds: float


def with_password(url: str, password: str) -> str:
    """Return the URL with this password in it."""
    parts = urlsplit(url)
    user = parts.username or ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def redact(url: str) -> str:
    """Return the URL without its password, wherever it stands, for logs and errors."""
    bare = _CREDENTIALS.sub(rf"\1:{_HIDDEN}@", url)
    return _SECRET_OPTIONS.sub(rf"\1{_HIDDEN}", bare)
