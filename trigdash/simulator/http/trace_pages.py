"""Traces in pages (from 4.7.4): flat spans by their start, and the failed attempts. A long span has
two records, one from its start and one from its end. They can be on different pages, as the
official client expects.
"""

import re
from typing import Any

from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.traces import MESSAGE_LENGTH, duration_ms
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.spans import Span
from trigdash.simulator.world.texts import decode_cursor, encode_cursor, iso
from trigdash.simulator.world.trace import family, spans_of

LEAST, MOST = 1_000, 10_000
"""Page sizes outside are clamped."""
_NOT_A_ROOT = (
    "Paging is only supported for runs at the root of their trace. "
    "Request the trace of the root run instead."
)
# A span that took longer than this has separate records: its start was written before its end.
_APART_MS = 60_000


def page(run: Run, now_ms: int, size: str | None, after: str | None) -> dict[str, Any]:
    """One page of a root run's trace."""
    if run.parent is not None:
        raise Refusal(400, _NOT_A_ROOT)
    most = _size(size)
    place = _place(after)
    spans = [span for member in family(run) for span in spans_of(member, now_ms)]
    records = sorted(
        (record for span in spans for record in _records(span)),
        key=lambda record: (record[0], record[1].id),
    )
    if place is not None:
        records = [each for each in records if (each[0], each[1].id) > place]
    chosen = records[:most]
    body: dict[str, Any] = {
        "data": [_span(span, closed) for _, span, closed in chosen],
        "attemptFailures": [
            {"spanId": span.id, "attemptNumber": span.attempt, "runId": span.run.id}
            for _, span, closed in chosen
            if closed and span.is_error and span.entity == "attempt"
        ],
        "pagination": {},
    }
    if len(records) > most:
        last_ms, last, _ = chosen[-1]
        body["pagination"]["next"] = encode_cursor({"t": str(last_ms * 1_000_000), "s": last.id})
    return body


def _records(span: Span) -> list[tuple[int, Span, bool]]:
    """When each record of a span was written, and whether it closes the span."""
    if span.end_ms is None:
        return [(span.start_ms, span, False)]
    if span.end_ms - span.start_ms > _APART_MS:
        return [(span.start_ms, span, False), (span.end_ms, span, True)]
    return [(span.start_ms, span, True)]


def _span(span: Span, closed: bool) -> dict[str, Any]:
    body: dict[str, Any] = {"id": span.id}
    if span.parent_id is not None:
        body["parentId"] = span.parent_id
    body |= {
        "runId": span.run.id,
        "message": span.message[:MESSAGE_LENGTH],
        "startTime": iso(span.start_ms),
        "duration": (100 if span.engine else duration_ms(span) * 1_000_000) if closed else 0,
        "isError": closed and span.is_error,
        "isPartial": not closed,
        "isCancelled": closed and span.is_canceled,
        "level": span.level,
    }
    if span.attempt is not None:
        body["attemptNumber"] = span.attempt
    return body


def _size(text: str | None) -> int:
    if text is None:
        return MOST
    if re.fullmatch(r"0*[1-9]\d{0,17}", text) is None:
        raise Refusal(400, "page[size] must be a positive integer")
    return max(LEAST, min(MOST, int(text)))


def _place(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    parts = decode_cursor(text) or {}
    time, name = parts.get("t"), parts.get("s")
    if not isinstance(time, str) or not time.isdecimal() or not isinstance(name, str):
        raise Refusal(400, "page[after] is not a valid cursor")
    return int(time[:20]) // 1_000_000, name
