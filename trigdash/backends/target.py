"""Which server, which environment, with which credential.

This module is imported before the first frame: standard library and light modules only.
"""

from dataclasses import dataclass

from trigdash.secret import Secret

CLOUD_URL = "https://api.trigger.dev"

_SLUGS = {"staging": "stg", "production": "prod", "development": "dev"}


def environment_slug(name: str) -> str:
    """The environment's slug behind what people and routes call it: `staging` is `stg`."""
    return _SLUGS.get(name.lower(), name)


@dataclass(frozen=True, slots=True)
class Target:
    """All that a backend needs to be opened. Values are checked where they are used."""

    backend: str = "trigger"
    api_url: str = CLOUD_URL
    secret_key: Secret | None = None
    """Of one environment; beats the access token for everything that an environment answers."""
    access_token: Secret | None = None
    """Of a person: with a project and an environment it finds the environment's key."""
    project: str | None = None
    """`proj_…`."""
    environment: str | None = None
    branch: str | None = None
    rate_share: float = 0.1
    allow_http: bool = False
    read_only: bool = False
    auth_header: str | None = None
    """Name of the header that carries the key, for systems that do not say."""
    auth_scheme: str | None = None
    """What stands before the key in it, such as `Bearer `."""
    account: str | None = None
    """Narrows Recoup's list to one account."""
    address_origin: str = "the address"
    """What sets the address, in words: `TRIGGER_API_URL`."""
    needs_project: str = ""
    """What to say where an access token has no project; empty where it has one."""

    @property
    def known_environment(self) -> str:
        """The environment's slug as far as it is known before the server tells; else empty."""
        key = self.secret_key.environment if self.secret_key else None
        return key or (environment_slug(self.environment) if self.environment else "")
