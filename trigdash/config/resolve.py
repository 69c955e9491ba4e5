"""From flags, environment and files to one target. Flags first, then environment, then files.

Values are taken one by one from the first place that has them; the credential alone is taken as a
whole, so that a token of one place is never sent with the key of another. A profile that is named
(`--profile`, `:profile`) is as good as a flag and beats the environment.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from trigdash.backends import reach_of, supported_filters_of
from trigdash.backends.target import CLOUD_URL, Secret, Target, environment_slug, is_plain
from trigdash.config.file import ConfigFile, read_config
from trigdash.config.official_cli import OfficialCli, read_official_cli
from trigdash.config.options import ConfigError, Destination, UiSettings
from trigdash.config.profile import Profile, config_path, state_path
from trigdash.config.setting_layers import (
    DEV_BRANCH,
    ENVIRONMENT,
    FLAG,
    Layer,
    environment_layer,
    flag_layer,
    forbidding_layer,
    profile_layer,
)
from trigdash.config.setting_problems import (
    address_problem,
    credential_origin,
    needs_project,
    no_credential,
    unfinished,
)

T = TypeVar("T")

DEFAULT_BACKEND = "trigger"
DEFAULT_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line says; None is what it does not say."""

    api_url: str | None = None
    profile: str | None = None
    project: str | None = None
    environment: str | None = None
    branch: str | None = None
    read_only: bool | None = None
    rate_share: float | None = None
    theme: str | None = None
    ascii: bool | None = None
    color: bool = True


@dataclass(frozen=True, slots=True)
class FoundValues:
    """A value and where it was found."""

    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings that were found, combined by precedence when they are read."""

    flags: Flags
    environ: Mapping[str, str]
    file: ConfigFile
    official: OfficialCli
    state_file: Path | None = None
    extra: Mapping[str, Profile] = field(default_factory=dict)
    """Profiles that exist in this process only, such as the demo's."""

    def profiles(self) -> dict[str, Profile]:
        """All profiles; of two with one name, ours."""
        return {**self.official.profiles, **self.file.profiles, **self.extra}

    def start_profile(self) -> str | None:
        """The profile used unless another is named; None when nothing names one."""
        ours = {**self.file.profiles, **self.extra}
        for name in (
            self.flags.profile,
            self.file.profile,
            "default" if "default" in ours else None,
            next(iter(ours)) if len(ours) == 1 else None,
            self.official.current,
        ):
            if name is not None:
                return name
        return None

    def profile(self, name: str | None) -> Profile:
        """A profile by name; an empty one for None. Raises ConfigError for an unknown name."""
        if name is None:
            return Profile()
        known = self.profiles()
        if name not in known and name in self.official.unfinished:
            raise ConfigError(unfinished(name))
        if name not in known:
            listed = f"; known: {', '.join(sorted(known))}" if known else "; there are none"
            raise ConfigError(f"there is no profile {name!r}{listed}")
        return known[name]

    def resolve(self, profile_name: str | None = None) -> dict[str, FoundValues]:
        """Each value and its origin, by name, for a target. Unset values are absent."""
        named = profile_name or self.flags.profile
        profile = self.profile(named or self.start_profile())
        found = self._merged(profile, environment_layer(self.environ), is_named=bool(named))
        if self._known_environment(_values(found)) == "dev" and self.environ.get(DEV_BRANCH):
            # As the platform's own tool: a branch of the dev environment has a variable of its own.
            environment = environment_layer(self.environ, DEV_BRANCH)
            found = self._merged(profile, environment, is_named=bool(named))
        return found

    def _merged(
        self, profile: Profile, environment: Layer, *, is_named: bool
    ) -> dict[str, FoundValues]:
        layers = [flag_layer(self.flags), environment]
        layers.insert(1 if is_named else 2, profile_layer(profile))
        layers.append(profile_layer(self.file.habits, str(self.file.path)))
        # Whoever forbids writing here is not overruled by a profile.
        layers.insert(0, forbidding_layer(self.environ))
        found: dict[str, FoundValues] = {}
        for origin, values in layers:
            for key, told in values.items():
                value = _trimmed(key, told)
                if value is not None and key not in found:
                    found[key] = FoundValues(value, origin)
        return found

    def target(self, where: Destination = Destination()) -> Target:  # noqa: B008 - frozen
        """What to open. Looks the secret up, so call it in a thread. Raises ConfigError."""
        resolved = self.resolve(where.profile)
        found = _values(resolved)
        secrets = found.get("credential", ())
        if not secrets:
            raise ConfigError(no_credential(self.official, self.file.path))
        backend = found.get("backend", DEFAULT_BACKEND)
        if backend != DEFAULT_BACKEND and "api_url" not in found:
            raise ConfigError(f"the backend {backend} has no address of its own: set api_url")
        if backend != DEFAULT_BACKEND and (where.environment or where.project):
            raise ConfigError(f"the backend {backend} has no environments; :profile goes elsewhere")
        self._check_address(resolved)
        keys = [source.find(self.environ) for source in secrets]
        token = next((key for key in keys if key.is_access_token), None)
        key = next((key for key in keys if not key.is_access_token), None)
        slug, project, branch = _environment_parts(where, found)
        return Target(
            backend=backend,
            api_url=found.get("api_url", CLOUD_URL),
            secret_key=_fitting(key, token if project else None, slug, where, found.get("project")),
            access_token=token,
            project=project,
            # As the platform's own tool: a token alone means one's own dev environment.
            environment=slug or ("dev" if key is None and project else None),
            branch=branch,
            rate_share=found.get("rate_share", DEFAULT_SHARE),
            allow_http=found.get("allow_http", False),
            auth_header=found.get("auth_header"),
            auth_scheme=found.get("auth_scheme"),
            account=found.get("account"),
            limit=found.get("limit"),
            read_only=found.get("read_only", False),
            address_origin=_address_setting(resolved),
            key_origin=credential_origin(secrets),
            needs_project=needs_project(secrets, keys) if token and not project else "",
        )

    def _check_address(self, resolved: Mapping[str, FoundValues]) -> None:
        """Raises ConfigError for an address that no key may be sent to, naming what sets it."""
        from trigdash.backends.target import why_refused

        url = resolved["api_url"].value if "api_url" in resolved else CLOUD_URL
        allow_http = resolved["allow_http"].value if "allow_http" in resolved else False
        refused = why_refused(url, allow_http=allow_http)
        if refused:
            raise ConfigError(address_problem(_address_setting(resolved), url, refused))

    def check_way(self) -> None:
        """Whether the start's server can be reached in principle; looks no secret up and sends
        nothing. Raises ConfigError for an address or a proxy that cannot be used."""
        from trigdash.backends.base import Misconfigured
        from trigdash.backends.proxy import proxy_for

        resolved = self.resolve()
        self._check_address(resolved)
        try:
            proxy_for(
                resolved["api_url"].value if "api_url" in resolved else CLOUD_URL, self.environ
            )
        except Misconfigured as problem:
            raise ConfigError(problem.message()) from None

    def ui(self) -> UiSettings:
        """What screens get, now and on each profile. Raises ConfigError for an unknown
        profile."""
        names = self.profiles()
        profiles = {name: self._ui(self.resolve(name), name) for name in names}
        return replace(self._ui(self.resolve(), self.start_profile()), profiles=profiles)

    def _ui(self, resolved: Mapping[str, FoundValues], name: str | None) -> UiSettings:
        found = _values(resolved)
        profile = self.profile(name)
        backend = found.get("backend", DEFAULT_BACKEND)
        return UiSettings(
            theme=found.get("theme"),
            is_theme_given=self.flags.theme is not None,
            start=found.get("start", "runs"),
            notify=found.get("notify", ""),
            restore=found.get("restore", "start" not in found),
            ascii=found.get("ascii", False),
            color=self.flags.color and not self.environ.get("NO_COLOR"),
            read_only=found.get("read_only", False),
            columns=found.get("columns", ()),
            keys={**self.file.habits.keys, **profile.keys},
            views={**self.file.habits.views, **profile.views},
            profile=name,
            profile_names=tuple(sorted(self.profiles())),
            environment=self._known_environment(found),
            reach=reach_of(backend, found.get("limit")),
            supported_filters=supported_filters_of(backend),
            server=urlsplit(found.get("api_url", CLOUD_URL)).netloc,
            is_unencrypted=is_plain(found.get("api_url", CLOUD_URL)),
            state_file=self.state_file,
        )

    def _known_environment(self, found: Mapping[str, Any]) -> str | None:
        """The environment, as far as it is known without looking a secret up."""
        if found.get("environment"):
            return environment_slug(found["environment"])
        for source in found.get("credential", ()):
            secret = source.value
            if source.kind == "env":
                secret = Secret(self.environ.get(source.place[0], ""))
            if secret is not None and not secret.is_access_token and secret.environment:
                return str(secret.environment)
        return "dev" if found.get("credential") and found.get("project") else None


