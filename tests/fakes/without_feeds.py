"""A backend whose system has no feeds, so that all is polled."""

from __future__ import annotations

from typing import Any

from trigdash.backends.base import Backend
from trigdash.model.capability import Capability


class WithoutFeeds:
    """A backend of a system that has no feeds."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._backend.capabilities - {Capability.FEEDS}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)
