"""What queues went through, read from the journals of their runs: depth, work, waiting times."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from trigdash.simulator.world import runs as journal
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.runs import Run

# Runs older than this before a window are taken to have left the queue before it, unless open.
_REACH_MS = 86_400_000
_QUEUED = frozenset({journal.QUEUED, journal.REQUEUED})
_LEFT = frozenset({journal.CANCELED, journal.CANCEL_ASKED, journal.EXPIRED})
_RELEASED = frozenset(
    {journal.SUSPENDED, journal.RETRY_LATER, journal.ENDED, journal.KILLED, journal.EXPIRED}
)


@dataclass(slots=True)
class Bucket:
    """What a queue did within one stretch of time. Peaks count what lasted into it."""

    enqueued: int = 0
    started: int = 0
    ended: int = 0
    failed: int = 0
    throttled: int = 0
    peak_queued: int = 0
    peak_running: int = 0
    left_queued: int = 0
    wait_ms: list[int] = field(default_factory=list)


Change = tuple[int, int, int, int | None]
"""When, how many more queued, how many more running, and for a start how long it had waited."""


def runs_around(env: Environment, from_ms: int, to_ms: int) -> list[Run]:
    """The runs that may have waited or worked in a window."""
    index = env.runs.all
    found = [run for run in _since(index, from_ms - _REACH_MS) if run.created_ms < to_ms]
    known = {run.id for run in found}
    return found + [run for run in env.runs.open.values() if run.id not in known]


def _since(runs: list[Run], from_ms: int) -> Iterator[Run]:
    for run in reversed(runs):
        if run.created_ms < from_ms:
            return
        if run.updated_ms >= from_ms:
            yield run


def changes(run: Run) -> Iterator[Change]:
    """How a run changed its queue, read from its journal."""
    waiting_since: int | None = None
    working = False
    for time_ms, kind, _ in run.entries():
        if kind in _QUEUED and waiting_since is None:
            waiting_since = time_ms
            yield time_ms, 1, 0, None
        elif kind == journal.DEQUEUED:
            queued = 0 if waiting_since is None else -1
            yield time_ms, queued, 1, time_ms - waiting_since if waiting_since else 0
            waiting_since, working = None, True
        elif kind in _LEFT and waiting_since is not None:
            waiting_since = None
            yield time_ms, -1, 0, None
        if kind in _RELEASED and working:
            working = False
            yield time_ms, 0, -1, None


def by_queue(
    env: Environment, from_ms: int, to_ms: int, width_ms: int, only: str | None = None
) -> dict[str, dict[int, Bucket]]:
    """For each queue its buckets, by their start; none where nothing happened."""
    gathered = gather(env, from_ms, to_ms, only)
    return {
        name: sweep(found, from_ms, to_ms, width_ms, limit_of(env, name))
        for name, found in gathered.items()
    }


def gather(
    env: Environment, from_ms: int, to_ms: int, only: str | None = None
) -> dict[str, list[Change]]:
    """The changes of each queue, in no order."""
    gathered: dict[str, list[Change]] = defaultdict(list)
    for run in runs_around(env, from_ms, to_ms):
        if only is None or run.queue.name == only:
            gathered[run.queue.name] += changes(run)
    return gathered


def limit_of(env: Environment, name: str) -> int:
    """The limit that holds for a queue: its own, or the environment's."""
    queue = env.queues.get(name)
    limit = queue.limit if queue is not None else None
    return env.limits.concurrency if limit is None else limit


def sweep(
    found: Iterable[Change], from_ms: int, to_ms: int, width_ms: int, limit: int
) -> dict[int, Bucket]:
    """Buckets from changes in any order."""
    buckets: dict[int, Bucket] = {}
    queued = running = 0
    for time_ms, more_queued, more_running, waited_ms in sorted(
        found, key=lambda change: (change[0], change[1] + change[2])
    ):
        if time_ms >= to_ms:
            break
        before_queued, before_running = queued, running
        queued += more_queued
        running += more_running
        if time_ms < from_ms:
            continue
        start_ms = time_ms // width_ms * width_ms
        bucket = buckets.get(start_ms)
        if bucket is None:
            bucket = buckets[start_ms] = Bucket(
                peak_queued=before_queued, peak_running=before_running
            )
        _count(bucket, more_queued, more_running, waited_ms)
        bucket.left_queued = queued
        bucket.peak_queued = max(bucket.peak_queued, queued)
        bucket.peak_running = max(bucket.peak_running, running)
        bucket.throttled += int(queued > 0 and running >= limit)
    return buckets


def _count(bucket: Bucket, queued: int, running: int, waited_ms: int | None) -> None:
    bucket.enqueued += queued > 0
    bucket.ended += running < 0
    if waited_ms is not None:
        bucket.started += 1
        bucket.wait_ms.append(waited_ms)
