"""What starting a run answers."""

from __future__ import annotations

from pydantic import TypeAdapter

from trigdash.model.wire import Flag, Line, Wire, parse


class TriggeredRun(Wire):
    """The run that was started, or the one that its idempotency key already stands for."""

    id: Line
    is_cached: Flag = False
    """True when the idempotency key was used before: nothing was started, the run is that one."""

    @property
    def sentence(self) -> str:
        """What happened, in words."""
        if self.is_cached:
            return f"this idempotency key was used before: here is that run, {self.id}"
        return f"started {self.id}"


_TRIGGERED = TypeAdapter(TriggeredRun)


def parse_triggered_run(body: bytes) -> TriggeredRun:
    """The answer of the trigger endpoint; ValueError when it does not fit."""
    return parse(_TRIGGERED, body)
