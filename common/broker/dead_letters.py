"""What a dead letter says about itself beside its own headers."""

REASON = "waxline-reason"
ATTEMPT = "waxline-attempt"
REASON_LIMIT = 1_000
"""Characters of a reason that are kept: headers have to fit into one frame."""


def describe(reason: str, attempt: int) -> dict[str, str]:
    """Return the headers that a dead letter gets in addition."""
    return {REASON: reason[:REASON_LIMIT], ATTEMPT: str(attempt)}
