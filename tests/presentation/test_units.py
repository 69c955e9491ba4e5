"""Numbers as people read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from trigdash.presentation import units

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (-5, "0 ms"),
        (0, "0 ms"),
        (30, "30 ms"),
        (999.4, "999 ms"),
        (999.6, "1.00 s"),
        (4730, "4.73 s"),
        (9994, "9.99 s"),
        (9996, "10.0 s"),
        (19_340, "19.3 s"),
        (59_940, "59.9 s"),
        (59_960, "1 m 00 s"),
        (MINUTE, "1 m 00 s"),
        (14 * MINUTE + 2 * SECOND, "14 m 02 s"),
        (HOUR - 1, "59 m 59 s"),
        (22 * HOUR + 14 * MINUTE, "22 h 14 m"),
        (DAY - 1, "23 h 59 m"),
        (3 * DAY + 4 * HOUR, "3 d 04 h"),
    ],
)
def test_a_duration_keeps_three_digits_and_never_a_unit_too_many(ms: float, text: str) -> None:
    assert units.duration(ms) == text


@pytest.mark.parametrize(
    ("ms", "passed", "to_go"),
    [
        (-1, "0 s", "0 s"),
        (1, "0 s", "1 s"),
        (59_000, "59 s", "59 s"),
        (60_000, "1 m", "60 s"),
        (61_000, "1 m", "2 m"),
        (237_000, "3 m", "4 m"),
        (HOUR, "1 h", "60 m"),
        (HOUR + 1, "1 h", "2 h"),
        (25 * HOUR, "1 d", "2 d"),
    ],
)
def test_time_passed_rounds_down_and_time_to_go_rounds_up(
    ms: float, passed: str, to_go: str
) -> None:
    assert units.span(ms) == passed
    assert units.until(ms) == to_go


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (840, "840"),
        (3412, "3,412"),
        (9999, "9,999"),
        (12_440, "12.4k"),
        (128_400, "128k"),
        (999_900, "1.00M"),
        (1_284_000, "1.28M"),
        (3_200_000_000, "3.20G"),
    ],
)
def test_a_short_count_fits_five_columns(number: float, text: str) -> None:
    assert units.short_count(number) == text
    assert len(text) <= 5


@pytest.mark.parametrize(
    ("number", "text"),
    [(512, "512 B"), (1400, "1.40 kB"), (75_200, "75.2 kB"), (128e6, "128 MB"), (2e12, "2.00 TB")],
)
def test_sizes_step_by_a_thousand(number: float, text: str) -> None:
    assert units.size(number) == text


def test_a_share_that_is_neither_nothing_nor_all_never_reads_as_such() -> None:
    assert [units.percent(share) for share in (0, 0.001, 0.37, 0.999, 1)] == [
        "0 %",
        "1 %",
        "37 %",
        "99 %",
        "100 %",
    ]


def test_money_is_cents_until_it_is_dollars() -> None:
    assert units.cents(0.0131) == "0.0131¢"
    assert units.cents(1234.5) == "$12.35" or units.cents(1234.5) == "$12.34"
    assert units.cents(250_000) == "$2,500.00"


def test_words_and_factors() -> None:
    assert units.plural(1, "run") == "1 run"
    assert units.plural(1312, "run") == "1,312 runs"
    assert units.plural(2, "retry", "retries") == "2 retries"
    assert units.factor_text(2.44) == "2.4×"
    assert units.factor_text(12.3) == "12×"


def test_the_clock_shows_the_zone_that_was_asked_for() -> None:
    zone = timezone(timedelta(hours=2))
    assert units.clock_time(1_795_000_000_102, zone) == "13:06:40"
    assert units.clock_time(1_795_000_000_102, zone, millis=True) == "13:06:40.102"


def test_a_day_is_told_where_it_is_not_today() -> None:
    now = datetime(2026, 1, 2, 12, tzinfo=UTC)
    told = [
        units.day_text(at.timestamp() * 1000, now.timestamp() * 1000, UTC)
        for at in (now, now - timedelta(days=1), now - timedelta(days=4))
    ]
    assert told == ["", "1 Jan", "29 Dec 2025"]
