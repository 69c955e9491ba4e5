"""Deployments: https://trigger.dev/docs/management/deployments."""

from trigdash.backends.base import Capability
from trigdash.backends.operation import Operation, cursor_page
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.deployment import Deployment, Promoted
from trigdash.model.listing import object_parser

_PATH = ("v1", "deployments")
list_deployments = listed(Capability.DEPLOYMENTS, _PATH, Deployment, cursor_page)
get_deployment = got(Capability.DEPLOYMENTS, _PATH, Deployment)


def current_deployment() -> Operation[Deployment]:
    """The deployment that new runs use; NotFound where nothing is promoted."""
    return get_deployment("current")


def promote(version: str) -> Operation[Promoted]:
    """Let new runs use a version, an older one as well: that is the rollback. The path holds the
    version, not the id (recorded)."""
    return sent(
        Capability.DEPLOYMENT_WRITES,
        (*_PATH, version, "promote"),
        parser=object_parser(Promoted),
        params=(("allowRollbacks", "true"),),
    )
