"""Files that trigdash reads and writes, whatever has become of them."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.fakes.backend import make_rows
from trigdash.commands.config_check import mistakes
from trigdash.config.file import read_config
from trigdash.config.files import (
    DamagedFile,
    FileTrouble,
    append_line,
    new_file,
    read_json,
    read_text,
    write_private,
)
from trigdash.config.official_cli import read_official_cli
from trigdash.config.options import ConfigError
from trigdash.config.state import StateFile
from trigdash.presentation.save_formats import FORMATS, write_records
from trigdash.service.actions.outcome import AuditLog, Outcome, Result, read_log
from trigdash.service.batches import KnownBatches
from trigdash.service.bulk.journal import BulkJournal, prune, unfinished_bulks
from trigdash.service.bulk.plan import BulkPlan
from trigdash.service.bulk_record import ItemState

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DEEP = 5_000


# What may be wrong with a file


@contextmanager
def plain_user() -> Iterator[None]:
    """Files are what their modes say, also for root, who otherwise may read and write them all."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    held = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; twice 32 of each
    assert libc.capget(header, held) == 0
    before = held[0]
    held[0] = before & ~0b1110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
    assert libc.capset(header, held) == 0
    try:
        yield
    finally:
        held[0] = before
        assert libc.capset(header, held) == 0


def _bytes(content: bytes) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.write_bytes(content)

    return damage


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link_to_a_pipe(path: Path) -> None:
    """It stands for every device: what is no plain file is neither read nor replaced. No real
    device, since the tests may run as somebody who can replace it."""
    pipe = path.parent / "pipe"
    os.mkfifo(pipe)
    path.symlink_to(pipe)


def _nowhere(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


def _circle(path: Path) -> None:
    path.symlink_to(path)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200_000_000)


def _in_a_file(path: Path) -> None:
    """What should be its folder is a file."""
    path.parent.rmdir()
    path.parent.write_text("")


def _unreadable(path: Path) -> None:
    path.write_text('{"profiles": {"a": {"sort": 1}}}\n')
    path.chmod(0)


def _of_another_user(path: Path) -> None:
    """Whoever may give files away makes it somebody else's; elsewhere nobody may read it."""
    _unreadable(path)
    with suppress(PermissionError):
        os.chown(path, 12_345, 12_345)
        path.chmod(0o600)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "missing": lambda path: None,
    "unreadable": _unreadable,
    "of another user": _of_another_user,
    "of a newer version": _bytes(b'{"version": 9, "profiles": [{"name": "a", "sort": {}}]}\n'),
    "a folder": _folder,
    "a pipe": _pipe,
    "a link to a pipe": _link_to_a_pipe,
    "a link to nowhere": _nowhere,
    "a link to itself": _circle,
    "huge": _huge,
    "in a file": _in_a_file,
    "empty": _bytes(b""),
    "not UTF-8": _bytes(b'{"profiles": {"\xff\xfe": 1}}\n'),
    "UTF-16": _bytes('{"profiles": {}}\n'.encode("utf-16")),
    "zeros": _bytes(b"\0" * 4_096),
    "deep lists": _bytes(b"[" * DEEP),
    "deep closed lists": _bytes(b"[" * DEEP + b"]" * DEEP),
    "deep objects": _bytes(b'{"profiles":' * DEEP),
    "a deep setting": _bytes(b"a = " + b"[" * DEEP + b"]" * DEEP),
    "a long number": _bytes(b"rate_share = " + b"9" * 5_000),
    "a long JSON number": _bytes(b'{"profiles": {"a": {"sort": ' + b"9" * 5_000 + b"}}}"),
    "half": _bytes(b'{"profiles": {"a": {"sort": ["st'),
    "half a character": _bytes(b'{"profiles": {"a": {"x": "\\ud83d", "\\ud83d": 1}}}'),
    "Infinity": _bytes(b'{"profiles": {"a": {"sort": Infinity}}}'),
    "a number": _bytes(b"7"),
    "null": _bytes(b"null"),
    "a text": _bytes(b'"profiles"'),
}


# Who reads and writes files. Each says what a damaged one is allowed to come to.


def _settings(path: Path) -> None:
    said = []
    for read in (read_config, lambda one: list(mistakes(one))):
        try:
            read(path)
        except ConfigError as error:
            said.append(str(error))
    assert all(str(path) in words for words in said)


def _official(path: Path) -> None:
    found = read_official_cli({"XDG_CONFIG_HOME": str(path.parent.parent)})
    assert found.profiles == {}
    assert found.problem == "" or found.problem.startswith("cannot be read: ")


