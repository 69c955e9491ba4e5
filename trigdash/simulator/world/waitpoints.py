"""Waitpoint tokens: runs wait until they are completed."""

import hashlib
import hmac
from collections.abc import Callable
from functools import partial

from trigdash.simulator.world.ids import cuid, letters, mix
from trigdash.simulator.world.texts import iso
from trigdash.simulator.world.timeline import Timeline

MOST_TAGS = 10
# A token that will be completed times out this long after that.
_PATIENCE_MS = 24 * 3_600_000


class Waitpoint:
    """One token. `output` is the stored text.

    A run that waits for it is named in `run_id`, and `on_end` lets it continue.
    """

    __slots__ = (
        "completed_ms", "created_ms", "id", "idempotency_key", "key_is_users", "key_until_ms",
        "on_end", "output", "output_is_error", "output_type", "run_id", "status", "tags",
        "timeout_ms",
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
        self.run_id: str | None = None
        self.on_end: Callable[[], None] | None = None

    @property
    def internal_id(self) -> str:
        return self.id.removeprefix("waitpoint_")

    @property
    def key(self) -> tuple[int, str]:
        """The order of lists, oldest first."""
        return self.created_ms, self.id


Waitpoints = dict[str, Waitpoint]


def make(
    timeline: Timeline, held: Waitpoints, seed: int, timeout_ms: int | None = None
) -> Waitpoint:
    """A new token of an environment, with an optional time-out."""
    body = cuid(timeline.now_ms - timeline.start_ms, len(held), mix(seed, 71))
    waitpoint = Waitpoint(f"waitpoint_{body}", timeline.now_ms, letters(mix(seed, 72), 24))
    held[waitpoint.id] = waitpoint
    if timeout_ms is not None:
        waitpoint.timeout_ms = timeout_ms
        timeline.later(timeout_ms, partial(_time_out, timeline, waitpoint))
    return waitpoint


def answer_later(timeline: Timeline, held: Waitpoints, seed: int, answered_ms: int) -> Waitpoint:
    """A new token that is completed at a time, unless a client completes it before."""
    waitpoint = make(timeline, held, seed, answered_ms + _PATIENCE_MS)
    approval = '{"json":{"approved":true}}'
    timeline.later(
        answered_ms, partial(complete, timeline, waitpoint, approval, "application/super+json")
    )
    return waitpoint


def complete(
    timeline: Timeline, waitpoint: Waitpoint, output: str | None, output_type: str
) -> None:
    """Complete a token and let the run that waits for it continue. A second time does nothing."""
    if waitpoint.status != "WAITING":
        return
    waitpoint.status = "COMPLETED"
    waitpoint.output = output
    waitpoint.output_type = output_type
    _end(timeline, waitpoint)


def _time_out(timeline: Timeline, waitpoint: Waitpoint) -> None:
    if waitpoint.status != "WAITING":
        return
    waitpoint.status = "TIMED_OUT"
    waitpoint.output_is_error = True
    waitpoint.output = (
        '{"code":"TRIGGER_WAITPOINT_TIMEOUT",'
        f'"message":"Waitpoint timed out at {iso(timeline.now_ms)}"}}'
    )
    _end(timeline, waitpoint)


def _end(timeline: Timeline, waitpoint: Waitpoint) -> None:
    waitpoint.completed_ms = timeline.now_ms
    if waitpoint.on_end is not None:
        waitpoint.on_end()


def callback_hash(waitpoint: Waitpoint, secret_key: str) -> str:
    """What makes a callback URL a credential: HMAC-SHA256 of the internal id (recorded)."""
    return hmac.new(secret_key.encode(), waitpoint.internal_id.encode(), hashlib.sha256).hexdigest()
