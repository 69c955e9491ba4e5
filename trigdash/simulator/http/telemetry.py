"""Rows of the telemetry tables, made from runs: host metrics and calls of language models."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from trigdash.simulator.world.ids import mix
from trigdash.simulator.world.plan import unit
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.steps import Step

# Dollars for a million tokens, in and out.
_PRICES = {"gpt-4o-mini-2024-07-18": (0.15, 0.6), "claude-sonnet-4": (3.0, 15.0)}
_BUCKET_MS = 10_000


def metrics(runs: Iterable[Run]) -> Iterator[dict[str, Any]]:
    """Two gauges for each run that started: processor and memory."""
    for run in runs:
        if run.started_ms is None:
            continue
        for name, value in (
            ("process.cpu.utilization", 0.05 + 0.9 * unit(run.seed, 201)),
            ("system.memory.usage", 60e6 + 200e6 * unit(run.seed, 202)),
        ):
            yield {
                "metric_name": name,
                "metric_type": "gauge",
                "machine_id": f"machine-{mix(run.seed, 203) % 64:02x}",
                "bucket_start": run.started_ms // _BUCKET_MS * _BUCKET_MS,
                "metric_value": round(value, 4),
                "attributes": "{}",
                "run_id": run.id,
                "task_identifier": run.task_id,
                "attempt_number": run.attempt,
                "machine_name": run.machine,
                "worker_id": "",
                "worker_version": run.version or "",
            }


def llm_metrics(runs: Iterable[Run]) -> Iterator[dict[str, Any]]:
    """One row for each call of a model in a run that ended well."""
    for run in runs:
        if run.status != "COMPLETED_SUCCESSFULLY" or run.task is None:
            continue
        for place, step in enumerate(_model_calls(run.task.steps)):
            yield _model_call(run, str(step.attributes["model"]), place)


def _model_calls(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        if step.kind == "ai":
            yield step
        yield from _model_calls(step.inner)


def _model_call(run: Run, model: str, place: int) -> dict[str, Any]:
    seed = mix(run.seed, 210, place)
    read, written = 200 + seed % 3_000, 20 + (seed >> 16) % 800
    price_in, price_out = _PRICES.get(model, (1.0, 4.0))
    cost_in, cost_out = read * price_in / 1e6, written * price_out / 1e6
    speed = 30 + 90 * unit(seed, 2)
    to_first_ms = 150 + 900 * unit(seed, 1)
    return {
        "run_id": run.id,
        "trace_id": run.trace_id,
        "span_id": f"{seed:016x}",
        "task_identifier": run.task_id,
        "gen_ai_system": "anthropic" if model.startswith("claude") else "openai",
        "request_model": model,
        "response_model": model,
        "operation_id": "ai.generateText.doGenerate",
        "finish_reason": "stop",
        "cost_source": "registry",
        "input_tokens": read,
        "output_tokens": written,
        "total_tokens": read + written,
        "cached_read_tokens": 0,
        "cache_creation_tokens": 0,
        "reasoning_tokens": 0,
        "input_cost": cost_in,
        "output_cost": cost_out,
        "total_cost": cost_in + cost_out,
        "cached_read_cost": 0.0,
        "cache_creation_cost": 0.0,
        "provider_cost": 0.0,
        "ms_to_first_chunk": round(to_first_ms, 1),
        "tokens_per_second": round(speed, 1),
        "pricing_tier_name": "Standard",
        "start_time": run.started_ms or run.created_ms,
        "duration": int((to_first_ms + written / speed * 1000) * 1e6),
        "prompt_slug": "",
        "prompt_version": 0,
        "metadata": "{}",
    }


def llm_models(runs: Iterable[Run]) -> Iterator[dict[str, Any]]:
    """The calls of a model within a minute, as one row."""
    groups: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for call in llm_metrics(runs):
        groups[call["response_model"], call["start_time"] // 60_000 * 60_000].append(call)
    for (model, minute_ms), calls in groups.items():
        yield {
            "response_model": model,
            "base_response_model": model.split("-20")[0],
            "gen_ai_system": calls[0]["gen_ai_system"],
            "minute": minute_ms,
            "call_count": len(calls),
            "total_input_tokens": sum(call["input_tokens"] for call in calls),
            "total_output_tokens": sum(call["output_tokens"] for call in calls),
            "total_cost": sum(call["total_cost"] for call in calls),
            "ttfc_quantiles": [call["ms_to_first_chunk"] for call in calls],
            "tps_quantiles": [call["tokens_per_second"] for call in calls],
            "duration_quantiles": [call["duration"] for call in calls],
        }
