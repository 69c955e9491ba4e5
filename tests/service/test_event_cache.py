"""Log lines of finished runs on disk: kept, bounded, and never in the way."""

from __future__ import annotations

import os
from pathlib import Path

from trigdash.service.runs.event_cache import EventCache, clear

LINES = [{"message": "boom \x1b[31m é", "level": "ERROR"}]


def test_lines_come_back_as_they_were_and_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    EventCache(folder).put("run_1", LINES)
    assert EventCache(folder).get("run_1") == LINES
    assert EventCache(folder).get("run_2") is None
    assert (folder / "run_1.json").stat().st_mode & 0o777 == 0o600


def test_what_was_unused_for_longest_leaves_first(tmp_path: Path) -> None:
    cache = EventCache(tmp_path)
    for number in range(3):
        cache.put(f"run_{number}", LINES)
        os.utime(tmp_path / f"run_{number}.json", (number, number))
    assert cache.get("run_0") == LINES
    size = (tmp_path / "run_0.json").stat().st_size
    cache.shrink(size)
    assert [path.name for path in tmp_path.glob("*.json")] == ["run_0.json"]


def test_a_damaged_file_and_a_folder_that_takes_nothing_are_as_no_cache(tmp_path: Path) -> None:
    (tmp_path / "run_1.json").write_text("{")
    assert EventCache(tmp_path).get("run_1") is None
    file = tmp_path / "file"
    file.write_text("")
    cache = EventCache(file / "events")
    cache.put("run_1", LINES)
    assert cache.get("run_1") is None
    assert EventCache(None).get("run_1") is None


def test_clearing_says_how_many_there_were(tmp_path: Path) -> None:
    EventCache(tmp_path / "events" / "host").put("run_1", LINES)
    assert clear(tmp_path / "events") == 1
    assert clear(tmp_path / "events") == 0
