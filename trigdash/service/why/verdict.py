"""Why a run does not move: the checks in the scheduler's order, each with evidence. A check
*holds*, is *ruled out*, or is *not known*, with what is missing to know it. The first one that
holds is the verdict. Nothing is guessed: a check without evidence is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.model.status import Kind

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.run import Run

from trigdash.service.why.check import Check, Finding, Surroundings
from trigdash.service.why.look import look_around
from trigdash.service.why.other_states import delayed, pending_version, silence, waits
from trigdash.service.why.queued import QUEUED_CHECKS


@dataclass(frozen=True, slots=True)
class Why:
    """The answer for one run."""

    run_id: str
    status: str
    checks: tuple[Check, ...]
    ahead: int | None = None
    """Runs of its queue that were queued before it; None if unknown."""
    wait_s: float | None = None
    """How long these take at the rate of the last hour; None if unknown."""

    @property
    def cause(self) -> Check | None:
        """The first check that holds."""
        return next((each for each in self.checks if each.finding is Finding.HOLDS), None)

    @property
    def verdict(self) -> str:
        """One line: the reason, or that none is known."""
        return verdict_of(self.checks)


def verdict_of(checks: Sequence[Check]) -> str:
    """One line for some checks: the reason, or what is missing to know it."""
    cause = next((each for each in checks if each.finding is Finding.HOLDS), None)
    if cause is not None:
        return cause.evidence
    unknown = [each for each in checks if each.finding is Finding.UNKNOWN]
    # No key can read plan limits, so this says nothing about what was checked.
    missing = [each.evidence for each in unknown if each.code != "plan_limit"]
    if missing:
        return f"Not known: {missing[0]}; checks open: {len(missing)} of {len(checks)}."
    return "Nothing that can be looked at holds it." if unknown else "Nothing holds it."


def checks_of(around: Surroundings) -> tuple[Check, ...]:
    """Every check that applies to a run in this status, in the scheduler's order."""
    run = around.run
    word = run.status.word
    if run.status.is_final:
        return (Check("ended", Finding.HOLDS, f"It has ended: {word}."),)
    if word == "pending version":
        return pending_version(around)
    if word == "delayed":
        return (delayed(around),)
    if run.status.kind is Kind.QUEUED:
        return tuple(check for make in QUEUED_CHECKS for check in make(around))
    if run.status.kind is Kind.WAITING:
        return (*waits(around),)
    return (silence(around),)


async def why(backend: Backend, run_id: str, now: datetime) -> Why:
    """Why a run does not move. Raises BackendError when the run itself cannot be read."""
    return await why_of(backend, await backend.run(run_id), now)


async def why_of(backend: Backend, run: Run, now: datetime) -> Why:
    """The same for a run that was just read. Raises nothing: refused parts are unknown."""
    around = await look_around(backend, run, now)
    rate = around.started_per_min
    wait_s = around.ahead / rate * 60 if around.ahead is not None and rate else None
    checks = checks_of(around)
    return Why(run.id, run.status_name, checks, around.ahead, wait_s)
