"""What was agreed to: one action, to be started once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trigdash.service.actions import Actions, Outcome


@dataclass(frozen=True, slots=True)
class ConfirmedAction:
    """An action that the user has confirmed."""

    words: str
    """For the result: "replay of send-email"."""
    start: Callable[[Actions], Awaitable[Outcome]]
    run_id: str = ""
    """The run that it changes: opened to look, when its answer is lost."""
    look: str = ""
    """The filter line that shows whether a new run was made, for the same."""
    opens: bool = False
    """The new run is what it was done for: it is opened, unless the user went elsewhere."""