def _choices(path: Path) -> None:
    state = StateFile(path, "a")
    assert state.get("columns") is None
    kept = state.save("columns", ["status", "half \ud83d"])
    assert state.get("columns") == ["status", "half \ud83d"], "it holds until the program ends"
    again = StateFile(path, "a").get("columns")
    assert again == (["status", "half \ud83d"] if kept else None)


def _action_log(path: Path) -> None:
    log = AuditLog(path, "half \ud83d")
    before, _ = read_log(path)
    assert before == []
    log.write(Outcome("cancel", "run_1", Result.DONE, "half \ud83d\n", NOW), "prod")
    entries, trouble = read_log(path)
    assert entries or log.problem or trouble, "what is not there is told"
    assert [entry.target for entry in entries] in ([], ["run_1"])


def _batches(path: Path) -> None:
    known = KnownBatches(path=path)
    assert all(name.isascii() for name in known.ids)
    known.remember("batch_1")
    assert known.ids[0] == "batch_1"
    assert KnownBatches(path=path).ids[:1] in (("batch_1",), known.ids[1:2])


def _bulk_list(path: Path) -> None:
    for read in (BulkJournal.load, BulkJournal.resume):
        with pytest.raises(FileTrouble):
            read(path)
    assert unfinished_bulks(path.parent) == []
    prune(path.parent, keep=0)
    journal = BulkJournal.create(BulkPlan("replay", ("run_1", "run_2")), NOW, path)
    journal.append(["run_1"], ItemState.SENT)
    assert journal.record.state("run_1") is ItemState.SENT, "it goes on without its list"
    assert bool(journal.problem) is not journal.can_be_resumed
    journal.release()


def _export(path: Path) -> None:
    rows = [{"id": "run_1", "text": "half \ud83d"}]
    there = os.path.lexists(path)
    try:
        write_records(path, ("id", "text"), rows)
    except FileTrouble:
        assert os.path.lexists(path) == there, "nothing is left"
    else:
        assert not there, "nothing is written over"
        assert "run_1" in path.read_text(encoding="utf-8")


USES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "settings": ("config.toml", _settings),
    "logins of the official tool": ("config.json", _official),
    "choices": ("state.json", _choices),
    "action log": ("actions.jsonl", _action_log),
    "batches": ("prod", _batches),
    "list of a bulk": ("20260101T000000-cancel.bulk.jsonl", _bulk_list),
    **{f"export as {ending}": (f"out{ending}", _export) for ending in FORMATS},
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("use", USES)
def test_a_damaged_file_ends_nothing(tmp_path: Path, use: str, damage: str) -> None:
    name, tried = USES[use]
    folder = tmp_path / "trigger"
    folder.mkdir()
    DAMAGES[damage](folder / name)
    with plain_user():
        tried(folder / name)
    if "pipe" in damage:
        assert stat.S_ISFIFO((folder / name).stat().st_mode), "it is not replaced"
    left = folder if folder.is_dir() else tmp_path
    assert not [one.name for one in left.iterdir() if one.name.startswith(".trigdash-")]


def a_value(random: Random, depth: int = 0) -> Any:
    """Any JSON value, words of ours among its keys."""
    kind = random.randrange(8 if depth < 4 else 6)
    if kind == 6:
        return [a_value(random, depth + 1) for _ in range(random.randrange(4))]
    if kind == 7:
        words = "profiles a views sort columns verb run_ids tags label started_at at ids state"
        keys = [random.choice(words.split()) for _ in range(random.randrange(6))]
        return {key: a_value(random, depth + 1) for key in keys}
    return random.choice(
        (None, True, -1, 10**30, 1.5, "", "a", "sent", "cancel", "2026-03-04T12:00:00", "\ud83d")
    )


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("use", ["choices", "action log", "batches", "list of a bulk"])
def test_a_file_of_odd_values_ends_nothing(tmp_path: Path, use: str, seed: int) -> None:
    random = Random(f"{use} {seed}")
    name, _ = USES[use]
    path = tmp_path / name
    lines = [json.dumps(a_value(random)) for _ in range(4)]
    if use == "list of a bulk":
        plan = {"verb": "replay", "run_ids": ["run_1"], "tags": [], "label": "", "matching": ""}
        lines[0] = json.dumps(plan | {"started_at": NOW.isoformat()} | _some(random, plan))
    path.write_text(lines[0] if use == "choices" else "\n".join(lines))
    if use == "choices":
        state = StateFile(path, "a")
        state.get("columns")
        assert state.save("columns", ["status"])
        assert StateFile(path, "a").get("columns") == ["status"]
    elif use == "action log":
        read_log(path)
    elif use == "batches":
        KnownBatches(path=path)
    else:
        unfinished_bulks(tmp_path)
        try:
            record = BulkJournal.load(path).record
        except FileTrouble:
            return
        assert sum(record.counts()) >= 0
        assert all(isinstance(run_id, str) for run_id in record.plan.run_ids)


