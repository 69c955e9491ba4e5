"""What helps at the filter line of a run list: completion, what is wrong, an example."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.service.filter_completion import Completion, SeenValues, complete
from trigdash.service.filter_language import FilterError, answers, parse

if TYPE_CHECKING:
    from trigdash.model.run_filter import Narrowing, RunFilter

EXAMPLES = ("status", "task", "tag", "since")
"""Fields that an empty filter names: those that are wanted most."""


class FilterHelp:
    """Help with filters of one list. What its system can answer is known once it is asked."""

    def __init__(self, narrowing: Callable[[], Narrowing], now: Callable[[], datetime]) -> None:
        self._narrowing = narrowing
        self._now = now
        self.seen = SeenValues()
        """Values met in rows, for completion."""

    def parse(self, line: str) -> RunFilter:
        """The filter that a line describes; FilterError says what is wrong with it."""
        return parse(line, self._now(), self._narrowing())

    def problem(self, line: str) -> str | None:
        """What is wrong with a line, in words."""
        try:
            self.parse(line)
        except FilterError as error:
            return error.words
        return None

    def complete(self, line: str, position: int) -> Completion:
        """What may stand next."""
        return complete(line, position, self.seen, self._narrowing())

    def example(self) -> str:
        """What a filter may be made of here."""
        fields = (f"{name}:" for name in EXAMPLES if answers(self._narrowing(), name))
        return " ".join([*fields, "… or any word"])