_TRIMMED = frozenset({"api_url", "project", "environment", "branch", "account"})
"""Values that never have a blank or a line end around them. Files written on Windows, secrets of a
cluster and `$(cat file)` add one."""


def _trimmed(key: str, value: Any) -> Any:
    """A value without what surrounds it; None where nothing is left."""
    if key in _TRIMMED and isinstance(value, str):
        return value.strip() or None
    return value


def _values(found: Mapping[str, FoundValues]) -> dict[str, Any]:
    return {name: one.value for name, one in found.items()}


def load_settings(flags: Flags, environ: Mapping[str, str]) -> Settings:
    """Read all files. Raises ConfigError when ours has a mistake."""
    file = read_config(config_path(environ))
    return Settings(flags, environ, file, read_official_cli(environ), state_path())


def _address_setting(resolved: Mapping[str, FoundValues]) -> str:
    """What sets the address, in words: a flag, a variable, a key of a profile."""
    if "api_url" not in resolved:
        return "the default address"
    origin = resolved["api_url"].origin
    named = {FLAG: "--api-url", ENVIRONMENT: "TRIGGER_API_URL"}.get(origin)
    return named or f"api_url of {origin}"


def _environment_parts(
    where: Destination, found: Mapping[str, Any]
) -> tuple[str | None, str | None, str | None]:
    """Environment slug, project and branch. A branch belongs to one environment, and an
    environment to one project: what is left behind is not taken along."""
    wanted = where.environment or (None if where.project else found.get("environment"))
    branch = where.branch or (None if where.environment else found.get("branch"))
    project = where.project or found.get("project")
    return environment_slug(wanted) if wanted else None, project, branch


def _fitting(
    key: Secret | None,
    token: Secret | None,
    slug: str | None,
    where: Destination,
    project: str | None,
) -> Secret | None:
    """The key, unless it belongs to another environment than the selected one: then the token finds
    the right key. Raises ConfigError without a token."""
    elsewhere = where.project is not None and where.project != project
    asked = where.environment is not None
    if key is None or (not elsewhere and (slug is None or key.environment == slug)):
        return key
    if not elsewhere and key.environment is None and not asked:
        return key
    if token is None:
        named = f"the key belongs to {key.environment or 'one environment'}; changing to {slug}"
        raise ConfigError(f"{named} needs an access token and a project")
    return None
