"""Saved rows: whatever they hold, the file is whole and reads back."""

import csv
import json
from pathlib import Path

import pytest

from tests.hostile import CORPUS, NEVER
from trigdash.presentation.save_formats import write_records

RECORDS = [{"text": text, "number": number, "none": None} for number, text in enumerate(CORPUS)]


def saved(folder: Path, ending: str) -> Path:
    path = folder / f"rows{ending}"
    write_records(path, ["text", "number", "none"], RECORDS)
    return path


def test_json_lines_read_back_as_they_were(tmp_path: Path) -> None:
    lines = saved(tmp_path, ".jsonl").read_text(encoding="utf-8").split("\n")
    assert [json.loads(line) for line in lines if line] == RECORDS


@pytest.mark.parametrize("ending", [".csv", ".txt", ".jsonl"])
def test_a_file_that_is_looked_at_in_a_terminal_does_nothing_there(
    tmp_path: Path, ending: str
) -> None:
    text = saved(tmp_path, ending).read_text(encoding="utf-8")
    assert not NEVER & set(text)
    assert "\x1b" not in text
    assert "arr[i]" in text


def test_each_row_is_one_row_of_the_table(tmp_path: Path) -> None:
    with saved(tmp_path, ".csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == len(RECORDS) + 1
    assert rows[1][1] == "0"
