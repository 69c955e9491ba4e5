"""The capabilities of Trigger.dev for a key, for an access token, and in read-only mode."""

from __future__ import annotations

from trigdash.backends.target import Target
from trigdash.model.capability import WRITES, Capability

_MISSING = {
    Capability.RETRY: "Trigger.dev has no retry: replay starts the run again",
    Capability.RESTART: "Trigger.dev cannot restart from a step: replay starts the run again",
    Capability.STEPS: "Trigger.dev runs have no steps: see the trace",
}
_WITH_TOKEN = frozenset(
    {
        Capability.ENVIRONMENTS,
        Capability.ENVIRONMENT_WRITES,
        Capability.ALERTS,
        Capability.ALERT_WRITES,
        Capability.PROJECT_RUNS,
    }
)
"""What needs an access token and a project."""
_WITH_KEY = frozenset(Capability) - _MISSING.keys() - _WITH_TOKEN


def offered(target: Target, *, has_token: bool) -> frozenset[Capability]:
    """The capabilities on a target."""
    capabilities = _WITH_KEY | _WITH_TOKEN if has_token else _WITH_KEY
    return capabilities - WRITES if target.read_only else capabilities


def disabled_reason(capability: Capability, target: Target) -> str:
    """Why a capability is missing, for the user."""
    if capability in _MISSING:
        return _MISSING[capability]
    if capability in WRITES and target.read_only:
        return "this profile is read-only"
    if capability is Capability.ENVIRONMENTS:
        return "changing the environment needs an access token and a project"
    if capability in _WITH_TOKEN:
        return f"{capability.value} need an access token and a project"
    return f"Trigger.dev has no {capability.value}"
