"""What the dashboard gets at its start.

The screens get one callable and one value, and know nothing of profiles, keys or backends:

    TrigdashApp(open_connection, settings).run()

- `open_connection(destination)` is a coroutine function. It imports the HTTP client and the models
  in a thread, finds the secret, and returns an open `trigdash.service.connection.Connection`. An
  empty `Destination` means what the program was started with. Call it after the first frame, and
  again for `:profile` and `:env`; close the old connection yourself. It raises `ConfigError` (a
  sentence for the user: no key found, plain http refused …) or a `BackendError`.
- `settings` is a `UiSettings`.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trigdash.model.run_filter import ANY, SupportedFilters

if TYPE_CHECKING:
    from trigdash.model.capability import Reach
    from trigdash.service.connection import Connection


THEMES = ("dark", "light", "contrast", "safe", "terminal", "plain")
"""Themes by the names that people choose them by; the first is the usual one."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to open a connection. None leaves it to the profile and the settings."""

    profile: str | None = None
    """One of `UiSettings.profile_names`."""
    project: str | None = None
    """`proj_…`: another than the profile's, which takes an access token."""
    environment: str | None = None
    """dev, stg (also staging), preview, prod."""
    branch: str | None = None
    """Of a preview environment."""


OpenConnection = Callable[[Destination], "Awaitable[Connection]"]
"""`open_connection(destination)`, see the module."""


class ConfigError(Exception):
    """Something the user set cannot be used; `str()` is the sentence to show, without secrets."""


@dataclass(frozen=True, slots=True)
class UiSettings:
    """What screens need to know before there is a connection."""

    theme: str | None = None
    """One of THEMES; None if not set."""
    is_theme_given: bool = False
    """Whether the command line names it: then nothing that was chosen on screen beats it."""
    start: str = "runs"
    """The place that is shown first: `now` or `runs`."""
    restore: bool = False
    """Begin where the program was left: the place, its filter, the row, the open run."""
    notify: str = ""
    """A filter line: the terminal rings when a run comes to match it."""
    ascii: bool = False
    """Draw with ASCII only: no boxes, blocks or marks of Unicode."""
    color: bool = True
    read_only: bool = False
    """Every write is disabled, with this as the reason."""
    columns: tuple[str, ...] = ()
    """Columns of the run list in order; empty means the screen's own choice."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Binding id → key, e.g. `{"run.cancel": "X"}`."""
    views: Mapping[str, str] = field(default_factory=dict)
    """Saved filters: name → filter line."""
    profile: str | None = None
    """Name of the profile in use; None when all came from flags and the environment."""
    profile_names: tuple[str, ...] = ()
    """What `:profile` completes."""
    environment: str | None = None
    """The environment's slug where it is known before the first answer (from the key's prefix or
    the settings), so that production is framed from the first frame on."""
    reach: Reach | None = None
    """How far back an unnarrowed run list goes, which is the system's alone to say."""
    supported_filters: SupportedFilters = ANY
    """What a run list can be narrowed by."""
    server: str = ""
    """Host of the API, for the status bar."""
    is_unencrypted: bool = False
    """Whether the key goes to that host over plain http, as the profile permits."""
    run: str = ""
    """Id of a run that is shown first."""
    state_file: Path | None = None
    """Where choices made on screen are kept; None keeps nothing (see `trigdash.config.state`)."""
    profiles: Mapping[str, UiSettings] = field(default_factory=dict)
    """What the same screens get on each of the other profiles."""

    def of_profile(self, name: str) -> UiSettings:
        """The settings of a profile, with the way back to all others."""
        return replace(self.profiles.get(name, self), profile=name, profiles=self.profiles)
