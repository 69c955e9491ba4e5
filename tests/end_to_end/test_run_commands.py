"""`trigdash runs …` as processes: what scripts and deploy pipelines do with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.command_line import CommandLine, command_line


@pytest.fixture(scope="module")
def trigdash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    yield from command_line(tmp_path_factory, "--scenario", "incident")


@pytest.fixture
def moving(trigdash: CommandLine) -> Iterator[None]:
    """The world goes on: a run that is started also ends."""
    with trigdash.server.moving():
        yield


def failed_run(trigdash: CommandLine) -> str:
    return trigdash("runs", "list", "status:failed", "-o", "name", "--limit", "1").out.strip()


def test_the_filter_line_of_the_dashboard_is_the_argument(trigdash: CommandLine) -> None:
    rows = trigdash("runs", "list", "status:failed task:charge-invoice", "-o", "json").data
    assert rows
    assert {(row["status"], row["taskIdentifier"]) for row in rows} == {
        ("FAILED", "charge-invoice")
    }
    wrong = trigdash("runs", "list", "statsu:failed")
    assert (wrong.code, wrong.out) == (2, "")
    assert "do you mean status:?" in wrong.err


def test_the_window_and_what_was_cut_are_told_beside_the_data(trigdash: CommandLine) -> None:
    done = trigdash("runs", "list", "--limit", "3", "-o", "jsonl")
    assert len(done.out.splitlines()) == 3
    assert "window: last 7 days" in done.err
    assert "--limit all" in done.err


def test_all_means_every_page(trigdash: CommandLine) -> None:
    names = trigdash("runs", "list", "--limit", "all", "-o", "name").out.split()
    assert len(names) > 250
    assert len(set(names)) == len(names)


def test_a_sort_turns_round_with_a_minus_and_unknown_durations_come_last(
    trigdash: CommandLine,
) -> None:
    rows = trigdash("runs", "list", "--sort", "-duration", "-o", "json").data
    known = [row["_durationMs"] for row in rows if row["_durationMs"] is not None]
    assert known == sorted(known, reverse=True)
    assert [row["_durationMs"] for row in rows][: len(known)] == known


def test_one_run_with_its_attempts_payload_and_trace(trigdash: CommandLine) -> None:
    run = failed_run(trigdash)
    record = trigdash("runs", "get", run, "--attempts", "-o", "json").data
    assert record["id"] == run
    assert record["status"] == "FAILED"
    assert [each["number"] for each in record["_attempts"]] == [
        *range(1, len(record["_attempts"]) + 1)
    ]
    assert all(each["failed"] for each in record["_attempts"])
    assert trigdash("runs", "get", run, "--payload").data == record["payload"]
    address = f"https://example.test/orgs/a/projects/b/env/prod/runs/{run}?span=1"
    assert trigdash("runs", "get", address, "-o", "json").data["id"] == run
    spans = trigdash("runs", "trace", run, "-o", "json").data
    failing = trigdash("runs", "trace", run, "--errors", "-o", "json").data
    assert {span["id"] for span in failing} < {span["id"] for span in spans}
    assert spans[0]["_depth"] == 0
    assert spans[0]["isError"]


def test_logs_are_narrowed_by_level_and_pattern_with_lines_around(trigdash: CommandLine) -> None:
    run = failed_run(trigdash)
    every = trigdash("runs", "logs", run, "-o", "jsonl").out.splitlines()
    errors = trigdash("runs", "logs", run, "--level", "error", "-o", "jsonl").out.splitlines()
    assert 0 < len(errors) < len(every)
    assert {json.loads(line)["level"] for line in errors} == {"ERROR"}
    hits = trigdash("runs", "logs", run, "--grep", "Attempt 1$", "-o", "jsonl").out.splitlines()
    around = trigdash(
        "runs", "logs", run, "--grep", "Attempt 1$", "-C", "1", "-o", "jsonl"
    ).out.splitlines()
    assert (len(hits), len(around)) == (1, 3)
    assert trigdash("runs", "logs", run, "--grep", "(").code == 2


@pytest.mark.usefixtures("moving")
def test_a_deploy_script_triggers_waits_and_fails_with_the_code_of_the_run(
    trigdash: CommandLine,
) -> None:
    started = trigdash("tasks", "trigger", "send-email", "--payload", "{}", "--yes")
    run = started.out.strip()
    assert run.startswith("run_")
    watched = trigdash("runs", "watch", run, "--timeout", "1m", "-o", "jsonl")
    last = json.loads(watched.out.splitlines()[-1])
    assert last["id"] == run
    assert watched.code == (0 if last["status"] == "COMPLETED" else 1)


def test_a_watch_says_with_its_code_how_it_ended(trigdash: CommandLine) -> None:
    run = failed_run(trigdash)
    assert trigdash("runs", "watch", run).code == 1
    assert trigdash("runs", "watch", run, "--until", "executing").code == 1
    assert trigdash("runs", "watch", run, "--until", "nonsense").code == 2
    assert trigdash("runs", "watch", "run_none").code == 3
    late = trigdash("runs", "watch", "status:queued", "--until", "count>99999", "--timeout", "1s")
    assert late.code == 124


def test_what_is_done_for_each_run_that_ends_gets_it_as_json(
    trigdash: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kept = tmp_path_factory.mktemp("watch") / "run.json"
    run = failed_run(trigdash)
    trigdash("runs", "watch", run, "--exec", f"tee {kept}")
    assert json.loads(kept.read_text())["id"] == run


def test_a_list_that_was_looked_at_is_what_is_canceled(
    trigdash: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shown = trigdash("runs", "cancel", "--filter", "task:sync-crm status:queued", "--dry-run")
    rows = [json.loads(line) for line in shown.out.splitlines()]
    assert rows
    kept = tmp_path_factory.mktemp("cancel") / "list.jsonl"
    kept.write_text(shown.out)
    assert trigdash("runs", "cancel", "--from", str(kept)).code == 7
    done = trigdash("runs", "cancel", "--from", str(kept), "--yes", "-o", "jsonl")
    results = [json.loads(line) for line in done.out.splitlines()]
    assert [each["runId"] for each in results] == [row["id"] for row in rows]
    assert {each["_result"] for each in results} == {"done"}
    for row in rows:
        assert trigdash("runs", "get", row["id"], "-o", "json").data["status"] == "CANCELED"


def test_names_of_one_command_are_arguments_of_the_next(trigdash: CommandLine) -> None:
    names = trigdash("runs", "list", "status:failed", "-o", "name", "--limit", "2").out.split()
    done = trigdash("runs", "replay", *names, "--yes", "-o", "jsonl")
    assert done.code == 0
    young = [json.loads(line)["_newRunId"] for line in done.out.splitlines()]
    assert len(set(young) - set(names)) == 2


def test_a_write_on_many_is_refused_above_its_maximum_and_read_only(
    trigdash: CommandLine,
) -> None:
    line = "status:completed"
    assert trigdash("runs", "replay", "--filter", line, "--max", "5", "--yes").code == 2
    run = failed_run(trigdash)
    assert trigdash("runs", "replay", run, "--read-only").code == 7


def test_a_statement_and_the_health_report(trigdash: CommandLine) -> None:
    statement = "SELECT status, count() AS n FROM runs GROUP BY status"
    rows = trigdash("query", statement, "-o", "json").data
    assert {"status", "n"} == set(rows[0])
    assert trigdash("query", "SELEC nonsense").code == 1
    report = trigdash("health", "-o", "json")
    assert report.data["summary"]["severity"] in ("ok", "warn", "crit")
    assert report.code == (1 if report.data["summary"]["severity"] == "crit" else 0)


def test_a_list_of_runs_loads_neither_screens_nor_models(trigdash: CommandLine) -> None:
    done = trigdash("runs", "list", PYTHONPROFILEIMPORTTIME="1")
    loaded = {line.rpartition("|")[2].strip() for line in done.err.splitlines()}
    assert {"httpx", "trigdash.commands.runs"} <= loaded
    packages = {name.partition(".")[0] for name in loaded}
    assert not packages & {"textual", "rich", "click", "pygments", "pydantic"}
    others = {"errors", "bulk.bulk", "connection", "cache.poller", "actions.actions"}
    assert not loaded & {f"trigdash.service.{name}" for name in others}


@pytest.mark.usefixtures("moving")
def test_a_trigger_reads_its_payload_from_a_file_and_waits_for_the_end(
    trigdash: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    payload = tmp_path_factory.mktemp("trigger") / "payload.json"
    payload.write_text('{"to": "ann@example.test"}')
    words = ("tasks", "trigger", "send-email", "--yes", "--payload", str(payload))
    keyed = (*words, "--idempotency-key", "deploy-7")
    first = trigdash(*keyed)
    run = first.out.strip()
    assert trigdash("runs", "get", run, "--payload").data == {"to": "ann@example.test"}
    again = trigdash(*keyed)
    assert again.out.strip() == run
    assert "used before" in again.err
    waited = trigdash(*words, "--wait", "--timeout", "1m", "-o", "jsonl")
    told = [json.loads(line) for line in waited.out.splitlines()]
    statuses = [each["status"] for each in told]
    assert len(set(statuses)) == len(statuses)
    assert waited.code == (0 if statuses[-1] == "COMPLETED" else 1)
    wrong = trigdash("tasks", "trigger", "send-email", "--yes", "--payload", "@/nowhere.json")
    assert wrong.code == 2


def test_a_queue_and_a_batch_are_watched_until_a_condition_holds(trigdash: CommandLine) -> None:
    queue = trigdash("queues", "list", "--sort", "-queued", "-o", "json").data[0]
    name = f"task/{queue['name']}" if queue["type"] == "task" else queue["name"]
    met = trigdash("queues", "watch", name, "--until", "queued>0", "-o", "jsonl")
    assert met.code == 0
    assert json.loads(met.out.splitlines()[0])["name"] == queue["name"]
    assert trigdash("queues", "watch", name, "--until", "oldest>1s").code == 0
    assert trigdash("queues", "watch", name, "--until", "drained", "--timeout", "1s").code == 124
    assert trigdash("queues", "watch", name, "--until", "new").code == 2
    assert trigdash("queues", "watch", "task/none-such").code == 3
    assert trigdash("batches", "watch", "batch_none").code == 3
    batch = trigdash("batches", "list", "-o", "name", "--limit", "1").out.strip()
    started = trigdash("batches", "watch", batch, "--until", "count>0", "-o", "jsonl")
    assert started.code == 0
    assert all(json.loads(line)["id"].startswith("run_") for line in started.out.splitlines())


def test_the_address_of_a_run_is_printed_also_where_no_browser_is(trigdash: CommandLine) -> None:
    run = failed_run(trigdash)
    done = trigdash("open", run, BROWSER="w3m", DISPLAY="", WAYLAND_DISPLAY="")
    assert done.code == 0
    assert done.out.strip().startswith("http")
    assert run in done.out
    assert trigdash("open", "run_none").code == 3


def test_the_environment_forbids_every_write(trigdash: CommandLine) -> None:
    run = failed_run(trigdash)
    for words in (
        ("runs", "replay", run),
        ("runs", "cancel", "--filter", "status:queued", "--yes"),
        ("tasks", "trigger", "send-email", "--yes"),
        ("queues", "pause", "task/send-email", "--yes"),
    ):
        assert trigdash(*words, TRIGDASH_READ_ONLY="1").code == 7, words


def test_flags_of_place_stand_before_or_after(trigdash: CommandLine) -> None:
    assert trigdash("--read-only", "runs", "replay", "run_1", "--yes").code == 7
    assert trigdash("runs", "replay", "run_1", "--yes", "--read-only").code == 7


def test_what_the_doctor_finds_is_also_data(trigdash: CommandLine) -> None:
    done = trigdash("doctor", "-o", "json")
    assert done.code == 0
    assert done.data["ok"]
    assert {each["verdict"] for each in done.data["findings"]} <= {"ok", "missing"}


def test_a_batch_is_triggered_from_a_file_and_a_dotenv_file_is_imported(
    trigdash: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("files")
    lines = [json.dumps({"task": "send-email", "payload": {"n": n}}) for n in range(150)]
    (folder / "items.jsonl").write_text("\n".join(lines))
    done = trigdash("batches", "trigger", str(folder / "items.jsonl"), "--yes")
    assert done.code == 0, done.err
    assert "150 of 150 items sent" in done.err
    batch = trigdash("batches", "items", done.out.strip()).data
    assert (batch["id"], batch["runCount"]) == (done.out.strip(), 150)
    (folder / "two.jsonl").write_text("\n".join(lines[:2]))
    told = trigdash("batches", "trigger", str(folder / "two.jsonl"), "--yes", "-o", "json").data
    assert (told["id"].startswith("batch_"), told["_result"]) == (True, "done")
    assert told["_message"] == f"2 items sent as {told['id']}"
    (folder / "bad.jsonl").write_text('{"task": "send-email"}\n{"payload": 1}\n')
    wrong = trigdash("batches", "trigger", str(folder / "bad.jsonl"), "--yes")
    assert (wrong.code, "line 2" in wrong.err) == (2, True)

    (folder / ".env").write_text("TRIGDASH_PROBE=hidden-value\n")
    asked = trigdash("variables", "import", str(folder / ".env"))
    assert asked.code == 7
    assert "+ TRIGDASH_PROBE  new" in asked.err
    assert "hidden-value" not in asked.err
    assert trigdash("variables", "import", str(folder / ".env"), "--yes").code == 0
    held = trigdash("variables", "get", "TRIGDASH_PROBE", "-o", "json").data
    assert held["value"] == "hidden-value"
    again = trigdash("variables", "import", str(folder / ".env"), "--yes")
    assert "nothing to change" in again.err


def test_a_replay_with_changes_is_sent_as_such(trigdash: CommandLine) -> None:
    line = "status:failed task:charge-invoice"
    run = trigdash("runs", "list", line, "-o", "name", "--limit", "1").out.strip()
    changes = ("--set", "probe=7", "--delay", "1h", "--idempotency-key", "twice")
    first = trigdash("runs", "replay", run, *changes, "-o", "json")
    new_id = json.loads(first.out.splitlines()[0])["_newRunId"]
    assert "with the changes" in first.out
    made = trigdash("runs", "get", new_id, "-o", "json").data
    assert (made["payload"]["probe"], made["status"]) == (7, "DELAYED")
    again = trigdash("runs", "replay", run, *changes, "-o", "json")
    assert json.loads(again.out.splitlines()[0])["_newRunId"] == new_id


def test_a_filter_excludes_compares_and_says_what_is_narrowed_here(trigdash: CommandLine) -> None:
    line = "-task:send-email,sync-crm duration:>1s status:bad"
    done = trigdash("runs", "list", line, "--limit", "all", "-o", "json")
    assert done.data
    assert "narrowed here" in trigdash("runs", "list", "send-email").err
    assert not {row["taskIdentifier"] for row in done.data} & {"send-email", "sync-crm"}
    assert all(row["_durationMs"] > 1000 for row in done.data)
    shown = trigdash("runs", "cancel", "--filter", "-task:send-email status:queued", "--dry-run")
    tasks = {json.loads(line)["taskIdentifier"] for line in shown.out.splitlines()}
    assert tasks
    assert "send-email" not in tasks
    assert trigdash("runs", "watch", "-task:send-email").code == 2


def test_a_canary_stops_where_the_same_error_comes_back_and_says_how_to_go_on(
    trigdash: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shown = trigdash("runs", "cancel", "--filter", "status:queued", "--dry-run")
    kept = tmp_path_factory.mktemp("canary") / "list.jsonl"
    kept.write_text("\n".join(shown.out.splitlines()[:5]) + "\n")
    ids = [json.loads(line)["id"] for line in kept.read_text().splitlines()]
    words = ("runs", "cancel", "--from", str(kept), "--yes", "-o", "jsonl", "--canary", "2")
    done = trigdash(*words, "--rate", "60/s")
    assert done.code == 0
    assert [json.loads(line)["runId"] for line in done.out.splitlines()] == ids
    assert "wave 1: 2 sent, 0 failed" in done.err
    assert "wave 2: 3 sent" in done.err
    rest = trigdash(*words, "--after", ids[2])
    assert [json.loads(line)["runId"] for line in rest.out.splitlines()] == ids[3:]
    assert trigdash(*words, "--after", "run_none").code == 2
    assert trigdash(*words, "--stop-at", "300%").code == 2


def test_a_pattern_is_searched_in_the_logs_of_many_runs_and_goes_on_where_it_ended(
    trigdash: CommandLine,
) -> None:
    line = "status:failed task:charge-invoice"
    done = trigdash("grep", "Attempt \\d", line, "-o", "jsonl", "--limit", "4")
    hits = [json.loads(each) for each in done.out.splitlines()]
    assert done.code == 0
    assert len({each["runId"] for each in hits}) == 4
    assert all(each["message"].startswith("Attempt") for each in hits)
    last = hits[-1]["runId"]
    assert f"continue with --before {last}" in done.err
    first = list(dict.fromkeys(each["runId"] for each in hits))
    onward = trigdash("grep", "Attempt", line, "-l", "--limit", "2", "--before", last)
    listed = trigdash("runs", "list", line, "-o", "name", "--limit", "6").out.split()
    assert [*first, *onward.out.split()] == listed
    counted = trigdash("grep", "attempt 1$", line, "-ci", "--limit", "1", "-o", "json").data
    assert (counted["id"], counted["_count"]) == (listed[0], 1)
    around = trigdash("grep", "Attempt 1$", line, "-C", "1", "--limit", "1", "-o", "jsonl")
    assert [json.loads(each)["_isMatch"] for each in around.out.splitlines()].count(True) == 1
    assert len(around.out.splitlines()) > 1
    assert trigdash("grep", "no such words anywhere", line, "--limit", "2").code == 1
    assert trigdash("grep", "(", line).code == 2


def test_logs_of_finished_runs_are_kept_for_the_next_search_until_they_are_cleared(
    trigdash: CommandLine,
) -> None:
    trigdash("grep", "Attempt", "status:failed", "--limit", "30")
    kept = list(Path(trigdash.environ["XDG_STATE_HOME"]).rglob("events/*/run_*.json"))
    assert kept
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert "dropped" in trigdash("cache", "clear").out
    assert not [path for path in kept if path.exists()]
