"""How long to wait after a failed poll.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from datetime import datetime
from random import Random

from trigdash.backends.base import (
    BackendError,
    BadKey,
    Forbidden,
    InvalidRequest,
    Misconfigured,
    Unsupported,
)

FIRST_RETRY_S = 2.0
SLOWEST_RETRY_S = 30.0
"""A server that comes back is noticed within half a minute."""

POLL_JITTER = 0.1
"""Part of an interval by which it varies, so that queries do not march in step."""
RETRY_JITTER = 0.25

_HOPELESS = (BadKey, Forbidden, InvalidRequest, Misconfigured, Unsupported)


def backoff_s(error: BackendError, failures: int, now: datetime, random: Random) -> float:
    """Seconds until the next try after `failures` (at least 1) in a row.

    Twice as long each time, up to SLOWEST_RETRY_S; at once the longest when the server understood
    and refused or nothing can be sent, since asking again soon cannot help; never before the moment
    that the server names.
    """
    hopeless = isinstance(error, _HOPELESS)
    doubled_s = FIRST_RETRY_S * 2 ** min(failures - 1, 10)
    seconds = SLOWEST_RETRY_S if hopeless else min(doubled_s, SLOWEST_RETRY_S)
    seconds *= random.uniform(1 - RETRY_JITTER, 1)
    if error.retry_at is not None:
        seconds = max(seconds, (error.retry_at - now).total_seconds())
    return seconds
