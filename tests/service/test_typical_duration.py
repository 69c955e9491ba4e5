"""What runs of a task usually take, learnt from those that were seen."""

from trigdash.model.run_row import RunRow
from trigdash.service.runs.typical import LEAST, MAX_TASKS, MOST, TypicalDurations


def took(number: int, ms: int, task: str = "a", status: str = "COMPLETED") -> RunRow:
    return RunRow(
        id=f"run_{task}_{number}",
        status_name=status,
        task=task,
        created_ms=1,
        updated_ms=1,
        started_ms=1,
        finished_ms=1 + ms,
    )


def test_the_usual_is_the_median_of_completed_runs_once_enough_were_seen() -> None:
    usual = TypicalDurations()
    rows = [took(number, 1_000 + number) for number in range(LEAST - 1)]
    usual.observe(rows)
    usual.observe(rows)
    assert usual.typical_ms(rows[0]) is None
    usual.observe([took(99, 60_000, status="FAILED")])
    assert usual.typical_ms(rows[0]) is None
    usual.observe([took(100, 90_000)])
    assert usual.typical_ms(rows[0]) == 1_000 + LEAST // 2
    assert usual.typical_ms(took(1, 5, task="b")) is None


def test_the_usual_follows_what_has_become_of_a_task_and_stays_small() -> None:
    usual = TypicalDurations()
    usual.observe(took(number, 1_000) for number in range(MOST))
    assert usual.typical_ms(took(0, 0)) == 1_000
    usual.observe(took(number, 9_000) for number in range(MOST, 2 * MOST))
    assert usual.typical_ms(took(0, 0)) == 9_000
    usual.observe(took(n, 7, task=f"task {t}") for t in range(MAX_TASKS) for n in range(LEAST))
    assert usual.typical_ms(took(0, 0, task="task 0")) == 7
    assert usual.typical_ms(took(0, 0, task=f"task {MAX_TASKS - 1}")) is None
