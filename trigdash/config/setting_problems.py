"""What to say where settings lead nowhere: what is wrong, which setting says so, what to do next.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trigdash.backends.target import Secret
from trigdash.config.official_cli import OfficialCli
from trigdash.config.profile import SecretSource
from trigdash.model.clean import one_line

NO_CREDENTIAL = (
    "no key found: set TRIGGER_SECRET_KEY, log in with the platform's own tool, or add a profile "
    "to {path}; to look around without one: trigdash demo"
)
UNFINISHED = (
    "the login {name} of the platform's own tool was not finished, it has no token: run npx "
    "trigger.dev@latest login{option}, or set TRIGGER_SECRET_KEY"
)
NEEDS_PROJECT = (
    "{origin} is an access token, which needs a project: set TRIGGER_PROJECT_REF or --project to "
    "its proj_…, or TRIGGER_SECRET_KEY to the secret key of an environment; in the dashboard, "
    "ctrl+e lists your projects"
)


def no_credential(official: OfficialCli, path: Path) -> str:
    """Why there is no key at all."""
    if official.chosen is not None and official.chosen in official.unfinished:
        return unfinished(official.chosen)
    return NO_CREDENTIAL.format(path=path)


def unfinished(name: str) -> str:
    """What to do about a login without a token."""
    option = "" if name == "default" else f" --profile {name}"
    return UNFINISHED.format(name=name, option=option)


def address_problem(setting: str, url: str, reason: str) -> str:
    """Why an address cannot be used, and what to write instead where that is plain."""
    from trigdash.backends.target import is_loopback

    if "@" in url:
        return f"{setting} cannot be used: {reason}"  # it may hold a password
    better = ""
    if "://" not in url and url.isprintable() and " " not in url:
        scheme = "http" if is_loopback(f"http://{url}") else "https"
        better = f"; write {scheme}://{url}"
    return f"{setting} ({one_line(url)}) cannot be used: {reason}{better}"


def credential_origin(sources: Sequence[SecretSource]) -> str:
    """Where a key or token was found, in words."""
    return " or ".join(map(_origin, sources))


def _origin(source: SecretSource) -> str:
    return source.place[0] if source.kind == "env" else f"the credential ({source.describe()})"


def needs_project(sources: Sequence[SecretSource], keys: Sequence[Secret]) -> str:
    """What an access token lacks, naming where it was found."""
    origin = next(
        (_origin(source) for source, key in zip(sources, keys, strict=True) if key.is_access_token),
        "this",
    )
    return NEEDS_PROJECT.format(origin=origin)
