"""Local time: an instant on the user's clock, and the instant that a typed time of day means.

An offset from UTC holds for one instant only, so none is kept: `LOCAL` follows the machine's own
rules for every date, as a `ZoneInfo` does for a named zone. Instants travel in UTC. They become
local where they are shown or where a date is typed, and only here.
This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from typing_extensions import override


class _MachineZone(tzinfo):
    """The time zone of this machine, by its rules for each date."""

    @override
    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        if moment is None:
            return None
        wall = moment.replace(tzinfo=None)
        # Without a zone, the standard library asks the system; it heeds `fold`, too.
        return wall - wall.astimezone(UTC).replace(tzinfo=None)

    @override
    def dst(self, moment: datetime | None) -> timedelta | None:
        return None  # nobody asks, and the system tells it for some zones only

    @override
    def tzname(self, moment: datetime | None) -> str | None:
        return None if moment is None else moment.replace(tzinfo=None).astimezone().tzname()

    @override
    def fromutc(self, moment: datetime) -> datetime:
        there = moment.replace(tzinfo=UTC).astimezone()
        wall = there.replace(tzinfo=self)
        # Of an hour that comes twice this is the second one.
        return wall if wall.utcoffset() == there.utcoffset() else wall.replace(fold=1)


LOCAL: Final[tzinfo] = _MachineZone()
"""The machine's zone."""


def local(instant: datetime, zone: tzinfo = LOCAL) -> datetime:
    """An aware instant on the clock of a zone."""
    return instant.astimezone(zone)


def local_at(epoch_s: float, zone: tzinfo = LOCAL) -> datetime:
    """Seconds since the epoch on the clock of a zone."""
    return datetime.fromtimestamp(epoch_s, zone)


def instant_of(day: date, clock: time, zone: tzinfo = LOCAL, *, last: bool = False) -> datetime:
    """The instant, in UTC, at which a zone's clock shows a time on a day.

    A time that comes twice, when clocks go back, means its first occurrence, or with `last` its
    last. One that does not come, when clocks go forward, is moved forward by what was skipped.
    Raises OverflowError or ValueError at the ends of the calendar.
    """
    first, second = (
        datetime.combine(day, clock.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)
    )
    return max(first, second) if last else first


def comes_twice(moment: datetime) -> bool:
    """Whether a local moment's time of day comes twice on its day: its zone must be said then."""
    first, second = (moment.replace(fold=fold) for fold in (0, 1))
    return first.astimezone(UTC) < second.astimezone(UTC)
