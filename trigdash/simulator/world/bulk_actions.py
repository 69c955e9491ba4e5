"""Bulk actions: cancel or replay many runs, in batches of 100."""

from collections.abc import Sequence

from trigdash.simulator.world import actions
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.ids import cuid, mix
from trigdash.simulator.world.records import BulkAction
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.world import World

# Observed: a handful of runs is done about half a second after the request. The server takes runs
# in batches of 100 with a pause between; a batch takes seconds, and is counted when it is over.
_FIRST_MS = 250
_STEP_MS = 500
_STEP_RUNS = 25
_BATCH_RUNS = 100
_PAUSE_MS = 200

MOST_REPLAYS = 3
"""Bulk replays that an environment runs at a time."""


def start(world: World, env: Environment, kind: str, targets: Sequence[Run]) -> BulkAction:
    """Start a new action over these runs, newest first; its work starts a moment later."""
    seed = mix(env.seed, 61, len(env.bulk_actions))
    action_id = f"bulk_{cuid(world.now_ms - world.start_ms, len(env.bulk_actions), seed)}"
    action = BulkAction(action_id, kind, targets, world.now_ms)
    env.bulk_actions[action.id] = action
    world.later(world.now_ms + _FIRST_MS, lambda: _begin_batch(world, action))
    return action


def replays_under_way(env: Environment) -> int:
    """Bulk replays that have not ended."""
    return sum(
        1
        for action in env.bulk_actions.values()
        if action.kind == "REPLAY" and action.status == "PENDING"
    )


def abort(action: BulkAction) -> bool:
    """Stop after the batch at work; False when the action ended before.

    The server finishes the batch of 100 that it began, and its figures move seconds later. When
    no run is left then, the action is COMPLETED after all (recorded).
    """
    if action.status != "PENDING":
        return False
    action.status = "ABORTED"
    return True


def _begin_batch(world: World, action: BulkAction) -> None:
    """The next batch, unless the action was aborted before it."""
    if action.status != "PENDING":
        return
    action.batch = []
    _go_on(world, action, min(action.taken + _BATCH_RUNS, len(action.targets)))


def _go_on(world: World, action: BulkAction, end: int) -> None:
    """The next few runs of a batch that reaches up to `end`."""
    upto = min(action.taken + _STEP_RUNS, end)
    for run in action.targets[action.taken : upto]:
        if not _ended_meanwhile(action, run):
            action.batch.append(_apply(world, action, run))
    action.taken = upto
    if upto < end:
        world.later(world.now_ms + _STEP_MS, lambda: _go_on(world, action, end))
        return
    action.success += sum(action.batch)
    action.failure += len(action.batch) - sum(action.batch)
    if end == len(action.targets):
        action.status = "COMPLETED"
        action.completed_ms = world.now_ms
    else:
        world.later(world.now_ms + _PAUSE_MS, lambda: _begin_batch(world, action))


def _ended_meanwhile(action: BulkAction, run: Run) -> bool:
    """Whether a run to cancel ended after the request: it is in neither figure (recorded)."""
    return action.kind == "CANCEL" and run.is_final and run.id not in action.ended_before


def _apply(world: World, action: BulkAction, run: Run) -> bool:
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
