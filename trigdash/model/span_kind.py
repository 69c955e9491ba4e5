"""The words of spans: levels, kinds, how they end, and where a server keeps them."""

from enum import Enum, IntEnum, IntFlag

LEVELS = ("TRACE", "DEBUG", "LOG", "INFO", "WARN", "ERROR")
"""Log levels as the API names them, least important first; columns hold the index."""


class EventStore(Enum):
    """Where a server keeps its spans. It decides the unit of durations."""

    CLICKHOUSE = "clickhouse"
    """Cloud. Nanoseconds; says `isTruncated`; adds `[engine]` lines."""
    POSTGRES = "postgres"
    """The default of a self-hosted server. Milliseconds; says `taskSlug` with each span."""


class SpanKind(IntEnum):
    """What a span stands for, told from its message, level and place (the trace has no style)."""

    WORK = 0
    RUN = 1
    """A run's own span, from its creation to its end: the root, or a child run within the trace."""
    ATTEMPT = 2
    LOG = 3
    ENGINE = 4
    """A line of the platform itself: its engine's states, and what its worker polls for."""
    RETRY = 5
    """The delay before another attempt."""
    WAIT = 6
    """wait.for(), wait.until(), wait.forToken() …"""
    TRIGGER = 7
    """triggerAndWait() and its kin."""


class SpanFlag(IntFlag):
    """How a span ended."""

    ERROR = 1
    PARTIAL = 2
    """Has not ended, as far as the server knows."""
    CANCELED = 4
