"""Identity, projects and environments, the directory of known ones, and the server's health report
of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.service.cache.query import MODELS_AFTER_S, Query, models_loaded

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.model.environment import Environment, EnvironmentFigures, Identity, Project
    from trigdash.model.health import HealthReport
    from trigdash.model.listing import Listing
    from trigdash.service.cache.store import Store


@dataclass
class EnvironmentDirectory:
    """What the credential of one profile can see."""

    projects: tuple[Project, ...] = ()
    environments: dict[str, tuple[Environment, ...]] = field(default_factory=dict)
    """By the project's `proj_…`; empty for the project of a key that does not name it."""

    def slugs(self, project: str) -> tuple[str, ...]:
        """Slugs of a project's environments, each once."""
        return tuple(dict.fromkeys(env.slug for env in self.environments.get(project, ())))


@dataclass(frozen=True, slots=True)
class IdentityQuery(Query["Identity"]):
    """Project, environment and dashboard of the key. Polled repeatedly, since somebody may pause
    the environment or change its limit."""

    # A pause explains why nothing moves, so it must be known soon.
    EVERY_S: ClassVar[float] = 15.0

    @override
    def rest_s(self, data: Identity | None) -> float:
        return 30.0

    @override
    async def read(self, backend: Backend) -> Identity:
        await models_loaded(MODELS_AFTER_S)
        return await backend.identity()


@dataclass(frozen=True, slots=True)
class EnvironmentsQuery(Query[tuple["Environment", ...]]):
    """The environments of a project; read once, then on request."""

    project: str | None = None
    """`proj_…`; None for the current project."""

    EVERY_S: ClassVar[float] = 60.0

    @override
    async def read(self, backend: Backend) -> tuple[Environment, ...]:
        return await backend.environments(self.project)

    @override
    def is_final(self, data: tuple[Environment, ...], store: Store, now: datetime) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class ProjectsQuery(Query[tuple["Project", ...]]):
    """The projects that the key can see; read once, then on request."""

    EVERY_S: ClassVar[float] = 60.0

    @override
    async def read(self, backend: Backend) -> tuple[Project, ...]:
        return await backend.projects()

    @override
    def is_final(self, data: tuple[Project, ...], store: Store, now: datetime) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class EnvironmentFiguresQuery(Query["Listing[EnvironmentFigures]"]):
    """How the runs of each environment of the project went, in one request; read once, then on
    request."""

    period: str = "24h"

    EVERY_S: ClassVar[float] = 60.0

    @override
    async def read(self, backend: Backend) -> Listing[EnvironmentFigures]:
        await models_loaded()
        from trigdash.backends.operations.environments import environment_figures

        return await backend.call(environment_figures(self.period))

    @override
    def is_final(self, data: Listing[EnvironmentFigures], store: Store, now: datetime) -> bool:
        return True

    @override
    def is_refused_for_good(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class HealthQuery(Query["HealthReport"]):
    """The health report of the last hour."""

    period: str = "1h"

    EVERY_S: ClassVar[float] = 60.0

    @override
    async def read(self, backend: Backend) -> HealthReport:
        await models_loaded(MODELS_AFTER_S)
        from trigdash.backends.operations.reports import health_report

        return await backend.call(health_report(self.period))

    @override
    def is_refused_for_good(self) -> bool:
        return True
