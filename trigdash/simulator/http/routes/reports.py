"""`GET /api/v1/reports/health`: how an environment does, as data, markdown or for a terminal."""

import re
from typing import Any

from trigdash.simulator.http.health import Health, bar, measure
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import custom_issue, query_error
from trigdash.simulator.http.routing import FORBIDDEN, Call, Response, Route
from trigdash.simulator.world.texts import duration_ms, iso

_PERIOD = re.compile(r"[1-9]\d*[mhdw]")
_MOST_MS = 90 * 86_400_000
_FORMATS = ("markdown", "ansi", "json")
_TABLES = ("runs", "env_metrics", "queue_metrics")


def _report(call: Call) -> object:
    """A secret key may read it; a token needs `read:query`. An unknown report is a 403."""
    if call.params["report"] != "health":
        raise Refusal(403, FORBIDDEN)
    for table in _TABLES:
        call.require(f"read:query:{table}")
    period, form = call.query.get("period", "1h"), call.query.get("format", "markdown")
    length_ms = duration_ms(period) if _PERIOD.fullmatch(period) else None
    if length_ms is None:
        raise query_error(custom_issue("period must be a shorthand like '30m' or '1h'", "period"))
    if length_ms > _MOST_MS:
        raise query_error(custom_issue("period is too large (max 90d)", "period"))
    if form not in _FORMATS:
        raise query_error(custom_issue(f"Invalid format: {form}", "format"))
    health = measure(call.world, call.env, length_ms)
    if form == "json":
        return _data(health, period, call.origin)
    kind = "text/plain" if form == "ansi" else "text/markdown"
    text = _text(health, period, form == "ansi")
    return Response(text, 200, {"content-type": f"{kind}; charset=utf-8"})


# As data


def _data(health: Health, period: str, origin: str) -> dict[str, Any]:
    findings = [_flow(health), _execution(health), _liveness(health)]
    body: dict[str, Any] = {
        "title": "health",
        "scope": health.env.slug,
        "period": f"last {period}",
        "generatedAt": iso(health.now_ms),
        "windowMinutes": health.window_min,
        "summary": {
            "severity": health.severity,
            "statements": [
                {
                    "findingType": finding["type"],
                    "severity": finding["severity"],
                    "reason": finding["reason"],
                }
                for finding in findings
            ],
        },
        "findings": findings,
        "metrics": _metrics(health),
        "facts": {
            "done": health.done,
            "triggered": health.triggered,
            "pending": health.pending,
            "running": health.env.running,
        },
        "links": [
            {"key": key, "label": label, "url": f"{origin}/{key}"}
            for key, label in (("runs", "Runs"), ("queues", "Queues"))
        ],
        "footer": _footer(health),
    }
    if health.normal.has_data:
        body["baselineLabel"] = "vs 7d normal"
    return body


def _flow(health: Health) -> dict[str, Any]:
    reason = health.flow_reason
    body: dict[str, Any] = {
        "type": "flow",
        "severity": health.flow,
        "reason": reason,
        "read": _READS.get(reason, "degraded_generic"),
        "metricIds": ["start_latency_p95", "pending", "throughput"],
    }
    if reason in _ACTIONS:
        body["recommendation"] = {"code": _ACTIONS[reason]}
    if health.flow != "ok":
        if health.worst_queue is not None and health.worst_share >= 0.5:
            body["attribution"] = {
                "dim": "queue", "key": health.worst_queue, "share": health.worst_share,
                "of": "pending",
            }  # fmt: skip
        if health.saturated < 0.5:
            body["exclusions"] = [{"code": "not_env_limit"}]
        if health.execution == "ok":
            body["observations"] = [{"code": "execution_healthy"}]
    return body


