"""Whether a failure is one of many: the run's error is found among the recorded error groups."""

from __future__ import annotations

from typing import Any

import pytest

from tests.recorded import recorded
from tests.ui.live_harness import live_app
from tests.ui.run_harness import RECORDED_AT, RecordedRun, open_run, run_of, text_of
from trigdash.backends.base import NotFound
from trigdash.model.error_group import ErrorGroup, parse_error_groups
from trigdash.presentation.cell import cell_text
from trigdash.presentation.run.overview import group_of, overview_lines, recurrence_line
from trigdash.presentation.run.run_view import RunView
from trigdash.simulator.scenarios.definitions import INCIDENT
from trigdash.ui.screens.batch import ErrorScreen
from trigdash.ui.screens.run import RunScreen
from trigdash.ui.screens.triage import TriageScreen
from trigdash.ui.widgets.field_list import FieldList


def test_a_message_of_any_length_finds_its_group() -> None:
    long = "a" * 400_000
    group = GROUPS[0].model_copy(update={"error_message": f"{long} 12", "error_type": "Error"})
    told = run_of("runs_get_v3__failed__api_version")
    error = told.error.model_copy(update={"message": f"{long} 7f-9", "name": "Error"})
    run = told.model_copy(update={"error": error, "task_identifier": group.task_identifier})
    assert group_of(run, [group]) is group
    assert group_of(run, [group.model_copy(update={"error_message": long})]) is None


GROUPS = parse_error_groups(recorded("errors_list__ok").body).data
FAILED = "runs_get_v3__failed_trace__api_version"


@pytest.mark.parametrize(
    ("name", "error_type", "message"),
    [
        ("failed__api_version", "Error", "Mail provider rejected the message"),
        ("failed_string__api_version", "Error", "just a string was thrown"),
        ("failed_custom__api_version", "Error", '{"code":"E_CUSTOM","detail":"custom object"}'),
        ("crashed__api_version", "TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE", None),
        ("timed_out", "MAX_DURATION_EXCEEDED", None),
        ("crashed_oom", "TASK_PROCESS_OOM_KILLED", None),
        ("system_failure", "TASK_EXECUTION_ABORTED", None),
    ],
)
def test_recorded_failures_are_found_in_the_recorded_groups(
    name: str, error_type: str, message: str | None
) -> None:
    group = group_of(run_of(f"runs_get_v3__{name}"), GROUPS)
    assert group is not None
    assert group.error_type == error_type
    assert message is None or group.error_message == message


def test_numbers_and_ids_in_a_message_make_no_other_failure() -> None:
    told: dict[str, Any] = {"name": "LedgerError", "message": "balance of 3f9c does not add up: 12"}
    run = run_of(FAILED, error=told)
    group = ErrorGroup(
        id="error_1",
        task_identifier=run.task_identifier,
        error_type="LedgerError",
        error_message="balance of 77ab does not add up: 9",
    )
    assert group_of(run, [group]) is group
    other = group.model_copy(update={"error_message": "balance of 77ab does not exist: 9"})
    assert group_of(run, [other]) is None
    assert group_of(run, [group.model_copy(update={"error_type": "Error"})]) is None
    assert group_of(run, [group.model_copy(update={"task_identifier": "another"})]) is None
    assert group_of(run_of("runs_get_v3__completed"), [group]) is None


def test_how_often_it_happened_is_said_in_words() -> None:
    said = cell_text(recurrence_line(GROUPS[0], RECORDED_AT).cell)
    assert said.strip() == "this error 3 times in 24 h, last 1 m ago, first seen 10 m ago  runs ›"
    once = cell_text(recurrence_line(GROUPS[2], RECORDED_AT).cell)
    assert once.strip() == "this error once in 24 h  runs ›"


async def test_the_overview_of_a_failure_asks_once_how_often_it_happened() -> None:
    told = RecordedRun(FAILED)
    told.groups = GROUPS
    async with open_run(told) as harness:
        await harness.see("this error 3 times in 24 h")
        await harness.poll(60)
        assert len(harness.backend.asked("error_groups")) == 1


