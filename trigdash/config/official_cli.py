"""What the platform's own command line tool has stored: its login profiles.

Linux and macOS keep it in different folders; an older tool wrote another file beside it.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trigdash.backends.target import Secret
from trigdash.config.files import FileTrouble, read_json
from trigdash.config.profile import Profile, SecretSource

MAX_BYTES = 1_000_000
"""Of its file; a hundred profiles take a fiftieth."""


@dataclass(frozen=True, slots=True)
class OfficialCli:
    """The tool's profiles. A file that cannot be read counts as none, with the reason."""

    path: Path
    exists: bool = False
    current: str | None = None
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    problem: str = ""
    unfinished: tuple[str, ...] = ()
    """Names of logins that were begun and hold no token."""
    chosen: str | None = None
    """The login that the tool would use, finished or not."""


def official_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Where the tool keeps its settings."""
    home = Path(environ.get("HOME") or Path.home())
    base = environ.get("XDG_CONFIG_HOME")
    if base:
        return Path(base) / "trigger"
    if platform == "darwin":
        return home / "Library" / "Preferences" / "trigger"
    if platform == "win32":
        roaming = environ.get("APPDATA") or str(home / "AppData" / "Roaming")
        return Path(roaming) / "xdg.config" / "trigger"
    return home / ".config" / "trigger"


def read_official_cli(environ: Mapping[str, str]) -> OfficialCli:
    """The stored logins. Another program's file is never a reason not to start."""
    folder = official_folder(environ)
    path = folder / "config.json"
    if not path.exists() and (folder / "default.json").exists():
        path = folder / "default.json"
    try:
        data = read_json(path, MAX_BYTES)
    except FileTrouble as trouble:
        return OfficialCli(path, exists=True, problem=f"cannot be read: {trouble}")
    if data is None:
        return OfficialCli(path)
    if not isinstance(data, dict):
        return OfficialCli(path, exists=True, problem="cannot be read: it is no table")
    stored = data.get("profiles") if path.name == "config.json" else data
    current = data.get("currentProfile") if path.name == "config.json" else "default"
    profiles = {
        str(name): profile
        for name, entry in (stored.items() if isinstance(stored, dict) else ())
        if (profile := _profile(str(name), entry, path)) is not None
    }
    chosen = current if isinstance(current, str) else None
    unfinished = tuple(
        str(name)
        for name, entry in (stored.items() if isinstance(stored, dict) else ())
        if isinstance(entry, dict) and str(name) not in profiles
    )
    named = chosen if chosen in profiles else None
    return OfficialCli(path, True, named, profiles, unfinished=unfinished, chosen=chosen)


def _profile(name: str, entry: object, path: Path) -> Profile | None:
    """A profile without a token counts as logged out."""
    if not isinstance(entry, dict):
        return None
    token, url = entry.get("accessToken"), entry.get("apiUrl")
    if not isinstance(token, str) or not token:
        return None
    return Profile(
        name=name,
        origin=str(path),
        api_url=url if isinstance(url, str) and url else None,
        access_token=SecretSource("value", value=Secret(token)),
    )
