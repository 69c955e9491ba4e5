"""A changed replay is checked field by field before it becomes a new run."""

from datetime import UTC, datetime

import pytest

from trigdash.model.tag_text import join_tags
from trigdash.presentation.replay_form import NewRun, read_form

NOW = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)


def test_a_form_becomes_what_the_trigger_endpoint_takes() -> None:
    read = read_form(
        '{"to": "x"}',
        {
            "tags": "user_1, retry",
            "queue": "slow lane".replace(" ", "-"),
            "machine": "small-2x",
            "delay": "90m",
            "ttl": "2h 30m",
            "idempotency key": "once",
            "concurrency key": "user 7",
            "priority": "30",
            "max attempts": "3",
        },
        NOW,
        is_test=True,
    )
    assert read.problems == {}
    assert read.new_run == NewRun(
        {"to": "x"},
        {
            "test": True,
            "tags": ["user_1", "retry"],
            "queue": {"name": "slow-lane"},
            "machine": "small-2x",
            "delay": "1h30m",
            "ttl": "2h30m",
            "idempotencyKey": "once",
            "concurrencyKey": "user 7",
            "priority": 30,
            "maxAttempts": 3,
        },
    )


def test_empty_fields_leave_the_choice_to_the_task() -> None:
    assert read_form("null", {"tags": " ", "queue": ""}, NOW).new_run == NewRun(None, {})


def test_a_slip_the_server_would_swallow_is_named_and_nothing_is_made() -> None:
    read = read_form(
        "{",
        {
            "tags": ",".join(f"t{n}" for n in range(11)),
            "queue": "no spaces",
            "machine": "huge",
            "delay": "xx",
            "ttl": "soon",
            "idempotency key": "k" * 3_000,
            "concurrency key": "k" * 3_000,
            "priority": "high",
            "max attempts": "0",
        },
        NOW,
    )
    assert read.new_run is None
    assert set(read.problems) == {
        "payload",
        "tags",
        "queue",
        "machine",
        "delay",
        "ttl",
        "idempotency key",
        "concurrency key",
        "priority",
        "max attempts",
    }


@pytest.mark.parametrize(
    ("name", "typed", "sent"),
    [
        ("priority", "-5", -5),
        ("priority", "2.5", 2.5),
        ("priority", "10.0", 10),
        ("priority", "1e9", None),
        ("priority", "٣", None),
        ("priority", "nan", None),
        ("max attempts", "1", 1),
        ("max attempts", "1000", 1000),
        ("max attempts", "1001", None),
        ("max attempts", "9" * 5_000, None),
        ("max attempts", "2.5", None),
        ("max attempts", "²", None),
        ("ttl", "٣m", None),
        ("ttl", "1h 30m", "1h30m"),
    ],
)
def test_numbers_are_read_or_refused(name: str, typed: str, sent: object) -> None:
    read = read_form("null", {name: typed}, NOW)
    if sent is None:
        assert set(read.problems) == {name}
    else:
        assert read.new_run is not None
        assert list(read.new_run.options.values()) == [sent]


NASTY = ("order:1,2", " blank ", 'a "quoted" one', "two\nlines", "\u202e", "x" * 200, "x" * 200)


def test_tags_that_were_not_touched_are_sent_as_they_were() -> None:
    """However they look: even those that this form would not take."""
    read = read_form("null", {"tags": join_tags(NASTY)}, NOW, tags=NASTY)
    assert read.new_run == NewRun(None, {"tags": list(NASTY)})
    assert read.new_run.tags == NASTY


def test_a_tag_beside_one_with_a_comma_is_edited_without_splitting_it() -> None:
    before = ("order:1,2", "old")
    typed = join_tags(before).replace("old", "new")
    read = read_form("null", {"tags": typed}, NOW, tags=before)
    assert read.new_run == NewRun(None, {"tags": ["order:1,2", "new"]})
    ten = tuple(f"t:{number},x" for number in range(10))
    assert read_form("null", {"tags": join_tags(ten)}, NOW).new_run is not None
    problems = read_form("null", {"tags": '"order:1,2'}, NOW).problems
    assert problems == {"tags": 'a quote " is not closed at the end of its tag'}
