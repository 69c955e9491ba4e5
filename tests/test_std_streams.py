"""The output of commands: no encoding, no reader that leaves and no full disk is a traceback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import NEVER
from trigdash.commands.demo import DemoServer
from trigdash.config.terminal import CANNOT_WRITE, READER_LEFT

OFFLINE = [
    ["--help"],
    ["--version"],
    ["profiles"],
    ["config", "check"],
    ["runs", "list", "--help"],
    ["simulate", "--describe", "--runs", "20"],
]
ONLINE = [["doctor"], ["runs", "list"], ["runs", "list", "--json"], ["queues", "list"]]
ENCODINGS = ["ascii", "latin-1", "cp1252", "utf-8", "shift_jis"]
NAME = "prüfung 送信 \x1b[2J\u202e"


@pytest.fixture
def quiet(tmp_path: Path) -> dict[str, str]:
    """An environment with one profile whose name no encoding but UTF-8 has."""
    config = tmp_path / "config.toml"
    name = NAME.replace("\x1b", "\\u001b").replace("\u202e", "\\u202e")
    config.write_text(f'[profiles."{name}"]\nsecret_env = "NO_SUCH"\n', encoding="utf-8")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRIGGER_", "TRIGDASH_", "PYTHONIO", "LC_", "LANG"))
    }
    homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(tmp_path))
    return kept | homes | {"TRIGDASH_CONFIG": str(config)}


@pytest.fixture(scope="module")
def online() -> Iterator[dict[str, str]]:
    """What points at a simulated project."""
    server = DemoServer(["--runs", "60"], os.environ)
    profile = server.profile()
    assert profile.api_url is not None
    assert profile.secret is not None
    yield {
        "TRIGGER_API_URL": profile.api_url,
        "TRIGGER_SECRET_KEY": profile.secret.find({}).reveal(),
    }
    server.close()


def run(
    words: list[str], env: dict[str, str], stdout: int = subprocess.PIPE
) -> tuple[int, str, str]:
    """Exit code, output and errors of a command."""
    done = subprocess.run(
        [sys.executable, "-m", "trigdash", *words],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    output = (done.stdout or b"").decode("utf-8", "replace")
    return done.returncode, output, done.stderr.decode("utf-8", "replace")


@pytest.mark.parametrize("words", OFFLINE, ids=" ".join)
def test_what_an_encoding_lacks_is_a_question_mark(words: list[str], quiet: dict[str, str]) -> None:
    code, output, errors = run(words, quiet | {"PYTHONIOENCODING": "ascii"})
    assert (code, errors) == (0, "")
    assert output


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_names_of_every_script_are_listed_and_none_acts_on_the_terminal(
    encoding: str, quiet: dict[str, str]
) -> None:
    code, output, errors = run(["profiles"], quiet | {"PYTHONIOENCODING": encoding})
    assert (code, errors) == (0, "")
    assert "fung" in output
    assert ("送信" in output) == (encoding == "utf-8")
    assert not NEVER & set(output)
    assert "\x1b" not in output


def without_reader(words: list[str], env: dict[str, str]) -> tuple[int, str, str]:
    read, write = os.pipe()
    os.close(read)
    try:
        return run(words, env, stdout=write)
    finally:
        os.close(write)


@pytest.mark.parametrize("words", OFFLINE, ids=" ".join)
def test_a_reader_that_has_left_ends_a_command_in_silence(
    words: list[str], quiet: dict[str, str]
) -> None:
    code, _, errors = without_reader(words, quiet)
    assert errors == ""
    assert code in (READER_LEFT, 0)
    assert code == READER_LEFT or words == ["--version"], "argparse passes over that one"


@pytest.mark.parametrize("words", ONLINE, ids=" ".join)
def test_a_reader_that_has_left_ends_a_command_that_asks_a_server(
    words: list[str], quiet: dict[str, str], online: dict[str, str]
) -> None:
    code, _, errors = without_reader(words, quiet | online)
    assert (code, errors) == (READER_LEFT, "")


@pytest.mark.parametrize("words", ONLINE, ids=" ".join)
def test_a_command_that_asks_a_server_writes_in_every_encoding(
    words: list[str], quiet: dict[str, str], online: dict[str, str]
) -> None:
    code, output, errors = run(words, quiet | online | {"PYTHONIOENCODING": "ascii"})
    assert code == 0
    assert "Traceback" not in errors
    assert output.isascii()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("words", [["--help"], ["profiles"], ["simulate", "--describe"]])
def test_a_full_disk_is_said_in_words(words: list[str], quiet: dict[str, str]) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    code, _, errors = run(words, quiet, stdout=full)
    os.close(full)
    assert code == CANNOT_WRITE
    assert errors == "trigdash: cannot write the output: No space left on device\n"


def test_a_mistake_is_quoted_without_what_acts_on_a_terminal(quiet: dict[str, str]) -> None:
    code, _, errors = run(["--rate-share", "\x1b[2J\u202e", "profiles"], quiet)
    assert code == 2
    assert "\x1b" not in errors
    assert "\u202e" not in errors
