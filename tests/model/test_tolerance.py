"""What is new, absent, null or hostile must not stop anything."""

import json
from typing import Any

import pytest

from trigdash.model.batch import parse_batch
from trigdash.model.environment import parse_access, parse_whoami_environment
from trigdash.model.json_walk import TOO_DEEP
from trigdash.model.queue import parse_queue, parse_queue_metrics
from trigdash.model.run import parse_run
from trigdash.model.run_page import parse_runs
from trigdash.model.status import Kind
from trigdash.model.wire import mismatch

NEEDED: dict[str, Any] = {
    "id": "run_1",
    "status": "COMPLETED",
    "taskIdentifier": "send-email",
    "createdAt": "2026-11-21T22:39:50.781Z",
    "updatedAt": "2026-11-21T22:39:51.000Z",
}
OPTIONAL = """
    idempotencyKey version startedAt finishedAt delayedUntil expiredAt ttl costInCents
    baseCostInCents durationMs isTest depth tags triggerFunction batchId metadata region payload
    payloadPresignedUrl output outputPresignedUrl error schedule attemptCount attempts relatedRuns
    env taskKind
"""
HOSTILE = "\x1b]52;c;aGk=\x07\x9b2J\u202egpj.exe\u200b[@click=app.quit]x[/]"


def body(**changes: Any) -> bytes:
    return json.dumps(NEEDED | changes).encode()


def page(**changes: Any) -> bytes:
    return json.dumps({"data": [NEEDED | changes], "pagination": {}}).encode()


def test_absent_and_null_are_the_same() -> None:
    nulls = dict.fromkeys(OPTIONAL.split())
    absent, null = parse_run(body()), parse_run(body(**nulls))
    assert absent.model_dump() == null.model_dump()
    assert parse_runs(page()) == parse_runs(page(**nulls))
    assert null.tags == ()
    assert null.related_runs.children == ()


def test_what_nobody_has_heard_of_is_ignored_or_kept_as_it_is() -> None:
    run = parse_run(body(status="TELEPORTED", shiny={"new": 1}, triggerFunction="dream"))
    assert run.status.kind is Kind.UNKNOWN
    assert run.status.word == "teleported"
    assert run.trigger_function == "dream"
    row = parse_runs(page(status="TELEPORTED", shiny=1)).rows[0]
    assert row.status_name == "TELEPORTED"


@pytest.mark.parametrize("value", [None, 0, -1.5, "", "text", [1, [2]], {"a": None}, True])
def test_payload_output_and_metadata_may_be_any_json(value: Any) -> None:
    run = parse_run(body(payload=value, output=value, metadata=value))
    assert (run.payload, run.output, run.metadata) == (value, value, value)
    assert run.has_output
    assert not parse_run(body()).has_output


def test_every_text_of_a_run_is_safe_for_a_terminal() -> None:
    error = {"name": HOSTILE, "message": f"a\n{HOSTILE}", "stackTrace": f"{HOSTILE}\r\n\tat x"}
    texts = dict.fromkeys(
        ("id", "status", "taskIdentifier", "version", "idempotencyKey", "ttl", "region"), HOSTILE
    )
    run = parse_run(body(**texts, tags=[HOSTILE], error=error, batchId=HOSTILE))
    assert run.error is not None
    lines = [
        *(run.id, run.status_name, run.status.word, run.task_identifier, run.version or ""),
        *(run.ttl or "", run.region or "", run.idempotency_key or "", run.tags[0]),
        *(run.error.name or "", *run.error.message.split("\n")),
        *(run.error.stack_trace or "").split("\n"),
    ]
    assert all(line.isprintable() for line in lines)
    assert run.error.message.startswith("a\n")
    environment = {"id": "x", "name": HOSTILE}
    row = parse_runs(page(**texts, tags=[HOSTILE], env=environment, taskKind=HOSTILE)).rows[0]
    for text in (row.id, row.status_name, row.task, row.version, row.ttl, row.region, row.kind):
        assert text is not None
        assert text.isprintable()
    assert row.environment is not None
    assert row.environment.isprintable()
    assert row.tags[0].isprintable()


