"""`E` gives the terminal to the user's editor and takes it back."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.end_to_end.conftest import Start

EDITOR = """\
import os, shutil, sys
kept, source = sys.argv[1:]
shutil.copy(source, os.path.join(kept, os.path.basename(source)))
try:
    print("EDITING", oct(os.stat(source).st_mode & 0o777), os.isatty(0), os.isatty(1), flush=True)
    input()
except KeyboardInterrupt:
    pass
"""
"""It is left with ctrl+c, which the dashboard must not hear."""


def test_the_value_the_log_and_the_error_are_opened_and_the_dashboard_comes_back(
    start: Start, tmp_path: Path
) -> None:
    program, kept = tmp_path / "editor.py", tmp_path / "kept"
    program.write_text(EDITOR)
    kept.mkdir()
    editor = {"EDITOR": f"{sys.executable} {program} {kept}", "TMPDIR": str(tmp_path)}
    terminal = start("demo", "--scenario", "incident", env=editor)
    terminal.wait_for("run_")
    terminal.write(b"/status:failed\r")
    terminal.wait_for("/ status:failed")
    # Not a failed run of the list before: the one under the cursor.
    terminal.wait_for(
        lambda: any(line.startswith("▌") and " × failed" in line for line in terminal.lines)
    )
    terminal.press("enter")
    terminal.wait_for("TIMELINE")
    shown = (("d", "txt", "TIMELINE"), ("e", "txt", "f follow"), ("p", "json", "P copy path"))
    for times, (tab, ending, said) in enumerate(shown, 1):
        terminal.press(tab)
        terminal.wait_for(said)
        terminal.press("E")
        terminal.wait_for(lambda n=times: terminal.output.count(b"EDITING 0o600 True True") == n)
        terminal.write(b"\x03")
        terminal.wait_for(lambda: "EDITING" not in terminal.text and "Overview" in terminal.text)
        opened = next(path for path in kept.iterdir() if path.suffix == f".{ending}")
        text = opened.read_text(encoding="utf-8")
        assert text.strip()
        if ending == "json":
            json.loads(text)
        opened.unlink()
    terminal.press("q")
    terminal.wait_for("STATUS")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert not list(tmp_path.glob("trigdash-*"))
