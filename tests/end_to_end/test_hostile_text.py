"""Texts that try to reach the terminal through a run: none of their bytes may arrive."""

import json
import urllib.request

import pytest

from tests.end_to_end.conftest import Simulator, Start

CLIPBOARD = "\x1b]52;c;cHduZWQ=\x1b\\"
CLEAR = "\x1b[2J"
TITLE = "\x1b]2;pwned\x07"
CSI_C1 = "\x9b31m"
OVERRIDE = "\u202etxt.exe"
ACTION = "[@click=app.quit]press[/]"
MARKUP = "[/path/x] arr[i] [link=http://x]y"
NULL = "a\x00b\x7fc"
CORPUS = (CLIPBOARD, CLEAR, TITLE, CSI_C1, OVERRIDE, ACTION, MARKUP, NULL)
MARK = "hostile"


def trigger(simulator: Simulator, task: str, tags: list[str], payload: object) -> str:
    options = {"tags": tags, "metadata": {"note": payload}}
    body = json.dumps({"payload": payload, "options": options})
    request = urllib.request.Request(
        f"{simulator.ready['url']}/api/v1/tasks/{task}/trigger",
        data=body.encode(),
        headers={
            "Authorization": f"Bearer {simulator.ready['secret_key']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answer:
        run_id: str = json.load(answer)["id"]
    return run_id


@pytest.fixture
def hostile(simulator: Simulator) -> Simulator:
    for number, text in enumerate(CORPUS):
        trigger(simulator, "send-email", [f"{MARK}{number}{text}"], {"text": text})
    return simulator


def forbidden_in(output: bytes) -> list[str]:
    """What of the corpus the terminal was sent. ESC itself is how every frame is drawn, so whole
    sequences are looked for."""
    sequences = {
        "clipboard": b"\x1b]52;c;cHduZWQ=",
        "title": b"\x1b]2;pwned",
        "C1": b"\xc2\x9b",
        "override": OVERRIDE[:1].encode(),
        "null": b"\x00",
        "delete": b"\x7f",
    }
    return [name for name, sequence in sequences.items() if sequence in output]


@pytest.mark.parametrize("columns", [173, 230])
def test_the_run_list_shows_hostile_tags_as_harmless_text(
    start: Start, hostile: Simulator, columns: int
) -> None:
    """Without and with the highlighted run beside the list, which then has less room for tags."""
    terminal = start(env=hostile.env, columns=columns)
    terminal.wait_for(f"{MARK}6")
    begin = len(terminal.output)
    terminal.press("/", f"tag:{MARK}", "esc", "g", "down", "down", "down")
    terminal.wait_for(lambda: len(terminal.output) > begin)
    terminal.wait_for("[/path/x]")
    terminal.wait_for("[@click=")
    assert forbidden_in(bytes(terminal.output)) == []
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
    assert forbidden_in(bytes(terminal.output)) == []
