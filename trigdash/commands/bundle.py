"""`trigdash doctor --bundle`: what a bug report needs, in one archive without secrets.

Every text passes through `redact`, which removes known keys by their value and others by their
form. Values that may be private (filters, commands, paths in the home folder) are left out.
"""

from __future__ import annotations

import io
import json
import os
import platform
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trigdash import __version__
from trigdash.backends import open_backend
from trigdash.backends.base import BackendError
from trigdash.backends.error_response import redact
from trigdash.backends.target import Secret
from trigdash.commands.doctor import examine
from trigdash.commands.profiles import used_lines
from trigdash.config.file import ConfigText
from trigdash.config.options import ConfigError
from trigdash.config.setting_kinds import SECRETS

if TYPE_CHECKING:
    from trigdash.clock import Clock
    from trigdash.config.resolve import Settings

LIBRARIES = ("textual", "rich", "httpx", "anyio", "pydantic", "wcwidth", "regex")
TERMINAL = (
    "TERM",
    "COLORTERM",
    "TERM_PROGRAM",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "NO_COLOR",
    "COLUMNS",
)
PRESENT = ("TMUX", "STY", "SSH_CONNECTION", "TEXTUAL_DRIVER", "HTTPS_PROXY", "SSL_CERT_FILE")
"""Variables of which the archive says only whether they are set."""
SHOWN = frozenset(
    {"theme", "ascii", "start", "restore", "read_only", "rate_share", "columns", "keys", "backend",
     "api_url", "project", "environment", "allow_http", "auth_header", "auth_scheme", "profile"}
)  # fmt: skip
"""Settings whose values are shown. Of all others the archive says only that they are set."""
MAX_PROBLEMS = 20
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")


async def contents(settings: Settings, clock: Clock) -> dict[str, str]:
    """The files of the archive by name. Sends the same requests as `doctor`."""
    told = {
        "versions.txt": list(_versions()),
        "terminal.txt": list(_terminal(os.environ)),
        "settings.txt": [*used_lines(settings), "", *_settings_file(settings.file.path)],
        "checks.txt": await _checks(settings, clock),
        "problems.txt": list(_problems(settings.state_file)),
    }
    secrets = tuple(_secrets(settings, os.environ))
    return {name: _safe("\n".join(lines), secrets) + "\n" for name, lines in told.items()}


def write_archive(files: Mapping[str, str], path: Path) -> None:
    """Write a new archive that only the user may read. Raises ConfigError where it cannot be."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(packed.getvalue())
    except OSError as problem:
        raise ConfigError(f"cannot write {path}: {problem.strerror}") from None


def archive_path(now: datetime) -> Path:
    """The default path of the archive: in the current folder, named by the time."""
    return Path(f"trigdash-report-{now:%Y%m%d-%H%M%S}.zip")


def _safe(text: str, secrets: Iterable[Secret]) -> str:
    """The text without secrets, without names within addresses, and without the user's home."""
    home = str(Path.home())
    text = _USERINFO.sub("***@", redact(text, secrets))
    return text.replace(home, "~") if len(home) > 1 else text


def _secrets(settings: Settings, environ: Mapping[str, str]) -> Iterator[Secret]:
    """Every secret that can be found without running a command."""
    for profile in settings.profiles().values():
        for source in (profile.secret, profile.access_token):
            if source is not None and source.value is not None:
                yield source.value
    likely = re.compile("KEY|TOKEN|SECRET|PASSWORD", re.IGNORECASE)
    yield from (Secret(value) for name, value in environ.items() if likely.search(name) and value)


def _versions() -> Iterator[str]:
    yield f"trigdash {__version__}"
    yield f"Python {platform.python_version()} ({platform.python_implementation()})"
    yield f"{platform.system()} {platform.release()} {platform.machine()}"
    for name in LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} is not installed"


def _terminal(environ: Mapping[str, str]) -> Iterator[str]:
    for name in TERMINAL:
        yield f"{name} = {environ[name]}" if name in environ else f"{name} is not set"
    for name in PRESENT:
        is_set = name in environ or name.lower() in environ
        yield f"{name} is {'set' if is_set else 'not set'}"
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        kind = "a terminal" if stream is not None and stream.isatty() else "no terminal"
        yield f"{name} is {kind}, encoding {getattr(stream, 'encoding', None)}"


def _settings_file(path: Path) -> Iterator[str]:
    """The settings by name; values only of those that cannot be private."""
    try:
        text = ConfigText.of(path)
    except ConfigError as problem:
        yield str(problem)
        return
    if text is None:
        yield "no settings file"
        return
    yield from text.mistakes()
    yield from _table("", text.data)


def _table(section: str, table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        name = f"{section}{key}"
        if key == "profiles" and isinstance(value, dict):
            for number, each in enumerate(value.values(), 1):
                yield from _table(f"profile {number}: ", each if isinstance(each, dict) else {})
        elif key in SHOWN and key not in SECRETS:
            yield f"{name} = {json.dumps(value, default=str)}"
        else:
            yield f"{name} is set"


async def _checks(settings: Settings, clock: Clock) -> list[str]:
    """The checks of `doctor`, each with the milliseconds that it took."""
    lines: list[str] = []
    try:
        target = settings.target()
        backend = open_backend(target, clock)
    except (ConfigError, BackendError) as problem:
        return [problem.message() if isinstance(problem, BackendError) else str(problem)]
    try:
        began_s = clock.monotonic()
        async for finding in examine(target, backend, clock):
            now_s = clock.monotonic()
            lines.append(f"{round((now_s - began_s) * 1000):>6} ms  {finding.line()}")
            began_s = now_s
    finally:
        await backend.aclose()
    return lines


def _problems(state_file: Path | None) -> Iterator[str]:
    """The last actions that did not end well: when, which, and how; their targets are left out."""
    from trigdash.config.files import FileTrouble, read_text

    log = state_file.parent / "actions.jsonl" if state_file else None
    try:
        text = read_text(log, 50_000_000) if log else None
    except FileTrouble as trouble:
        yield f"the action log cannot be read: {trouble}"
        return
    failed = [entry for entry in map(_entry, (text or "").splitlines()) if entry]
    yield from failed[-MAX_PROBLEMS:] or ["no action has failed"]


def _entry(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return ""
    if not isinstance(entry, dict) or entry.get("result") == "done":
        return ""
    return "  ".join(str(entry.get(key, "")) for key in ("at", "action", "result"))
