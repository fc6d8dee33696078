"""The options of a PostgreSQL URL that libpq knows and the driver does not: pure.

The driver hands what it does not know to the server, as a setting, and the server refuses that.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from common.errors import SettingsError

_HARMLESS = frozenset(
    {
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
        *("tcp_user_timeout", "fallback_application_name", "load_balance_hosts"),
        *("sslcompression", "sslsni", "gssdelegation"),
    }
)
"""What changes nothing that could be missed: every call has a deadline of ours."""

_ONLY = {
    "gssencmode": ("disable", "allow", "prefer"),
    "channel_binding": ("disable", "prefer"),
    "client_encoding": ("utf8", "utf-8", "unicode", "auto"),
    "sslcertmode": ("allow",),
}
"""Options that are as asked for with these values, and with no others."""

_REFUSED = frozenset(
    {
        *("hostaddr", "replication", "requirepeer", "requiressl", "require_auth", "sslcrldir"),
        *("min_protocol_version", "max_protocol_version", "sslkeylogfile"),
        *("scram_client_key", "scram_server_key"),
    }
)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL as the driver takes it; 0 and "" for what it does not say."""

    url: str
    connect_timeout: int = 0
    application_name: str = ""


def target_of(url: str) -> Target:
    """Return a URL without what the driver would not understand.

    Raises `SettingsError` for an option that would have to be honoured and cannot be.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    kept = {name: value for name, value in options.items() if not _left_out(name, value)}
    query = urlencode({n: v for n, v in kept.items() if n not in _OURS})
    return Target(
        urlunsplit(parts._replace(query=query)),
        _seconds(kept.get("connect_timeout", "0")),
        kept.get("application_name", ""),
    )


_OURS = ("connect_timeout", "application_name")


def _left_out(name: str, value: str) -> bool:
    """Tell whether an option changes nothing; raise `SettingsError` if it would have to."""
    if name in _REFUSED or (name in _ONLY and value.lower() not in _ONLY[name]):
        raise SettingsError(f"postgres_url: waxline cannot do what {name}={value} asks for")
    return name in _HARMLESS or name in _ONLY


def _seconds(text: str) -> int:
    try:
        return max(0, int(text))
    except ValueError:
        raise SettingsError("postgres_url: connect_timeout is not a number of seconds") from None
