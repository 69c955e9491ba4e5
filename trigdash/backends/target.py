"""The target of a backend: server, environment and secret, and whether the secret may be sent
there."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from typing_extensions import override

ACCESS_TOKEN_PREFIXES = ("tr_pat_", "tr_uat_", "tr_oat_")
"""Prefixes of tokens of people and organizations; anything else is an environment's secret key."""

_ENVIRONMENTS = {"dev": "dev", "stg": "stg", "prod": "prod", "preview": "preview"}


class Secret:
    """A key or a token. Only `reveal()` returns the text; all other conversions show stars."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text.strip()

    def reveal(self) -> str:
        """The text itself, only for the Authorization header and for redaction."""
        return self.__text

    def __bool__(self) -> bool:
        return bool(self.__text)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__text

    @override
    def __hash__(self) -> int:
        return hash(self.__text)

    @override
    def __repr__(self) -> str:
        return "Secret('***')"

    @override
    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")

    @property
    def is_access_token(self) -> bool:
        """Whether it belongs to a person or an organization rather than to an environment."""
        return self.__text.startswith(ACCESS_TOKEN_PREFIXES)

    @property
    def environment(self) -> str | None:
        """The environment's slug from the prefix of the key (`tr_prod_…` → `prod`)."""
        parts = self.__text.split("_", 2)
        return _ENVIRONMENTS.get(parts[1]) if len(parts) == 3 and parts[0] == "tr" else None


CLOUD_URL = "https://api.trigger.dev"

_SLUGS = {"staging": "stg", "production": "prod", "development": "dev"}


def environment_slug(name: str) -> str:
    """The environment's slug for the names that people and routes use: `staging` is `stg`."""
    return _SLUGS.get(name.lower(), name)


@dataclass(frozen=True, slots=True)
class Target:
    """Everything that opening a backend needs. Values are checked where they are used."""

    backend: str = "trigger"
    api_url: str = CLOUD_URL
    secret_key: Secret | None = None
    """The key of one environment; preferred over the access token for everything within an
    environment."""
    access_token: Secret | None = None
    """The token of a person; with a project and an environment it finds the environment's key."""
    project: str | None = None
    """`proj_…`."""
    environment: str | None = None
    branch: str | None = None
    rate_share: float = 0.1
    allow_http: bool = False
    read_only: bool = False
    auth_header: str | None = None
    """Name of the header with the key, for systems that do not define it."""
    auth_scheme: str | None = None
    """Text before the key in that header, such as `Bearer `."""
    account: str | None = None
    """Limits Recoup's list to one account."""
    limit: int | None = None
    """The most runs of Recoup's list, 1 to 100; all that the server returns if not set."""
    address_origin: str = "the address"
    """The setting of the address, in words: `TRIGGER_API_URL`."""
    key_origin: str = "the key"
    """Where the secret key or the access token was found, in words, without the secret."""
    needs_project: str = ""
    """The message when an access token has no project; empty when it has one."""

    @property
    def known_environment(self) -> str:
        """The environment's slug if known before the server answers; otherwise empty."""
        key = self.secret_key.environment if self.secret_key else None
        return key or (environment_slug(self.environment) if self.environment else "")


NO_ADDRESS = "it is not an address"


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this machine."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_plain(url: str) -> bool:
    """Whether requests to a URL leave this machine unencrypted."""
    return url.strip().lower().startswith("http://") and not is_loopback(url.strip())


def is_host(name: str) -> bool:
    """Whether a host name is valid: no label is empty or too long."""
    try:
        # The HTTP client converts names in other scripts to ASCII.
        return bool(name) and (not name.isascii() or bool(name.encode("idna")))
    except UnicodeError:
        return False


def has_blanks(url: str) -> bool:
    """Whether a URL contains a blank, a line end or a control character. `urlsplit` silently drops
    some of them, the HTTP client none."""
    return not url.isprintable() or any(character.isspace() for character in url)


def why_refused(url: str, *, allow_http: bool = False, is_document: bool = False) -> str | None:
    """Why requests to a URL are not allowed, in words; None when they are. Documents are downloaded
    without a key, and their addresses may have a query."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return NO_ADDRESS
    if has_blanks(url) or (host and not is_host(host)):
        return NO_ADDRESS
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        return "the address must begin with https:// and name a host"
    if parts.username is not None or parts.password is not None:
        return "the address must not hold a user name or a password"
    if not is_document and (parts.query or parts.fragment):
        return "the address must not hold a ? or a #"
    if is_plain(url) and not allow_http:
        return _plain_http(parts, is_document=is_document)
    return None


def _plain_http(parts: SplitResult, *, is_document: bool) -> str:
    if is_document:
        return (
            f"it would come unencrypted over plain http from {parts.hostname}; to permit that, "
            "set allow_http = true in the profile"
        )
    return (
        f"plain http to {parts.hostname} would send the key unencrypted; use https, or set "
        "allow_http = true in the profile"
    )
