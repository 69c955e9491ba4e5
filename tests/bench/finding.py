"""What a measurement found, beside its bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.bench.measure import Ratio


@dataclass(frozen=True)
class Finding:
    """One line of the table."""

    bar: str
    what: str
    ours: str
    comparator: str
    theirs: str
    value: float
    """What is held against the bars: a ratio, unless `unit` says otherwise."""
    must: float | None
    """None: measured for the record."""
    stretch: float | None = None
    unit: str = ""

    @classmethod
    def of(
        cls,
        bar: str,
        what: str,
        comparator: str,
        ratio: Ratio,
        unit: str,
        must: float | None,
        stretch: float | None = None,
    ) -> Finding:
        """A ratio, with the medians of both sides."""
        ours, theirs = ratio.medians
        return cls(
            bar,
            what,
            f"{_short(ours)} {unit}",
            comparator,
            f"{_short(theirs)} {unit}",
            ratio.value,
            must,
            stretch,
        )

    @classmethod
    def alone(
        cls,
        bar: str,
        what: str,
        value: float,
        unit: str,
        must: float | None,
        stretch: float | None = None,
    ) -> Finding:
        """A figure that has no comparator but its bar, if that."""
        return cls(bar, what, f"{_short(value)} {unit}", "", "", value, must, stretch, f" {unit}")

    @property
    def verdict(self) -> str:
        """Which bar it keeps."""
        if self.must is None:
            return ""
        if self.value > self.must:
            return "missed"
        if self.stretch is None:
            return "kept"
        return "stretch" if self.value <= self.stretch else "must"

    def cells(self) -> tuple[str, ...]:
        """The line, as texts."""
        return (
            self.bar,
            self.what,
            self.ours,
            " ".join(filter(None, (self.comparator, self.theirs))),
            f"{_short(self.value)}{self.unit}",
            "" if self.must is None else f"{_short(self.must)}{self.unit}",
            "" if self.stretch is None else f"{_short(self.stretch)}{self.unit}",
            self.verdict,
        )


TITLES = ("", "what", "trigdash", "comparator", "figure", "must", "stretch", "verdict")


def markdown(findings: Iterable[Finding]) -> str:
    """All lines as a table that is read as text and as Markdown."""
    lines = [TITLES, *(finding.cells() for finding in findings)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    drawn = [" | ".join(map(str.ljust, line, widths)) for line in lines]
    drawn.insert(1, " | ".join("-" * max(width, 1) for width in widths))
    return "\n".join(f"| {line} |" for line in drawn)


def _short(value: float) -> str:
    """Three digits that count."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
