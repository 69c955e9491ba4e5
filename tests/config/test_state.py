"""Choices made on screen: kept for each profile, whole or not at all."""

import os
from pathlib import Path

import pytest

from trigdash.config.state import StateFile


def test_what_is_kept_is_there_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.json"
    assert StateFile(path, "a").save("columns", ["status", "task"])
    assert StateFile(path, "a").save("sort", {"by": "created"})
    assert StateFile(path, "b").save("columns", ["run"])
    assert StateFile(path, "a").get("columns") == ["status", "task"]
    assert StateFile(path, "a").get("sort") == {"by": "created"}
    assert StateFile(path, "b").get("columns") == ["run"]
    assert StateFile(path, None).get("columns", "none") == "none"
    assert [one.name for one in path.parent.iterdir()] == ["state.json"]
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0


def test_none_forgets(tmp_path: Path) -> None:
    state = StateFile(tmp_path / "state.json", "a")
    state.save("sort", 1)
    state.save("sort", None)
    assert state.get("sort", "default") == "default"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"profiles": []}', '{"profiles": {"a": 3}}'])
def test_a_broken_file_counts_as_empty_and_is_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    state = StateFile(path, "a")
    assert state.get("sort") is None
    assert state.save("sort", 1)
    assert state.get("sort") == 1


def test_half_a_character_is_kept_like_all_others(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"profiles": {"a": {"filters": ["half \\ud83d"]}}}')
    state = StateFile(path, "a")
    assert state.save("sort", "more \udc00")
    assert StateFile(path, "a").get("filters") == ["half \ud83d"]
    assert StateFile(path, "a").get("sort") == "more \udc00"


def test_what_cannot_be_written_is_said_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not StateFile(tmp_path / "file" / "state.json", "a").save("sort", 1)
    assert not StateFile(None, "a").save("sort", 1)
    assert StateFile(None, "a").get("sort", 7) == 7


@pytest.mark.parametrize("where", [None, "file/state.json"])
def test_what_cannot_be_written_is_known_until_the_program_ends(
    tmp_path: Path, where: str | None
) -> None:
    (tmp_path / "file").write_text("")
    state = StateFile(tmp_path / where if where else None, "a")
    assert not state.save("columns", ["run"])
    assert state.get("columns") == ["run"]
    assert not state.save("columns", None)
    assert state.get("columns", "usual") == "usual"


def test_a_choice_of_another_program_is_seen_once_ours_is_written(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    ours, theirs = StateFile(path, "a"), StateFile(path, "a")
    assert ours.save("sort", 1)
    assert theirs.save("sort", 2)
    assert ours.get("sort") == 2
