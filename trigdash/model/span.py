"""One span in full: what the trace leaves out."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter

from trigdash.model.clean import one_line
from trigdash.model.span_event import EventStore, Failure, SpanEvent, failure, span_events
from trigdash.model.status import Status, status
from trigdash.model.wire import Amount, Flag, Line, Moment, NullIsEmpty, Real, Wire, parse


def _message(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value


class AiUsage(Wire):
    """What a call of a language model used, as far as known. Costs are in dollars."""

    model: Line = ""
    provider: Line = ""
    operation_name: Line = ""
    input_tokens: Amount = 0
    output_tokens: Amount = 0
    total_tokens: Amount = 0
    cached_tokens: Real | None = None
    reasoning_tokens: Real | None = None
    total_cost: Real | None = None
    input_cost: Real | None = None
    output_cost: Real | None = None
    tokens_per_second: Real | None = None
    ms_to_first_chunk: Real | None = None
    duration_ms: Real | None = None
    finish_reason: Line | None = None
    response_text: str | None = None
    """Not cleaned."""


class StartedRun(Wire):
    """A run that was triggered within a span."""

    run_id: Line
    task_identifier: Line = ""
    stored_status: Line = Field(default="", alias="status")
    """The database's word, which no version header changes (recorded)."""
    created_at: Moment | None = None

    @property
    def status(self) -> Status:
        """The status in the words that the rest of the API uses."""
        return status(_STORED.get(self.stored_status, self.stored_status))


_STORED = {
    "PENDING": "QUEUED",
    "WAITING_TO_RESUME": "WAITING",
    "PAUSED": "WAITING",
    "RETRYING_AFTER_FAILURE": "EXECUTING",
    "COMPLETED_SUCCESSFULLY": "COMPLETED",
    "COMPLETED_WITH_ERRORS": "FAILED",
    "WAITING_FOR_DEPLOY": "PENDING_VERSION",
}
"""Database statuses that the API names differently; all others are the same."""


class SpanDetail(Wire):
    """A span with its properties, events, AI figures and the runs it triggered.

    It does not apply the ancestor rules of the trace: a span that the trace shows as canceled was
    recorded as still partial here. What the trace says of time and outcome wins.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    span_id: Line
    parent_id: Line | None = None
    run_id: Line
    message: Annotated[str, BeforeValidator(_message)] = ""
    level: Line = "TRACE"
    is_error: Flag = False
    is_partial: Flag = False
    is_cancelled: Flag = False
    start_time: Moment
    told_duration_ms: Amount = Field(default=0.0, alias="durationMs")
    """As the server returns it: wrong by a factor on Postgres, see `duration_ms`."""
    entity_type: Line | None = None
    properties: Any = None
    """JSON as it came, not cleaned."""
    events: Annotated[tuple[SpanEvent, ...], BeforeValidator(span_events)] = ()
    ai: AiUsage | None = None
    triggered_runs: Annotated[tuple[StartedRun, ...], NullIsEmpty] = ()

    def duration_ms(self, store: EventStore) -> float:
        """The true duration. Recorded: on Postgres the server returns a millionth of it."""
        return self.told_duration_ms * (1e6 if store is EventStore.POSTGRES else 1)

    @property
    def failure(self) -> Failure | None:
        """The span's exception, or the error among its properties."""
        told = next((event.failure for event in self.events if event.failure), None)
        if told or not isinstance(self.properties, dict):
            return told
        error = self.properties.get("error")
        if not isinstance(error, dict):
            return None
        return failure(error.get("name"), error.get("message"), error.get("stackTrace"))


_SPAN = TypeAdapter(SpanDetail)


def parse_span(body: bytes) -> SpanDetail:
    """The span of an answer; ValueError when it does not fit."""
    return parse(_SPAN, body)
