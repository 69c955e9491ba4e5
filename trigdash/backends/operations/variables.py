"""Environment variables: https://trigger.dev/docs/management/envvars.

With a secret key the environment's name in the path is ignored: the key's own is used (recorded).
"""

from collections.abc import Mapping

from trigdash.backends.base import Capability
from trigdash.backends.operation import ENVIRONMENT, PROJECT, Credential, Operation
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.variable import Variable

_PATH = ("v1", "projects", PROJECT, "envvars", ENVIRONMENT)
_WRITES = Capability.VARIABLE_WRITES
list_variables = listed(Capability.VARIABLES, _PATH, Variable, credential=Credential.EITHER)
get_variable = got(Capability.VARIABLES, _PATH, Variable, credential=Credential.EITHER)


def create_variable(name: str, value: str, is_secret: bool) -> Operation[None]:
    """Set a variable; one of that name is overwritten (recorded)."""
    body = {"name": name, "value": value, "isSecret": is_secret}
    return sent(_WRITES, _PATH, body, credential=Credential.EITHER)


def update_variable(name: str, value: str) -> Operation[None]:
    """Give a variable another value."""
    return sent(
        _WRITES, (*_PATH, name), {"value": value}, method="PUT", credential=Credential.EITHER
    )


def delete_variable(name: str) -> Operation[None]:
    """Delete a variable."""
    return sent(_WRITES, (*_PATH, name), method="DELETE", credential=Credential.EITHER)


def import_variables(variables: Mapping[str, str], override: bool) -> Operation[None]:
    """Set many variables at once: all of them, or none where one exists and `override` is off
    (recorded)."""
    body = {"variables": dict(variables), "override": override}
    return sent(_WRITES, (*_PATH, "import"), body, credential=Credential.EITHER)
