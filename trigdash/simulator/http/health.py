"""The health of an environment: its figures of a period, against what is normal for it.

Codes and thresholds are those of the report that servers have since 4.5.9.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from trigdash.simulator.trql.aggregates import quantile
from trigdash.simulator.world import queue_history
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.index import RunFilter
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.scenario import Usual
from trigdash.simulator.world.world import World

POINTS = 8
"""How many points a series has."""
_FAILED = frozenset({"COMPLETED_WITH_ERRORS", "CRASHED", "SYSTEM_FAILURE", "TIMED_OUT"})
_MINUTE_MS = 60_000
_NORMAL_MS = 7 * 1440 * _MINUTE_MS
# A shorter history gives no baseline.
_LEAST_RUNS = 50
_RANK = {"ok": 0, "warn": 1, "crit": 2}
# Telemetry arrives about every five seconds.
_ARRIVES_MS = 5_000


def worst(*severities: str) -> str:
    """The most severe of some."""
    return max(severities, key=_RANK.__getitem__)


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a figure is a warning and when it is critical.

    `times` multiplies the normal figure, `absolute` holds without one; below `floor` all is well.
    """

    times: tuple[float, float]
    absolute: tuple[float, float]
    floor: float = 0

    def severity(self, value: float, normal: float | None) -> str:
        """`ok`, `warn` or `crit`."""
        if value <= self.floor:
            return "ok"
        warn, crit = (
            self.absolute if normal is None else (normal * self.times[0], normal * self.times[1])
        )
        return "crit" if value > crit else "warn" if value > warn else "ok"


_THRESHOLDS = {
    "start_latency_p95": Threshold((3, 10), (30_000, 120_000), 5_000),
    "pending": Threshold((2, 10), (500, 5_000), 20),
    "failures": Threshold((2, 4), (0.02, 0.05), 0.005),
    "dur_p95": Threshold((1.5, 3), (60_000, 600_000), 1_000),
    "liveness": Threshold((1, 1), (60_000, 300_000)),
}


@dataclass(slots=True)
class Normal:
    """What seven days before the period were like; `has_data` is false when they were too few.

    The simulated history holds fewer runs than such days would have, so that what the flow was
    like is the scenario's own word.
    """

    has_data: bool
    start_p95_ms: float = 0
    pending: float = 0
    failures: float = 0
    dur_p95_ms: float = 0
    triggered_per_min: float = 0


