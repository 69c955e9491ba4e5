"""The health report: for keys and for tokens that may query, as data and as text."""

from __future__ import annotations

import pytest

from tests.simulator.callers import Served, caller_of, recording
from tests.simulator.replaying import exchanges, repeat, same_headers, same_refusal
from trigdash.simulator.http.ratelimit import API
from trigdash.simulator.scenarios.definitions import INCIDENT

HEALTH = "/api/v1/reports/health"
JSON = {"format": "json"}
ALL_METRICS = [
    "start_latency_p95", "pending", "throughput", "failures", "dur_p95", "liveness", "concurrency",
    "throttled", "triggered",
]  # fmt: skip


@pytest.fixture
def served() -> Served:
    return Served(runs=400, rate=API)


def token(served: Served, *scopes: str) -> str:
    return served.state.mint(served.world.env, scopes)


@pytest.mark.parametrize("name", ["nope", "overview", "queues", "runs"])
async def test_an_unknown_report_is_refused_as_recorded(served: Served, name: str) -> None:
    same_refusal(await repeat(served, f"reports__{name}"), f"reports__{name}")


async def test_a_token_without_the_right_scope_is_refused_as_recorded(served: Served) -> None:
    for name, scope in (
        ("reports__health_jwt_read_reports", "read:reports"),
        ("reports__unknown_jwt", "read:query"),
    ):
        path = recording(name)["request"]["path"]
        same_refusal(await served("GET", path, who=token(served, scope)), name)
    answer = await served("GET", HEALTH, who=token(served, "read:query:runs"))
    assert answer.status == 403


@pytest.mark.parametrize("name", exchanges("reports", refused=False))
async def test_a_key_and_a_token_that_may_query_read_it_as_recorded(
    served: Served, name: str
) -> None:
    exchange = recording(name)
    request, theirs = exchange["request"], exchange["response"]["text"].splitlines()
    is_token = caller_of(exchange) == "jwt"
    who = token(served, "read:query") if is_token else "prod"
    answer = await served("GET", request["path"], who=who, query=request["query"])
    assert answer.status == 200
    same_headers(answer, name)
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    ours = answer.text.splitlines()
    assert [line.split()[:1] for line in ours] == [line.split()[:1] for line in theirs]


async def test_a_personal_token_is_not_let_in(served: Served) -> None:
    assert (await served("GET", HEALTH, who="pat")).status == 401


async def test_a_terminal_gets_plain_text_with_colors(served: Served) -> None:
    answer = await served("GET", HEALTH, query={"format": "ansi"})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "\x1b[32m🟢 LIVENESS" in answer.text


async def test_the_data_holds_all_figures_and_counts_the_period(served: Served) -> None:
    body = await served.get(HEALTH, query={**JSON, "period": "7d"})
    assert (body["title"], body["scope"], body["period"]) == ("health", "prod", "last 7d")
    assert body["windowMinutes"] == 7 * 1440
    assert [metric["id"] for metric in body["metrics"]] == ALL_METRICS
    assert [finding["type"] for finding in body["findings"]] == ["flow", "execution", "liveness"]
    for finding in body["findings"]:
        assert set(finding["metricIds"]) <= set(ALL_METRICS)
    assert body["facts"]["triggered"] == len(
        [r for r in served.world.env.runs.all if served.time.ms - r.created_ms <= 7 * 86_400_000]
    )


async def test_a_calm_shop_is_well_for_an_hour() -> None:
    served = Served(runs=2_000)
    for _ in range(12):
        body = await served.get(HEALTH, query=JSON)
        assert body["summary"]["severity"] == "ok", body["summary"]
        served.time.pass_seconds(300)


async def test_a_blocked_queue_is_named_with_its_share(served: Served) -> None:
    await served.post("/api/v1/queues/send-email/pause", {"type": "task", "action": "pause"})
    for _ in range(80):
        await served.post("/api/v1/tasks/send-email/trigger", {"payload": {}})
    body = await served.get(HEALTH, query=JSON)
    flow = body["findings"][0]
    assert (flow["severity"], flow["reason"]) == ("warn", "backlog")
    assert flow["attribution"]["key"] == "task/send-email"
    assert flow["attribution"]["share"] > 0.5
    assert body["summary"]["severity"] == "warn"
    text = (await served("GET", HEALTH)).text
    assert "🟡 Flow degraded — more runs wait than usual" in text


async def test_failures_above_the_usual_are_told() -> None:
    served = Served(runs=2_000, scenario=INCIDENT)
    body = await served.get(HEALTH, query={**JSON, "period": "8m"})
    execution = body["findings"][1]
    assert execution["reason"] == "failures_up"
    assert execution["severity"] in {"warn", "crit"}
    assert execution["recommendation"] == {"code": "review_failing_tasks"}


@pytest.mark.parametrize(
    "query",
    [{"period": "30s"}, {"period": "0m"}, {"period": "91d"}, {"period": "x"}, {"format": "html"}],
)
async def test_what_it_cannot_be_asked_is_refused(served: Served, query: dict[str, str]) -> None:
    answer = await served("GET", HEALTH, query=query)
    assert answer.status == 400
    assert answer.body["error"] == "Query Error"
