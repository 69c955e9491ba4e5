"""Hints that teach a shorter way once, after the user has taken the longer one a few times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from trigdash.ui.input.keys import find, shown

if TYPE_CHECKING:
    from trigdash.ui.app import TrigdashApp

KEPT_AS = "hints"
HINT_S = 10.0
"""How long a hint stays: it is read while something else is done."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What to say after something was done a number of times; ids of keys in braces."""

    after: int
    words: str


HINTS: Final[Mapping[str, Hint]] = {
    "filter": Hint(2, "{run.take} takes a value of the highlighted run into the filter: no typing"),
    "open": Hint(
        3, "{run.trace}, {run.events} and {run.payload} open a run at its trace, log or payload"
    ),
    "mark": Hint(4, "{table.mark_all} marks all rows; {run.everything} acts on all that match"),
    "environment": Hint(2, ":split ENVIRONMENT shows two environments side by side"),
}
"""By what was done."""


class Hints:
    """Shows each hint once. Shown hints are saved with the choices. If choices are not saved, no
    hint is shown, since it would appear at each start."""

    def __init__(self, app: TrigdashApp) -> None:
        self._app = app
        self._times: Counter[str] = Counter()

    def done(self, what: str) -> None:
        """Something was done that a hint is about."""
        hint, session = HINTS[what], self._app.session
        told = session.choices.get(KEPT_AS)
        told = told if isinstance(told, list) else []
        self._times[what] += 1
        if session.settings.state_file is None or what in told:
            return
        if self._times[what] >= hint.after and session.choices.save(KEPT_AS, [*told, what]):
            keys = session.settings.keys
            words = re.sub(r"\{(.+?)\}", lambda key: shown(find(key[1]), keys), hint.words)
            self._app.notify(f"hint: {words}", timeout=HINT_S, markup=False)
