"""The payload tab and the family: JSON that folds, documents apart, relatives."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from tests.ui.run_stage import RecordedRun, run_of, run_on_stage
from trigdash.backends.base import CannotReach
from trigdash.ui.inside.json_rows import JsonRows
from trigdash.ui.screens.run.payload import QUICK_ROWS
from trigdash.ui.widgets.json_view import JsonView


async def test_payload_output_and_metadata_are_one_document_that_folds() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__parent__api_version"), "payload") as stage:
        await stage.see("payload")
        assert 'customer  "acme-test"' in stage.text
        assert "children  3" in stage.text
        assert "progress  0" in stage.text
        await stage.press("0")
        await stage.until(lambda: "acme-test" not in stage.text)
        assert "2 keys" in stage.text
        await stage.press("asterisk")
        await stage.see("acme-test")


async def test_a_search_goes_to_the_match_and_values_and_paths_are_copied() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__parent__api_version"), "payload") as stage:
        await stage.see("payload")
        await stage.press("slash", *"acme", "enter")
        await stage.until(lambda: "1 of 1 matches" in stage.note)
        assert "progress" not in stage.text
        await stage.press("y")
        said = "sent to the terminal's clipboard: the value of $.payload.customer"
        await stage.until(lambda: stage.toasts()[-1:] == [said])
        await stage.press("P")
        await stage.until(lambda: len(stage.toasts()) == 2)
        await stage.press("escape")
        await stage.see("progress")


async def test_json_within_a_string_is_shown_as_json() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__batch_item"), "payload") as stage:
        await stage.see("i  0")


async def test_values_of_any_kind_are_shown() -> None:
    odd: dict[str, Any] = {
        "payload": None,
        "output": "line one\nline two \x1b[2J [/] [@click=app.quit]x",
        "metadata": {"n": 1e300, "deep": [[[[]]]], "empty": {}, "é": "\u202e"},
    }
    told = RecordedRun(run_of("runs_get_v3__completed", **odd))
    async with run_on_stage(told, "payload") as stage:
        await stage.see("payload  null")
        assert "line two  [/] [@click=app.quit]x" in stage.text
        assert "1e+300" in stage.text
        assert '"\\u202e"' in stage.text


async def test_a_document_that_is_stored_apart_is_fetched_when_it_is_asked_for() -> None:
    told = RecordedRun("runs_get_v3__big_output")
    async with run_on_stage(told, "payload") as stage:
        asked: list[tuple[Any, ...]] = []

        def download(url: str, limit_bytes: int) -> bytes:
            asked.append((url, limit_bytes))
            return b'{"rows": [1, 2, 3]}'

        stage.backend.answers["download"] = download
        await stage.see("enter fetches it")
        assert not asked
        while "$.output" not in stage.note:
            await stage.press("j")
        await stage.press("enter")
        await stage.see("rows  3 items")
        assert len(asked) == 1
        assert asked[0][1] == 20_000_000


async def test_half_a_character_and_a_huge_number_are_shown_and_copied_as_json() -> None:
    told = RecordedRun("runs_get_v3__big_output")
    async with run_on_stage(told, "payload") as stage:
        body = b'{"cut": "half \\ud83d", "k\\ud83d": 1e400}'
        stage.backend.answers["download"] = lambda url, limit: body
        await stage.see("enter fetches it")
        while "$.output" not in stage.note:
            await stage.press("j")
        await stage.press("enter")
        await stage.see('cut  "half \\ud83d"')
        assert "k\\ud83d  1e400" in stage.text
        await stage.press("y")
        copied = stage.app.clipboard
        assert json.loads(copied) == {"cut": "half \ud83d", "k\ud83d": float("inf")}
        assert "1e400" in copied
        await stage.press("j", "y")
        assert stage.app.clipboard == "half \ufffd"


async def test_a_large_document_becomes_rows_without_holding_up_the_screen() -> None:
    told = RecordedRun("runs_get_v3__big_output")
    body = json.dumps([{"id": number, "text": "x" * 40} for number in range(20_000)]).encode()
    async with run_on_stage(told, "payload") as stage:
        stage.backend.answers["download"] = lambda url, limit: body
        await stage.see("enter fetches it")
        while "$.output" not in stage.note:
            await stage.press("j")
        await stage.press("enter")
        await stage.see("output  20,000 items")


async def test_a_large_document_is_searched_beside_and_the_search_can_be_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_end = threading.Event()
    find = JsonRows.find

    def held(rows: JsonRows, text: str) -> Iterator[int]:
        assert may_end.wait(20)
        yield from find(rows, text)

    monkeypatch.setattr(JsonRows, "find", held)
    rows = {f"key {number}": number for number in range(QUICK_ROWS)}
    told = RecordedRun(run_of("runs_get_v3__completed", payload=rows))
    async with run_on_stage(told, "payload") as stage:
        await stage.see("payload  30,000 keys")
        await stage.press("slash", *"29999", "enter")
        await stage.until(lambda: "looking" in stage.note)
        await stage.press("escape")
        await stage.until(lambda: "looking" not in stage.note)
        await stage.press("slash", *"29998", "enter")
        may_end.set()
        await stage.until(lambda: "1 of 1 matches" in stage.note)
        assert "key 29998" in stage.text
        assert "key 29999" not in stage.text


async def test_a_document_that_cannot_be_fetched_says_why() -> None:
    told = RecordedRun("runs_get_v3__big_output")
    async with run_on_stage(told, "payload") as stage:
        stage.backend.answers["download"] = lambda url, limit: CannotReach("refused")
        await stage.see("enter fetches it")
        while "$.output" not in stage.note:
            await stage.press("j")
        await stage.press("enter")
        await stage.see("could not be fetched: cannot reach the server (refused)")


async def test_a_run_with_nothing_in_it_says_so() -> None:
    told = RecordedRun("runs_get_v3__session_run")
    assert not isinstance(told.run, Exception)
    bare = run_of("runs_get_v3__delayed").model_dump(
        mode="json", by_alias=True, exclude={"payload", "output", "metadata"}, exclude_unset=True
    )
    from trigdash.model.run import Run

    told.run = Run.model_validate(bare)
    async with run_on_stage(told, "payload") as stage:
        await stage.until(lambda: "no payload, no output and no metadata" in stage.said)


async def test_a_parent_shows_its_children_with_their_statuses() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__parent__api_version"), "related") as stage:
        await stage.see("this run")
        lines = [line for line in stage.text.splitlines() if "└" in line or "├" in line]
        assert len(lines) == 5
        assert sum("× child-task" in line and "failed" in line for line in lines) == 1
        assert sum("✓ child-task" in line and "completed" in line for line in lines) == 4
        assert "Related 5" in stage.screen.query_one("#tabs").words  # type: ignore[attr-defined]
        await stage.press("j", "enter")
        first = stage.screen.run_id
        await stage.until(lambda: stage.screen.run_id != first or len(stage.app.screen_stack) > 2)


async def test_a_grandchild_shows_root_and_parent_above_it() -> None:
    told = RecordedRun("runs_get_v3__grandchild__api_version")
    async with run_on_stage(told, "related") as stage:
        await stage.see("this run")
        lines = [line.rstrip() for line in stage.text.splitlines() if line.strip()]
        assert lines[0].endswith("root")
        assert lines[1].endswith("parent")
        assert lines[2].endswith("this run")
        assert "no child runs" in lines[3]


async def test_metadata_that_grows_leaves_the_cursor_on_its_value() -> None:
    told = RecordedRun(run_of("runs_get_v3__executing", metadata={"b": 1, "z": 2}))
    async with run_on_stage(told, "payload") as stage:
        await stage.see("metadata")
        while "$.metadata.z" not in stage.note:
            await stage.press("j")
        told.run = run_of("runs_get_v3__executing", metadata={"a": [1, 2], "b": 1, "z": 3})
        await stage.poll(5)
        await stage.see("z  3")
        assert "$.metadata.z" in stage.note


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.json")]


async def test_the_highlighted_value_is_saved_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    value = {"text": "half \ud83d \x1b[2J", "rows": list(range(5)), "huge": 10**30}
    told = RecordedRun(run_of("runs_get_v3__completed", payload=value))
    async with run_on_stage(told, "payload") as stage:
        await stage.see("payload  3 keys")
        await stage.press("ctrl+s", "enter")
        await stage.until(lambda: files_in(tmp_path))
        (name,) = files_in(tmp_path)
        assert name.startswith(f"{stage.screen.run_id}-payload-")
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert json.loads(text) == value
        assert "\x1b" not in text
        await stage.press("j", "ctrl+s")
        path = stage.app.screen.query_one("#save-path", Input)
        path.value = "said.txt"
        await stage.press("enter")
        await stage.until((tmp_path / "said.txt").exists)
        assert (tmp_path / "said.txt").read_text(encoding="utf-8") == "half \ufffd \n"
        assert (tmp_path / "said.txt").stat().st_mode & 0o777 == 0o600
        await stage.until(lambda: stage.toasts()[-1].endswith("said.txt"))


async def test_copying_says_whether_it_was_the_value_or_the_path() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__parent__api_version"), "payload") as stage:
        await stage.see("payload")
        await stage.press("j", "y", "P")
        assert stage.toasts() == [
            "sent to the terminal's clipboard: the value of $.payload.items",
            "sent to the terminal's clipboard: the path $.payload.items",
        ]


async def test_a_search_without_a_match_leaves_everything_where_it_is() -> None:
    value = {f"key {number}": number for number in range(150)}
    told = RecordedRun(run_of("runs_get_v3__completed", payload=value))
    async with run_on_stage(told, "payload") as stage:
        await stage.see("payload  150 keys")
        await stage.press(*["pagedown"] * 2)
        place, text = stage.note, stage.text
        await stage.press("slash", *"no such word", "enter")
        await stage.until(lambda: "no match" in stage.note)
        assert stage.text == text
        await stage.press("escape")
        assert stage.note == place
        await stage.press("slash", *"key 14", "escape")
        assert (stage.note, stage.text) == (place, text)


async def test_what_has_no_row_is_told_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trigdash.ui.inside.json_rows.MAX_ROWS", 100)
    told = RecordedRun(run_of("runs_get_v3__completed", payload=list(range(150)), metadata={}))
    async with run_on_stage(told, "payload") as stage:
        await stage.see("payload  150 items")
        await stage.press("G")
        last = stage.text.splitlines()[-1].strip(" ▌▐")
        rows = stage.screen.query_one(JsonView).rows
        assert rows is not None
        assert rows.left_out > 50
        assert last == f"… {rows.left_out} values more, not shown: ctrl+s saves all"


async def test_long_texts_are_not_cut() -> None:
    words = " ".join(f"word{number}" for number in range(300))
    told = RecordedRun(run_of("runs_get_v3__completed", payload={"text": words}))
    async with run_on_stage(told, "payload", size=(80, 60)) as stage:
        await stage.see("text")
        await stage.press("asterisk")
        seen = "".join("".join(stage.text.split()))
        assert words.replace(" ", "") in seen.replace("▌", "")
