"""The payload tab and the family: JSON that folds, documents apart, relatives."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from tests.ui.run_harness import RecordedRun, open_run, run_of
from trigdash.backends.base import CannotReach
from trigdash.presentation.run.json_rows import JsonRows
from trigdash.ui.screens.run.payload import QUICK_ROWS
from trigdash.ui.widgets.json_view import JsonView


async def test_payload_output_and_metadata_are_one_document_that_folds() -> None:
    async with open_run(RecordedRun("runs_get_v3__parent__api_version"), "payload") as harness:
        await harness.see("payload")
        assert 'customer  "acme-test"' in harness.text
        assert "children  3" in harness.text
        assert "progress  0" in harness.text
        await harness.press("0")
        await harness.until(lambda: "acme-test" not in harness.text)
        assert "2 keys" in harness.text
        await harness.press("asterisk")
        await harness.see("acme-test")


async def test_a_search_goes_to_the_match_and_values_and_paths_are_copied() -> None:
    async with open_run(RecordedRun("runs_get_v3__parent__api_version"), "payload") as harness:
        await harness.see("payload")
        await harness.press("slash", *"acme", "enter")
        await harness.until(lambda: "1 of 1 matches" in harness.note)
        assert "progress" not in harness.text
        await harness.press("y")
        said = "sent to the terminal's clipboard: the value of $.payload.customer"
        await harness.until(lambda: harness.toasts()[-1:] == [said])
        await harness.press("P")
        await harness.until(lambda: len(harness.toasts()) == 2)
        await harness.press("escape")
        await harness.see("progress")


async def test_json_within_a_string_is_shown_as_json() -> None:
    async with open_run(RecordedRun("runs_get_v3__batch_item"), "payload") as harness:
        await harness.see("i  0")


async def test_values_of_any_kind_are_shown() -> None:
    odd: dict[str, Any] = {
        "payload": None,
        "output": "line one\nline two \x1b[2J [/] [@click=app.quit]x",
        "metadata": {"n": 1e300, "deep": [[[[]]]], "empty": {}, "é": "\u202e"},
    }
    told = RecordedRun(run_of("runs_get_v3__completed", **odd))
    async with open_run(told, "payload") as harness:
        await harness.see("payload  null")
        assert "line two  [/] [@click=app.quit]x" in harness.text
        assert "1e+300" in harness.text
        assert '"\\u202e"' in harness.text


async def test_a_document_that_is_stored_apart_is_fetched_when_it_is_asked_for() -> None:
    told = RecordedRun("runs_get_v3__big_output")
    async with open_run(told, "payload") as harness:
        asked: list[tuple[Any, ...]] = []

        def download(url: str, limit_bytes: int) -> bytes:
            asked.append((url, limit_bytes))
            return b'{"rows": [1, 2, 3]}'

        harness.backend.answers["download"] = download
        await harness.see("enter fetches it")
        assert not asked
        while "$.output" not in harness.note:
            await harness.press("j")
        await harness.press("enter")
        await harness.see("rows  3 items")
        assert len(asked) == 1
        assert asked[0][1] == 20_000_000


async def test_half_a_character_and_a_huge_number_are_shown_and_copied_as_json() -> None:
    told = RecordedRun("runs_get_v3__big_output")
    async with open_run(told, "payload") as harness:
        body = b'{"cut": "half \\ud83d", "k\\ud83d": 1e400}'
        harness.backend.answers["download"] = lambda url, limit: body
        await harness.see("enter fetches it")
        while "$.output" not in harness.note:
            await harness.press("j")
        await harness.press("enter")
        await harness.see('cut  "half \\ud83d"')
        assert "k\\ud83d  1e400" in harness.text
        await harness.press("y")
        copied = harness.app.clipboard
        assert json.loads(copied) == {"cut": "half \ud83d", "k\ud83d": float("inf")}
        assert "1e400" in copied
        await harness.press("j", "y")
        assert harness.app.clipboard == "half \ufffd"


async def test_a_large_document_becomes_rows_without_holding_up_the_screen() -> None:
    told = RecordedRun("runs_get_v3__big_output")
    body = json.dumps([{"id": number, "text": "x" * 40} for number in range(20_000)]).encode()
    async with open_run(told, "payload") as harness:
        harness.backend.answers["download"] = lambda url, limit: body
        await harness.see("enter fetches it")
        while "$.output" not in harness.note:
            await harness.press("j")
        await harness.press("enter")
        await harness.see("output  20,000 items")


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
    async with open_run(told, "payload") as harness:
        await harness.see("payload  30,000 keys")
        await harness.press("slash", *"29999", "enter")
        await harness.until(lambda: "looking" in harness.note)
        await harness.press("escape")
        await harness.until(lambda: "looking" not in harness.note)
        await harness.press("slash", *"29998", "enter")
        may_end.set()
        await harness.until(lambda: "1 of 1 matches" in harness.note)
        assert "key 29998" in harness.text
        assert "key 29999" not in harness.text


async def test_a_document_that_cannot_be_fetched_says_why() -> None:
    told = RecordedRun("runs_get_v3__big_output")
    async with open_run(told, "payload") as harness:
        harness.backend.answers["download"] = lambda url, limit: CannotReach("refused")
        await harness.see("enter fetches it")
        while "$.output" not in harness.note:
            await harness.press("j")
        await harness.press("enter")
        await harness.see("could not be fetched: cannot reach the server (refused)")


async def test_a_run_with_nothing_in_it_says_so() -> None:
    told = RecordedRun("runs_get_v3__session_run")
    assert not isinstance(told.run, Exception)
    bare = run_of("runs_get_v3__delayed").model_dump(
        mode="json", by_alias=True, exclude={"payload", "output", "metadata"}, exclude_unset=True
    )
    from trigdash.model.run import Run

    told.run = Run.model_validate(bare)
    async with open_run(told, "payload") as harness:
        await harness.until(lambda: "no payload, no output and no metadata" in harness.said)


async def test_a_parent_shows_its_children_with_their_statuses() -> None:
    async with open_run(RecordedRun("runs_get_v3__parent__api_version"), "related") as harness:
        await harness.see("this run")
        lines = [line for line in harness.text.splitlines() if "└" in line or "├" in line]
        assert len(lines) == 5
        assert sum("× child-task" in line and "failed" in line for line in lines) == 1
        assert sum("✓ child-task" in line and "completed" in line for line in lines) == 4
        assert "Related 5" in harness.screen.query_one("#tabs").plain_text  # type: ignore[attr-defined]
        await harness.press("j", "enter")
        first = harness.screen.run_id
        await harness.until(
            lambda: harness.screen.run_id != first or len(harness.app.screen_stack) > 2
        )


async def test_a_grandchild_shows_root_and_parent_above_it() -> None:
    told = RecordedRun("runs_get_v3__grandchild__api_version")
    async with open_run(told, "related") as harness:
        await harness.see("this run")
        lines = [line.rstrip() for line in harness.text.splitlines() if line.strip()]
        assert lines[0].endswith("root")
        assert lines[1].endswith("parent")
        assert lines[2].endswith("this run")
        assert "no child runs" in lines[3]


async def test_metadata_that_grows_leaves_the_cursor_on_its_value() -> None:
    told = RecordedRun(run_of("runs_get_v3__executing", metadata={"b": 1, "z": 2}))
    async with open_run(told, "payload") as harness:
        await harness.see("metadata")
        while "$.metadata.z" not in harness.note:
            await harness.press("j")
        told.run = run_of("runs_get_v3__executing", metadata={"a": [1, 2], "b": 1, "z": 3})
        await harness.poll(5)
        await harness.see("z  3")
        assert "$.metadata.z" in harness.note


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.json")]


async def test_the_highlighted_value_is_saved_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    value = {"text": "half \ud83d \x1b[2J", "rows": list(range(5)), "huge": 10**30}
    told = RecordedRun(run_of("runs_get_v3__completed", payload=value))
    async with open_run(told, "payload") as harness:
        await harness.see("payload  3 keys")
        await harness.press("ctrl+s", "enter")
        await harness.until(lambda: files_in(tmp_path))
        (name,) = files_in(tmp_path)
        assert name.startswith(f"{harness.screen.run_id}-payload-")
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert json.loads(text) == value
        assert "\x1b" not in text
        await harness.press("j", "ctrl+s")
        path = harness.app.screen.query_one("#save-path", Input)
        path.value = "said.txt"
        await harness.press("enter")
        await harness.until((tmp_path / "said.txt").exists)
        assert (tmp_path / "said.txt").read_text(encoding="utf-8") == "half \ufffd \n"
        assert (tmp_path / "said.txt").stat().st_mode & 0o777 == 0o600
        await harness.until(lambda: harness.toasts()[-1].endswith("said.txt"))


async def test_copying_says_whether_it_was_the_value_or_the_path() -> None:
    async with open_run(RecordedRun("runs_get_v3__parent__api_version"), "payload") as harness:
        await harness.see("payload")
        await harness.press("j", "y", "P")
        assert harness.toasts() == [
            "sent to the terminal's clipboard: the value of $.payload.items",
            "sent to the terminal's clipboard: the path $.payload.items",
        ]


async def test_a_search_without_a_match_leaves_everything_where_it_is() -> None:
    value = {f"key {number}": number for number in range(150)}
    told = RecordedRun(run_of("runs_get_v3__completed", payload=value))
    async with open_run(told, "payload") as harness:
        await harness.see("payload  150 keys")
        await harness.press(*["pagedown"] * 2)
        place, text = harness.note, harness.text
        await harness.press("slash", *"no such word", "enter")
        await harness.until(lambda: "no match" in harness.note)
        assert harness.text == text
        await harness.press("escape")
        assert harness.note == place
        await harness.press("slash", *"key 14", "escape")
        assert (harness.note, harness.text) == (place, text)


async def test_what_has_no_row_is_told_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trigdash.presentation.run.json_rows.MAX_ROWS", 100)
    told = RecordedRun(run_of("runs_get_v3__completed", payload=list(range(150)), metadata={}))
    async with open_run(told, "payload") as harness:
        await harness.see("payload  150 items")
        await harness.press("G")
        last = harness.text.splitlines()[-1].strip(" ▌▐")
        rows = harness.screen.query_one(JsonView).rows
        assert rows is not None
        assert rows.left_out > 50
        assert last == f"… {rows.left_out} values more, not shown: ctrl+s saves all"


async def test_long_texts_are_not_cut() -> None:
    words = " ".join(f"word{number}" for number in range(300))
    told = RecordedRun(run_of("runs_get_v3__completed", payload={"text": words}))
    async with open_run(told, "payload", size=(80, 60)) as harness:
        await harness.see("text")
        await harness.press("asterisk")
        seen = "".join("".join(harness.text.split()))
        assert words.replace(" ", "") in seen.replace("▌", "")
