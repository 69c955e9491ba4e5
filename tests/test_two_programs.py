"""Two programs that write the same files at once: what either has said to be kept stays."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from trigdash.config.state import StateFile
from trigdash.service.actions.outcome import read_log

TIMES = 60

CHOOSING = """
import sys
from pathlib import Path
from trigdash.config.state import StateFile
state = StateFile(Path(sys.argv[1]), sys.argv[2])
for number in range(int(sys.argv[3])):
    assert state.save(f"key {number}", number)
"""

ACTING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from trigdash.service.actions import outcome
from trigdash.service.actions.outcome import AuditLog, Outcome, Result
outcome.MAX_BYTES = 12_000
log = AuditLog(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    at = datetime.now(UTC)
    log.write(Outcome("cancel", f"{sys.argv[2]}_{number}", Result.DONE, "x" * 40, at), "prod")
    assert log.problem == ""
"""


def _at_once(program: str, path: Path) -> None:
    command = [sys.executable, "-c", program, str(path)]
    running = [subprocess.Popen([*command, name, str(TIMES)]) for name in ("a", "b", "c")]
    assert [one.wait(timeout=60) for one in running] == [0, 0, 0]


def test_no_choice_of_another_program_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    _at_once(CHOOSING, path)
    for name in ("a", "b", "c"):
        state = StateFile(path, name)
        assert [state.get(f"key {number}") for number in range(TIMES)] == list(range(TIMES))


def test_a_full_action_log_is_put_aside_once(tmp_path: Path) -> None:
    path = tmp_path / "actions.jsonl"
    _at_once(ACTING, path)
    entries, trouble = read_log(path, 1_000)
    written = {f"{name}_{number}" for name in "abc" for number in range(TIMES)}
    assert trouble == ""
    assert {entry.target for entry in entries} <= written
    newest = [entry.target for entry in entries[:60]]
    assert len(set(newest)) == 60, "the file put aside holds what came before the one in use"
    assert len(path.with_name("actions.jsonl.1").read_bytes()) > 12_000


def test_what_a_newer_version_keeps_stays_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    newer = {"version": 9, "profiles": {"a": {"sort": 1, "new": {"x": 1}}}, "later": [1]}
    path.write_text(json.dumps(newer))
    assert StateFile(path, "a").save("columns", ["run"])
    newer["profiles"]["a"]["columns"] = ["run"]  # type: ignore[index,call-overload]
    assert json.loads(path.read_text()) == newer
