"""Who and where we are: projects, environments, and the dashboard that shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from urllib.parse import quote

from pydantic import TypeAdapter
from typing_extensions import override

from trigdash.model.wire import (
    Count,
    Flag,
    Line,
    Moment,
    NullIsDefault,
    NullIsEmpty,
    Whole,
    Wire,
    parse,
)


class Organization(Wire):
    """The owner of projects."""

    id: Line = ""
    slug: Line = ""
    title: Line = ""
    created_at: Moment | None = None


class Project(Wire):
    """One project that the caller can see."""

    id: Line
    external_ref: Line
    """`proj_…`, what settings call the project."""
    name: Line = ""
    slug: Line = ""
    created_at: Moment | None = None
    default_region: Line | None = None
    default_runtime: Line | None = None
    organization: Annotated[Organization, NullIsDefault] = Organization()


class Environment(Wire):
    """One environment of a project."""

    id: Line
    slug: Line
    """dev, stg, preview, prod: paths of some routes say `staging` instead of `stg`."""
    type: Line = ""
    """DEVELOPMENT, STAGING, PREVIEW, PRODUCTION."""
    is_branchable_environment: Flag = False
    branch_name: Line | None = None
    paused: Flag = False

    @property
    def is_production(self) -> bool:
        """Whether this is a production environment."""
        return self.type == "PRODUCTION" or self.slug == "prod"

    @property
    def is_preview(self) -> bool:
        """Whether it is the parent of preview branches, which has no runs of its own."""
        return self.slug == "preview" and self.branch_name is None


class EnvironmentFigures(Wire):
    """How the runs of an environment went lately, by the query endpoint."""

    environment: Line = ""
    runs: Count = 0
    running: Count = 0
    queued: Count = 0
    failed: Count = 0


def figures_of(
    environment: Environment, figures: Iterable[EnvironmentFigures]
) -> EnvironmentFigures | None:
    """The figures of an environment: zeros if it had no runs. None for a preview branch that is not
    listed, since its runs may be listed under its parent."""
    name = environment.branch_name or environment.slug
    found = next((each for each in figures if each.environment == name), None)
    return found if found or environment.branch_name else EnvironmentFigures(environment=name)


class EnvironmentRow(Environment):
    """An environment as the list of environments shows it."""

    figures: EnvironmentFigures | None = None
    """None if they could not be read."""


class Branch(Wire):
    """One preview branch of a project."""

    id: Line
    name: Line
    is_paused: Flag = False

    def environment(self) -> Environment:
        """As the environment that it is."""
        return Environment(
            id=self.id,
            slug="preview",
            type="PREVIEW",
            branch_name=self.name,
            paused=self.is_paused,
        )


class Branches(Wire):
    """The preview branches of a project."""

    branches: Annotated[tuple[Branch, ...], NullIsEmpty] = ()


class DevStatus(Wire):
    """Whether a development worker is connected."""

    is_connected: Flag = False


class Identity(Wire):
    """Which environment of which project on which server. Holds no key."""

    project_ref: Line = ""
    project_name: Line = ""
    project_slug: Line = ""
    organization_slug: Line = ""
    organization_title: Line = ""
    environment: Line = ""
    """The slug."""
    environment_type: Line = ""
    branch: Line | None = None
    paused: Flag = False
    concurrency_limit: Whole | None = None
    """Of the whole environment."""
    dashboard: str = ""
    """Origin of the dashboard, without a slash at its end; empty when there is none."""
    email: Line | None = None
    """The person behind an access token."""

    @property
    def is_production(self) -> bool:
        """Whether this is a production environment."""
        return self.environment_type == "PRODUCTION" or self.environment == "prod"

    def url(self, *path: str) -> str | None:
        """A dashboard page of this environment: `url("runs", run_id)`, `url("queues", queue_id)`,
        `url("batches", batch_id)`, `url("errors", fingerprint)`. None without a dashboard."""
        if not self.dashboard:
            return None
        steps = "/".join(quote(step, safe="") for step in path)
        if self.organization_slug and self.project_slug and self.environment:
            return (
                f"{self.dashboard}/orgs/{quote(self.organization_slug, safe='')}"
                f"/projects/{quote(self.project_slug, safe='')}"
                f"/env/{quote(self.environment, safe='')}/{steps}"
            )
        if self.project_ref:
            return f"{self.dashboard}/projects/v3/{quote(self.project_ref, safe='')}/{steps}"
        return f"{self.dashboard}/{steps}"


class WhoamiProject(Wire):
    """The project within an answer of whoami."""

    external_ref: Line = ""
    name: Line = ""
    slug: Line = ""


class WhoamiEnvironment(Wire):
    """What a secret key learns of itself (v1). The body holds the key; this model does not."""

    id: Line = ""
    slug: Line = ""
    type: Line = ""
    branch_name: Line | None = None
    paused: Flag = False
    maximum_concurrency_limit: Whole | None = None
    project: Annotated[WhoamiProject, NullIsDefault] = WhoamiProject()
    organization: Annotated[Organization, NullIsDefault] = Organization()

    def identity(self, dashboard: str) -> Identity:
        """As screens want it; `dashboard` is an origin."""
        return Identity(
            project_ref=self.project.external_ref,
            project_name=self.project.name,
            project_slug=self.project.slug,
            organization_slug=self.organization.slug,
            organization_title=self.organization.title,
            environment=self.slug,
            environment_type=self.type,
            branch=self.branch_name,
            paused=self.paused,
            concurrency_limit=self.maximum_concurrency_limit,
            dashboard=dashboard.rstrip("/"),
        )


class WhoamiUserProject(Wire):
    """The project that a person requested."""

    name: Line = ""
    url: str = ""
    org_title: Line = ""


class WhoamiUser(Wire):
    """What an access token learns of its owner (v2)."""

    user_id: Line = ""
    email: Line | None = None
    dashboard_url: str = ""
    project: WhoamiUserProject | None = None


class EnvironmentAccess(Wire):
    """The key of an environment as handed to the holder of an access token.

    The key is a plain text here: take it out, put it into a Secret, and drop this.
    """

    api_key: str
    name: Line = ""
    project_id: Line = ""

    @override
    def __repr__(self) -> str:
        return f"EnvironmentAccess(name={self.name!r})"

    __str__ = __repr__


_ENVIRONMENTS = TypeAdapter(tuple[Environment, ...])
_PROJECTS = TypeAdapter(tuple[Project, ...])
_WHOAMI_ENVIRONMENT = TypeAdapter(WhoamiEnvironment)
_WHOAMI_USER = TypeAdapter(WhoamiUser)
_BRANCHES = TypeAdapter(Branches)
_ACCESS = TypeAdapter(EnvironmentAccess)


def parse_environments(body: bytes) -> tuple[Environment, ...]:
    """The environments of a project; ValueError when the body does not fit."""
    return parse(_ENVIRONMENTS, body)


def parse_branches(body: bytes) -> tuple[Branch, ...]:
    """The preview branches of a project; ValueError when the body does not fit."""
    return parse(_BRANCHES, body).branches


def parse_projects(body: bytes) -> tuple[Project, ...]:
    """The projects of a person; ValueError when the body does not fit."""
    return parse(_PROJECTS, body)


def parse_whoami_environment(body: bytes) -> WhoamiEnvironment:
    """Whoami of a secret key; ValueError when the body does not fit."""
    return parse(_WHOAMI_ENVIRONMENT, body)


def parse_whoami_user(body: bytes) -> WhoamiUser:
    """Whoami of an access token; ValueError when the body does not fit."""
    return parse(_WHOAMI_USER, body)


def parse_access(body: bytes) -> EnvironmentAccess:
    """An environment's key; ValueError when the body does not fit."""
    return parse(_ACCESS, body)
