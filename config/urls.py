"""URLs of servers: checked at start-up, completed with a password, shown without one."""

import re
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import AfterValidator, SecretStr

_HIDDEN = "***"
# Up to the last @: a password that was not percent-encoded may hold any other character.
_CREDENTIALS = re.compile(r"(?<=://)([^:@/?#]*):.*@", re.DOTALL)
_SECRET_OPTIONS = re.compile(r"(?i)([?&][^=&#]*(?:pass|secret|token)[^=&#]*=)[^&#]*")


def url_of(*schemes: str, host: bool = True) -> AfterValidator:
    """Return a validator of URLs with one of these schemes, and a host unless told otherwise."""
    wanted = ", ".join(f"{scheme}://" for scheme in schemes)

    def check(value: SecretStr) -> SecretStr:
        problem = _problem(value.get_secret_value(), schemes, host)
        if problem:
            raise ValueError(f"it {problem}; what serves begins with {wanted}")
        return value

    return AfterValidator(check)


def _problem(url: str, schemes: tuple[str, ...], host: bool) -> str:
    """Return what is wrong with a URL, without quoting anything that may be secret."""
    try:
        parts = urlsplit(url)
        hosts = parts.netloc.rpartition("@")[2]
        for place in [hosts] if host else hosts.split(","):  # PostgreSQL takes several
            urlsplit(f"//{place}").port  # noqa: B018 - reading it is the check
    except ValueError:
        return "cannot be read as a URL (a password with special characters: percent-encode it)"
    if not parts.scheme or "://" not in url:
        return "is no URL"
    if parts.scheme not in schemes:
        return f"has the scheme {parts.scheme}://"
    if host and parts.scheme != "unix" and not parts.hostname:
        return "names no host"
    return ""


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
