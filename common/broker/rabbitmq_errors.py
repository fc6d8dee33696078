"""One place that tells RabbitMQ's failures apart: passing, of one message, or of the set-up.

What closes a channel or a connection without a word about either of the latter is passing.
"""

import re

from aio_pika.exceptions import (
    AuthenticationError,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
    DeliveryError,
    IncompatibleProtocolError,
    InvalidFrameError,
    ProbableAuthenticationError,
    PublishError,
)
from aiormq.exceptions import ChannelAccessRefused, ChannelLockedResource, ConnectionNotAllowed

from common.broker.waiting import LostError, QueueFullError, TooLargeError
from common.errors import ServerError, WaxlineError
from common.tls import distrust

_REFUSALS = (
    AuthenticationError,
    ProbableAuthenticationError,
    IncompatibleProtocolError,
    ConnectionNotAllowed,
)
_SIZE = re.compile(r"message size (\d+) is larger than (?:configured )?max size (\d+)")


class MissingError(LostError):
    """A queue or an exchange is not there; declaring makes it again."""


def translate(error: BaseException, where: str, about: str = "") -> WaxlineError:
    """Return the error of ours for a call on a connection; ``about`` is a queue, or a key."""
    match error:
        case PublishError():
            return ServerError(f"no queue on {where} takes messages for {about}")
        case DeliveryError():
            return QueueFullError(f"a queue for {about} is full")
        case ChannelAccessRefused() | ChannelLockedResource():
            return ServerError(f"{where} refuses us: {error}")
        case ChannelNotFoundEntity():
            return MissingError(f"{where} has lost what we need: {error}")
        case ChannelPreconditionFailed() if size := _SIZE.search(str(error)):
            return TooLargeError(int(size[1]), int(size[2]))
        case TimeoutError():
            return LostError(f"{where} does not answer{f' about {about}' if about else ''}")
        case _:
            return LostError(f"lost {where}: {str(error) or repr(error)}")


def translate_refusal(error: BaseException, where: str) -> ServerError:
    """Return the error of ours for an attempt to connect."""
    if isinstance(error, _REFUSALS):
        return ServerError(f"{where} refuses us: {error}")
    if isinstance(error, InvalidFrameError):
        # What aiormq makes of a Connection.Close in the place of Open-Ok.
        return ServerError(f"{where} refuses us: no such virtual host, or it is not ours")
    if doubt := distrust(error):
        return ServerError(f"{where} cannot be used: {doubt}")
    return LostError(f"{where} cannot be reached: {str(error) or 'no answer'}")
