"""Texts that try to reach the terminal through a run: none of their bytes may arrive."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.end_to_end.conftest import Simulator, Start, start_simulator
from tests.hostile import CLEAR, CORPUS, forbidden_in
from tests.terminal import Terminal

MARK = "hostile"
LINK = rb"\x1b\]8;;([!-~]*)\x1b\\"
UNFINISHED = rb"\x1b\]8;[!-~]*\x1b?\Z"
"""A hyperlink of which the rest is still to be read."""


def trigger(simulator: Simulator, task: str, tags: list[str], payload: object) -> str:
    options = {"tags": tags, "metadata": {"note": payload}}
    body = json.dumps({"payload": payload, "options": options})
    request = urllib.request.Request(
        f"{simulator.ready['url']}/api/v1/tasks/{quote(task)}/trigger",
        data=body.encode(),
        headers={
            "Authorization": f"Bearer {simulator.ready['secret_key']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answer:
        run_id: str = json.load(answer)["id"]
    return run_id


def links_of(terminal: Terminal) -> tuple[list[bytes], bytes]:
    """Where hyperlinks lead that the terminal was sent, and what else it was sent."""
    links = re.findall(LINK, terminal.output)
    return list(filter(None, links)), re.sub(rb"|".join((LINK, UNFINISHED)), b"", terminal.output)


@pytest.fixture
def hostile(simulator: Simulator) -> Simulator:
    for number, text in enumerate(CORPUS):
        trigger(simulator, "send-email", [f"{MARK}{number}{text}"], {"text": text})
    return simulator


@pytest.mark.parametrize("columns", [173, 230])
def test_the_run_list_shows_hostile_tags_as_harmless_text(
    start: Start, hostile: Simulator, columns: int
) -> None:
    """Without and with the highlighted run beside the list, which then has less room for tags."""
    terminal = start(env=hostile.env, columns=columns)
    terminal.wait_for(f"{MARK}{len(CORPUS) - 1}")
    begin = len(terminal.output)
    terminal.press("/", f"tag:{MARK}", "esc", "g", "down", "down", "down")
    terminal.wait_for(lambda: len(terminal.output) > begin)
    terminal.wait_for("[/path/x]")
    terminal.wait_for("[@click=")
    links, rest = links_of(terminal)
    assert forbidden_in(rest) == []
    assert all(link.startswith(hostile.ready["url"].encode()) for link in links)
    assert terminal.output.count(CLEAR.encode()) <= 1, "only Textual's own first clearing"


def test_an_opened_run_shows_hostile_payloads_as_harmless_text(
    start: Start, simulator: Simulator
) -> None:
    run_id = trigger(simulator, "send-email", ["hostile"], list(CORPUS))
    terminal = start(env=simulator.env, columns=160, rows=50)
    terminal.wait_for(run_id)
    terminal.press(":", f"run {run_id}", "enter")
    terminal.wait_for("Overview")
    for tab in "petrd":
        begin = len(terminal.output)
        terminal.press(tab)
        terminal.wait_for(lambda begin=begin: len(terminal.output) > begin)
    terminal.press("p")
    terminal.wait_for("arr[i]")
    terminal.wait_for(lambda: bool(links_of(terminal)[0]))
    links, rest = links_of(terminal)
    assert forbidden_in(rest) == []
    pages = {link.decode() for link in links}
    assert {page.rsplit("/", 1)[-1] for page in pages} == {run_id}, "its own page, and no other"
    assert all(page.startswith(simulator.ready["url"]) for page in pages)


def test_no_widget_lets_anything_through() -> None:
    """Each widget, each dialog, toasts, titles, the palette and the clipboard, and last a crash
    that quotes data: handed hostile texts as they stand."""
    command = [sys.executable, "-m", "tests.end_to_end.hostile_app"]
    with Terminal(command, columns=140, rows=50) as terminal:
        terminal.wait_for("press[/]")
        harness = 0
        while "all stages" not in terminal.text:
            harness += 1
            terminal.press("f5")
            shown = (f"stage {harness}.", "all stages")
            terminal.wait_for(lambda shown=shown: any(words in terminal.text for words in shown))
            assert forbidden_in(bytes(terminal.output)) == [], f"stage {harness}"
        assert harness > 25
        terminal.press("f6")
        assert terminal.wait_for_end() == 1
    assert b"RuntimeError" in terminal.output
    assert forbidden_in(bytes(terminal.output)) == []


@pytest.fixture(scope="module")
def hostile_run() -> Iterator[tuple[Simulator, str]]:
    """A simulated project with a run that holds the whole corpus, and the run's id."""
    running = start_simulator("--scenario", "calm")
    tags = [text[:60] for text in CORPUS[:8]]
    yield running, trigger(running, "send-email", tags, {text: [text] for text in CORPUS})
    running.stop()


@pytest.mark.parametrize(
    "words",
    [
        "runs list",
        "runs list -o csv",
        "runs list -o jsonl",
        "runs get RUN",
        "runs get RUN --json",
        "runs logs RUN",
    ],
)
def test_no_command_prints_what_acts_on_a_terminal(
    hostile_run: tuple[Simulator, str], tmp_path: Path, words: str
) -> None:
    simulator, run_id = hostile_run
    homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "trigdash", *words.replace("RUN", run_id).split()],
        env=os.environ | homes | simulator.env | {"FORCE_COLOR": ""},
        capture_output=True,
        check=True,
    )
    assert run_id.encode() in done.stdout
    assert forbidden_in(done.stdout + done.stderr) == []
    assert b"\x1b" not in done.stdout
