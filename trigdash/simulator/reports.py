"""The health report: how an environment does in a period, in figures and in a verdict."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trigdash.simulator import queue_history
from trigdash.simulator.durations import iso
from trigdash.simulator.index import RunFilter
from trigdash.simulator.trql.aggregates import quantile

if TYPE_CHECKING:
    from trigdash.simulator.environments import Environment

_FAILED = frozenset({"COMPLETED_WITH_ERRORS", "CRASHED", "SYSTEM_FAILURE", "TIMED_OUT"})
_RANK = {"ok": 0, "warn": 1, "crit": 2}


@dataclass(frozen=True, slots=True)
class Health:
    """The figures behind the verdict."""

    start_p95_ms: int
    failure_ratio: float
    done: int
    triggered: int
    backlog: int
    running: int
    limit: int

    @property
    def flow(self) -> str:
        """How bad it is that runs wait."""
        if self.start_p95_ms > 60_000:
            return "crit"
        return "warn" if self.start_p95_ms > 10_000 else "ok"

    @property
    def execution(self) -> str:
        """How bad it is that runs fail."""
        if self.failure_ratio > 0.25:
            return "crit"
        return "warn" if self.failure_ratio > 0.1 else "ok"

    @property
    def severity(self) -> str:
        return max(self.flow, self.execution, key=_RANK.__getitem__)


def measure(env: "Environment", from_ms: int, to_ms: int) -> Health:
    """The figures of a period."""
    waits, depth = [], 0
    for buckets in queue_history.by_queue(env, from_ms, to_ms, 60_000).values():
        waits += [wait for bucket in buckets.values() for wait in bucket.wait_ms]
    depth = sum(queue.waiting_count for queue in env.queues.values())
    runs = env.runs.select(RunFilter(from_ms=from_ms, to_ms=to_ms))
    done = [run for run in runs if run.is_final]
    failed = sum(1 for run in done if run.status in _FAILED)
    return Health(
        start_p95_ms=round(quantile(sorted(waits), 0.95) or 0),
        failure_ratio=round(failed / len(done), 4) if done else 0.0,
        done=len(done),
        triggered=len(runs),
        backlog=depth,
        running=env.running,
        limit=env.limits.concurrency,
    )


def view(
    env: "Environment", health: Health, period: str, minutes: int, now_ms: int
) -> dict[str, Any]:
    """The report as data: codes, not sentences."""
    flow, execution = health.flow, health.execution
    reason = {"ok": "healthy", "warn": "slow_starts", "crit": "backlog"}[flow]
    return {
        "title": "health",
        "scope": env.slug,
        "period": f"last {period}",
        "generatedAt": iso(now_ms),
        "windowMinutes": minutes,
        "summary": {
            "severity": health.severity,
            "statements": [
                {"findingType": "flow", "severity": flow},
                {"findingType": "execution", "severity": execution},
            ],
        },
        "findings": [
            {
                "type": "flow",
                "severity": flow,
                "reason": reason,
                "metricIds": ["start_latency_p95", "backlog", "concurrency"],
            },
            {
                "type": "execution",
                "severity": execution,
                "reason": "healthy" if execution == "ok" else "failures",
                "metricIds": ["failure_ratio", "throughput"],
            },
        ],
        "metrics": _metrics(health, minutes),
        "facts": {"done": health.done, "triggered": health.triggered, "backlog": health.backlog},
        "links": [],
        "footer": [],
    }


def _metrics(health: Health, minutes: int) -> list[dict[str, Any]]:
    flow, execution = health.flow, health.execution
    return [
        {"id": "start_latency_p95", "value": health.start_p95_ms, "unit": "ms",
         "aggregation": "p95", "severity": flow},
        {"id": "backlog", "value": health.backlog, "unit": "count", "severity": flow},
        {"id": "concurrency", "value": round(health.running / max(1, health.limit), 4),
         "unit": "ratio", "severity": flow},
        {"id": "failure_ratio", "value": health.failure_ratio, "unit": "ratio",
         "aggregation": "ratio", "severity": execution},
        {"id": "throughput", "value": round(health.done / max(1, minutes), 2), "unit": "perMin",
         "aggregation": "rate", "severity": "ok",
         "breakdown": {"done": health.done, "triggered": health.triggered}},
    ]  # fmt: skip


def text(env: "Environment", health: Health, period: str) -> str:
    """The report as markdown."""
    return (
        f"# Health of {env.slug}, last {period}\n\n"
        f"**{health.severity}**: {health.done} of {health.triggered} runs done, "
        f"{health.failure_ratio:.1%} failed\n\n"
        f"- start latency p95: {health.start_p95_ms / 1000:.1f} s\n"
        f"- waiting now: {health.backlog}\n"
        f"- running now: {health.running} of {health.limit}\n"
    )
