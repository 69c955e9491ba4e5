"""Our own settings file: TOML, every key known, every mistake named with its line.

    rate_share = 0.1              # and everything else that is no credential, for all profiles
    profile = "cloud"             # which one to use when none is named

    [profiles.cloud]
    secret_command = ["op", "read", "op://jobs/trigger/key"]
    project = "proj_abc"
    environment = "prod"
    read_only = true

    [views]
    failing = "status:failed,crashed since:24h"

    [keys]
    "run.cancel" = "X"

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trigdash.backends import BACKENDS
from trigdash.config import ConfigError
from trigdash.profile import Profile, SecretSource
from trigdash.secret import Secret

_HABITS = {
    "read_only": "bool",
    "rate_share": "share",
    "theme": "text",
    "ascii": "bool",
    "columns": "texts",
    "keys": "table",
    "views": "table",
}
_PROFILE = _HABITS | {
    "backend": "backend",
    "api_url": "text",
    "secret_env": "text",
    "secret_command": "command",
    "secret_keyring": "keyring",
    "secret_key": "text",
    "access_token": "text",
    "project": "text",
    "environment": "text",
    "branch": "text",
    "allow_http": "bool",
    "auth_header": "text",
    "auth_scheme": "text",
    "account": "text",
}
_TOP = _HABITS | {"profile": "text", "profiles": "profiles"}
_SECRETS = ("secret_env", "secret_command", "secret_keyring", "secret_key")


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(part, str) for part in value.values())


def _is_command(value: object) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or (_is_texts(value) and bool(value))


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1


_KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "a text"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "backend": (lambda value: value in BACKENDS, f"one of {', '.join(BACKENDS)}"),
    "share": (_is_share, "a number above 0 and up to 1"),
    "texts": (_is_texts, "a list of texts"),
    "table": (_is_table, "a table of texts"),
    "command": (_is_command, "a text or a list of texts"),
    "keyring": (
        lambda value: isinstance(value, str) and value.count("/") == 1,
        '"service/user"',
    ),
    "profiles": (
        lambda value: (
            isinstance(value, dict) and all(isinstance(part, dict) for part in value.values())
        ),
        "tables, [profiles.NAME] each",
    ),
}


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What our settings file says."""

    path: Path
    exists: bool = False
    profile: str | None = None
    """The one to use when none is named."""
    habits: Profile = field(default_factory=Profile)
    """What holds for all profiles that do not say otherwise."""
    profiles: Mapping[str, Profile] = field(default_factory=dict)


def read_config(path: Path) -> ConfigFile:
    """Read the file; an absent one says nothing. Raises ConfigError, naming file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ConfigFile(path)
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: cannot be read ({type(problem).__name__})") from None
    import tomllib  # only who has a settings file waits for it

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigError(f"{path}: {problem}") from None
    return _Reader(path, text).read(data)


class _Reader:
    """Turns the tables of one file into profiles, and knows on which line a key stands."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def read(self, data: dict[str, Any]) -> ConfigFile:
        self._check(data, _TOP, "")
        profiles = {
            name: self._profile(name, table) for name, table in data.get("profiles", {}).items()
        }
        if any(one.secret and one.secret.kind == "value" for one in profiles.values()) or any(
            one.access_token for one in profiles.values()
        ):
            self._check_mode()
        chosen = data.get("profile")
        if chosen is not None and chosen not in profiles:
            raise self._error("", "profile", f"there is no profile {chosen!r}", profiles)
        return ConfigFile(self._path, True, chosen, _with_habits(Profile(), data), profiles)

    def _profile(self, name: str, table: dict[str, Any]) -> Profile:
        section = f"profiles.{name}"
        self._check(table, _PROFILE, section)
        named = [key for key in _SECRETS if key in table]
        if len(named) > 1:
            raise self._error(section, named[1], f"{named[0]} is set already; keep one of them")
        token = table.get("access_token")
        profile = Profile(
            name=name,
            origin=str(self._path),
            backend=table.get("backend"),
            api_url=table.get("api_url"),
            secret=_source(named[0], table[named[0]]) if named else None,
            access_token=_source("secret_key", token) if token else None,
            project=table.get("project"),
            environment=table.get("environment"),
            branch=table.get("branch"),
            allow_http=table.get("allow_http"),
            auth_header=table.get("auth_header"),
            auth_scheme=table.get("auth_scheme"),
            account=table.get("account"),
        )
        return _with_habits(profile, table)

    def _check(self, table: Mapping[str, Any], known: Mapping[str, str], section: str) -> None:
        for key, value in table.items():
            if key not in known:
                raise self._error(section, key, f"unknown setting {key!r}", known)
            fits, words = _KINDS[known[key]]
            if not fits(value):
                raise self._error(section, key, f"{key} must be {words}")

    def _check_mode(self) -> None:
        """A file with a secret in it is for its owner's eyes only."""
        if os.name != "posix":
            return
        if stat.S_IMODE(self._path.stat().st_mode) & 0o077:
            raise ConfigError(
                f"{self._path}: holds a secret and is open to others; run: chmod 600 {self._path}"
            )

    def _error(
        self, section: str, key: str, words: str, known: Mapping[str, object] | None = None
    ) -> ConfigError:
        line = self._line(section, key)
        where = f"{self._path}:{line}" if line else f"{self._path}"
        wrong = key if known is None or "profile" not in words else words.split("'")[1]
        return ConfigError(f"{where}: {words}{_suggestion(wrong, known or {})}")

    def _line(self, section: str, key: str) -> int | None:
        """The line of a key, for people; None when it is written in a way not foreseen here."""
        current = ""
        assigned = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""")
        for number, line in enumerate(self._lines, 1):
            header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
            if header:
                current = header[1].replace('"', "").replace("'", "")
                parent, _, last = current.rpartition(".")
                if parent == section and last == key:
                    return number
            elif current == section and assigned.match(line):
                return number
        return None


def _suggestion(wrong: str, known: Mapping[str, object]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(wrong, list(known), n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f" (known: {', '.join(sorted(known))})" if known else ""


def _with_habits(profile: Profile, table: Mapping[str, Any]) -> Profile:
    from dataclasses import replace

    return replace(
        profile,
        read_only=table.get("read_only"),
        rate_share=table.get("rate_share"),
        theme=table.get("theme"),
        ascii=table.get("ascii"),
        columns=tuple(table.get("columns", ())),
        keys=table.get("keys", {}),
        views=table.get("views", {}),
    )


def _source(key: str, value: str | list[str]) -> SecretSource:
    if isinstance(value, list):
        return SecretSource("command", tuple(value))
    if key == "secret_command":
        import shlex

        return SecretSource("command", tuple(shlex.split(value)))
    if key == "secret_env":
        return SecretSource("env", (value,))
    if key == "secret_keyring":
        return SecretSource("keyring", tuple(value.split("/", 1)))
    return SecretSource("value", value=Secret(value))
