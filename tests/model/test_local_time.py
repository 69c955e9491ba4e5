"""Local time by the rules of the zone for each date, through hours that come twice or never."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import trigdash
from tests.machine_zone import machine_zone
from trigdash.model.moment import LOCAL, comes_twice, instant_of, local, local_at

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = {
    "Europe/Berlin": "CET-1CEST,M3.5.0,M10.5.0/3",
    "America/New_York": "EST5EDT,M3.2.0,M11.1.0",
    "Australia/Lord_Howe": "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "America/Havana": "CST5CDT,M3.2.0/0,M11.1.0/1",
    "Pacific/Chatham": "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
    "Asia/Kolkata": "IST-5:30",
    "UTC": "UTC0",
}
"""Zones and their rules today: an hour, half an hour, at midnight, south of the equator, none."""


def moments(seed: int) -> Iterator[datetime]:
    """Instants of some years, many of them close to a clock change."""
    chance = random.Random(seed)
    for _ in range(150):
        yield datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(4 * 31_536_000))
    for month, day in ((3, 8), (3, 29), (4, 4), (9, 26), (10, 3), (10, 25), (11, 1)):
        for _ in range(60):
            middle = datetime(2026, month, day, 12, tzinfo=UTC)
            yield middle + timedelta(minutes=chance.randrange(-2 * 1440, 2 * 1440))


@pytest.mark.parametrize("name", ZONES)
def test_the_machines_zone_is_like_the_zone_that_has_its_rules(name: str) -> None:
    zone = ZoneInfo(name)
    with machine_zone(ZONES[name]):
        for instant in moments(1):
            ours, theirs = local(instant), instant.astimezone(zone)
            assert ours.replace(tzinfo=None) == theirs.replace(tzinfo=None), instant
            assert (ours.fold, ours.utcoffset()) == (theirs.fold, theirs.utcoffset()), instant
            assert ours.astimezone(UTC) == instant
            assert local_at(instant.timestamp()) == ours
            for last in (False, True):
                there = instant_of(ours.date(), ours.time(), zone, last=last)
                assert instant_of(ours.date(), ours.time(), last=last) == there
            assert comes_twice(ours) == comes_twice(theirs)


@pytest.mark.parametrize("name", ZONES)
def test_a_time_of_day_names_the_instant_at_which_the_clock_shows_it(name: str) -> None:
    zone = ZoneInfo(name)
    for instant in moments(2):
        there = instant.astimezone(zone)
        first, last = (
            instant_of(there.date(), there.time(), zone, last=last) for last in (False, True)
        )
        assert instant in (first, last)
        assert first <= last
        assert comes_twice(there) == (first < last)
        assert local(first, zone).replace(tzinfo=None, fold=0) == there.replace(tzinfo=None, fold=0)


def test_an_hour_that_comes_twice_has_a_first_and_a_last_instant() -> None:
    day, clock = date(2026, 10, 25), time(2, 30)
    assert instant_of(day, clock, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert instant_of(day, clock, BERLIN, last=True) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("last", [False, True])
def test_a_time_that_does_not_come_is_moved_forward(last: bool) -> None:
    at = instant_of(date(2026, 3, 29), time(2, 30), BERLIN, last=last)
    assert local(at, BERLIN).strftime("%H:%M %Z") == "03:30 CEST"


def test_a_day_without_a_midnight_begins_when_its_clock_does() -> None:
    at = instant_of(date(2026, 3, 8), time(), ZoneInfo("America/Havana"))
    assert local(at, ZoneInfo("America/Havana")).strftime("%d %H:%M") == "08 01:00"


def test_the_machines_zone_has_a_name() -> None:
    with machine_zone(ZONES["America/New_York"]):
        shown = [local(datetime(2026, month, 20, tzinfo=UTC)).tzname() for month in (7, 11)]
        assert shown == ["EDT", "EST"]


def test_the_ends_of_the_calendar_are_refused_and_not_wrapped() -> None:
    with machine_zone(ZONES["America/New_York"]), pytest.raises((ValueError, OverflowError)):
        instant_of(date(9999, 12, 31), time(23, 0), LOCAL)


def test_nothing_else_asks_for_the_offset_of_this_moment() -> None:
    package = Path(trigdash.__file__).parent
    askers = [
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if ".astimezone()" in path.read_text(encoding="utf-8")
    ]
    assert askers == ["model/moment.py"]
