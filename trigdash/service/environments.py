"""Identity, projects and environments, and the directory of those that were seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.model.environment import Environment, Identity, Project
    from trigdash.service.cache.store import Store


@dataclass
class EnvironmentDirectory:
    """What one profile's credential can see."""

    projects: tuple[Project, ...] = ()
    environments: dict[str, tuple[Environment, ...]] = field(default_factory=dict)
    """By the project's `proj_…`; empty text for the project of a key that names none."""

    def slugs(self, project: str) -> tuple[str, ...]:
        """Slugs of a project's environments, each once."""
        return tuple(dict.fromkeys(env.slug for env in self.environments.get(project, ())))


@dataclass(frozen=True, slots=True)
class IdentityQuery:
    """Project, environment and dashboard behind the key: asked again and again, since somebody may
    pause the environment or change its limit."""

    def interval_s(self, data: Identity | None) -> float:
        # A pause explains all that stands still: it must be known soon.
        return 15.0

    async def fetch(self, backend: Backend, previous: Identity | None) -> Identity:
        identity = await backend.identity()
        return previous if previous is not None and previous == identity else identity

    def is_final(self, data: Identity, store: Store, now: datetime) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class EnvironmentsQuery:
    """The environments of a project; read once, then again when asked."""

    project: str | None = None
    """`proj_…`; None for the project that we are in."""

    def interval_s(self, data: tuple[Environment, ...] | None) -> float:
        return 60.0

    async def fetch(
        self, backend: Backend, previous: tuple[Environment, ...] | None
    ) -> tuple[Environment, ...]:
        environments = await backend.environments(self.project)
        return previous if previous == environments else environments

    def is_final(self, data: tuple[Environment, ...], store: Store, now: datetime) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class ProjectsQuery:
    """The projects that the key can see; read once, then again when asked."""

    def interval_s(self, data: tuple[Project, ...] | None) -> float:
        return 60.0

    async def fetch(
        self, backend: Backend, previous: tuple[Project, ...] | None
    ) -> tuple[Project, ...]:
        projects = await backend.projects()
        return previous if previous == projects else projects

    def is_final(self, data: tuple[Project, ...], store: Store, now: datetime) -> bool:
        return True
