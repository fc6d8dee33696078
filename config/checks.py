"""What is looked at when the settings are read: URLs, and the authority's certificate."""

import re
import ssl
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr


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


def path_prefix(value: str) -> str:
    """Return what paths begin with: nothing, or words with a slash before each."""
    prefix = value.rstrip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", prefix):
        raise ValueError("it is no path as in /discogs or /music/discogs")
    return prefix


def web_address(value: str) -> str:
    """Return an address that others can be put behind."""
    problem = _problem(value, ("http", "https"), host=True)
    if problem or not re.fullmatch(r"[!-~]+", value) or "?" in value or "#" in value:
        raise ValueError(f"it {problem or 'has more than host and path'}")
    return value.rstrip("/")


def _authority(path: Path) -> Path:
    """Raise `ValueError` unless the file holds certificates as OpenSSL reads them."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise ValueError(f"{path} holds no certificate in PEM form") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    return path


AuthorityFile = Annotated[Path, AfterValidator(_authority)]
"""The authority that has signed the servers' certificates."""
