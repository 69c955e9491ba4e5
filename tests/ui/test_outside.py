"""Links for a browser and texts for the clipboard: nothing touches the screen, and no more is said
than is known."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trigdash.config import browser as browser_module
from trigdash.config.browser import open_in_browser, without_text_browsers
from trigdash.ui import outside
from trigdash.ui.outside import LARGE_BYTES, copied_words, send_to_tmux

LINK = "https://jobs.example.com/runs/run_1"


def program(folder: Path, name: str, *lines: str) -> Path:
    """A program that does what the lines say."""
    path = folder / name
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


def only(folder: Path, **environ: str) -> dict[str, str]:
    """An environment in which the programs of one folder are all that there is."""
    return {"PATH": str(folder), "HOME": str(folder), "TERM": "xterm", **environ}


async def test_a_text_browser_is_not_started_however_it_is_named(tmp_path: Path) -> None:
    for name in ("w3m", "lynx", "links", "elinks", "www-browser"):
        program(tmp_path, name, f"echo started > {tmp_path}/{name}.log")
    assert not await open_in_browser(LINK, only(tmp_path))
    for browser in ("w3m", f"{tmp_path}/lynx", "w3m %s", "links -g %s:elinks", "w3m %s:lynx"):
        assert not await open_in_browser(LINK, only(tmp_path, BROWSER=browser))
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".log")]


async def test_where_there_is_no_browser_that_is_told(tmp_path: Path) -> None:
    assert not await open_in_browser(LINK, only(tmp_path))
    assert not await open_in_browser(LINK, only(tmp_path, BROWSER="/nowhere/firefox"))


async def test_a_browser_is_given_the_link_in_a_session_of_its_own_without_the_terminal(
    tmp_path: Path,
) -> None:
    script = (
        "import os, sys; open(sys.argv[1] + '.new', 'w').write(repr([sys.argv[2], os.getsid(0) =="
        " os.getsid(os.getppid()), os.getsid(0) != int(sys.argv[3]), sys.stdin.read(),"
        " os.isatty(0), os.isatty(1), os.isatty(2)])); os.rename(sys.argv[1] + '.new', sys.argv[1])"
    )
    seen = tmp_path / "seen"
    session = os.getsid(0)
    browser = program(
        tmp_path, "browser", f'exec {sys.executable} -c "{script}" {seen} "$1" {session}'
    )
    environ = only(tmp_path, BROWSER=f"{browser} %s", PATH=os.environ["PATH"])
    assert await open_in_browser(LINK, environ)
    assert seen.read_text() == repr([LINK, True, True, "", False, False, False])


async def test_a_browser_that_runs_on_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_module, "BROWSER_WAIT_S", 0.2)
    # Ends when the test does: it reads from a pipe that is closed then.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)
    try:
        browser = program(tmp_path, "browser", f"read line < {pipe}")
        environ = only(tmp_path, BROWSER=f"{browser} %s", PATH=os.environ["PATH"])
        async with asyncio.timeout(10):
            assert await open_in_browser(LINK, environ)
    finally:
        os.write(held, b"end\n")
        os.close(held)


def test_only_text_browsers_are_taken_out_of_the_users_choice() -> None:
    environ = {"BROWSER": "w3m %s:firefox:/usr/bin/lynx:my-browser 'a b' %s:\"open", "A": "1"}
    assert without_text_browsers(environ | {"TERM": "xterm"}) == {
        "A": "1",
        "BROWSER": "firefox:my-browser 'a b' %s",
    }
    assert without_text_browsers({"BROWSER": "w3m"}) == {}


@pytest.mark.parametrize(
    ("size", "in_tmux", "save_key", "words"),
    [
        (8, False, "", "sent to the terminal's clipboard: run_1"),
        (LARGE_BYTES, True, "", "sent to tmux's buffer: run_1"),
        (
            LARGE_BYTES + 1,
            False,
            "ctrl+s",
            "sent to the terminal's clipboard: run_1 (75 KB). "
            "Terminals may drop this much: ctrl+s saves it to a file",
        ),
        (
            1_230_000,
            True,
            "",
            "sent to tmux's buffer: run_1 (1.2 MB). The terminal may drop this much",
        ),
    ],
)
def test_of_a_copied_text_it_is_said_what_was_sent_and_where(
    size: int, in_tmux: bool, save_key: str, words: str
) -> None:
    assert copied_words("run_1", size, in_tmux=in_tmux, save_key=save_key) == words


async def test_a_tmux_that_cannot_pass_a_text_on_still_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    program(
        tmp_path,
        "tmux",
        f'echo "$@" >> {log}',
        'case "$*" in *-w*) exit 1;; esac',
        f"/bin/cat > {tmp_path}/buffer",
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await send_to_tmux("größe\n" * 50_000)
    assert (tmp_path / "buffer").read_text() == "größe\n" * 50_000
    assert log.read_text().splitlines() == ["load-buffer -w -", "load-buffer -"]


async def test_a_tmux_that_is_gone_or_refuses_or_hangs_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not await send_to_tmux("a")
    program(tmp_path, "tmux", "exit 1")
    assert not await send_to_tmux("a")
    monkeypatch.setattr(outside, "TMUX_WAIT_S", 0.1)
    program(tmp_path, "tmux", "while :; do :; done")
    assert not await send_to_tmux("a")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")
async def test_a_real_tmux_with_its_defaults_holds_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = tmp_path / "socket"
    tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
    await asyncio.to_thread(
        subprocess.run, [*tmux, "new-session", "-d", "-x", "80", "-y", "24", "cat"], check=True
    )
    try:
        monkeypatch.setenv("TMUX", f"{socket},1,0")
        text = "x" * 1_000_000
        assert await send_to_tmux(text)
        shown = await asyncio.to_thread(
            subprocess.run, [*tmux, "show-buffer"], check=True, capture_output=True
        )
        assert shown.stdout.decode() == text
    finally:
        await asyncio.to_thread(subprocess.run, [*tmux, "kill-server"], check=True)
