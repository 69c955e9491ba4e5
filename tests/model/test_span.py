"""One span in full, from every recorded answer of both stores."""

import json

import pytest

from tests.recorded import Recorded, recorded, successes_of
from trigdash.model.span import SpanDetail, parse_span
from trigdash.model.span_event import EventStore

ANSWERS = successes_of("run_span", "run_span_pgstore")


def span_of(name: str) -> SpanDetail:
    return parse_span(recorded(name).body)


@pytest.mark.parametrize("told", ANSWERS, ids=lambda told: told.name)
def test_a_recorded_span_is_read_whole(told: Recorded) -> None:
    span = parse_span(told.body)
    assert span.span_id == told.data["spanId"]
    assert span.properties == told.data.get("properties")
    assert len(span.events) == len(told.data.get("events", ()))
    assert len(span.triggered_runs) == len(told.data.get("triggeredRuns", ()))


def test_postgres_tells_a_millionth_of_the_duration() -> None:
    http = span_of("run_span_pgstore__http")
    assert http.duration_ms(EventStore.POSTGRES) == pytest.approx(200)
    assert span_of("run_span__attempt").duration_ms(EventStore.CLICKHOUSE) == 2_500


def test_triggered_runs_come_with_the_databases_words() -> None:
    runs = span_of("run_span__run_fn").triggered_runs
    assert [run.status.word for run in runs] == ["failed", "completed", "completed", "completed"]


def test_the_failure_is_found_among_events_or_properties() -> None:
    by_event = span_of("run_span__with_exception_event").failure
    assert by_event is not None
    assert by_event.headline == "UpstreamError: Upstream 503"
    assert len(by_event.stack) == 2
    by_property = span_of("run_span__root_failed").failure
    assert by_property is not None
    assert by_property.type == "Error"
    assert len(by_property.stack) == 3
    assert span_of("run_span_pgstore__with_exception_event").failure == by_event.__class__(
        "UpstreamError", "Upstream 503", ("at risky (file:///app/src/trigger/parent.ts:88:9)",)
    )
    assert span_of("run_span__db").failure is None


def test_figures_of_a_language_model_are_read() -> None:
    told = {"model": "gpt-4o-mini", "inputTokens": 120, "outputTokens": 45, "totalCost": 0.0002}
    whole = {**recorded("run_span__db").data, "ai": {**told, "tokensPerSecond": 88.5}}
    ai = parse_span(json.dumps(whole).encode()).ai
    assert ai is not None
    assert (ai.model, ai.input_tokens, ai.output_tokens) == ("gpt-4o-mini", 120, 45)
    assert ai.tokens_per_second == 88.5


@pytest.mark.parametrize("body", [b"", b"[]", b'{"spanId":"a"}'])
def test_an_answer_that_is_no_span_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever sentence: the backend words it
        parse_span(body)