def _some(random: Random, known: dict[str, Any]) -> dict[str, Any]:
    return {key: a_value(random) for key in known if random.random() < 0.15}


# A full disk


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file can grow beyond a size: what a full disk does to whoever writes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_on_a_full_disk_choices_stay_as_they_were_and_hold_until_the_end(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state = StateFile(path, "a")
    assert state.save("columns", ["status"])
    with files_of_at_most(40):
        assert not state.save("columns", ["task"] * 20)
    assert state.get("columns") == ["task"] * 20
    assert StateFile(path, "a").get("columns") == ["status"]
    assert names(tmp_path) == ["state.json"]


def test_on_a_full_disk_the_action_log_has_no_half_lines_and_says_so(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "actions.jsonl")

    def act(number: int) -> None:
        log.write(Outcome("cancel", f"run_{number}", Result.DONE, "x" * 100, NOW), "prod")

    act(1)
    with files_of_at_most(log.path.stat().st_size + 50):
        act(2)
    assert log.problem == "the action log cannot be written: file too large"
    act(3)
    assert log.problem == ""
    assert [entry.target for entry in read_log(log.path)[0]] == ["run_3", "run_1"]
    assert all(map(json.loads, log.path.read_text().splitlines()))


def test_on_a_full_disk_batches_stay_as_they_were(tmp_path: Path) -> None:
    known = KnownBatches(path=tmp_path / "prod")
    known.remember("batch_1")
    with files_of_at_most(3):
        known.remember("batch_2")
    assert known.ids == ("batch_2", "batch_1")
    assert KnownBatches(path=tmp_path / "prod").ids == ("batch_1",)
    assert names(tmp_path) == ["prod"]


@pytest.mark.parametrize("ending", FORMATS)
def test_on_a_full_disk_no_half_of_an_export_is_left(tmp_path: Path, ending: str) -> None:
    rows = [{"id": row.id, "text": "x" * 200} for row in make_rows(range(500))]
    with files_of_at_most(20_000), pytest.raises(FileTrouble, match="file too large"):
        write_records(tmp_path / f"out{ending}", ("id", "text"), rows)
    assert names(tmp_path) == []


@pytest.mark.parametrize(("verb", "stays"), [("replay", False), ("cancel", True), ("tag", True)])
def test_a_list_that_could_not_be_kept_is_resumed_only_where_that_repeats_no_harm(
    tmp_path: Path, verb: str, stays: bool
) -> None:
    path = tmp_path / f"20260101T000000-{verb}.bulk.jsonl"
    journal = BulkJournal.create(BulkPlan(verb, ("run_1", "run_2")), NOW, path)
    with files_of_at_most(path.stat().st_size + 10):
        journal.append(["run_1"], ItemState.SENT)
    assert journal.problem == "the list of this bulk cannot be kept: file too large"
    assert journal.can_be_resumed is stays
    journal.release()
    assert [one.name for one in unfinished_bulks(tmp_path)] == ([path.name] if stays else [])


# Good lists among bad ones


def test_a_broken_list_hides_no_good_one_and_is_not_offered(tmp_path: Path) -> None:
    good = []
    for number in (1, 3, 5):
        path = tmp_path / f"2026010{number}T000000-cancel.bulk.jsonl"
        BulkJournal.create(BulkPlan("cancel", ("run_1",)), NOW, path).release()
        good.append(path)
    _bytes(b"\xff")(tmp_path / "20260102T000000-cancel.bulk.jsonl")
    _folder(tmp_path / "20260104T000000-cancel.bulk.jsonl")
    _bytes(b'{"verb": "cancel"}\n')(tmp_path / "20260106T000000-cancel.bulk.jsonl")
    _pipe(tmp_path / "20260107T000000-cancel.bulk.jsonl")
    assert unfinished_bulks(tmp_path) == good[::-1]
    for path in good:
        BulkJournal.resume(path).finish()
    prune(tmp_path, keep=1)
    assert [path.exists() for path in good] == [False, False, True]


def test_a_list_that_cannot_be_loaded_is_not_held_and_can_be_taken_up_when_it_is_whole(
    tmp_path: Path,
) -> None:
    path = tmp_path / "20260101T000000-cancel.bulk.jsonl"
    BulkJournal.create(BulkPlan("cancel", ("run_1",)), NOW, path).release()
    whole = path.read_bytes()
    path.write_bytes(b"{}\n")
    for _ in range(2):
        with pytest.raises(DamagedFile, match="it is no list of a bulk"):
            BulkJournal.resume(path)
    path.write_bytes(whole)
    BulkJournal.resume(path).release()


def test_half_a_line_is_ended_before_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "20260101T000000-replay.bulk.jsonl"
    BulkJournal.create(BulkPlan("replay", ("run_1", "run_2")), NOW, path).release()
    with path.open("a") as file:
        file.write('{"ids": ["run_1"], "sta')
    journal = BulkJournal.resume(path)
    journal.append(["run_2"], ItemState.DONE, "run_3")
    journal.release()
    states = BulkJournal.load(path).record.states
    assert states == {"run_2": ItemState.DONE}


# Reading and writing themselves


def test_a_damaged_file_of_choices_is_kept_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b'{"profiles": {"a": {"views": "precious')
    assert StateFile(path, "a").save("sort", 1)
    assert (tmp_path / "state.json.damaged").read_bytes().endswith(b"precious")


