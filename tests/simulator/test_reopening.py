"""A server that ends while it takes connections again leaves no socket behind."""

from __future__ import annotations

import asyncio
import gc
import warnings

import pytest

from trigdash.simulator.http.host import SimulatorHost

TURNS = 6
"""Turns of the event loop in which a server may be on its way to take connections again."""


@pytest.mark.parametrize("turns", range(TURNS))
async def test_a_server_that_ends_while_it_reopens_leaves_no_socket(turns: int) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        async with SimulatorHost(runs=0) as host:
            host._refuse(host._servers[0], host.port, 0)
            for _ in range(turns):
                await asyncio.sleep(0)
        gc.collect()
    assert [str(each.message) for each in warned] == []
