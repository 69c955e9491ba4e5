"""Profiles: one server, one credential, one set of habits. And where a secret comes from.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trigdash.backends.target import Secret
from trigdash.config.options import ConfigError


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where a secret is found. It is looked up when a connection is opened, not before: a command
    may ask its user something."""

    kind: str
    """`value`, `env`, `command` or `keyring`."""
    place: tuple[str, ...] = ()
    """Variable; command and arguments; service and user."""
    value: Secret | None = None

    def describe(self) -> str:
        """Where, in words, without the secret."""
        words = {
            "value": "in the file",
            "env": f"environment variable {' '.join(self.place)}",
            "command": f"command {' '.join(self.place[:1])}",
            "keyring": f"keyring {'/'.join(self.place)}",
        }
        return words[self.kind]

    def find(self, environ: Mapping[str, str]) -> Secret:
        """The secret. Raises ConfigError when there is none."""
        found = self.value
        if self.kind != "value" or found is None:
            finders = {"env": self._from_env, "command": self._from_command}
            found = Secret(finders.get(self.kind, self._from_keyring)(environ))
        if not found:
            raise ConfigError(f"no secret found: {self.describe()} is empty")
        if not (found.reveal().isascii() and found.reveal().isprintable()):
            raise ConfigError(f"no key has such characters: {self.describe()}")
        return found

    def _from_env(self, environ: Mapping[str, str]) -> str:
        return environ.get(self.place[0], "")

    def _from_command(self, environ: Mapping[str, str]) -> str:
        from trigdash.config.secret_command import first_line

        return first_line(self.place, environ)

    def _from_keyring(self, environ: Mapping[str, str]) -> str:
        from importlib import import_module

        try:
            keyring, errors = import_module("keyring"), import_module("keyring.errors")
        except ImportError:
            raise ConfigError(
                "secret_keyring needs the package keyring beside trigdash: pip install keyring"
            ) from None
        try:
            return keyring.get_password(*self.place) or ""
        except errors.KeyringError as problem:
            # Locked and not opened, or a machine without any: an ssh session, say.
            raise ConfigError(
                f"{self.describe()} cannot be opened ({type(problem).__name__})"
            ) from None


@dataclass(frozen=True, slots=True)
class Profile:
    """What one profile sets; None and empty mean that it does not say."""

    name: str = ""
    origin: str = ""
    """Where it was found, for people."""
    backend: str | None = None
    api_url: str | None = None
    secret: SecretSource | None = None
    """A secret key or an access token: the secret's own prefix tells."""
    access_token: SecretSource | None = None
    project: str | None = None
    environment: str | None = None
    branch: str | None = None
    read_only: bool | None = None
    rate_share: float | None = None
    allow_http: bool | None = None
    auth_header: str | None = None
    auth_scheme: str | None = None
    account: str | None = None
    limit: int | None = None
    """Runs that Recoup's list holds at most."""
    theme: str | None = None
    start: str | None = None
    """The screen that is shown first: `now` or `runs`."""
    restore: bool | None = None
    """Begin where the program was left; unless said, where `start` names no screen."""
    notify: str | None = None
    """A filter line: the terminal rings when a run comes to match it."""
    ascii: bool | None = None
    columns: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    views: Mapping[str, str] = field(default_factory=dict)


def config_path(environ: Mapping[str, str]) -> Path:
    """Our settings file: `TRIGDASH_CONFIG`, else `trigdash/config.toml` in the user's folder."""
    named = environ.get("TRIGDASH_CONFIG")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("trigdash", appauthor=False) / "config.toml"


def state_path() -> Path:
    """Where choices made on screen are kept."""
    from platformdirs import user_state_path

    return user_state_path("trigdash", appauthor=False) / "state.json"
