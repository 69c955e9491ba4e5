"""What helps at the filter line of a run list: completion, what is wrong, an example."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.service.filters.completion import Completion, SeenValues, complete
from trigdash.service.filters.fields import supports

if TYPE_CHECKING:
    from trigdash.model.run_filter import RunFilter, SupportedFilters

EXAMPLES = ("status", "task", "tag", "since")
"""Fields that an empty filter names: those that are wanted most."""


class FilterHelp:
    """Help with filters of one list. What its system can answer is known once it is asked."""

    def __init__(
        self, supported_filters: Callable[[], SupportedFilters], now: Callable[[], datetime]
    ) -> None:
        self._narrowing = supported_filters
        self._now = now
        self.seen = SeenValues()
        """Values met in rows, for completion."""

    def parse(self, line: str) -> RunFilter:
        """The filter that a line describes; FilterError says what is wrong with it."""
        from trigdash.service.filters.language import parse

        return parse(line, self._now(), self._narrowing())

    def problem(self, line: str) -> str | None:
        """What is wrong with a line, in words."""
        from trigdash.service.filters.language import FilterError

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
        fields = (f"{name}:" for name in EXAMPLES if supports(self._narrowing(), name))
        return " ".join([*fields, "… or any word"])
