"""A kill -9 at every write: each file that trigdash keeps, its writer killed at its first step on
the disk, then at its second, and so on until it comes through.

    python -m tests.kills

A step is whatever changes the disk: a file opened, made, renamed, removed, a folder made, and each
`write`, of which half arrives. Whatever the writer had said to be kept before it was killed must be
there afterwards, readers must not fail, and the next writer must come through. Prints the figures;
exit code 1 when something was lost.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trigdash.backends.target import Secret
from trigdash.config.file import read_config
from trigdash.config.login import NewProfile, save_profile
from trigdash.config.state import StateFile
from trigdash.presentation.save_formats import write_records
from trigdash.service.actions import outcome
from trigdash.service.actions.outcome import AuditLog, Outcome, Result, read_log
from trigdash.service.batches import KnownBatches
from trigdash.service.bulk.journal import BulkJournal, prune, unfinished_bulks
from trigdash.service.bulk.plan import BulkPlan
from trigdash.service.bulk_record import ItemState
from trigdash.service.runs.event_cache import EventCache

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
RUNS = tuple(f"run_{number}" for number in range(4))
STEPS = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "os.truncate", "os.chmod", "os.rmdir"}
)
"""Events of Python's audit that change the disk, or may."""

Confirm = Callable[[str], None]


@dataclass(frozen=True)
class Story:
    """A writer, and what must be there of what it said to be kept."""

    name: str
    write: Callable[[Path, Confirm], None]
    check: Callable[[Path, frozenset[str]], None]
    """Raises AssertionError, or anything else, where something was lost."""
    prepare: Callable[[Path], object] = lambda folder: None
    """What is there before."""


# The writers


def _act(folder: Path, confirm: Confirm) -> None:
    log = AuditLog(folder / "actions.jsonl")
    if not log.path.exists():
        outcome.MAX_BYTES = 900  # a full log is put aside on the way
    for run_id in RUNS + tuple(f"{run_id}b" for run_id in RUNS):
        log.write(Outcome("cancel", run_id, Result.DONE, "x" * 20, NOW), "prod")
        assert log.problem == ""
        confirm(run_id)


def _acted(folder: Path, confirmed: frozenset[str]) -> None:
    entries, trouble = read_log(folder / "actions.jsonl")
    assert trouble == ""
    assert confirmed <= {entry.target for entry in entries}


def _choose(folder: Path, confirm: Confirm) -> None:
    path = folder / "a" / "state.json"
    for key in ("columns", "sort", "views"):
        assert StateFile(path, "prod").save(key, [key] * 3)
        confirm(key)


def _chosen(folder: Path, confirmed: frozenset[str]) -> None:
    state = StateFile(folder / "a" / "state.json", "prod")
    assert all(state.get(key) == [key] * 3 for key in confirmed)


def _damage(folder: Path) -> None:
    (folder / "state.json").write_text('{"profiles": {"prod": "precious')


def _choose_anew(folder: Path, confirm: Confirm) -> None:
    assert StateFile(folder / "state.json", "prod").save("columns", ["run"])
    confirm("columns")


def _chosen_anew(folder: Path, confirmed: frozenset[str]) -> None:
    if "columns" in confirmed:
        assert StateFile(folder / "state.json", "prod").get("columns") == ["run"]
    kept = [path for path in folder.iterdir() if path.name.startswith("state.json")]
    assert any("precious" in path.read_text() for path in kept)


def _replay_many(folder: Path, confirm: Confirm) -> None:
    """As a bulk does: it is written that a run is sent before it is, and what came of it after."""
    path = next(iter(unfinished_bulks(folder)), None)
    if path is None:
        path = folder / "20260304T120000-replay.bulk.jsonl"
        journal = BulkJournal.create(BulkPlan("replay", RUNS), NOW, path)
    else:
        journal = BulkJournal.resume(path)
    for run_id in journal.record.of_state(ItemState.WAITING):
        journal.append([run_id], ItemState.SENT)
        confirm(f"sent {run_id}")
        journal.append([run_id], ItemState.DONE, f"new_{run_id}")
        confirm(f"done {run_id}")
    journal.finish()
    confirm("ended")
    prune(folder, keep=1)


def _replayed(folder: Path, confirmed: frozenset[str]) -> None:
    left = unfinished_bulks(folder)
    assert not (left and "ended" in confirmed)
    for path in left:
        record = BulkJournal.load(path).record
        waiting = {f"sent {run_id}" for run_id in record.of_state(ItemState.WAITING)}
        assert not waiting & confirmed, "it would be sent again"
        done = {f"done {run_id}" for run_id in record.of_state(ItemState.DONE)}
        assert {word for word in confirmed if word.startswith("done")} <= done
    assert left or not confirmed or confirmed & {"ended", "done run_3"}, "nobody can go on"


