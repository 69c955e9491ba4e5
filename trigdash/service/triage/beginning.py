"""Since when an error occurs: the deployment before it, and the task's runs around that. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.model.deployment import Deployment

AFTER_DEPLOYMENT = timedelta(hours=2)
"""An error that first occurs within this time after a version became current began with it."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """When an error first occurred, and which deployment had become current before that."""

    first_seen: datetime
    deployment: Deployment | None = None
    """The last deployment before it; None if there was none or it is unknown."""

    @property
    def after(self) -> timedelta | None:
        """How long after the deployment it first occurred."""
        at = self.deployment.deployed_at if self.deployment is not None else None
        return self.first_seen - at if at is not None else None

    @property
    def began_with_it(self) -> bool:
        """Whether it first occurred soon after the deployment."""
        return self.after is not None and self.after <= AFTER_DEPLOYMENT

    @property
    def since(self) -> datetime:
        """The moment from which runs count as later ones."""
        at = self.deployment.deployed_at if self.deployment is not None else None
        return at if at is not None and self.began_with_it else self.first_seen


def beginning_of(first_seen: datetime, deployments: Iterable[Deployment]) -> Beginning:
    """The beginning of an error among the deployments of its environment."""
    before = [each for each in deployments if each.deployed_at and each.deployed_at <= first_seen]
    before.sort(key=lambda each: each.deployed_at or first_seen)
    return Beginning(first_seen, before[-1] if before else None)
