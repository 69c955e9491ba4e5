"""Projects and environments as far as they were seen, by profile.

It outlives connections: from a place that cannot be opened there is a way back.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trigdash.model.environment import Environment, Project


@dataclass
class Atlas:
    """What one profile's credential can see."""

    projects: tuple[Project, ...] = ()
    environments: dict[str, tuple[Environment, ...]] = field(default_factory=dict)
    """By the project's `proj_…`; empty text for the project of a key that names none."""

    def slugs(self, project: str) -> tuple[str, ...]:
        """Slugs of a project's environments, each once."""
        return tuple(dict.fromkeys(env.slug for env in self.environments.get(project, ())))