_READS = {
    "healthy": "starting_normally",
    "dequeue_stall": "capacity_free_not_dequeuing",
    "env_limit_saturation": "saturation_chain",
    "queue_limit_throttling": "queue_throttle_chain",
    "trigger_spike": "spike_chain",
    "trigger_surge": "surge_chain",
    "start_latency": "lag_while_triggering_normal",
}
_ACTIONS = {
    "dequeue_stall": "check_worker_availability",
    "env_limit_saturation": "raise_env_limit",
    "queue_limit_throttling": "raise_queue_limit",
    "trigger_spike": "review_trigger_source",
    "trigger_surge": "review_trigger_source",
    "start_latency": "review_start_latency",
    "backlog": "check_queue_health",
}


def _execution(health: Health) -> dict[str, Any]:
    reason = health.execution_reason
    body: dict[str, Any] = {
        "type": "execution",
        "severity": health.execution,
        "reason": reason,
        "read": "failures_elevated" if reason == "failures_up" else "runs_are_fine",
        "metricIds": ["failures", "dur_p95"],
    }
    if reason != "healthy":
        code = "review_failing_tasks" if reason == "failures_up" else "review_slow_runs"
        body["recommendation"] = {"code": code}
    return body


def _liveness(health: Health) -> dict[str, Any]:
    reason = {"ok": "fresh", "warn": "lagging", "crit": "stale"}[health.liveness]
    return {
        "type": "liveness", "severity": health.liveness, "reason": reason,
        "metricIds": ["liveness"],
    }  # fmt: skip


def _metrics(health: Health) -> list[dict[str, Any]]:
    """All nine; the last three are evidence and never worse than ok."""
    normal, minutes = health.normal, health.window_min
    done, triggered = (round(count / minutes, 2) for count in (health.done, health.triggered))
    return [
        _metric(
            health, "start_latency_p95", health.start_p95_ms, "ms", health.latency,
            normal.start_p95_ms, aggregation="p95", series=health.latency_points,
        ),
        _metric(
            health, "pending", health.pending, "count", health.backlog, normal.pending,
            aggregation="count", series=health.pending_points,
        ),
        {
            "id": "throughput", "value": round(done - triggered, 2), "unit": "perMin",
            "aggregation": "rate", "severity": "ok",
            "breakdown": {"done": done, "triggered": triggered},
        },
        _metric(
            health, "failures", health.failures, "ratio", health.failing, normal.failures,
            aggregation="ratio",
        ),
        _metric(
            health, "dur_p95", health.dur_p95_ms, "ms", health.slow, normal.dur_p95_ms,
            aggregation="p95",
        ),
        {
            "id": "liveness", "value": health.liveness_ms, "unit": "ms",
            "severity": health.liveness,
        },
        {
            "id": "concurrency", "value": health.env.running, "unit": "count", "severity": "ok",
            "breakdown": {"limit": health.env.limits.concurrency},
        },
        {
            "id": "throttled", "value": health.throttled, "unit": "ratio",
            "aggregation": "ratio", "severity": "ok",
        },
        _metric(
            health, "triggered", triggered, "perMin", "ok", normal.triggered_per_min,
            aggregation="rate",
        ),
    ]  # fmt: skip


def _metric(
    health: Health, name: str, value: float, unit: str, severity: str, normal: float, *,
    aggregation: str, series: list[float] | None = None,
) -> dict[str, Any]:  # fmt: skip
    body: dict[str, Any] = {
        "id": name, "value": value, "unit": unit, "aggregation": aggregation,
        "severity": severity,
    }  # fmt: skip
    if health.normal.has_data:
        body["normal"] = round(normal, 4)
        body["delta"] = _delta(value, normal)
    if series is not None:
        body["series"] = {"points": series, "kind": "measured"}
    return body


def _delta(value: float, normal: float) -> dict[str, Any]:
    if not normal or 0.8 <= value / normal <= 1.25:
        return {"dir": "flat" if normal or not value else "up"}
    return {"dir": "up" if value > normal else "down", "mult": round(value / normal, 2)}


