"""Errors as the user meets them: one sentence each, and the exit code of the process."""


class WaxlineError(Exception):
    """Base of everything waxline raises on purpose; its text is one clear sentence."""

    exit_code = 1


class SettingsError(WaxlineError):
    """A setting is missing, unknown or has a bad value."""

    exit_code = 2


class DumpError(WaxlineError):
    """A dump cannot be read to its end, or is not what it should be."""

    exit_code = 3


class ServerError(WaxlineError):
    """A server cannot be reached, refuses us, or is set up otherwise than we need."""

    exit_code = 4


class NotEqualError(WaxlineError):
    """A run ended and a sink does not equal the dump."""

    exit_code = 5


class LeaseError(WaxlineError):
    """Another extractor holds the lease of the entity."""

    exit_code = 6


class TransientError(ServerError):
    """The same call may succeed later: a lost connection, a deadlock, a full queue."""


class DoubtfulError(TransientError):
    """It may pass; or it is the fault of one record, or of so many at once: halves of them tell."""


class TerminalError(WaxlineError):
    """The same call will never succeed: the data cannot be written as it is."""


class RunSupersededError(WaxlineError):
    """A writing transaction found that its run is no longer the sink's current one."""
