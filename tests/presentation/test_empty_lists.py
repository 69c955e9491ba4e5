"""An empty list says what fills it, or where else to look."""

from __future__ import annotations

import pytest

from trigdash.presentation.registry import RESOURCES

ALWAYS_FULL = {"environments"}


@pytest.mark.parametrize("name", [name for name in RESOURCES if name not in ALWAYS_FULL])
def test_an_empty_list_says_the_next_step(name: str) -> None:
    first, *steps = RESOURCES[name].load().empty
    assert first.lower().startswith("no ")
    assert any(step.strip() for step in steps)
