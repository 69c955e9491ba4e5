"""`trigdash profiles`: what was found and where, without a single secret."""

from __future__ import annotations

from collections.abc import Iterator

from trigdash.backends.target import CLOUD_URL, why_refused
from trigdash.config.options import ConfigError
from trigdash.config.profile import Profile, SecretSource
from trigdash.config.resolve import DEFAULT_BACKEND, Settings

_ASKED = (
    ("system", "backend"),
    ("server", "api_url"),
    ("credential", "credential"),
    ("project", "project"),
    ("environment", "environment"),
    ("branch", "branch"),
    ("read-only", "read_only"),
)


def profile_lines(settings: Settings) -> Iterator[str]:
    """Files, profiles, and what would be used now, a line each."""
    file, official = settings.file, settings.official
    yield "files"
    yield f"  {file.path}  {'read' if file.exists else 'not there'}"
    state = official.problem or ("read" if official.exists else "not there")
    yield f"  {official.path}  {state} (the platform's own tool)"
    yield "profiles"
    profiles = settings.profiles()
    start = settings.start_profile()
    for name, profile in sorted(profiles.items()):
        yield f"{'*' if name == start else ' ':>3} {name}: {_profile(profile)}"
    for name in sorted(set(settings.official.unfinished) - profiles.keys()):
        yield f"    {name}: a login that was not finished  ({official.path})"
    if not profiles and not official.unfinished:
        yield "    none"
    yield "used now"
    yield from used_lines(settings)


def used_lines(settings: Settings) -> Iterator[str]:
    """Each setting that a start would use, and where it comes from."""
    try:
        found = settings.resolve()
    except ConfigError as problem:
        yield f"  {problem}"
        return
    for words, key in _ASKED:
        value = found[key].value if key in found else None
        origin = found[key].origin if key in found else ""
        if key == "credential":
            value = ", ".join(_credential(one) for one in value) if value else "none"
        elif value is None and key == "api_url":
            value, origin = CLOUD_URL, "default"
        elif value is True:
            value = "yes"
        if value is not None and value is not False:
            yield f"  {words:<12} {value}{f'  ({origin})' if origin else ''}"
    url = found["api_url"].value if "api_url" in found else CLOUD_URL
    allow_http = bool(found["allow_http"].value) if "allow_http" in found else False
    refused = why_refused(url, allow_http=allow_http)
    if refused:
        yield f"  {'refused':<12} {refused}"


def _profile(profile: Profile) -> str:
    system = profile.backend or DEFAULT_BACKEND
    told = (profile.api_url or "").strip()
    address = told or (CLOUD_URL if system == DEFAULT_BACKEND else "no address")
    parts = [address] if system == DEFAULT_BACKEND else [system, address]
    sources = [one for one in (profile.secret, profile.access_token) if one]
    parts += [_credential(one) for one in sources] or ["no credential"]
    parts += [part for part in (profile.project, profile.environment, profile.branch) if part]
    if profile.read_only:
        parts.append("read-only")
    return f"{', '.join(parts)}  ({profile.origin})"


def _credential(source: SecretSource) -> str:
    """The kind of credential, as far as it is known without looking it up."""
    if source.value is None:
        return source.describe()
    kind = "access token" if source.value.is_access_token else "secret key"
    environment = source.value.environment
    return f"{kind}{f' of {environment}' if environment else ''} {source.describe()}"
