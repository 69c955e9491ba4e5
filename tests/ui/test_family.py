"""The family of a run as a tree: what the run tells, and what the query endpoint adds to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.ui.run_harness import RECORDED_AT, RecordedRun, open_run, run_of
from trigdash.model.run import Run
from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import cell_text
from trigdash.presentation.run.tree import build_run_tree, run_tree_lines
from trigdash.service.runs.tree import MAX_ENTRIES, RunTree, RunTreeEntry

GRANDCHILD = run_of("runs_get_v3__grandchild__api_version")
PARENT = run_of("runs_get_v3__parent__api_version")


def relative(run_id: str, parent_id: str, minute: int = 0, **more: Any) -> RunTreeEntry:
    told = {"status_name": "COMPLETED", "task": f"task-of-{run_id}", "updated_ms": 0, **more}
    created_ms = int((RECORDED_AT + timedelta(minutes=minute)).timestamp() * 1000)
    return RunTreeEntry(RunRow(id=run_id, created_ms=created_ms, **told), parent_id)


def drawn(run: Run, family: RunTree | None = None, width: int = 140) -> list[str]:
    return [
        cell_text(line.cell).rstrip() for line in run_tree_lines(run, family, RECORDED_AT, width)
    ]


def test_cousins_and_what_is_below_the_children_stand_in_the_tree() -> None:
    root, parent = GRANDCHILD.related_runs.root, GRANDCHILD.related_runs.parent
    assert root is not None
    assert parent is not None
    family = RunTree(
        (
            relative("run_uncle", root.id, 1),
            relative("run_cousin", "run_uncle", 2, status_name="FAILED"),
            relative("run_below", GRANDCHILD.id, 3),
            relative("run_deep", "run_below", 4),
        )
    )
    shape = [line.split("run_")[0] for line in drawn(GRANDCHILD, family)]
    assert len(shape) == 7
    assert shape[0].startswith("✓ ")
    assert [line[: line.index("✓") if "✓" in line else line.index("×")] for line in shape] == [
        "",
        "├ ",
        "│ └ ",
        "│   └ ",
        "│     └ ",
        "└ ",
        "  └ ",
    ]
    assert "× task-of-" in shape[6]
    assert drawn(GRANDCHILD, family)[2].endswith("this run")


def test_what_the_run_itself_tells_is_newer_than_the_tables() -> None:
    child = PARENT.related_runs.children[0]
    stale = RunTree((relative(child.id, PARENT.id, status_name="QUEUED"),))
    known = build_run_tree(PARENT, stale)
    assert known[child.id].row.status_name == child.status_name
    assert len(known) == 1 + len(PARENT.related_runs.children)


def test_a_parent_that_nobody_told_hangs_below_the_root() -> None:
    family = RunTree((relative("run_lost", "run_unknown"),))
    assert any("└ ✓ task-of-run_lost" in line for line in drawn(GRANDCHILD, family))


def test_runs_that_are_each_other_s_parents_are_drawn_once_or_not_at_all() -> None:
    family = RunTree((relative("run_a", "run_b"), relative("run_b", "run_a")))
    lines = drawn(GRANDCHILD, family)
    assert len(lines) == len(set(lines))


def test_a_chain_of_a_thousand_runs_stays_within_the_width() -> None:
    root = PARENT
    chain = [relative("run_0", root.id)]
    chain += [relative(f"run_{n}", f"run_{n - 1}", n) for n in range(1, MAX_ENTRIES)]
    lines = drawn(root, RunTree(tuple(chain), is_cut=True), 80)
    assert "only the first 1,000 runs of the family" in lines[-1]
    assert max(len(line) for line in lines) < 100


async def test_the_related_tab_asks_once_for_the_whole_family() -> None:
    told = RecordedRun("runs_get_v3__parent__api_version")
    async with open_run(told, "overview") as harness:
        child = PARENT.related_runs.children[-1]
        harness.backend.answers["query"] = [
            {
                "run_id": "run_grandchild",
                "parent_run_id": child.id,
                "task_identifier": "thumbnail",
                "status": "Timed out",
                "depth": 2,
                "triggered_at": "2026-11-21 22:43:00.000",
                "completed_at": "2026-11-21 22:43:10.000",
            }
        ]
        await harness.press("r")
        await harness.see("thumbnail")
        (line,) = [line for line in harness.text.splitlines() if "thumbnail" in line]
        assert "◴ thumbnail" in line
        assert "timed out" in line
        assert "Related 6" in harness.screen.query_one("#tabs").plain_text  # type: ignore[attr-defined]
        asked = [each for each, _ in harness.backend.asked("query") if "root_run_id" in each]
        await harness.poll(30)
        after = [each for each, _ in harness.backend.asked("query") if "root_run_id" in each]
        assert asked == after
        assert f"root_run_id = '{PARENT.id}'" in asked[0]


async def test_a_run_without_family_asks_for_none() -> None:
    async with open_run(RecordedRun("runs_get_v3__completed__api_version"), "related") as harness:
        await harness.see("no child runs")
        assert not harness.backend.asked("query")
