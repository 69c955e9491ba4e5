"""Bulk actions: one cancel or replay over many runs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from trigdash.model.odd_rows import parse_rows
from trigdash.model.wire import Count, Line, Moment, NullIsDefault, NullIsEmpty, Wire, parse


class BulkCounts(Wire):
    """How far a bulk action is."""

    total: Count = 0
    """An estimate, made when the action was."""
    success: Count = 0
    failure: Count = 0
    """Canceling a run that had already ended counts here."""


class BulkAction(Wire):
    """One bulk action."""

    id: Line
    name: Line | None = None
    kind: Line = Field(alias="type")
    """CANCEL or REPLAY."""
    status_name: Line = Field(alias="status")
    """PENDING, COMPLETED, ABORTED."""
    counts: Annotated[BulkCounts, NullIsDefault] = BulkCounts()
    created_at: Moment
    completed_at: Moment | None = None
    """Absent while pending, and on aborted ones (recorded)."""

    @property
    def is_aborted(self) -> bool:
        """Whether it was stopped before it was through."""
        return self.status_name == "ABORTED"

    @property
    def is_final(self) -> bool:
        """Whether it can change no more."""
        return self.is_aborted or self.status_name == "COMPLETED"


class BulkActionsPage(Wire):
    """A page of bulk actions, newest first."""

    data: Annotated[tuple[BulkAction, ...], NullIsEmpty] = ()


_BULK = TypeAdapter(BulkAction)
_PAGE = TypeAdapter(BulkActionsPage)


def parse_bulk(body: bytes) -> BulkAction:
    """One bulk action; ValueError when the body does not fit."""
    return parse(_BULK, body)


def parse_bulks(body: bytes) -> tuple[BulkAction, ...]:
    """The newest bulk actions; ValueError when the body does not fit."""
    return parse_rows(_PAGE, body, BulkAction, "data").value.data
