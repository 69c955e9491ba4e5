"""Environments of a project: an access token is needed."""

from __future__ import annotations

from dataclasses import replace

from trigdash.backends.operation import PROJECT, Credential, Operation
from trigdash.backends.operations.reports import query_rows
from trigdash.backends.operations.shapes import sent
from trigdash.model.capability import Capability
from trigdash.model.environment import Branch, DevStatus, EnvironmentFigures, EnvironmentRow
from trigdash.model.listing import Listing, listing_parser, object_parser

PERIOD = "1h"
_PATH = ("v1", "projects", PROJECT)
_PATH_NAMES = {"stg": "staging"}
"""Environments whose name in paths differs from that in the list (recorded)."""
_BRANCHES = "branches"
"""The cursor of the second page: the preview branches, which have their own list."""
_read_roots = listing_parser(EnvironmentRow)
_read_branches = listing_parser(Branch, "branches")


def list_environments(page: str | None) -> Operation[Listing[EnvironmentRow]]:
    """The environments of the project, then its preview branches."""
    last, parser = ("environments", _roots) if page is None else (_BRANCHES, _branches)
    return Operation(Capability.ENVIRONMENTS, (*_PATH, last), parser, credential=Credential.PERSON)


def _roots(body: bytes) -> Listing[EnvironmentRow]:
    page = _read_roots(body)
    has_branches = any(row.is_preview for row in page.rows)
    return replace(page, next=_BRANCHES if has_branches else None)


def _branches(body: bytes) -> Listing[EnvironmentRow]:
    page = _read_branches(body)
    rows = (EnvironmentRow(**branch.environment().model_dump()) for branch in page.rows)
    return Listing(tuple(rows), None, None, page.unreadable)


_STATEMENT = """\
SELECT environment, count() AS runs, countIf(status = 'Executing') AS running,
 countIf(status = 'Queued') AS queued,
 countIf(status IN ('Failed', 'Crashed', 'System failure', 'Timed out')) AS failed
FROM runs GROUP BY environment LIMIT 1000"""


def environment_figures(period: str = PERIOD) -> Operation[Listing[EnvironmentFigures]]:
    """The figures of every environment of the project, over a period such as `24h`."""
    return query_rows(_STATEMENT, EnvironmentFigures, period, scope="project")


def pause_environment(slug: str, paused: bool) -> Operation[None]:
    """Pause or resume an environment; running runs continue."""
    path = (*_PATH, _PATH_NAMES.get(slug, slug), "pause" if paused else "resume")
    return sent(Capability.ENVIRONMENT_WRITES, path, {}, credential=Credential.PERSON)


def archive_branch(branch: str) -> Operation[None]:
    """Archive a preview branch. The answer contains keys and is not read."""
    body = {"env": "preview", "branch": branch}
    path = (*_PATH, "branches", "archive")
    return sent(Capability.ENVIRONMENT_WRITES, path, body, credential=Credential.PERSON)


def dev_status() -> Operation[DevStatus]:
    """Whether a worker of `trigger.dev dev` is connected. Needs an access token."""
    return Operation(
        Capability.ENVIRONMENTS,
        ("v1", "projects", PROJECT, "dev-status"),
        object_parser(DevStatus),
        credential=Credential.PERSON,
    )
