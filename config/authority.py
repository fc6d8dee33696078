"""The authority that has signed the servers' certificates: a file, checked at start-up."""

import ssl
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator


def _check(path: Path) -> Path:
    """Raise `ValueError` unless the file holds certificates as OpenSSL reads them."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise ValueError(f"{path} holds no certificate in PEM form") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    return path


AuthorityFile = Annotated[Path, AfterValidator(_check)]
