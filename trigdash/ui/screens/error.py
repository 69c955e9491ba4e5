"""The runs that failed alike: those of one error group."""

from __future__ import annotations

from dataclasses import replace

from typing_extensions import override

from trigdash.model.run_filter import RunFilter
from trigdash.ui.screens.runs import RunsScreen


class ErrorScreen(RunsScreen):
    """The runs behind an error group, with all of their powers."""

    def __init__(self, error_id: str) -> None:
        super().__init__(RunFilter(error=error_id))

    @override
    def kept_as(self) -> str:
        return "error"

    # The filter: the error itself stays

    @override
    def narrow(self, narrowed: RunFilter) -> None:
        super().narrow(replace(narrowed, error=self._base.error))
