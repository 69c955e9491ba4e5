"""The questions before a run of steps is started again: retry, and restart from a step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from trigdash.ui.cells import Cell
from trigdash.ui.cells.cell import Piece
from trigdash.ui.dialogs.confirm import Confirm
from trigdash.ui.dialogs.restart import RestartForm
from trigdash.ui.writing.confirmed import ConfirmedAction
from trigdash.ui.writing.new_run_search import new_run_line
from trigdash.ui.writing.verbs import run_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigdash.model.run_row import RunRow
    from trigdash.service.actions import Actions, Outcome
    from trigdash.ui.writing.desk import Desk

NAMED = 6
"""Steps named of each kind; the others are counted."""


async def ask_retry(desk: Desk, row: RunRow) -> ConfirmedAction | None:
    """Retry from the first failed step; the new run is opened."""
    dialog = Confirm(
        "Retry 1 run",
        desk.place,
        [
            *run_facts(row, desk.now_ms()),
            (),
            (("A new run starts from the first failed step, with the same input.", "text"),),
            (("The outputs of the steps before it are kept.", "dim"),),
        ],
        safe="let it be",
        act="retry the run",
        opened_by=desk.opened_by,
    )
    if not await desk.ask(dialog):
        return None
    return ConfirmedAction(
        f"retry of {row.task}",
        lambda actions: actions.retry(row.id),
        look=new_run_line(desk, row.task, row.tags, is_test=row.is_test),
        opens=True,
    )


async def ask_restart(
    desk: Desk, row: RunRow, step: str, kept: Sequence[str], again: Sequence[str]
) -> ConfirmedAction | None:
    """Restart from a step, with the input edited or not; the new run is opened."""
    from trigdash.service.run_detail import RunQuery  # the full model is loaded when first wanted

    run = await desk.fetch(RunQuery(row.id))
    if run is None:
        return None
    dialog = RestartForm(
        f"Restart 1 run from {step}",
        desk.place,
        [
            *run_facts(row, desk.now_ms())[:2],
            (),
            _steps("outputs kept", kept, "✓ ", "good", "none: this is the first step"),
            _steps("run again   ", again, "", "text", ""),
            (),
            (("input", "dim"), ("   what you change is laid over it", "faint")),
        ],
        run.payload,
        opened_by=desk.opened_by,
    )
    start = await desk.ask(dialog)
    if start is None:
        return None
    do = partial(_restart, run_id=row.id, step=step, overrides=start.overrides)
    look = new_run_line(desk, row.task, row.tags, is_test=row.is_test)
    return ConfirmedAction(f"restart of {row.task} from {step}", do, look=look, opens=True)


async def _restart(
    actions: Actions, *, run_id: str, step: str, overrides: Mapping[str, object] | None
) -> Outcome:
    return await actions.restart(run_id, step, overrides)


def _steps(name: str, steps: Sequence[str], mark: str, role: str, none: str) -> Cell:
    pieces: list[Piece] = [(f"{name}  ", "dim")]
    if not steps:
        pieces.append((none, "dim"))
    for number, step in enumerate(steps[:NAMED]):
        pieces.append((f"{', ' if number else ''}{mark}{step}", role))
    if len(steps) > NAMED:
        pieces.append((f" and {len(steps) - NAMED} more", "dim"))
    return tuple(pieces)
