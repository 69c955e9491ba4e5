"""What people type for a moment to come."""

import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from trigdash.presentation.moment import NotAMoment, hint, moment

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
"""A Friday, 15:30 in Berlin."""


@pytest.mark.parametrize(
    ("phrase", "delay", "local"),
    [
        ("10m", "10m", "2026-11-20 15:40"),
        ("2h", "2h", "2026-11-20 17:30"),
        ("2h30m", "2h30m", "2026-11-20 18:00"),
        ("in 2 hours 30 min", "2h30m", "2026-11-20 18:00"),
        ("90m", "1h30m", "2026-11-20 17:00"),
        ("1w", "1w", "2026-11-27 15:30"),
        ("now", "1s", "2026-11-20 15:30"),
        ("tomorrow 9:00", "2026-11-21T08:00:00.000Z", "2026-11-21 09:00"),
        ("Tomorrow at 9pm", "2026-11-21T20:00:00.000Z", "2026-11-21 21:00"),
        ("tomorrow", "2026-11-21T08:00:00.000Z", "2026-11-21 09:00"),
        ("today 18:00", "2026-11-20T17:00:00.000Z", "2026-11-20 18:00"),
        ("18:00", "2026-11-20T17:00:00.000Z", "2026-11-20 18:00"),
        ("9:00", "2026-11-21T08:00:00.000Z", "2026-11-21 09:00"),
        ("mon 8:15", "2026-11-23T07:15:00.000Z", "2026-11-23 08:15"),
        ("friday 9:00", "2026-11-27T08:00:00.000Z", "2026-11-27 09:00"),
        ("fri 18:00", "2026-11-20T17:00:00.000Z", "2026-11-20 18:00"),
        ("2026-11-21T22:30:00Z", "2026-11-21T22:30:00.000Z", "2026-11-21 23:30"),
        ("2026-11-21T22:30+05:00", "2026-11-21T17:30:00.000Z", "2026-11-21 18:30"),
        ("2026-11-21 22:30", "2026-11-21T21:30:00.000Z", "2026-11-21 22:30"),
        ("2026-11-21", "2026-11-21T08:00:00.000Z", "2026-11-21 09:00"),
    ],
)
def test_a_phrase_means_one_moment_on_the_users_clock(phrase: str, delay: str, local: str) -> None:
    meant = moment(phrase, NOW, BERLIN)
    assert meant.delay == delay
    assert meant.local(BERLIN).strftime("%Y-%m-%d %H:%M") == local


def test_a_wall_time_beyond_the_end_of_summer_time_keeps_its_hour() -> None:
    before_the_change = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    meant = moment("tomorrow 9:00", before_the_change, BERLIN)
    assert meant.delay == "2026-10-25T08:00:00.000Z"
    assert meant.local(BERLIN).hour == 9


@pytest.mark.parametrize(
    ("now", "phrase", "utc"),
    [
        ("2026-10-25T00:00", "2:30", "2026-10-25T00:30"),
        ("2026-10-25T00:45", "2:30", "2026-10-25T01:30"),
        ("2026-10-25T00:45", "today 2:30", "2026-10-25T01:30"),
        ("2026-10-25T00:45", "sun 2:30", "2026-10-25T01:30"),
        ("2026-10-25T00:45", "2026-10-25 02:30", "2026-10-25T01:30"),
        ("2026-10-25T01:45", "2:30", "2026-10-26T01:30"),
        ("2026-10-25T01:45", "sun 2:30", "2026-11-01T01:30"),
        ("2026-03-28T12:00", "tomorrow 2:30", "2026-03-29T01:30"),
        ("2026-11-25T12:00", "2027-07-01 9:00", "2027-07-01T07:00"),
        ("2026-11-25T12:00", "2027-07-01", "2027-07-01T07:00"),
    ],
)
def test_a_time_that_comes_twice_is_over_with_its_second_and_one_that_does_not_is_moved(
    now: str, phrase: str, utc: str
) -> None:
    meant = moment(phrase, datetime.fromisoformat(now).replace(tzinfo=UTC), BERLIN)
    assert meant.at.strftime("%Y-%m-%dT%H:%M") == utc


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_what_comes_next_is_ahead_and_shows_the_time_that_was_typed(zone: str) -> None:
    there, chance = ZoneInfo(zone), random.Random(zone)
    for _ in range(400):
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(2 * 525_600))
        hour, minute = chance.randrange(24), chance.randrange(60)
        at = moment(f"{hour}:{minute:02}", now, there).at
        assert now < at <= now + timedelta(hours=25, minutes=30)
        if (shown := at.astimezone(there)).strftime("%H:%M") != f"{hour:02}:{minute:02}":
            # Only a time that its day does not have is another one.
            wall = datetime.combine(shown.date(), time(hour, minute), there)
            assert wall.astimezone(UTC).astimezone(there).time() != wall.time()


