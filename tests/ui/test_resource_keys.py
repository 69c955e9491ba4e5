"""Keys of a resource: each screen has those of its own, whatever was opened before."""

from __future__ import annotations

import pytest

from trigdash.presentation.registry import RESOURCES
from trigdash.ui.screens.resource import ResourceScreen
from trigdash.ui.screens.resource_detail import ResourceActions, ResourceDetail


def acts_on(screen: ResourceActions) -> set[str]:
    """The actions that its keys begin."""
    bound = (each for keys in screen._bindings.key_to_bindings.values() for each in keys)
    return {each.action for each in bound if each.action.startswith("act(")}


@pytest.mark.parametrize("name", RESOURCES)
def test_a_screen_acts_on_its_own_resource_alone(name: str) -> None:
    for other in RESOURCES:
        ResourceDetail("1", resource=other)
        ResourceScreen(other)
    own = {f"act('{each.name}')" for each in RESOURCES[name].load().actions if each.key}
    assert acts_on(ResourceDetail("1", resource=name)) == own
    assert acts_on(ResourceScreen(name)) == own