@dataclass(slots=True)
class Health:
    """The figures of a period."""

    env: Environment
    window_min: int
    now_ms: int
    normal: Normal
    start_p95_ms: float = 0
    pending: int = 0
    failures: float = 0
    dur_p95_ms: float = 0
    done: int = 0
    triggered: int = 0
    throttled: float = 0
    saturated: float = 0
    pending_points: list[float] = field(default_factory=list)
    latency_points: list[float] = field(default_factory=list)
    worst_queue: str | None = None
    worst_share: float = 0

    @property
    def liveness_ms(self) -> int:
        """The age of the telemetry."""
        return 500 + self.now_ms % _ARRIVES_MS

    def severity_of(self, metric: str, value: float, normal: float) -> str:
        """How bad a figure is."""
        return _THRESHOLDS[metric].severity(value, normal if self.normal.has_data else None)

    @property
    def latency(self) -> str:
        return self.severity_of("start_latency_p95", self.start_p95_ms, self.normal.start_p95_ms)

    @property
    def backlog(self) -> str:
        return self.severity_of("pending", self.pending, self.normal.pending)

    @property
    def failing(self) -> str:
        return self.severity_of("failures", self.failures, self.normal.failures)

    @property
    def slow(self) -> str:
        return self.severity_of("dur_p95", self.dur_p95_ms, self.normal.dur_p95_ms)

    @property
    def liveness(self) -> str:
        return _THRESHOLDS["liveness"].severity(self.liveness_ms, None)

    @property
    def execution(self) -> str:
        return worst(self.failing, self.slow)

    @property
    def flow(self) -> str:
        """What drains within an hour is no more than a warning while runs end well."""
        raw = worst(self.latency, self.backlog)
        drains = self.drains_min
        if raw == "crit" and self.execution == "ok" and drains is not None and drains <= 60:
            return "warn"
        return raw

    @property
    def severity(self) -> str:
        return worst(self.flow, self.execution, self.liveness)

    @property
    def pending_grows(self) -> bool:
        """The mean of the last third of the series above that of the first."""
        third = max(1, len(self.pending_points) // 3)
        first, last = self.pending_points[:third], self.pending_points[-third:]
        return sum(last) / third > sum(first) / third

    @property
    def drains_min(self) -> int | None:
        """In how many minutes what waits is done; None when it does not shrink."""
        rate = (self.done - self.triggered) / max(1, self.window_min)
        return round(self.pending / rate) if rate > 0 and self.pending else None

    @property
    def flow_reason(self) -> str:
        """The first cause that fires, else the symptom."""
        if self.flow == "ok":
            return "healthy"
        limit = max(1, self.env.limits.concurrency)
        per_min = self.triggered / max(1, self.window_min)
        slow = self.latency != "ok"
        if self.env.running < 0.3 * limit and self.pending_grows and slow and not self.throttled:
            return "dequeue_stall"
        if self.saturated >= 0.5 and self.pending_grows:
            return "env_limit_saturation"
        if self.throttled >= 0.25:
            return "queue_limit_throttling"
        if self.normal.has_data and per_min >= 3 * self.normal.triggered_per_min:
            return "trigger_spike"
        if not self.normal.has_data and per_min >= 100:
            return "trigger_surge"
        return "start_latency" if self.latency == self.flow else "backlog"

    @property
    def execution_reason(self) -> str:
        if self.execution == "ok":
            return "healthy"
        return "failures_up" if self.failing == self.execution else "slow_runs"


def measure(world: World, env: Environment, length_ms: int) -> Health:
    """The figures of the period up to now."""
    now_ms, from_ms = world.now_ms, world.now_ms - length_ms
    normal = _normal(env, from_ms, world.scenario.usual)
    health = Health(env, max(1, length_ms // _MINUTE_MS), now_ms, normal)
    runs = env.runs.select(RunFilter(from_ms=from_ms, to_ms=now_ms))
    ended = [run for run in runs if run.is_final]
    health.triggered, health.done = len(runs), len(ended)
    health.failures = _share(ended)
    health.dur_p95_ms = _p95(run.active_ms for run in ended if run.active_ms)
    health.start_p95_ms = _p95(_waits(runs))
    waiting = [queue for queue in env.queues.values() if queue.waiting_count]
    health.pending = sum(queue.waiting_count for queue in waiting)
    if waiting:
        largest = max(waiting, key=lambda queue: queue.waiting_count)
        health.worst_queue = largest.name
        health.worst_share = round(largest.waiting_count / health.pending, 4)
    _sweep(health, from_ms)
    return health


def _waits(runs: Sequence[Run]) -> list[int]:
    """How long the runs that started waited until then, in milliseconds."""
    return [
        max(0, run.started_ms - (run.delayed_ms or run.created_ms))
        for run in runs
        if run.started_ms is not None
    ]


def _p95(values: object) -> float:
    return round(quantile(sorted(values), 0.95) or 0)  # type: ignore[call-overload]


def _share(ended: Sequence[Run]) -> float:
    failed = sum(1 for run in ended if run.status in _FAILED)
    return round(failed / len(ended), 4) if ended else 0.0


def _normal(env: Environment, until_ms: int, usual: Usual) -> Normal:
    runs = env.runs.select(RunFilter(from_ms=until_ms - _NORMAL_MS, to_ms=until_ms))
    if len(runs) < _LEAST_RUNS:
        return Normal(False)
    ended = [run for run in runs if run.is_final]
    return Normal(
        True,
        start_p95_ms=usual.start_p95_s * 1000,
        pending=usual.pending,
        failures=_share(ended),
        dur_p95_ms=_p95(run.active_ms for run in ended if run.active_ms),
        triggered_per_min=usual.per_min,
    )


def _sweep(health: Health, from_ms: int) -> None:
    """The series, and how much of the period limits were reached."""
    env, width_ms = health.env, max(_MINUTE_MS, (health.now_ms - from_ms) // POINTS)
    gathered = queue_history.gather(env, from_ms, health.now_ms)
    every = [change for changes in gathered.values() for change in changes]
    whole = queue_history.sweep(every, from_ms, health.now_ms, width_ms, env.limits.concurrency)
    buckets = [whole[start_ms] for start_ms in sorted(whole)][-POINTS:]
    health.pending_points = [bucket.left_queued for bucket in buckets] or [0]
    health.latency_points = [
        round(quantile(sorted(bucket.wait_ms), 0.95) or 0) for bucket in buckets
    ] or [0]
    full = [bucket for bucket in buckets if bucket.peak_running >= 0.95 * env.limits.concurrency]
    health.saturated = len(full) / max(1, len(buckets))
    minutes: set[int] = set()
    for name, changes in gathered.items():
        limit = queue_history.limit_of(env, name)
        swept = queue_history.sweep(changes, from_ms, health.now_ms, _MINUTE_MS, limit)
        minutes |= {start_ms for start_ms, bucket in swept.items() if bucket.throttled}
    health.throttled = round(len(minutes) / health.window_min, 4)


def bar(points: Sequence[float]) -> str:
    """A series as bars of eight heights."""
    marks, most = "▁▂▃▄▅▆▇█", max([*points, 1])
    steps = [most * (n + 1) / len(marks) for n in range(len(marks))]
    return "".join(marks[min(bisect_left(steps, point), len(marks) - 1)] for point in points)
