"""Scenarios, as data: how busy the world is, and what goes wrong in it.

Minutes count from the start of the simulator; negative ones lie in its history.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trigdash.simulator.tasks import Fault


@dataclass(frozen=True, slots=True)
class Trouble:
    """For some minutes, a share of a task's attempts throws one error."""

    task: str
    fault: Fault
    from_min: float
    to_min: float
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens once: `deploy`, `pause`, `resume`, `limit`, `trigger` or `batch`."""

    at_min: float
    what: str
    name: str = ""
    number: int = 1
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One world. `interval_s` is the mean time between new runs now; the older history, of
    `history_days`, follows a daily rhythm with its peak at the start of the simulator."""

    name: str
    summary: str
    interval_s: float = 1.5
    history_days: float = 9
    recent_share: float = 0.4
    recent_hours: float = 6
    concurrency: int = 25
    weights: Mapping[str, float] = field(default_factory=dict)
    batch_every_s: float = 150
    deploy_every_min: float = 0
    troubles: tuple[Trouble, ...] = ()
    moments: tuple[Moment, ...] = ()


CALM = Scenario(
    "calm",
    "a shop on a good day: a new run every second or two, some backlogs, 5 % failures",
    deploy_every_min=45,
    moments=(
        Moment(-35, "trigger", "translate-catalog", 2),
        Moment(-20, "trigger", "send-email", 3, {"delay_s": 5_400}),
        Moment(-12, "trigger", "generate-report", 1, {"delay_s": 1_500}),
        Moment(-0.8, "trigger", "send-email", 2, {"test": True}),
        Moment(-1, "batch", "resize-image", 24),
        Moment(3, "trigger", "send-email", 2, {"delay_s": 240}),
    ),
)
BUSY = Scenario(
    "busy",
    "thousands of runs an hour, queues at their limits, the environment near its own",
    interval_s=0.35,
    concurrency=40,
    weights={
        "transcribe-audio": 0.6,
        "resize-image": 14,
        "deliver-webhook": 24,
        "index-documents": 2.2,
    },
    batch_every_s=60,
    deploy_every_min=20,
    moments=(Moment(-4, "batch", "resize-image", 120), Moment(-2, "batch", "index-documents", 30)),
)
INCIDENT = Scenario(
    "incident",
    "a deploy breaks charge-invoice, the indexing queue backs up, the crm queue is paused",
    troubles=(
        Trouble(
            "charge-invoice",
            Fault("TypeError", "Cannot read properties of null (reading 'taxRate')", "applyTax"),
            -8, 1e9, 0.85,
        ),
    ),
    moments=(
        Moment(-8, "deploy"),
        Moment(-6, "pause", "crm"),
        Moment(-5, "batch", "index-documents", 60),
        Moment(-4, "limit", "task/moderate-comment", 0),
        Moment(-3, "trigger", "translate-catalog", 2),
        Moment(-3, "trigger", "approve-refund", 2),
        Moment(-2, "trigger", "send-email", 2, {"delay_s": 7_200}),
    ),
)  # fmt: skip
SCENARIOS = {each.name: each for each in (CALM, BUSY, INCIDENT)}
