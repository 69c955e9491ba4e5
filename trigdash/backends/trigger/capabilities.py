"""The capabilities of Trigger.dev for a key, for an access token, and in read-only mode."""

from __future__ import annotations

from trigdash.backends.target import Target
from trigdash.model.capability import WRITES, Capability

_READS = frozenset(
    {
        Capability.TRACE,
        Capability.EVENTS,
        Capability.RELATED,
        Capability.QUEUES,
        Capability.BATCHES,
        Capability.ERRORS,
        Capability.QUERY,
        Capability.PAGING,
        Capability.SCHEDULES,
        Capability.DEPLOYMENTS,
        Capability.TOKENS,
        Capability.VARIABLES,
        Capability.LIMITS,
        Capability.WEBHOOKS,
        Capability.SESSIONS,
        Capability.TASKS,
        Capability.HEALTH,
        Capability.FEEDS,
    }
)
_TOKEN_READS = frozenset({Capability.ENVIRONMENTS, Capability.ALERTS, Capability.PROJECT_RUNS})
_TOKEN_WRITES = frozenset({Capability.ALERT_WRITES, Capability.ENVIRONMENT_WRITES})
_WRITES = WRITES - _TOKEN_WRITES - {Capability.RETRY, Capability.RESTART}
_MISSING = {
    Capability.RETRY: "Trigger.dev has no retry: replay starts the run again",
    Capability.RESTART: "Trigger.dev cannot restart from a step: replay starts the run again",
    Capability.STEPS: "Trigger.dev runs have no steps: see the trace",
}


def offered(target: Target, *, has_token: bool) -> frozenset[Capability]:
    """The capabilities on a target."""
    reads = _READS | (_TOKEN_READS if has_token else frozenset())
    if target.read_only:
        return reads
    return reads | _WRITES | (_TOKEN_WRITES if has_token else frozenset())


def disabled_reason(capability: Capability, target: Target) -> str:
    """Why a capability is missing, for the user."""
    if capability in _WRITES | _TOKEN_WRITES and target.read_only:
        return "this profile is read-only"
    if capability is Capability.ENVIRONMENTS:
        return "changing the environment needs an access token and a project"
    if capability in _TOKEN_READS | _TOKEN_WRITES:
        return f"{capability.value} need an access token and a project"
    return _MISSING.get(capability, f"Trigger.dev has no {capability.value}")
