"""What people type for a moment to come."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from trigdash.ui.writing.when import NotAMoment, moment

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