def _have_settings(folder: Path) -> None:
    path = folder / "config.toml"
    path.write_text('# mine\n[profiles.first]\nsecret_key = "tr_dev_first"\n')
    path.chmod(0o600)


def _log_in(folder: Path, confirm: Confirm) -> None:
    path = folder / "config.toml"
    for name in ("second", "third"):
        if name not in read_config(path).profiles:
            key = Secret(f"tr_prod_{name}")
            save_profile(path, NewProfile(name=name, address="http://127.0.0.1:3030", key=key))
        confirm(name)


def _logged_in(folder: Path, confirmed: frozenset[str]) -> None:
    path = folder / "config.toml"
    assert confirmed | {"first"} <= set(read_config(path).profiles)
    assert path.read_text().startswith("# mine")


def _remember(folder: Path, confirm: Confirm) -> None:
    for number in range(3):
        KnownBatches(path=folder / "prod").remember(f"batch_{number}")
        confirm(f"batch_{number}")


def _remembered(folder: Path, confirmed: frozenset[str]) -> None:
    assert confirmed <= set(KnownBatches(path=folder / "prod").ids)


def _cache(folder: Path, confirm: Confirm) -> None:
    cache = EventCache(folder / "events")
    for run_id in RUNS:
        cache.put(run_id, [{"id": run_id}])
        confirm(run_id)
    cache.shrink(most_bytes=0)


def _cached(folder: Path, confirmed: frozenset[str]) -> None:
    cache = EventCache(folder / "events")
    assert all(cache.get(run_id) in (None, [{"id": run_id}]) for run_id in RUNS)


def _save(folder: Path, confirm: Confirm) -> None:
    number = len(list(folder.glob("out*")))
    for ending in (".csv", ".json"):
        path = folder / f"out{number}{ending}"
        write_records(path, ("id",), [{"id": run_id} for run_id in RUNS])
        confirm(path.name)


def _saved(folder: Path, confirmed: frozenset[str]) -> None:
    for path in folder.glob("out*"):
        text = path.read_text()
        assert path.name not in confirmed or "run_3" in text
        assert text == "" or "run_3" in text, "half of it"


STORIES = (
    Story("action log", _act, _acted),
    Story("choices", _choose, _chosen),
    Story("choices over a damaged file", _choose_anew, _chosen_anew, _damage),
    Story("list of a bulk", _replay_many, _replayed),
    Story("settings at a login", _log_in, _logged_in, _have_settings),
    Story("batches", _remember, _remembered),
    Story("cache of logs", _cache, _cached),
    Story("exports", _save, _saved),
)


# Killing


class _Steps:
    """Counts what a process does to the disk, and kills it at one of the steps."""

    def __init__(self, folder: Path, last: int) -> None:
        self._folder = str(folder)
        self._left = last

    def watch(self) -> None:
        """Count from now on, to the end of the process."""
        write = os.write

        def counted(descriptor: int, data: bytes) -> int:
            self._left -= 1
            if self._left == 0:
                write(descriptor, data[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return write(descriptor, data)

        os.write = counted  # type: ignore[assignment]
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in STEPS or self._folder not in str(arguments[0]):
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def run_until(story: Story, folder: Path, last: int) -> tuple[frozenset[str], bool]:
    """Let a writer run to a step and no further: what it said to be kept, and whether it came
    through. Step 0 is never reached."""
    reader, writer = os.pipe()
    tell = os.write
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        code = 1
        try:
            _Steps(folder, last).watch()
            story.write(folder, lambda word: _told(tell, writer, word))
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as said:
        confirmed = frozenset(said.read().split("\n")) - {""}
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status in (0, -signal.SIGKILL), f"{story.name}: the writer failed at step {last}"
    return confirmed, status == 0


def _told(write: Callable[[int, bytes], int], descriptor: int, word: str) -> None:
    write(descriptor, f"{word}\n".encode())


def kill_everywhere(story: Story) -> tuple[int, int]:
    """Kill a writer at each of its steps, in a folder of its own each time; how many steps there
    were, and how many words were said to be kept. AssertionError where one was lost."""
    kept = 0
    step = 0
    while True:
        step += 1
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            story.prepare(folder)
            confirmed, is_through = run_until(story, folder, step)
            where = f"{story.name}, killed at step {step} after {sorted(confirmed)}"
            try:
                story.check(folder, confirmed)
                again, came_through = run_until(story, folder, 0)
                story.check(folder, confirmed | again)
            except Exception as lost:
                raise AssertionError(f"{where}: {lost!r}") from lost
            assert came_through, where
        kept += len(confirmed)
        if is_through:
            return step - 1, kept


def main() -> int:
    """The command; 1 when something was lost."""
    failed = False
    for story in STORIES:
        try:
            steps, kept = kill_everywhere(story)
        except AssertionError as lost:
            failed = True
            sys.stdout.write(f"LOST {lost}\n")
        else:
            sys.stdout.write(f"{story.name}: killed at each of {steps} steps, {kept} words kept\n")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
