"""What a run list is narrowed to. Frozen and hashable: it is part of a cache key.

This module is imported before the first frame: standard library and light modules only.
"""

from dataclasses import dataclass, fields
from datetime import datetime

from trigdash.model.status import FILTERABLE


@dataclass(frozen=True, slots=True)
class RunFilter:
    """A filter of the run list. Lists mean "any of"; unset fields do not narrow.

    All but `text` and `conditions` are filters of the server; these narrow what is loaded.
    """

    statuses: tuple[str, ...] = ()
    """Server names, see `status.FILTERABLE`."""
    tasks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    """As the API wants them: a task's own queue is `task/<task>`, a custom one its bare name."""
    batch: str | None = None
    schedule: str | None = None
    bulk_action: str | None = None
    error: str | None = None
    """An error group: `error_<fingerprint>`."""
    machines: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    is_test: bool | None = None
    period: str | None = None
    """Look-back as the API writes it: `30s`, `5m`, `24h`, `7d`, `2w`. Beats `since` and `until`."""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    """Free text; matched here against what is loaded, never sent."""
    conditions: tuple[str, ...] = ()
    """What no list answers, as it was typed: `-task:x`, `duration:>5m`; matched here as well."""

    @property
    def is_narrowed_here(self) -> bool:
        """Whether rows that the server lists are left out here."""
        return bool(self.text or self.conditions)

    def is_set(self) -> bool:
        """Whether anything is set."""
        return any(getattr(self, field.name) != field.default for field in fields(self))


@dataclass(frozen=True, slots=True)
class SupportedFilters:
    """The filters that a system's run list supports, known before any request."""

    statuses: tuple[str, ...] = FILTERABLE
    """Names of statuses as the system says them, in the order of a run's life."""
    refused: frozenset[str] = frozenset()
    """Names of the fields of `RunFilter` that it cannot answer."""
    system: str = "this system"
    """What people call it."""

    def disabled_reason(self, run_filter: RunFilter) -> str:
        """Why a list does not support a filter, in words; empty when it does."""
        for name in sorted(self.refused):
            if getattr(run_filter, name) not in ((), None):
                words = name.removeprefix("is_").replace("_", " ")
                return f"{self.system} cannot filter by {words}"
        return ""


ANY = SupportedFilters()
"""Every filter there is, in the current words of Trigger.dev."""