def test_lone_surrogates_and_deep_json_are_read() -> None:
    raw = body(taskIdentifier="SURR").replace(b"SURR", rb"a\ud800b")
    assert parse_run(raw).task_identifier == "a\ufffdb"
    deep = "[" * 300 + "]" * 300
    assert parse_run(body(payload="DEEP").replace(b'"DEEP"', deep.encode())).payload is not None


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "the body is empty"),
        (b" \r\n", "the body is empty"),
        (
            b" <!doctype html><html>",
            "a web page instead of JSON; is this the address of the API?",
        ),
        (b"Service is up", "the body is not JSON"),
        (b'{"id": "run_1", ', "the body is not JSON"),
        (b"\xff\xfe", "the body is not JSON"),
        (b"[]", "the body is not an object"),
        (b"null", "the body is not an object"),
        (b'{"data": 3}', "id is missing, and 4 more"),
        (body(createdAt="yesterday"), "createdAt is not a time"),
    ],
)
def test_what_is_no_run_is_a_value_error(raw: bytes, words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its words are what is tested
        parse_run(raw)
    assert mismatch(caught.value, raw) == words


@pytest.mark.parametrize(
    ("field", "number"),
    [("costInCents", "1e999"), ("attemptCount", f"{10**30}"), ("durationMs", f"-{10**20}")],
)
def test_numbers_that_no_server_means_are_a_value_error(field: str, number: str) -> None:
    raw = body(**{field: "N"}).replace(b'"N"', number.encode())
    with pytest.raises(ValueError, match=field):
        parse_run(raw)


@pytest.mark.parametrize("depth", [900, 100_000])
def test_nesting_without_end_costs_what_nests_and_no_more(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    run = parse_run(body(payload="DEEP").replace(b'"DEEP"', deep))
    assert run.id == "run_1"
    inner, levels = run.payload, 0
    while isinstance(inner, list) and inner:
        inner, levels = inner[0], levels + 1
    assert levels >= 99
    assert inner in ([], TOO_DEEP)


def test_milliseconds_survive_exactly() -> None:
    for millisecond in range(1000):
        text = f"2026-11-21T22:39:50.{millisecond:03}Z"
        assert parse_runs(page(createdAt=text)).rows[0].created_ms % 1000 == millisecond


def test_the_words_that_repeat_are_shared_between_rows() -> None:
    one, other = parse_runs(page()).rows[0], parse_runs(page(id="run_2")).rows[0]
    assert one.task is other.task
    assert one.status_name is other.status_name
    assert not hasattr(one, "__dict__")


def test_the_run_list_and_the_opened_run_agree_on_a_row() -> None:
    facts = {"costInCents": 1, "baseCostInCents": 0.25, "durationMs": 7, "tags": ["a"], "depth": 2}
    listed = parse_runs(page(**facts)).rows[0]
    opened = parse_run(body(**facts, attemptCount=3)).row()
    assert listed.cost_cents == opened.cost_cents == 1.25
    assert opened.attempts == 3
    assert (listed.created_ms, listed.tags, listed.depth) == (opened.created_ms, ("a",), 2)


def test_attempts_of_an_older_server_are_kept() -> None:
    attempt = {
        "id": "attempt_1",
        "status": "FAILED",
        "createdAt": NEEDED["createdAt"],
        "updatedAt": NEEDED["updatedAt"],
        "error": {"message": "no"},
    }
    run = parse_run(body(attempts=[attempt]))
    assert run.attempts[0].status_name == "FAILED"
    assert run.attempts[0].error is not None


def test_a_batch_tells_its_errors_whichever_version_answered() -> None:
    batch = {"id": "batch_1", "status": "PARTIAL_FAILED", "runCount": 2, "runs": ["run_1"]}
    times = {"createdAt": NEEDED["createdAt"], "updatedAt": NEEDED["updatedAt"]}
    error = {"index": 1, "taskIdentifier": "a", "error": "too large", "errorCode": "X"}
    first = parse_batch(json.dumps(batch | times | {"errors": [error]}).encode())
    second = parse_batch(json.dumps(batch | times | {"processing": {"errors": [error]}}).encode())
    assert first.errors == second.errors
    assert first.errors[0].error == "too large"


def test_queues_survive_nulls() -> None:
    queue = parse_queue(
        b'{"id":"queue_1","name":"a","type":"task","concurrency":null,"paused":null}'
    )
    assert queue.filter_name == "task/a"
    assert queue.concurrency.current is None
    assert parse_queue_metrics(b'{"waitMs":null,"depthTrend":null}').wait_ms.p95 is None


def test_models_of_identity_never_hold_a_key() -> None:
    key = "tr_prod_TESTONLYA00000000000"
    whoami = parse_whoami_environment(json.dumps({"id": "x", "apiKey": key}).encode())
    assert key not in whoami.model_dump_json()
    assert key not in repr(parse_access(json.dumps({"apiKey": key, "name": "a"}).encode()))
