"""A server's certificate that does not verify, found in whatever a driver has made of that."""

import ssl
from collections.abc import Iterator


def distrust(error: BaseException) -> str | None:
    """Return why a certificate was refused, as OpenSSL says it; None if that is not the matter."""
    found = (one for one in _chain(error) if isinstance(one, ssl.SSLCertVerificationError))
    for refusal in found:
        # Only OpenSSL's own errors have the message by itself.
        why = getattr(refusal, "verify_message", str(refusal))
        return f"its certificate is refused: {why.rstrip('.')}"
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all it came from; drivers wrap several times, not always by ``from``."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
