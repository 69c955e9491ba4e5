"""What can be done to a run, and what is said about it."""

import pytest

from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import cell_text
from trigdash.ui.actions.verbs import VERBS, cancel_consequence, replay_consequence, run_facts
from trigdash.ui.input.keys import GROUPS

MINUTE = 60_000
NOW = 1_763_764_200_000.0


def run(status: str, **changed: object) -> RunRow:
    born = int(NOW) - 10 * MINUTE
    facts = {"id": "run_1", "task": "send-email", "created_ms": born, "updated_ms": born}
    return RunRow(status_name=status, **(facts | changed))  # type: ignore[arg-type]


def test_every_verb_has_a_key_that_needs_what_the_verb_needs() -> None:
    keys = [key for key in GROUPS["run writes"] if key.action.startswith("write(")]
    needs = {key.id: key.needs for key in (*keys, *GROUPS["steps"])}
    assert {v.key_id: v.capability for v in VERBS.values() if v.name != "retry"} == needs
    assert VERBS["retry"].key_id in needs, "a retry stands in for a replay"


@pytest.mark.parametrize(
    ("verb", "row", "reason"),
    [
        ("cancel", run("EXECUTING"), None),
        ("cancel", run("COMPLETED"), "it has ended (completed)"),
        ("replay", run("EXECUTING"), None),
        ("retry", run("failed"), None),
        ("retry", run("timeout"), None),
        ("retry", run("of another day"), None),
        (
            "retry",
            run("completed"),
            "only a failed or timed-out run can be retried, this one is completed",
        ),
        (
            "retry",
            run("suspended"),
            "only a failed or timed-out run can be retried, this one is suspended",
        ),
        ("restart", run("completed"), None),
        ("restart", run("timeout"), None),
        ("restart", run("cancelled"), "a canceled run cannot be restarted"),
        (
            "restart",
            run("running"),
            "it has not ended: only then can it be restarted, this one is running",
        ),
        ("cancel", run("suspended"), None),
        ("cancel", run("timeout"), "it has ended (timed out)"),
        ("replay", run("FAILED"), None),
        ("tag", run("COMPLETED"), None),
        ("reschedule", run("DELAYED"), None),
        ("reschedule", run("QUEUED"), "only a delayed run"),
        ("metadata", run("COMPLETED", finished_ms=int(NOW) - 59 * MINUTE), None),
        ("metadata", run("COMPLETED", finished_ms=int(NOW) - 61 * MINUTE), "more than an hour"),
    ],
)
def test_a_run_that_does_not_take_a_verb_says_why(
    verb: str, row: RunRow, reason: str | None
) -> None:
    refused = VERBS[verb].disabled_reason(row, NOW)
    assert (refused is None) if reason is None else (reason in (refused or ""))


def test_a_dialog_tells_which_run_and_what_will_happen() -> None:
    row = run("EXECUTING", started_ms=int(NOW) - 12_000, tags=("org_1",))
    told = "\n".join(cell_text(line) for line in run_facts(row, NOW))
    assert "run     run_1" in told
    assert "status  executing for 12.0 s" in told
    assert "child runs are canceled" in cell_text(cancel_consequence(row)[1])
    assert "will not start" in cell_text(cancel_consequence(run("QUEUED"))[1])
    assert "still executing" in cell_text(replay_consequence(row)[2])
