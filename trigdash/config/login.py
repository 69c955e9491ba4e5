"""A new profile: what a person gives to connect, read with friendly answers, and saved.

    answers = Answers("https://trigger.example.com", "tr_prod_…", "prod")
    profile = read_answers(answers, settings.file)   # or a ConfigError that says what to do
    save_profile(settings.file.path, profile)        # for its owner's eyes only

Nothing here asks a server; `trigdash.commands.login` does, before anything is saved.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from trigdash.backends.target import CLOUD_URL, Secret, why_refused
from trigdash.config.file import MAX_BYTES, ConfigFile, ConfigText
from trigdash.config.files import FileTrouble, read_text, write_private
from trigdash.config.options import ConfigError
from trigdash.config.setting_problems import address_problem
from trigdash.model.clean import one_line

KEY_FORMS = "a secret key (tr_prod_…, tr_dev_…) or a personal access token (tr_pat_…)"
_CLOUD_DASHBOARD = "cloud.trigger.dev"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class Answers:
    """What was typed, as it was typed."""

    address: str = CLOUD_URL
    key: str = field(default="", repr=False)
    name: str = ""
    project: str = ""
    """`proj_…`: where a token begins; with a key, a check that it belongs there."""
    allow_http: bool = False


@dataclass(frozen=True, slots=True)
class NewProfile:
    """A profile that is not saved yet."""

    name: str
    address: str
    key: Secret
    project: str = ""
    allow_http: bool = False


class Trial(Protocol):
    """Tries a new profile out, and saves it when it holds."""

    holds: bool
    """Whether the server took the key; False until it has."""
    name: str
    """Of the profile, once it is known."""

    def findings(self) -> AsyncIterator[tuple[str, str]]:
        """Each check as it ends: `ok`, `--` or `FAILED`, and what was found in words."""
        ...

    def save(self) -> str:
        """Save the profile; what was saved and where. Raises ConfigError."""
        ...


def read_answers(answers: Answers, file: ConfigFile) -> NewProfile:
    """The profile that the answers make. Raises ConfigError: what is wrong, and what to do next."""
    address = answers.address.strip().rstrip("/") or CLOUD_URL
    key = Secret(answers.key)
    for problem in (
        _address_problem(address, allow_http=answers.allow_http),
        _key_problem(key),
        _project_problem(answers.project.strip()),
    ):
        if problem:
            raise ConfigError(problem)
    name = answers.name.strip() or key.environment or "default"
    if not _NAME.fullmatch(name):
        raise ConfigError("a name is made of letters, digits, - and _, 40 at most")
    if name in file.profiles:
        raise ConfigError(f"there is a profile {name} already in {file.path}: choose another name")
    return NewProfile(name, address, key, answers.project.strip(), answers.allow_http)


def _address_problem(address: str, *, allow_http: bool) -> str:
    refused = why_refused(address, allow_http=allow_http)
    if refused and "plain http" in refused:
        return (
            f"plain http to {urlsplit(address).hostname} would send the key unencrypted: use "
            "https; where that cannot be, trigdash login --allow-http permits it for this server"
        )
    if refused:
        return address_problem("the address", address, refused)
    if urlsplit(address).hostname == _CLOUD_DASHBOARD:
        return f"{_CLOUD_DASHBOARD} is the dashboard; the address of the API is {CLOUD_URL}"
    return ""


def _key_problem(key: Secret) -> str:
    """What is wrong with a key by its looks. The words never quote it: it may be a secret."""
    text = key.reveal()
    if not text:
        return f"a key is needed: {KEY_FORMS}; your project's page API keys shows the secret keys"
    if not (text.isascii() and text.isprintable()) or " " in text:
        return "no key has such characters: copy it once more, without anything around it"
    if text.startswith("proj_"):
        return f"this is the reference of a project, not a key: paste {KEY_FORMS}"
    if text.startswith(("http://", "https://")):
        return f"this is an address, not a key: paste {KEY_FORMS}"
    if text.startswith(("pk_", "eyJ")):
        return f"this is a public token, which may read too little: paste {KEY_FORMS}"
    if not text.startswith("tr_"):
        return f"no key begins like this: paste {KEY_FORMS}"
    return ""


def _project_problem(project: str) -> str:
    if project and not project.startswith("proj_"):
        return f"{one_line(project)} is no reference of a project: these begin with proj_"
    return ""


def save_profile(path: Path, profile: NewProfile) -> None:
    """Add a profile to the settings file, or create the file, readable by its owner only. The rest
    of the file stays as it is. Raises ConfigError."""
    try:
        before = read_text(path, MAX_BYTES) or ""
        text = f"{before.rstrip()}\n\n{_section(profile)}".lstrip()
        if profile.name not in ConfigText(path, text).profiles():
            raise ConfigError(f"{path} cannot take one more profile: add it by hand")
        write_private(path, text)
    except FileTrouble as trouble:
        raise ConfigError(f"{path} cannot be written: {trouble}") from None


def _section(profile: NewProfile) -> str:
    """A profile as the settings file writes it."""
    key = "access_token" if profile.key.is_access_token else "secret_key"
    settings = {
        "api_url": profile.address,
        key: profile.key.reveal(),
        "project": profile.project or None,
        "allow_http": profile.allow_http or None,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items() if value]
    return "\n".join([f"[profiles.{profile.name}]", *lines, ""])
