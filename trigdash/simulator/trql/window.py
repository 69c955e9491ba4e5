"""The time window of a query, and the bucket width for it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DEFAULT = timedelta(days=7)
# Nothing is older; no window starts or ends before it.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PERIOD = re.compile(r"^(\d{1,12})(s|m|h|d|w)$")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
# (window in seconds up to, unit, count); documented for `timeBucket()`.
_BUCKETS = (
    (300, "second", 5),
    (1800, "second", 30),
    (7200, "minute", 1),
    (21_600, "minute", 5),
    (86_400, "minute", 15),
    (259_200, "hour", 1),
    (1_209_600, "hour", 6),
    (5_184_000, "day", 1),
)


@dataclass(frozen=True, slots=True)
class Window:
    """From (inclusive) to (exclusive), both UTC."""

    start: datetime
    end: datetime

    @property
    def start_ms(self) -> int:
        return round(self.start.timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        return round(self.end.timestamp() * 1000)

    @property
    def bucket(self) -> tuple[str, int]:
        """Unit and count of `timeBucket()` (recorded: an hour gives minutes)."""
        length_s = int((self.end - self.start).total_seconds())
        for up_to_s, unit, count in _BUCKETS:
            if length_s <= up_to_s:
                return unit, count
        return "week", 1


def window_of(now: datetime, period: str | None, start: str | None, end: str | None) -> Window:
    """The window of a request; an unreadable period or date counts as absent."""
    begins, until = _begin(period, now), now + timedelta(milliseconds=1)
    if begins is None:
        until = _moment(end) or until
        begins = _moment(start) or max(_EPOCH, until - DEFAULT)
    return Window(begins, until)


def _begin(period: str | None, now: datetime) -> datetime | None:
    found = _PERIOD.match(period or "")
    if found is None:
        return None
    length_s = int(found[1]) * _UNIT_S[found[2]]
    return max(_EPOCH, now - timedelta(seconds=min(length_s, now.timestamp())))


def _moment(text: str | None) -> datetime | None:
    """ISO or epoch milliseconds as text."""
    if not text:
        return None
    try:
        if re.fullmatch(r"-?\d{5,}", text):
            return max(_EPOCH, datetime.fromtimestamp(int(text) / 1000, UTC))
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return max(_EPOCH, found if found.tzinfo else found.replace(tzinfo=UTC))
