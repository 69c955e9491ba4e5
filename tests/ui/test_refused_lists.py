"""Each list says in words when it may not be read, and when nobody answers."""

from __future__ import annotations

import pytest

from tests.ui.live_harness import LiveHarness
from tests.ui.world_harness import open_world
from trigdash.presentation.registry import RESOURCES
from trigdash.simulator.http.faults import Fault
from trigdash.ui.screens.resource import ResourceScreen
from trigdash.ui.widgets.text_panes import StateView

REFUSED = Fault(status=403, times=None, body={"error": "Unauthorized"})
SILENT = Fault(drop=True, act=False, times=None)


async def go_to(harness: LiveHarness, name: str) -> None:
    await harness.press("colon", *name, "enter")
    await harness.until(
        lambda: isinstance(harness.app.screen, ResourceScreen) and name == harness.app.screen.PLACE,
        name,
    )


@pytest.mark.parametrize(
    ("fault", "said", "names"),
    [
        *((REFUSED, "this key may not do that (403", tuple(RESOURCES)[n::4]) for n in range(4)),
        (SILENT, "cannot reach the server", ("errors", "tasks", "allruns")),
    ],
    ids=[*(f"refused {n}" for n in range(1, 5)), "unreachable"],
)
async def test_a_list_says_why_it_is_not_there(
    fault: Fault, said: str, names: tuple[str, ...]
) -> None:
    async with open_world(runs=10, size=(100, 24)) as harness:
        await harness.until(lambda: harness.table.rows, "the runs")
        harness.faults.add(fault)
        for name in names:
            await go_to(harness, name)
            state = harness.app.screen.query_one(StateView)

            def is_told(state: StateView = state) -> bool:
                return said in state.plain_text

            await harness.until(is_told, name)
            assert "ctrl+r try now" in state.plain_text
