"""What each span stands for, told from its message, its level and its place.

Neither form of a trace says it: the tree has no style, and a page has none either.
"""

from __future__ import annotations

from collections.abc import Sequence

from trigdash.model.span_event import SpanKind

_WAITS = ("wait.for", "wait.until", "wait(", "waitFor", "Wait for", "wait for")
"""Not all of `wait.`: `wait.createToken()` and its kin make or look up what others wait for."""
_PLATFORM_LINE = 100
"""Recorded: each line that the platform writes into a trace has this duration (in nanoseconds, on
ClickHouse), the level DEBUG and no attempt number; a user's own `logger.debug` takes no time and
belongs to an attempt."""
_TRIGGERS = ("AndWait()", "trigger()", "Trigger()", "AndSubscribe()", "batch.triggerByTask()")
_DEBUG = 1


def span_kinds(
    messages: Sequence[str], levels: Sequence[int], parents: Sequence[int], runs: Sequence[int]
) -> bytearray:
    """The kinds of spans in pre-order. `parents` has rows, `runs` numbers of runs."""
    return bytearray(
        _kind(message, level, parents[row] < 0 or runs[row] != runs[parents[row]])
        for row, (message, level) in enumerate(zip(messages, levels, strict=True))
    )


def mark_platform_lines(
    kinds: bytearray, levels: Sequence[int], lengths: Sequence[float], attempts: Sequence[int]
) -> None:
    """Tell the platform's lines apart, as ClickHouse has them. Lengths in nanoseconds."""
    for row, (level, length) in enumerate(zip(levels, lengths, strict=True)):
        if level == _DEBUG and length == _PLATFORM_LINE and not attempts[row]:
            kinds[row] = _ENGINE


def _kind(message: str, level: int, starts_run: bool) -> int:
    """What a span stands for. Plain ints: 100,000 enum look-ups cost more than the rest."""
    if starts_run:
        return _RUN
    if level > 0:
        return _LOG
    if message.startswith("Attempt ") and message[8:].isdecimal():
        return _ATTEMPT
    if message.startswith("Retry #") and " delay" in message:
        return _RETRY
    if message.startswith(_WAITS):
        return _WAIT
    return _TRIGGER if message.endswith(_TRIGGERS) else _WORK


_WORK, _RUN, _ATTEMPT, _LOG, _ENGINE, _RETRY, _WAIT, _TRIGGER = (kind.value for kind in SpanKind)
