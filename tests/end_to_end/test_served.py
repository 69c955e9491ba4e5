"""Served to a browser, as textual-serve does it: a driver of its own, over pipes."""

import json
import os
import select
import subprocess
from pathlib import Path
from time import monotonic

from tests.end_to_end.conftest import TRIGDASH, Simulator

PATIENCE_S = 60.0


def packet(kind: bytes, data: bytes) -> bytes:
    return kind + len(data).to_bytes(4, "big") + data


def read_until(process: subprocess.Popen[bytes], wanted: bytes) -> None:
    assert process.stdout is not None
    seen, deadline = b"", monotonic() + PATIENCE_S
    while wanted not in seen:
        assert monotonic() < deadline, seen[-2000:]
        if select.select([process.stdout], [], [], 0.1)[0]:
            data = os.read(process.stdout.fileno(), 1 << 16)
            assert data, f"ended after {seen[-2000:]!r}"
            seen += data


def test_a_named_driver_needs_no_terminal(simulator: Simulator, tmp_path: Path) -> None:
    environ = os.environ | simulator.env | {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    environ |= {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}
    pipe = subprocess.PIPE
    with subprocess.Popen(TRIGDASH, stdin=pipe, stdout=pipe, stderr=pipe, env=environ) as process:
        assert process.stdin is not None
        read_until(process, b"__GANGLION__\n")
        read_until(process, b"live")
        process.stdin.write(packet(b"D", b"2"))
        process.stdin.flush()
        read_until(process, b"QUEUE")
        process.stdin.write(packet(b"M", json.dumps({"type": "quit"}).encode()))
        process.stdin.flush()
        read_until(process, b'"exit"')
        assert process.wait(PATIENCE_S) == 0