def _footer(health: Health) -> list[dict[str, Any]]:
    if health.severity == "ok":
        return [{"code": "nothing_to_do"}]
    if health.flow != "ok" and health.drains_min is not None:
        return [{"code": "do_nothing_drains", "value": health.drains_min}]
    codes = [_ACTIONS.get(health.flow_reason)]
    codes += [{"failures_up": "review_failing_tasks", "slow_runs": "review_slow_runs"}.get(
        health.execution_reason
    )]  # fmt: skip
    return [{"code": code} for code in codes if code is not None][:2]


# As text

_LIGHTS = {"ok": "🟢", "warn": "🟡", "crit": "🔴"}
_COLORS = {"ok": "32", "warn": "33", "crit": "31"}
_WORDS = {
    "healthy": "starting normally",
    "dequeue_stall": "capacity is free, but runs are not dequeued",
    "env_limit_saturation": "the environment is at its concurrency limit",
    "queue_limit_throttling": "queues are at their concurrency limits",
    "trigger_spike": "more runs are triggered than usual",
    "trigger_surge": "very many runs are triggered",
    "start_latency": "runs start later than usual",
    "backlog": "more runs wait than usual",
}


def _text(health: Health, period: str, in_color: bool) -> str:
    """The layout is that of the recorded report; the sentences of bad news are our own."""

    def mark(severity: str, words: str) -> str:
        light = _LIGHTS[severity]
        return (
            f"\x1b[{_COLORS[severity]}m{light} {words}\x1b[0m" if in_color else f"{light} {words}"
        )

    flow = "healthy" if health.flow == "ok" else "degraded"
    read = "runs are starting on time" if flow == "healthy" else _WORDS[health.flow_reason]
    normal = health.normal
    done, triggered = (round(n / health.window_min) for n in (health.done, health.triggered))
    failing = health.execution_reason != "healthy"
    said = (
        f"{health.failures:.1%} of the runs fail"
        if health.execution_reason == "failures_up"
        else "runs take longer than usual" if failing else "runs are executing normally"
    )  # fmt: skip
    lines = [
        f"/report health        {health.env.slug} · last {period}"
        + (" · vs your 7d normal" if normal.has_data else ""),
        "",
        mark(health.flow, f"Flow {flow} — {_WORDS[health.flow_reason]}"),
        "",
        _row("start latency", f"p95 {_span(health.start_p95_ms)}", health.latency_points,
             _span(normal.start_p95_ms) if normal.has_data else None),
        "",
        _row("pending", f"{health.pending}", health.pending_points,
             f"{round(normal.pending)}" if normal.has_data else None),
        "",
        f"  throughput      {_signed(done - triggered)}/min",
        f"    done          {done}/min",
        f"    triggered     {triggered}/min",
        "",
        mark(health.execution, f"EXECUTION   {said}"),
        "",
        mark(
            health.liveness,
            "LIVENESS    fresh — telemetry current, updated "
            f"{health.liveness_ms / 1000:.1f}s ago",
        ),
        "",
        f"  read: {read}",
        f"        {'runs are completing normally' if not failing else said}",
        "",
        f"→ {_footer(health)[0]['code'].replace('_', ' ')}" if _footer(health) else "→ look closer",
    ]  # fmt: skip
    return "\n".join(lines)


def _row(name: str, value: str, points: list[float], normal: str | None) -> str:
    row = f"  {name:<15} {value:<18}  {bar(points)}"
    return row if normal is None else f"{row}   (normal ~{normal})"


def _span(length_ms: float) -> str:
    if length_ms >= 60_000:
        return f"{length_ms / 60_000:.1f}m"
    return f"{length_ms / 1000:.1f}s"


def _signed(number: int) -> str:
    return f"+{number}" if number > 0 else f"−{abs(number)}"


ROUTES = [Route("GET", "/api/v1/reports/{report}", _report, "public")]
