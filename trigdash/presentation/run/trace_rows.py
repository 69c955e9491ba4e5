"""What of a trace is shown: folded, searched, without the engine's lines. Pure, no terminal."""

from array import array
from collections.abc import Iterator

from typing_extensions import override

from trigdash.model.span_event import SpanFlag, SpanKind
from trigdash.model.trace import Trace
from trigdash.presentation.run.outline import Outline, next_of

_ENGINE, _LOG, _ERROR = SpanKind.ENGINE.value, SpanKind.LOG.value, SpanFlag.ERROR.value


class TraceRows(Outline):
    """A trace and what its viewer did to it. Rows are numbers into the trace's columns."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace.depth, trace.parent, trace.subtree_end)
        self.trace = trace
        self.shows_engine = False
        """Whether the engine's own lines are shown."""

    @property
    def hidden_engine_lines(self) -> int:
        """How many lines of the engine are not shown."""
        return 0 if self.shows_engine else self.trace.kind.count(_ENGINE)

    def replace(self, trace: Trace) -> None:
        """Show a newer trace of the same run; spans stay folded as they were."""
        folded = {self.trace.ids[row] for row, shut in enumerate(self._folded) if shut}
        self.trace = trace
        self.depth, self.parent, self.subtree_end = trace.depth, trace.parent, trace.subtree_end
        self._folded = bytearray(span_id in folded for span_id in trace.ids)
        self.changed()

    @override
    def find(self, text: str) -> Iterator[int]:
        kind, shows_engine = self.trace.kind, self.shows_engine
        for row, message in enumerate(self.trace.folded_messages):
            if text in message and (shows_engine or kind[row] != _ENGINE):
                yield row

    @override
    def is_hidden(self, row: int) -> bool:
        return self.trace.kind[row] == _ENGINE and not self.shows_engine

    @override
    def unfolded(self) -> "array[int]":
        if self.shows_engine:
            return super().unfolded()
        end, kind, folded = self.subtree_end, self.trace.kind, self._folded
        shown = array("i")
        row, count = 0, len(self.trace)
        while row < count:
            if kind[row] == _ENGINE:
                row = end[row]
                continue
            shown.append(row)
            row = end[row] if folded[row] else row + 1
        return shown

    @override
    def reveal(self, row: int) -> None:
        self.shows_engine = self.shows_engine or self.is_hidden(row)
        super().reveal(row)

    def toggle_engine(self) -> None:
        """Show or hide the engine's own lines."""
        self.shows_engine = not self.shows_engine
        self.changed()

    def next_error(self, row: int, step: int = 1) -> int | None:
        """The next row where something went wrong, round the end; None when nothing did. An error
        marks all spans around it: the innermost one is where it happened."""
        return next_of(self._innermost_errors(), row, step)

    def _innermost_errors(self) -> list[int]:
        flags = self.trace.flags
        wrong = [at for at, flag in enumerate(flags) if flag & _ERROR]
        # A line that the viewer does not see is where it happened only if nothing else is.
        wrong = [at for at in wrong if not self.is_hidden(at)] or wrong
        found, inner = [], len(flags)
        for at in reversed(wrong):
            if inner >= self.subtree_end[at]:
                found.append(at)
            # A line that was logged as an error is not an error of its span.
            inner = inner if self.trace.kind[at] == _LOG else at
        return found[::-1]