@pytest.mark.parametrize(
    ("words", "delay"),
    [
        ("s sec secs second seconds", "3s"),
        ("m min mins minute minutes", "3m"),
        ("h hr hrs hour hours", "3h"),
        ("d day days", "3d"),
        ("w wk week weeks", "3w"),
    ],
)
def test_every_unit_may_be_written_short_or_long(words: str, delay: str) -> None:
    for word in words.split():
        assert moment(f"3 {word}", NOW, BERLIN).delay == delay, word


@pytest.mark.parametrize("ahead", range(1, 8))
def test_every_day_of_the_week_may_be_named_short_or_long(ahead: int) -> None:
    day = (NOW + timedelta(days=ahead)).astimezone(BERLIN).replace(hour=15, minute=0)
    for name in (f"{day:%A}", f"{day:%a}", f"{day:%A}"[:4]):
        assert moment(f"{name} 15:00", NOW, BERLIN).at == day, name


@pytest.mark.parametrize("now", [NOW, datetime(2030, 2, 27, 23, 59, tzinfo=UTC)])
def test_every_example_of_the_hint_can_be_typed(now: datetime) -> None:
    for example in hint(now, BERLIN).split(" · "):
        assert moment(example, now, BERLIN).at > now


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("", "when?"),
        ("banana", "cannot read"),
        ("10", "cannot read"),
        ("10 parsecs", "cannot read"),
        ("25:00", "cannot read"),
        ("13pm", "cannot read"),
        ("tomorrow banana", "cannot read"),
        ("0m", "that is now"),
        ("today 9:00", "2026-11-20 09:00 has passed"),
        ("2020-01-01", "has passed"),
        ("9999-12-31T23:59:59-12:00", "cannot read"),
        ("9998-01-01", "more than ten years"),
        ("999999w", "more than ten years"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(phrase: str, reason: str) -> None:
    with pytest.raises(NotAMoment, match=reason):
        moment(phrase, NOW, BERLIN)


DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@pytest.mark.parametrize("day", range(7))
def test_every_name_of_a_day_is_the_next_such_day(day: int) -> None:
    for length in range(3, len(DAYS[day]) + 1):
        found = moment(f"{DAYS[day][:length]} 9:00", NOW, BERLIN)
        assert found.local(BERLIN).weekday() == day
        assert timedelta() < found.at - NOW <= timedelta(days=7)


@pytest.mark.parametrize(
    ("unit", "seconds"),
    [
        *((word, 1) for word in ("s", "sec", "secs", "second", "seconds")),
        *((word, 60) for word in ("m", "min", "mins", "minute", "minutes")),
        *((word, 3_600) for word in ("h", "hr", "hrs", "hour", "hours")),
        *((word, 86_400) for word in ("d", "day", "days")),
        *((word, 604_800) for word in ("w", "wk", "week", "weeks")),
    ],
)
def test_every_word_for_a_unit_is_that_unit(unit: str, seconds: int) -> None:
    for phrase in (f"3{unit}", f"in 3 {unit}"):
        assert moment(phrase, NOW, BERLIN).at - NOW == timedelta(seconds=3 * seconds)
