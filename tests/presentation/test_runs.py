"""What the run list says of a run, and what explains it below or beside the list."""

from dataclasses import replace

import pytest

from trigdash.model.run_row import RunRow
from trigdash.model.span_event import Failure, failure
from trigdash.presentation import runs
from trigdash.presentation.cell import Cell, cell_text, cell_width
from trigdash.presentation.run_aside import aside_lines
from trigdash.presentation.run_line import explain, ttl_ms

NOW = 1_795_000_000_000
MINUTE = 60_000


def run(status: str, **changes: object) -> RunRow:
    row = RunRow(
        id="run_1", status_name=status, task="sync-crm", created_ms=NOW - 60_000, updated_ms=NOW
    )
    return replace(row, **changes)  # type: ignore[arg-type]  # names are checked by replace


STARTED = {"started_ms": NOW - 30_000}
ENDED = {"started_ms": NOW - 30_000, "finished_ms": NOW - 25_270}


@pytest.mark.parametrize(
    ("status", "mark", "word", "role"),
    [
        ("EXECUTING", "●", "executing", "running"),
        ("QUEUED", "○", "queued", "queued"),
        ("DEQUEUED", "◔", "dequeued", "queued"),
        ("WAITING", "◑", "waiting", "waiting"),
        ("DELAYED", "◷", "delayed", "later"),
        ("PENDING_VERSION", "◇", "pending version", "waiting"),
        ("COMPLETED", "✓", "completed", "good"),
        ("FAILED", "×", "failed", "bad-strong"),
        ("CRASHED", "‼", "crashed", "bad-strong"),
        ("SYSTEM_FAILURE", "‡", "system failure", "bad-strong"),
        ("TIMED_OUT", "◴", "timed out", "warn-strong"),
        ("EXPIRED", "◦", "expired", "warn-strong"),
        ("CANCELED", "–", "canceled", "done"),
        ("BRAND_NEW", "◇", "brand new", "unknown"),
    ],
)
def test_each_status_has_a_mark_and_its_word_beside_its_color(
    status: str, mark: str, word: str, role: str
) -> None:
    (shown_mark, mark_role), (shown_word, _) = runs.status_cell(run(status), NOW)
    assert (shown_mark, shown_word, mark_role) == (mark, f" {word}", role)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (run("EXECUTING", **STARTED), "30.0 s"),
        (run("COMPLETED", **ENDED), "4.73 s"),
        (run("FAILED", **ENDED), "4.73 s"),
        (run("QUEUED"), "waiting 1 m"),
        (run("QUEUED", delayed_until_ms=NOW - 10_000), "waiting 10 s"),
        (run("DELAYED", delayed_until_ms=NOW + 237_000), "in 4 m"),
        (run("DELAYED", delayed_until_ms=NOW - 1), "due"),
        (run("DELAYED"), "–"),
        (run("PENDING_VERSION"), "waiting 1 m"),
        (run("EXPIRED", expired_ms=NOW - 5000), "waited 55 s"),
        (run("CANCELED"), "waited 1 m"),
        (run("WAITING", **STARTED), "30.0 s"),
        (run("EXECUTING"), "–"),
    ],
)
def test_the_duration_says_what_time_means_for_this_run(row: RunRow, text: str) -> None:
    assert cell_text(runs.duration_cell(row, NOW)) == text


def test_runs_are_ordered_by_the_duration_that_is_shown() -> None:
    stuck = run("WAITING", started_ms=NOW - 90_000, updated_ms=NOW - 80_000)
    queued = run("QUEUED", created_ms=NOW - 70_000)
    unknown = [run("EXECUTING"), run("DELAYED", delayed_until_ms=NOW + 237_000)]
    listed = [
        stuck,
        queued,
        run("EXPIRED", expired_ms=NOW - 5000),
        run("EXECUTING", **STARTED),
        run("COMPLETED", **ENDED),
    ]
    orders = [runs.duration_order(row, NOW) for row in listed]
    assert orders == [90_000, 70_000, 55_000, 30_000, 4_730]
    assert [runs.duration_order(row, NOW) for row in unknown] == [None, None]
    assert runs.duration_order(stuck, NOW + 1000) == 91_000


def test_the_moment_of_creation_has_its_day_unless_it_is_today() -> None:
    today = cell_text(runs.created_cell(run("QUEUED", created_ms=NOW - 1000), NOW))
    before = cell_text(runs.created_cell(run("QUEUED", created_ms=NOW - 40 * 86_400_000), NOW))
    assert len(today) == len("22:41:07")
    assert len(before.split()) == 3
    assert before.endswith(today[-2:]) or before.count(":") == 2


def test_only_unfinished_runs_are_live() -> None:
    assert runs.is_live(run("EXECUTING"))
    assert runs.is_live(run("DELAYED"))
    assert not runs.is_live(run("COMPLETED"))
    assert not runs.is_live(run("TIMED_OUT"))


def test_what_is_done_steps_back_and_trouble_stays_in_front() -> None:
    def task_role(status: str) -> str:
        return runs.task_cell(run(status), NOW)[0][1]

    assert task_role("COMPLETED") == "dim"
    assert task_role("CANCELED") == "dim"
    assert task_role("FAILED") == "text"
    assert task_role("EXECUTING") == "text"


def test_retries_deserve_a_look_and_unknown_attempts_say_nothing() -> None:
    assert runs.attempts_cell(run("FAILED", attempts=3), NOW) == (("3", "warn"),)
    assert runs.attempts_cell(run("FAILED", attempts=1), NOW) == (("1", "faint"),)
    assert runs.attempts_cell(run("FAILED"), NOW) == ()


