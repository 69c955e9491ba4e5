"""The credentials of one target: the environment's key, or a person's token that finds it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trigdash.backends.base import (
    BackendError,
    Forbidden,
    Misconfigured,
    NotFound,
    Refused,
    Unsupported,
)
from trigdash.backends.calls import Calls, path
from trigdash.backends.http import Access
from trigdash.backends.operation import ENVIRONMENT, PROJECT, Credential
from trigdash.backends.rate import Governor
from trigdash.backends.target import CLOUD_URL, Secret, Target, environment_slug
from trigdash.backends.trigger.parsers import (
    parse_access,
    parse_branches,
    parse_environments,
    parse_projects,
    parse_whoami_environment,
    parse_whoami_user,
)
from trigdash.backends.trigger.requests import access
from trigdash.clock import Clock

if TYPE_CHECKING:
    from trigdash.model.environment import Environment, Identity, Project, WhoamiUser

CLOUD_DASHBOARD = "https://cloud.trigger.dev"

_PATH_NAMES = {"stg": "staging"}
"""Environments with a different name in the key route than everywhere else."""


class Account:
    """The identity behind the credentials. The environment's key is fetched once and stays in
    memory."""

    def __init__(self, target: Target, calls: Calls, clock: Clock) -> None:
        self._target = target
        self._calls = calls
        self.governor = Governor(clock, target.rate_share)
        """The governor of the environment's bucket."""
        self._token: Access | None = None
        if target.access_token:
            # A token has its own bucket.
            governor = Governor(clock, target.rate_share)
            self._token = access(target.access_token, governor)
        self._environment: Access | None = None
        if target.secret_key:
            self._environment = self._environment_access(target.secret_key)
        self._finding = asyncio.Lock()
        self._here: Identity | None = None

    @property
    def has_token(self) -> bool:
        """Whether projects and environments can be listed and changed."""
        return self._token is not None

    async def environment(self) -> Access:
        """The access to the environment, found with the token if there is no key."""
        async with self._finding:
            if self._environment is None:
                self._environment = await self._find_access()
            return self._environment

    async def _find_access(self) -> Access:
        """The access to the environment with the key that the token finds. The key is looked up
        again when it is refused, since keys can be regenerated."""
        return replace(self._environment_access(await self._find_key()), renew=self._renew)

    async def _renew(self, refused: Access) -> Access | None:
        async with self._finding:
            if self._environment is not refused:
                return self._environment  # another request was refused before
            found = await self._find_access()
            if found.secret == refused.secret:
                return None
            self._environment = found
            return found

    async def access_for(self, credential: Credential) -> Access:
        """The access for an operation. Raises Unsupported if it needs a token and there is none."""
        if credential is Credential.ENVIRONMENT or (
            credential is Credential.EITHER and self._token is None
        ):
            return await self.environment()
        if self._token is None:
            raise Unsupported("this needs an access token (TRIGGER_ACCESS_TOKEN)")
        return self._token

    async def filled(self, words: Iterable[str]) -> list[str]:
        """The segments or parameters of an operation, with the current project and environment
        filled in."""
        given = list(words)
        if PROJECT not in given and ENVIRONMENT not in given:
            return given
        if self._here is None:
            self._here = await self.identity()
        slug = self._here.environment
        here = {PROJECT: self._here.project_ref, ENVIRONMENT: _PATH_NAMES.get(slug, slug)}
        return [here.get(word, word) for word in given]

    async def identity(self) -> Identity:
        """The current project and environment, from the server."""
        person = await self._person()
        dashboard = person.dashboard_url if person else ""
        dashboard = dashboard or _dashboard(self._target.api_url)
        via = await self.environment()
        try:
            whoami = await self._calls.read(via, path("v1", "whoami"), parse_whoami_environment)
        except (NotFound, Forbidden):
            # A restricted key may not even read its own identity.
            return self._assumed(dashboard)
        identity = whoami.identity(dashboard)
        return identity.model_copy(update={"email": person.email}) if person else identity

    async def projects(self) -> tuple[Project, ...]:
        """The projects of the token's owner; with only a key, the key's project."""
        if self._token is not None:
            return await self._calls.read(self._token, path("v1", "projects"), parse_projects)
        from trigdash.model.environment import Project

        here = await self.identity()
        return (Project(id="", external_ref=here.project_ref, name=here.project_name),)

    async def environments(self, project: str | None = None) -> tuple[Environment, ...]:
        """A project's environments; with only a key, the key's own."""
        project = project or self._target.project
        if self._token is not None and project:
            where = path("v1", "projects", project, "environments")
            roots = await self._calls.read(self._token, where, parse_environments)
            return (*roots, *await self._branches(project, roots))
        from trigdash.model.environment import Environment

        here = await self.identity()
        return (
            Environment(
                id="", slug=here.environment, type=here.environment_type, paused=here.paused
            ),
        )

    async def _branches(
        self, project: str, roots: tuple[Environment, ...]
    ) -> tuple[Environment, ...]:
        """The preview branches, each as an environment; empty if the server does not list them."""
        if self._token is None or not any(root.is_preview for root in roots):
            return ()
        where = path("v1", "projects", project, "branches")
        try:
            branches = await self._calls.read(self._token, where, parse_branches)
        except Refused:
            # Older servers do not have this route, and the other environments matter more.
            return ()
        return tuple(branch.environment() for branch in branches)

    def _environment_access(self, key: Secret) -> Access:
        return access(key, self.governor, self._target.branch)

    async def _find_key(self) -> Secret:
        target = self._target
        if target.needs_project:
            raise Misconfigured(target.needs_project)
        if self._token is None or not target.project or not target.environment:
            raise Unsupported(
                "no secret key; with an access token a project and an environment are needed too"
            )
        slug = environment_slug(target.environment)
        where = path("v1", "projects", target.project, _PATH_NAMES.get(slug, slug))
        via = self._token
        if target.branch and target.access_token:
            via = access(target.access_token, self._token.governor, target.branch)
        # Not kept in the cache of answers, since it is a secret.
        found = await self._calls.read_once(via, where, parse_access)
        return Secret(found.api_key)

    async def _person(self) -> WhoamiUser | None:
        if self._token is None:
            return None
        params = (("projectRef", self._target.project),) if self._target.project else ()
        try:
            return await self._calls.read(
                self._token, path("v2", "whoami"), parse_whoami_user, params
            )
        except BackendError:
            # It only adds an address and a name; access depends on the key.
            return None

    def _assumed(self, dashboard: str) -> Identity:
        from trigdash.model.environment import Identity

        key = self._target.secret_key
        slug = (key.environment if key else None) or self._target.environment or ""
        return Identity(
            project_ref=self._target.project or "",
            environment=environment_slug(slug),
            branch=self._target.branch,
            dashboard=dashboard,
        )


def _dashboard(api_url: str) -> str:
    """The dashboard's address: the cloud uses another host, other servers serve both."""
    if api_url.rstrip("/") == CLOUD_URL:
        return CLOUD_DASHBOARD
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc}"