def test_what_is_too_large_to_be_ours_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b" " * 1_000_001)
    state = StateFile(path, "a")
    assert not state.save("sort", 1)
    assert path.stat().st_size == 1_000_001
    assert state.get("sort") == 1


def test_folders_and_files_of_ours_are_for_their_owners_eyes_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        shared = tmp_path / "shared"
        shared.mkdir(mode=0o755)
        for path in (tmp_path / "a" / "b" / "state.json", shared / "state.json"):
            write_private(path, "x")
            append_line(path.with_name("log"), "y")
            for one in (path, path.with_name("log")):
                assert stat.S_IMODE(one.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
        with new_file(tmp_path / "export.csv") as file:
            file.write("x")
        assert stat.S_IMODE((tmp_path / "export.csv").stat().st_mode) == 0o600
        assert stat.S_IMODE(tmp_path.stat().st_mode) == stat.S_IMODE(tmp_path.stat().st_mode)
    finally:
        os.umask(before)


def test_a_link_to_a_file_of_ours_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "kept" / "state.json"
    target.parent.mkdir()
    link = tmp_path / "state.json"
    link.symlink_to(target)
    write_private(link, "x")
    assert link.is_symlink()
    assert target.read_text() == "x"


def test_a_new_file_takes_no_others_place_and_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with suppress(ZeroDivisionError), new_file(path) as file:
        file.write("half")
        raise ZeroDivisionError
    assert names(tmp_path) == []
    path.write_text("theirs")
    with pytest.raises(FileTrouble, match="file exists"), new_file(path) as file:
        file.write("ours")
    assert path.read_text() == "theirs"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("a folder", "it is a folder"),
        ("a pipe", "it is no plain file"),
        ("a link to itself", "too many levels of symbolic links"),
        ("huge", "it is larger than 0.001 MB"),
        ("in a file", "a part of its path is no folder"),
        ("not UTF-8", "it is not UTF-8"),
        ("deep lists", "it nests too deeply"),
        ("half", "it is not JSON"),
    ],
)
def test_why_a_file_cannot_be_read_is_said(tmp_path: Path, damage: str, words: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    DAMAGES[damage](folder / "file")
    limit = 1_000 if damage == "huge" else 100_000
    with pytest.raises(FileTrouble) as caught:
        read_json(folder / "file", limit)
    assert str(caught.value) == words


def test_a_file_that_a_shell_hands_over_open_may_be_a_pipe() -> None:
    reader, writer = os.pipe()
    os.write(writer, b'profile = "a"')
    os.close(writer)
    try:
        assert read_text(Path(f"/dev/fd/{reader}"), 100) == 'profile = "a"'
    finally:
        os.close(reader)


def test_a_mark_of_an_editor_at_the_beginning_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\xef\xbb\xbf{}")
    assert read_json(path, 100) == {}


@pytest.mark.parametrize("damage", ["unreadable", "of another user"])
def test_what_may_not_be_read_is_said(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "file"
    DAMAGES[damage](path)
    with plain_user(), pytest.raises(FileTrouble, match="permission denied"):
        read_json(path, 100)
