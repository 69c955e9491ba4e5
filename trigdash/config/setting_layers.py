"""What each place says: flags, variables of the environment, profiles.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trigdash.config.options import ConfigError
from trigdash.config.profile import Profile, SecretSource

if TYPE_CHECKING:
    from trigdash.config.resolve import Flags

FLAG, ENVIRONMENT = "flag", "environment"
"""Where a value was found, beside profiles."""
READ_ONLY = "TRIGDASH_READ_ONLY"
PREVIEW_BRANCH, DEV_BRANCH = "TRIGGER_PREVIEW_BRANCH", "TRIGGER_DEV_BRANCH"
_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")

Layer = tuple[str, dict[str, Any]]
"""A source of settings, in words, and its values by name; None for unset ones."""


def flag_layer(flags: Flags) -> Layer:
    """What the command line says."""
    return FLAG, {
        "api_url": flags.api_url,
        "project": flags.project,
        "environment": flags.environment,
        "branch": flags.branch,
        "read_only": flags.read_only,
        "rate_share": flags.rate_share,
        "theme": flags.theme,
        "ascii": flags.ascii,
    }


def forbidding_layer(environ: Mapping[str, str]) -> Layer:
    """The layer of the variable that can forbid writing, which a profile cannot overrule. Raises
    ConfigError for an ambiguous value."""
    told = environ.get(READ_ONLY, "").strip().lower()
    if told not in _YES + _NO:
        raise ConfigError(f"{READ_ONLY} is {told}: write 1 to forbid writing, or 0")
    return f"environment variable {READ_ONLY}", {"read_only": True if told in _YES else None}


def environment_layer(environ: Mapping[str, str], branch: str = PREVIEW_BRANCH) -> Layer:
    """What variables say; `branch` is the one that names a branch."""
    given = {key: value for key, value in environ.items() if value}
    sources = tuple(
        SecretSource("env", (name,))
        for name in ("TRIGGER_SECRET_KEY", "TRIGGER_ACCESS_TOKEN")
        if name in given
    )
    return ENVIRONMENT, {
        "api_url": given.get("TRIGGER_API_URL"),
        "credential": sources or None,
        "project": given.get("TRIGGER_PROJECT_REF"),
        "branch": given.get(branch),
    }


def profile_layer(profile: Profile, origin: str = "") -> Layer:
    """What a profile says; `origin` names one without a name."""
    sources = tuple(one for one in (profile.secret, profile.access_token) if one is not None)
    named = f"profile {profile.name} ({profile.origin})" if profile.name else origin
    return named, {
        "backend": profile.backend,
        "api_url": profile.api_url,
        "credential": sources or None,
        "project": profile.project,
        "environment": profile.environment,
        "branch": profile.branch,
        "read_only": profile.read_only,
        "rate_share": profile.rate_share,
        "allow_http": profile.allow_http,
        "auth_header": profile.auth_header,
        "auth_scheme": profile.auth_scheme,
        "account": profile.account,
        "limit": profile.limit,
        "theme": profile.theme,
        "start": profile.start,
        "restore": profile.restore,
        "notify": profile.notify,
        "ascii": profile.ascii,
        "columns": profile.columns or None,
    }
