"""Bulk actions: many runs cancelled or replayed, a few at a time, counted as they go."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trigdash.simulator import actions
from trigdash.simulator.ids import cuid, mix
from trigdash.simulator.runs import Run

if TYPE_CHECKING:
    from trigdash.simulator.environments import Environment
    from trigdash.simulator.world import World

# Observed: a handful of runs is done about half a second after the request. The server takes runs
# in batches of 100 with a pause between; within a batch they are a few at a time.
_FIRST_MS = 250
_STEP_MS = 100
_STEP_RUNS = 25
_BATCH_RUNS = 100
_PAUSE_MS = 200

MOST_REPLAYS = 3
"""Bulk replays that an environment runs at a time."""


class BulkAction:
    """One bulk action: which runs, how far it has come, and how it ended."""

    __slots__ = (
        "completed_ms", "created_ms", "failure", "id", "kind", "name", "region", "status",
        "success", "targets", "total",
    )  # fmt: skip

    def __init__(self, action_id: str, kind: str, targets: Sequence[Run], now_ms: int):
        self.id = action_id
        self.kind = kind
        self.targets = targets
        self.created_ms = now_ms
        self.completed_ms: int | None = None
        self.name: str | None = None
        self.region: str | None = None
        self.status = "PENDING"
        self.total = len(targets)
        self.success = 0
        self.failure = 0

    @property
    def key(self) -> tuple[int, str]:
        """The order of lists, oldest first."""
        return self.created_ms, self.id


def start(world: "World", env: "Environment", kind: str, targets: Sequence[Run]) -> BulkAction:
    """A new action over these runs, newest first; the first of them are touched in a moment."""
    seed = mix(env.seed, 61, len(env.bulk_actions))
    action_id = f"bulk_{cuid(world.now_ms - world.start_ms, len(env.bulk_actions), seed)}"
    action = BulkAction(action_id, kind, targets, world.now_ms)
    env.bulk_actions[action.id] = action
    world.later(world.now_ms + _FIRST_MS, lambda: _go_on(world, action, 0))
    return action


def replays_under_way(env: "Environment") -> int:
    """Bulk replays that have not ended."""
    return sum(
        1
        for action in env.bulk_actions.values()
        if action.kind == "REPLAY" and action.status == "PENDING"
    )


def abort(action: BulkAction) -> bool:
    """Stop before the runs that are left; False when it has ended already."""
    if action.status != "PENDING":
        return False
    action.status = "ABORTED"
    return True


def _go_on(world: "World", action: BulkAction, done: int) -> None:
    """The next few runs."""
    if action.status != "PENDING":
        return
    upto = min(done + _STEP_RUNS, len(action.targets))
    for run in action.targets[done:upto]:
        if _apply(world, action, run):
            action.success += 1
        else:
            action.failure += 1
    if upto == len(action.targets):
        action.status = "COMPLETED"
        action.completed_ms = world.now_ms
        return
    pause_ms = _PAUSE_MS if upto % _BATCH_RUNS == 0 else 0
    world.later(world.now_ms + _STEP_MS + pause_ms, lambda: _go_on(world, action, upto))


def _apply(world: "World", action: BulkAction, run: Run) -> bool:
    """Cancelling a run that has ended is a failure; replaying makes a new run of any."""
    if action.kind == "CANCEL":
        if not world.engine.cancel(run, "Canceled by bulk action"):
            return False
        run.bulk = action.id
        return True
    copy = actions.replay(world, run)
    copy.bulk = action.id
    if action.region is not None and run.env.type != "DEVELOPMENT":
        copy.region = action.region
    return True
