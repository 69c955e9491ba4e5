"""A changed replay is checked field by field before it becomes a new run."""

from datetime import UTC, datetime

from trigdash.ui.writing.replay_form import NewRun, read_form

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
    }
