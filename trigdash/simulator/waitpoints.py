"""Waitpoint tokens: something that people or other systems complete, and runs wait for."""

import hashlib
import hmac
from functools import partial
from typing import TYPE_CHECKING

from trigdash.simulator.durations import iso
from trigdash.simulator.ids import cuid, letters, mix

if TYPE_CHECKING:
    from trigdash.simulator.environments import Environment
    from trigdash.simulator.runs import Run
    from trigdash.simulator.world import World

MOST_TAGS = 10
# A token that somebody will answer times out only long after that.
_PATIENCE_MS = 24 * 3_600_000


class Waitpoint:
    """One token. `output` is the stored text; a run may wait for it under a name."""

    __slots__ = (
        "completed_ms", "created_ms", "id", "idempotency_key", "key_is_users", "key_until_ms",
        "output", "output_is_error", "output_type", "status", "tags", "timeout_ms", "waiting",
    )  # fmt: skip

    def __init__(self, waitpoint_id: str, now_ms: int, key: str):
        self.id = waitpoint_id
        self.created_ms = now_ms
        self.status = "WAITING"
        self.timeout_ms: int | None = None
        self.completed_ms: int | None = None
        self.tags: tuple[str, ...] = ()
        self.idempotency_key = key
        self.key_is_users = False
        self.key_until_ms: int | None = None
        self.output: str | None = None
        self.output_type = "application/json"
        self.output_is_error = False
        self.waiting: tuple[Run, str] | None = None

    @property
    def internal_id(self) -> str:
        return self.id.removeprefix("waitpoint_")

    @property
    def key(self) -> tuple[int, str]:
        """The order of lists, oldest first."""
        return self.created_ms, self.id


def make(world: "World", env: "Environment", seed: int, timeout_ms: int | None = None) -> Waitpoint:
    """A new token; it times out by itself."""
    body = cuid(world.now_ms - world.start_ms, len(env.waitpoints), mix(seed, 71))
    waitpoint = Waitpoint(f"waitpoint_{body}", world.now_ms, letters(mix(seed, 72), 24))
    env.waitpoints[waitpoint.id] = waitpoint
    if timeout_ms is not None:
        waitpoint.timeout_ms = timeout_ms
        world.later(timeout_ms, partial(_time_out, world, waitpoint))
    return waitpoint


def open_for(world: "World", run: "Run", name: str, answered_ms: int) -> Waitpoint:
    """The token that a run waits for under a name; somebody answers it at a time, if nobody did."""
    seed = mix(run.seed, 73, run.attempt)
    waitpoint = make(world, run.env, seed, answered_ms + _PATIENCE_MS)
    waitpoint.tags = ("approval", run.id)
    waitpoint.waiting = run, name

    def answer() -> None:
        complete(world, waitpoint, '{"json":{"approved":true}}', "application/super+json")

    world.later(answered_ms, answer)
    return waitpoint


def complete(world: "World", waitpoint: Waitpoint, output: str | None, output_type: str) -> bool:
    """Complete a token, and let the run that waits for it go on; False when it was over before."""
    if waitpoint.status != "WAITING":
        return False
    waitpoint.status = "COMPLETED"
    waitpoint.output = output
    waitpoint.output_type = output_type
    _end(world, waitpoint)
    return True


def _time_out(world: "World", waitpoint: Waitpoint) -> None:
    if waitpoint.status != "WAITING":
        return
    waitpoint.status = "TIMED_OUT"
    waitpoint.output_is_error = True
    waitpoint.output = (
        '{"code":"TRIGGER_WAITPOINT_TIMEOUT",'
        f'"message":"Waitpoint timed out at {iso(world.now_ms)}"}}'
    )
    _end(world, waitpoint)


def _end(world: "World", waitpoint: Waitpoint) -> None:
    waitpoint.completed_ms = world.now_ms
    if waitpoint.waiting is not None:
        run, name = waitpoint.waiting
        world.engine.wake(run, name)


def callback_hash(waitpoint: Waitpoint, secret_key: str) -> str:
    """What makes a callback URL a credential: HMAC-SHA256 of the internal id (recorded)."""
    return hmac.new(secret_key.encode(), waitpoint.internal_id.encode(), hashlib.sha256).hexdigest()
