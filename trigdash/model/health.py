"""The health report: what the server itself thinks of an environment (from 4.5.9 on)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from trigdash.model.wire import Amount, Line, Moment, NullIsDefault, NullIsEmpty, Wire


class Attribution(Wire):
    """What a finding is due to: one queue, for a share of it."""

    dim: Line = ""
    key: Line = ""
    share: Amount = 0.0
    of: Line = ""


class HealthFinding(Wire):
    """One finding. The set of codes is open: an unknown one is shown as it is."""

    type: Line = ""
    severity: Line = "ok"
    """`ok`, `warn`, `crit`."""
    reason: Line = ""
    read: Line | None = None
    attribution: Attribution | None = None


class HealthMetric(Wire):
    """One figure, and what is normal."""

    id: Line = ""
    value: Amount = 0.0
    unit: Line = ""
    normal: float | None = None
    availability: Line | None = None
    """`unknown`: the value is a placeholder."""
    severity: Line = "ok"


class HealthSummary(Wire):
    """The report in one word."""

    severity: Line = "ok"


class HealthReport(Wire):
    """A report on one environment over a window."""

    scope: Line = ""
    period: Line = ""
    generated_at: Moment | None = None
    summary: Annotated[HealthSummary, NullIsDefault] = HealthSummary()
    findings: Annotated[tuple[HealthFinding, ...], NullIsEmpty] = ()
    metrics: Annotated[tuple[HealthMetric, ...], NullIsEmpty] = ()
    raw: dict[str, Any] = Field(default_factory=dict)
    """The whole answer, for those who want to read it all."""

    @property
    def severity(self) -> str:
        """`ok`, `warn` or `crit`."""
        return self.summary.severity
