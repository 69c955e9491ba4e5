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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trigdash.backends.target import Secret
from trigdash.config.files import FileTrouble, read_text
from trigdash.config.options import ConfigError
from trigdash.config.profile import Profile, SecretSource
from trigdash.config.setting_kinds import KINDS, PROFILE, SECRETS, TOP, words_of_command

MAX_BYTES = 1_000_000
"""Of the settings file; a hundred profiles take a twentieth."""


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
    text = ConfigText.of(path)
    if text is None:
        return ConfigFile(path)
    for mistake in text.mistakes():
        raise ConfigError(mistake)
    return text.read()


class ConfigText:
    """The tables of one file, the line of each key, and what is wrong with them."""

    def __init__(self, path: Path, text: str) -> None:
        """Raises ConfigError for a text that is no TOML."""
        import tomllib  # only who has a settings file waits for it

        self._path = path
        self._lines = text.splitlines()
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except RecursionError:
            raise ConfigError(f"{path}: nested too deeply") from None
        except ValueError as problem:  # no TOML, or a number of thousands of digits
            raise ConfigError(f"{path}: {problem}") from None

    @classmethod
    def of(cls, path: Path) -> ConfigText | None:
        """A file; None when there is none. Raises ConfigError when it cannot be read."""
        try:
            text = read_text(path, MAX_BYTES)
        except FileTrouble as trouble:
            raise ConfigError(f"{path}: cannot be read: {trouble}") from None
        return None if text is None else cls(path, text)

    def mistakes(self) -> Iterator[str]:
        """What is wrong with keys and values, each with its line; only without any can the file
        be read."""
        data = self.data
        yield from self._wrong_values(data, TOP, "")
        for name, table in self.profiles().items():
            section = f"profiles.{name}"
            yield from self._wrong_values(table, PROFILE, section)
            named = [key for key in SECRETS if key in table]
            if len(named) > 1:
                yield self.mistake(
                    section, named[1], f"{named[0]} is set already; keep one of them"
                )
        chosen = data.get("profile")
        if isinstance(chosen, str) and chosen not in self.profiles():
            words = f"there is no profile {chosen!r}{suggestion(chosen, self.profiles())}"
            yield self.mistake("", "profile", words)
        yield from self._wrong_mode()

    def profiles(self) -> dict[str, dict[str, Any]]:
        """The tables of all profiles by their names."""
        told = self.data.get("profiles")
        tables = told.items() if isinstance(told, dict) else ()
        return {name: table for name, table in tables if isinstance(table, dict)}

    def read(self) -> ConfigFile:
        """What a file without mistakes says."""
        data = self.data
        profiles = {name: self._profile(name, table) for name, table in self.profiles().items()}
        habits = _with_habits(Profile(), data)
        return ConfigFile(self._path, True, data.get("profile"), habits, profiles)

    def _profile(self, name: str, table: dict[str, Any]) -> Profile:
        secret = next((key for key in SECRETS if key in table), None)
        token = table.get("access_token")
        profile = Profile(
            name=name,
            origin=str(self._path),
            backend=table.get("backend"),
            api_url=table.get("api_url"),
            secret=_source(secret, table[secret]) if secret else None,
            access_token=_source("secret_key", token) if token else None,
            project=table.get("project"),
            environment=table.get("environment"),
            branch=table.get("branch"),
            allow_http=table.get("allow_http"),
            auth_header=table.get("auth_header"),
            auth_scheme=table.get("auth_scheme"),
            account=table.get("account"),
            limit=table.get("limit"),
        )
        return _with_habits(profile, table)

    def _wrong_values(
        self, table: Mapping[str, Any], known: Mapping[str, str], section: str
    ) -> Iterator[str]:
        for key, value in table.items():
            if key not in known:
                words = f"unknown setting {key!r}{suggestion(key, known)}"
                yield self.mistake(section, key, words)
                continue
            fits, words = KINDS[known[key]]
            if not fits(value):
                yield self.mistake(section, key, f"{key} must be {words}")

    def _wrong_mode(self) -> Iterator[str]:
        """A file with a secret in it is for its owner's eyes only."""
        tables = self.profiles().values()
        if os.name != "posix" or not any(
            table.get("secret_key") or table.get("access_token") for table in tables
        ):
            return
        if stat.S_IMODE(self._path.stat().st_mode) & 0o077:
            path = self._path
            yield f"{path}: holds a secret and is open to others; run: chmod 600 {path}"

    def mistake(self, section: str, key: str, words: str) -> str:
        """A mistake in words, with file and line."""
        line = self._line(section, key)
        where = f"{self._path}:{line}" if line else f"{self._path}"
        return f"{where}: {words}"

    def _line(self, section: str, key: str) -> int | None:
        """The line of a key, for people; None when it is written in a way not foreseen here."""
        current = ""
        full = f"{section}.{key}" if section else key
        assigned = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""")
        for number, line in enumerate(self._lines, 1):
            header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
            if header:
                current = header[1].replace('"', "").replace("'", "")
                if f"{current}.".startswith(f"{full}."):
                    return number
            elif current == section and assigned.match(line):
                return number
        return None


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """What may have been meant, or all that there is; nothing where there is nothing."""
    from difflib import get_close_matches

    names = sorted(known)
    close = get_close_matches(wrong, names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f" (known: {', '.join(names)})" if names else ""


def _with_habits(profile: Profile, table: Mapping[str, Any]) -> Profile:
    from dataclasses import replace

    return replace(
        profile,
        read_only=table.get("read_only"),
        rate_share=table.get("rate_share"),
        theme=table.get("theme"),
        start=table.get("start"),
        restore=table.get("restore"),
        notify=table.get("notify"),
        ascii=table.get("ascii"),
        columns=tuple(table.get("columns", ())),
        keys=table.get("keys", {}),
        views=table.get("views", {}),
    )


def _source(key: str, value: str | list[str]) -> SecretSource:
    if isinstance(value, list):
        return SecretSource("command", tuple(value))
    if key == "secret_command":
        return SecretSource("command", tuple(words_of_command(value)))
    if key == "secret_env":
        return SecretSource("env", (value,))
    if key == "secret_keyring":
        return SecretSource("keyring", tuple(value.split("/", 1)))
    return SecretSource("value", value=Secret(value))
