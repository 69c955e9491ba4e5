"""The bar: where you are, which time window, how fresh the data is, what is left of the rate."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from trigdash.ui.cells.cell import EMPTY, Cell, cell_text, cell_width
from trigdash.ui.widgets.line import Line


@dataclass(frozen=True, slots=True)
class Bar:
    """What the bar says now."""

    project: str = ""
    environment: str = ""
    is_production: bool = False
    is_environment_paused: bool = False
    """Nothing starts: said at every width."""
    window: str = ""
    note: str = ""
    """A condition worth a word at all times: read-only."""
    state: Cell = EMPTY
    rate: Cell = EMPTY


class StatusBar(Line):
    """Draws a Bar. Environment and state stay at every width; the rest goes by importance."""

    GROUND = "raised"

    def __init__(self, bar: Bar | None = None) -> None:
        super().__init__()
        self._bar = bar or Bar()

    def tell(self, bar: Bar) -> None:
        """Say something else."""
        if bar != self._bar:
            self._bar = bar
            self.refresh()

    @override
    @property
    def words(self) -> str:
        left, right = self._sides(frozenset())
        return f"{cell_text(left)} {cell_text(right)}".strip()

    @override
    def cells(self, width: int) -> tuple[Cell, Cell]:
        without: set[str] = set()
        left, right = self._sides(frozenset())
        for part in ("rate", "project", "brand", "note", "window"):
            if cell_width(left) + cell_width(right) + 2 <= width:
                break
            without.add(part)
            left, right = self._sides(frozenset(without))
        return left, right

    def _sides(self, without: frozenset[str]) -> tuple[Cell, Cell]:
        bar = self._bar
        left: list[tuple[str, str]] = []
        if "brand" not in without:
            left.append((" trigdash ", "brand"))
        if bar.project and "project" not in without:
            left.append((f"  {bar.project}", "dim"))
            if bar.environment:
                left.append((" /", "faint"))
        if bar.environment:
            role = "production" if bar.is_production else "strong on selected"
            left += [(" ", "dim"), (f" {bar.environment} ", role)]
        if bar.is_environment_paused:
            left.append(("  environment paused", "warn-strong"))
        if bar.window and "window" not in without:
            left.append((f"   {bar.window}", "dim"))
        if bar.note and "note" not in without:
            left.append((f"   {bar.note}", "warn"))
        rate = (("   ", "dim"), *bar.rate) if bar.rate and "rate" not in without else EMPTY
        return tuple(left), (*bar.state, *rate, (" ", "dim"))
