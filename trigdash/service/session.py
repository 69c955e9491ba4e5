"""The session: which environment is open, and the way from one to the next.

Opening never blocks the screen. The old environment is closed first, so that none of its answers,
however late, can appear in the new one. The connection of a superseded opening is closed. This
module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from trigdash.backends.base import BackendError, Misconfigured
from trigdash.backends.target import environment_slug
from trigdash.config.options import ConfigError, Destination, OpenConnection, UiSettings
from trigdash.config.state import StateFile
from trigdash.model.capability import Capability
from trigdash.service.cache.store import Problem
from trigdash.service.environments import EnvironmentDirectory

if TYPE_CHECKING:
    from collections.abc import Callable

    from trigdash.clock import Clock
    from trigdash.model.capability import RateBudget as RateBudget
    from trigdash.model.capability import Reach as Reach
    from trigdash.model.environment import Identity
    from trigdash.service.connection import Connection
    from trigdash.service.why.verdict import Why

RETRY_S = (2.0, 5.0, 10.0, 30.0)
"""Seconds before the next try to open a server that cannot be reached; the last one repeats."""


class Session:
    """At most one open connection, or the reason why there is none."""

    def __init__(self, opening: OpenConnection, settings: UiSettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.choices = StateFile(settings.state_file, settings.profile)
        """Choices made on screen, kept for the next start."""
        self.connection: Connection | None = None
        self.problem: Problem | None = None
        """Why there is no connection; None while one is open or being opened."""
        self.profile = settings.profile
        self.environment = settings.environment
        self.generation = 0
        """Grows with every switch; results of an older generation are dropped."""
        self._opening = opening
        self._asked = Destination()
        self._atlases: dict[str | None, EnvironmentDirectory] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._tries = 0

    @property
    def identity(self) -> Identity | None:
        """Project and environment, once the server has answered."""
        return self.connection.identity if self.connection else None

    def page(self, *path: str) -> str | None:
        """Where the dashboard of the server shows something, as `Identity.url` has it; None where
        that is not known."""
        return self.identity.url(*path) if self.identity else None

    @property
    def environment_slug(self) -> str:
        """dev, stg, prod …; empty while unknown."""
        identity, connection = self.identity, self.connection
        known = connection.environment if connection else ""
        return (identity.environment if identity else "") or known or self.environment or ""

    @property
    def branch(self) -> str:
        """The preview branch; empty where there is none."""
        identity = self.identity
        return (identity.branch if identity else None) or self._asked.branch or ""

    @property
    def environment_name(self) -> str:
        """The environment as people call it: its slug, and the branch of a preview."""
        return f"{self.environment_slug} {self.branch}".strip()

    @property
    def project(self) -> str:
        """`proj_…` of the current project; empty while unknown."""
        identity = self.identity
        return (identity.project_ref if identity else "") or self._asked.project or ""

    @property
    def directory(self) -> EnvironmentDirectory:
        """Projects and environments that were seen with this profile."""
        return self._atlases.setdefault(self.profile, EnvironmentDirectory())

    @property
    def reach(self) -> Reach | None:
        """How far back an unfiltered run list goes; None while the system is unknown."""
        return self.connection.backend.reach if self.connection else self.settings.reach

    @property
    def clock_ahead_s(self) -> float:
        """Seconds by which this machine's clock is ahead of the server's; 0 while none is open."""
        return self.connection.clock_ahead_s if self.connection else 0.0

    @property
    def read_only(self) -> bool:
        """Whether every write is refused."""
        connection = self.connection
        return self.settings.read_only or (connection is not None and connection.read_only)

    @property
    def environment_paused(self) -> bool:
        """Whether the environment is paused; False while unknown."""
        return self.connection is not None and self.connection.environment_paused

    @property
    def is_production(self) -> bool:
        """Whether this is a production environment."""
        identity = self.identity
        return identity.is_production if identity else self.environment_slug == "prod"

    def verdict_of(self, run_id: str) -> Why | None:
        """Why a run does not move, by the last check; None without one."""
        if self.connection is None:
            return None
        from trigdash.service.why.query import WhyQuery

        return self.connection.store.get(WhyQuery(run_id, self.clock)).data

    def disabled_reason(self, capability: Capability) -> str:
        """Why the backend cannot do something; empty when it can."""
        if self.connection is None or capability in self.connection.capabilities:
            return ""
        return self.connection.disabled_reason(capability)

    async def open(self) -> bool:
        """Open what was asked for last; True when it is open now.

        A server that cannot be reached is a problem with a time for the next try; a setting that
        cannot be used waits for the user.
        """
        generation = self.generation
        problem, connection = await self._try()
        if generation != self.generation:
            if connection is not None:
                await connection.close()
            return False
        self.problem, self.connection = problem, connection
        if connection is not None:
            self._tries = 0
        return connection is not None

    async def keep_opening(self, failed: Callable[[], None]) -> bool:
        """Like `open`, but repeated while the server is away; `failed` is called after each failed
        try. Returns False where further tries are pointless."""
        while not await self.open():
            failed()
            if self.problem is None or self.problem.retry_at is None:
                return False
            await self.clock.wait((self.problem.retry_at - self.clock.now()).total_seconds())
        return True

    def beside(self, where: Destination) -> Session:
        """Another session of the same profile, in another environment. The caller opens and closes
        it."""
        other = Session(self._opening, self.settings, self.clock)
        other.profile, other._asked = self.profile, self._asked
        other.switch(where)
        return other

    async def _try(self) -> tuple[Problem | None, Connection | None]:
        try:
            return None, await self._opening(self._asked)
        except ConfigError as error:
            return Problem(str(error), self.clock.now(), kind="ConfigError"), None
        except Misconfigured as error:
            return Problem(error.message(), self.clock.now(), kind="ConfigError"), None
        except BackendError as error:
            wait = timedelta(seconds=self.retry_s())
            now = self.clock.now()
            return Problem(error.message(), now, now + wait, type(error).__name__), None

    def switch(self, where: Destination) -> None:
        """Leave the open environment at once and select another one; `open` comes next. Without a
        profile, the new environment belongs to the current one."""
        if where.profile is not None:
            self.settings = self.settings.of_profile(where.profile)
            self.profile = where.profile
            self.choices = StateFile(self.settings.state_file, self.profile)
            # Nothing is kept of the old profile's environment.
            self._asked = Destination(profile=where.profile)
        slug = environment_slug(where.environment) if where.environment else None
        self.environment = slug or self.settings.environment
        self.problem, self._tries = None, 0
        self._asked = replace(
            self._asked,
            project=where.project or self._asked.project,
            environment=slug,
            branch=where.branch,
        )
        self._leave()

    def _leave(self, patience_s: float | None = None) -> None:
        """Drop the open connection: nothing of it arrives from here on. It closes in the
        background, since an action that was sent may still wait for its answer."""
        self.generation += 1
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.stop()
            closing = asyncio.create_task(
                connection.close(patience_s), name="close the old connection"
            )
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def close(self, patience_s: float | None = None) -> None:
        """Close the connection, and drop one that is being opened. `patience_s` is how long to wait
        for pending answers; None for the default."""
        self._leave(patience_s)
        if self._closing:
            await asyncio.gather(*self._closing)

    def retry_s(self) -> float:
        """Seconds until the next try; grows with the tries."""
        wait_s = RETRY_S[min(self._tries, len(RETRY_S) - 1)]
        self._tries += 1
        return wait_s