def test_only_outliers_are_marked_slow() -> None:
    row = run("COMPLETED", **ENDED)
    assert runs.slow_cell(row, NOW, 1400) == (("▲3.4× ", "warn"),)
    assert runs.slow_cell(row, NOW, 2000) == ()
    assert runs.slow_cell(row, NOW, None) == ()


def test_small_facts_are_blank_when_there_is_nothing_to_say() -> None:
    bare = run("COMPLETED")
    cells: list[Cell] = [
        cell(bare, NOW)
        for cell in (runs.version_cell, runs.tags_cell, runs.cost_cell, runs.test_cell)
    ]
    assert cells == [(), (), (), ()]
    full = run("COMPLETED", version="20261121.3", tags=("a", "b"), cost_cents=0.0131, is_test=True)
    assert cell_text(runs.tags_cell(full, NOW)) == "a b"
    assert cell_text(runs.cost_cell(full, NOW)) == "0.0131¢"
    assert cell_text(runs.test_cell(full, NOW)) == "test"


def test_sorting_by_status_puts_trouble_first_and_successes_last() -> None:
    names = ["COMPLETED", "QUEUED", "EXECUTING", "TIMED_OUT", "FAILED", "CANCELED"]
    ordered = sorted((run(name) for name in names), key=runs.status_order)
    assert [row.status_name for row in ordered] == [
        "FAILED",
        "TIMED_OUT",
        "EXECUTING",
        "QUEUED",
        "CANCELED",
        "COMPLETED",
    ]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            run("FAILED", **ENDED, error="TypeError: no contact", attempts=3, version="7"),
            "× TypeError  no contact   sync-crm · 3 attempts · queued 30.0 s · ran 4.73 s · 7",
        ),
        (run("CRASHED", error="out of memory"), "‼ crashed  out of memory   sync-crm"),
        (run("FAILED"), "× failed   sync-crm"),
        (run("QUEUED"), "○ queued 1 m   sync-crm"),
        (run("QUEUED", ttl="10m"), "○ queued 1 m  expires in 9 m   sync-crm"),
        (run("QUEUED", ttl="1m"), "○ queued 1 m  about to expire   sync-crm"),
        (
            run("EXPIRED", expired_ms=NOW - 30_000, ttl="30s"),
            "◦ expired  waited 30.0 s and was not started (ttl 30s)   sync-crm",
        ),
        (run("WAITING", updated_ms=NOW - 5 * MINUTE), "◑ waiting on something, no change for 5 m"),
        (run("EXECUTING", **STARTED), "● running 30.0 s   sync-crm · queued 30.0 s"),
        (run("COMPLETED", **ENDED), "✓ completed in 4.73 s   sync-crm · queued 30.0 s"),
        (run("CANCELED", finished_ms=NOW - 3 * MINUTE), "– canceled 3 m ago   sync-crm"),
        (
            run("PENDING_VERSION"),
            "◇ pending version 1 m  waits for a version that knows this task to be deployed",
        ),
    ],
)
def test_the_line_under_the_list_explains_the_run(row: RunRow, text: str) -> None:
    assert cell_text(explain(row, NOW)).startswith(text)


def test_a_delayed_run_says_when_it_starts() -> None:
    line = cell_text(explain(run("DELAYED", delayed_until_ms=NOW + 237_000), NOW))
    assert line.startswith("◷ delayed starts in 4 m, at ")


@pytest.mark.parametrize(
    ("ttl", "ms"),
    [
        ("10m", 600_000),
        ("1h30m", 5_400_000),
        ("2d", 172_800_000),
        ("1hr", 3_600_000),
        (None, None),
        ("soon", None),
    ],
)
def test_a_time_to_live_is_read_as_the_api_writes_it(ttl: str | None, ms: int | None) -> None:
    assert ttl_ms(ttl) == ms


STACK = (
    "    at applyTax (/app/src/trigger/billing/taxes.ts:77:12)\n    at run (file:///app/a.ts:9:5)"
)


def beside(row: RunRow, told: Failure | None = None, width: int = 40) -> list[str]:
    lines = aside_lines(row, told, NOW, width)
    assert all(cell_width(line) <= width for line in lines)
    return [cell_text(line).rstrip() for line in lines]


def test_what_stands_beside_the_list_keeps_its_place_when_the_error_comes() -> None:
    failed = run("FAILED", **ENDED, tags=("org_1", "customer_of_the_north", "plan_enterprise"))
    message = "Cannot read properties of null (reading 'taxRate')"
    told = failure("TypeError", message, STACK)
    before, after = beside(failed), beside(failed, told)
    assert after[: len(before)] == before
    assert after[len(before) :] == [
        "",
        "ERROR",
        "TypeError",
        "Cannot read properties of null (reading",
        "'taxRate')",
        "",
        "at applyTax",
        "   /app/src/trigger/billing/taxes.ts:77:",
        "   12",
        "at run /app/a.ts:9:5",
    ]
    assert "tags      org_1 customer_of_the_north" in before
    assert "          plan_enterprise" in before


def test_times_have_their_line_beside_the_list_whether_there_are_any_or_not() -> None:
    labels = ["created", "queued", "ran", "ended"]
    for row in (run("QUEUED"), run("EXECUTING", **STARTED), run("COMPLETED", **ENDED)):
        lines = beside(row)
        assert [line.split()[0] for line in lines[4:8]] == labels
    assert beside(run("QUEUED"))[5:8] == ["queued    1 m 00 s", "ran       –", "ended     –"]


def test_a_canceled_run_says_why_in_no_alarm() -> None:
    told = failure(None, "Canceled by user", None)
    assert beside(run("CANCELED"), told)[-2:] == ["WHY", "Canceled by user"]
    lines = aside_lines(run("CANCELED"), told, NOW, 40)
    assert "bad" not in {role for _, role in lines[-1]}
