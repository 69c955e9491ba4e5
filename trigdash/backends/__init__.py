"""The systems that can be watched. To add one, add a package here, and its name below."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.backends.target import Target
    from trigdash.clock import Clock
    from trigdash.model.capability import Reach
    from trigdash.model.run_filter import SupportedFilters

BACKENDS = {
    "trigger": "trigdash.backends.trigger.backend",
    "workflow": "trigdash.backends.workflow.backend",
    "recoup": "trigdash.backends.recoup.backend",
}
"""Name → module with `open_backend(target, clock)`. A module is imported when its backend is
opened."""


def reach_of(name: str, limit: int | None = None) -> Reach:
    """How far back an unfiltered run list of a system goes; where it has only the newest runs, with
    the limit from the settings. Imports nothing slow."""
    reach: Reach = _package(name).REACH
    return replace(reach, newest=limit) if limit and reach.newest else reach


def supported_filters_of(name: str) -> SupportedFilters:
    """The filters that the run list of a system supports. Imports nothing slow."""
    supported_filters: SupportedFilters = _package(name).SUPPORTED_FILTERS
    return supported_filters


def _package(name: str) -> Any:
    return import_module(BACKENDS[name].rpartition(".")[0])


def open_backend(target: Target, clock: Clock) -> Backend:
    """A backend for a target. Imports the HTTP client, so call it in a thread after the first
    frame. Raises BackendError when the target cannot be used."""
    # If click is installed, httpx imports its own command line, and half of Rich with it: a third
    # of its import time. None in `sys.modules` makes that import fail.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    backend: Backend = import_module(BACKENDS[target.backend]).open_backend(target, clock)
    return backend