async def test_a_server_without_error_groups_is_asked_once() -> None:
    told = RecordedRun(FAILED)
    told.groups = NotFound("Not found", status=404)
    async with open_run(told) as harness:
        await harness.see("ERROR")
        await harness.poll(90)
        assert len(harness.backend.asked("error_groups")) == 1
        assert "this error" not in harness.text


async def test_enter_shows_the_runs_that_failed_alike_and_escape_comes_back() -> None:
    async with live_app(scenario=INCIDENT, runs=400) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        runs = harness.host.world.environments["prod"].runs.all
        failed = [run for run in runs if run.status == "COMPLETED_WITH_ERRORS"]
        run = next(run for run in reversed(failed) if run.task_id == "charge-invoice")
        harness.app.open_detail("run", run.id)
        before = harness.app.screen
        await harness.until(lambda: before.query("#overview"))
        fields = before.query_one("#overview", FieldList)
        await harness.until(lambda: "times in 24 h" in text_of(fields))
        while fields.field is None or fields.field.label != "same error":
            await harness.press("j")
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, TriageScreen))
        lines = harness.app.screen.query_one(FieldList)
        await harness.until(lambda: "all of its runs" in text_of(lines))
        triage = harness.app.screen
        await harness.press("G", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, ErrorScreen))
        await harness.until(lambda: len(harness.table.rows) > 1)
        assert {row.task for row in harness.table.rows} == {"charge-invoice"}
        assert {row.status.word for row in harness.table.rows} == {"failed"}
        await harness.press("escape")
        await harness.until(lambda: harness.app.screen is triage)
        await harness.press("escape")
        await harness.until(lambda: harness.app.screen is before)


async def test_what_was_asked_for_another_run_is_asked_anew() -> None:
    told = RecordedRun(FAILED)
    told.groups = GROUPS
    async with open_run(told) as harness:
        await harness.see("this error 3 times in 24 h")
        await harness.press("escape")
        await harness.poll(600)
        told.groups = (GROUPS[0].model_copy(update={"count": 9}), *GROUPS[1:])
        harness.app.open_detail("run", told.run_id)
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen))
        await harness.see("this error 9 times in 24 h")
        await harness.poll(60)
        assert len(harness.backend.asked("error_groups")) == 2


def crashed(code: int, first: str, last: str) -> ErrorGroup:
    at = "2026-11-21T{}:00.000Z"
    return ErrorGroup.model_validate(
        {
            "id": f"error_{code}",
            "taskIdentifier": "send-email",
            "errorType": "TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE",
            "errorMessage": f"Process exited with code {code} after signal null.",
            "count": 3,
            "firstSeen": at.format(first),
            "lastSeen": at.format(last),
        }
    )


def test_a_crash_belongs_to_the_exit_code_that_was_seen_at_its_time() -> None:
    run = run_of("runs_get_v3__crashed__api_version")  # created at 22:39:49
    one, seven = crashed(1, "20:00", "21:00"), crashed(7, "22:30", "23:00")
    assert group_of(run, [seven]) is seven
    assert group_of(run, [one, seven]) is seven
    assert group_of(run, [one]) is one, "groups lag, and there is no other"
    also = crashed(137, "22:00", "23:00")
    assert group_of(run, [seven, also]) is None, "nothing tells which of them it was"


def test_the_overview_of_a_crash_tells_its_exit_code() -> None:
    view = RunView("run_1")
    view.take_run(run_of("runs_get_v3__crashed__api_version"))
    seven = crashed(7, "22:30", "23:00")
    lines = overview_lines(view, RECORDED_AT, 100, group=seven)
    text = "\n".join(cell_text(line.draw(100, None)) for line in lines)
    assert "  Process exited with code 7\n" in text
    failed = RunView("run_2")
    failed.take_run(run_of(FAILED))
    others = overview_lines(failed, RECORDED_AT, 100, group=seven)
    assert "exited" not in "\n".join(cell_text(line.draw(100, None)) for line in others)
