"""The archive for a report of a problem has what is needed, and no secret."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest

from trigdash.clock import SystemClock
from trigdash.commands.bundle import contents, write_archive
from trigdash.config.options import ConfigError
from trigdash.config.resolve import Flags, load_settings
from trigdash.simulator.http.host import SimulatorHost

OWN = "s3cr3t-of-my-own-server"
"""A key of no known form: it can be told by nothing but its value."""
COMMAND = "op read op://jobs/trigger/very-private"
PRIVATE = ("very-private", "customer-4711", "hunter2", "someone-elses")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("TRIGDASH_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("https_proxy", "http://me:hunter2@proxy.example:3128")
    monkeypatch.setenv("MY_API_TOKEN", "someone-elses-token")
    return tmp_path


async def bundled(home: Path, profile: str, server: SimulatorHost) -> dict[str, str]:
    config = home / "config.toml"
    config.write_text(
        f"""
theme = "light"
notify = "tag:customer-4711"

[views]
mine = "tag:customer-4711"

[profiles.key]
api_url = "{server.url}"
secret_key = "{server.secret_key}"

[profiles.token]
api_url = "{server.url}"
access_token = "{server.access_token}"
project = "{server.project}"
environment = "prod"

[profiles.own]
api_url = "{server.url}"
secret_key = "{OWN}"

[profiles.command]
api_url = "{server.url}"
secret_command = "{COMMAND}"
""",
        encoding="utf-8",
    )
    config.chmod(0o600)
    settings = load_settings(Flags(profile=profile), {"TRIGDASH_CONFIG": str(config)})
    assert len(settings.profiles()) == 4
    log = settings.state_file.parent / "actions.jsonl"  # type: ignore[union-attr]
    log.parent.mkdir(parents=True, exist_ok=True)
    entry = {
        "at": "2026-03-04T12:00",
        "action": "cancel",
        "result": "refused",
        "target": "run_customer-4711",
        "sentence": f"{server.secret_key} was refused",
    }
    log.write_text(json.dumps(entry) + "\n{broken\n", encoding="utf-8")
    return await contents(settings, SystemClock())


@pytest.mark.parametrize("profile", ["key", "token", "own", "command"])
async def test_no_file_of_the_archive_holds_a_secret(home: Path, profile: str) -> None:
    async with SimulatorHost() as server:
        files = await bundled(home, profile, server)
        whole = "\n".join(files.values())
        for secret in (server.secret_key, server.access_token, OWN, *PRIVATE, str(home)):
            assert secret not in whole


async def test_it_says_versions_settings_checks_with_times_and_problems(home: Path) -> None:
    async with SimulatorHost() as server:
        files = await bundled(home, "key", server)
    assert set(files) == {
        "versions.txt",
        "terminal.txt",
        "settings.txt",
        "checks.txt",
        "problems.txt",
    }
    assert "textual 8" in files["versions.txt"]
    assert "https_proxy".upper() + " is set" in files["terminal.txt"]
    assert 'theme = "light"' in files["settings.txt"]
    assert "notify is set" in files["settings.txt"]
    assert " ms  ok      runs " in files["checks.txt"]
    assert files["problems.txt"] == "2026-03-04T12:00  cancel  refused\n"


async def test_without_a_key_that_is_what_it_says(home: Path) -> None:
    files = await contents(
        load_settings(Flags(), {"TRIGDASH_CONFIG": str(home / "none")}), SystemClock()
    )
    assert "no key" in files["checks.txt"]
    assert files["problems.txt"] == "no action has failed\n"


def test_the_archive_is_for_the_users_eyes_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "report.zip"
    write_archive({"a.txt": "words\n"}, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as archive:
        assert archive.read("a.txt") == b"words\n"
    with pytest.raises(ConfigError, match="cannot write"):
        write_archive({}, path)
