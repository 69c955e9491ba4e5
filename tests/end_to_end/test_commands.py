"""Headless commands as processes against a simulator: data, notes, exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.command_line import CommandLine, command_line


@pytest.fixture(scope="module")
def trigdash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    yield from command_line(tmp_path_factory, "--scenario", "calm")


def test_a_list_is_a_table_of_aligned_columns_without_color_in_a_pipe(
    trigdash: CommandLine,
) -> None:
    done = trigdash("schedules", "list")
    assert done.code == 0
    heading, *rows = done.out.splitlines()
    assert len(rows) == 3
    at = heading.index("CRON")
    assert all(row[at - 1] == " " and row[at] != " " for row in rows)
    assert "\x1b" not in done.out
    assert "\x1b[" in trigdash("schedules", "list", FORCE_COLOR="1").out


def test_json_has_the_names_of_the_api_and_only_the_keys_asked_for(trigdash: CommandLine) -> None:
    rows = trigdash("schedules", "list", "-o", "json").data
    assert {row["generator"]["type"] for row in rows} == {"CRON"}
    assert all(row["nextRun"].endswith("Z") for row in rows)
    asked = trigdash("schedules", "list", "--json", "id,active").data
    assert asked == [{"id": row["id"], "active": row["active"]} for row in rows]
    wrong = trigdash("schedules", "list", "--json", "id,nonsense")
    assert (wrong.code, wrong.out) == (2, "")
    assert "choose from id, type, task" in wrong.err


def test_jsonl_csv_and_names_tell_of_the_same_rows(trigdash: CommandLine) -> None:
    names = trigdash("schedules", "list", "-o", "name").out.split()
    lines = trigdash("schedules", "list", "-o", "jsonl").out.splitlines()
    table = trigdash("schedules", "list", "-o", "csv").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == names
    assert [line.split(",")[-1] for line in table[1:]] == names


def test_a_limit_is_said_on_standard_error_with_how_to_go_on(trigdash: CommandLine) -> None:
    done = trigdash("schedules", "list", "-o", "name", "--limit", "2")
    assert len(done.out.split()) == 2
    assert "--limit all" in done.err


def test_a_write_needs_yes_and_is_logged_and_done_once(trigdash: CommandLine) -> None:
    schedule = trigdash("schedules", "list", "-o", "name", "--limit", "1").out.strip()
    refused = trigdash("schedules", "deactivate", schedule)
    assert refused.code == 7
    assert "--yes" in refused.err
    assert trigdash("schedules", "get", schedule, "-o", "json").data["active"] is True
    assert trigdash("schedules", "deactivate", schedule, "--yes").code == 0
    assert trigdash("schedules", "get", schedule, "-o", "json").data["active"] is False
    assert trigdash("schedules", "deactivate", schedule, "--yes").code == 1
    log = next(Path(trigdash.environ["XDG_STATE_HOME"]).rglob("actions.jsonl")).read_text()
    assert [json.loads(line)["target"] for line in log.splitlines()] == [schedule]
    assert trigdash("schedules", "activate", schedule, "--yes").code == 0


@pytest.mark.parametrize(
    ("words", "environ", "code"),
    [
        (("schedules", "get", "sched_none"), {}, 3),
        (("schedules", "list"), {"TRIGGER_SECRET_KEY": "tr_prod_wrong"}, 4),
        (("schedules", "list"), {"TRIGGER_API_URL": "http://127.0.0.1:9"}, 5),
        (("schedules", "list", "--columns", "nonsense"), {}, 2),
        (("schedules", "list", "--sort", "nonsense"), {}, 2),
        (("schedules", "nonsense"), {}, 2),
        (("schedules", "deactivate", "sched_none", "--yes", "--read-only"), {}, 7),
    ],
)
def test_an_exit_code_says_what_was_wrong(
    trigdash: CommandLine, words: tuple[str, ...], environ: dict[str, str], code: int
) -> None:
    done = trigdash(*words, **environ)
    assert (done.code, done.out) == (code, "")
    assert done.err
    assert "Traceback" not in done.err


def test_another_environment_is_compared_only_with_a_token(trigdash: CommandLine) -> None:
    """With a key alone the server would tell of the key's own environment."""
    done = trigdash("variables", "compare", "staging")
    assert done.code != 0
    assert "access token" in done.err
    assert done.out == ""
