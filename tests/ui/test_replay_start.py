"""What the form of an edited replay begins with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trigdash.model.run import Run, parse_run
from trigdash.presentation.cell import cell_text
from trigdash.presentation.replay_start import FormStart, start_of
from trigdash.service.runs.document import Document
from trigdash.service.runs.placement import RunPlacement

PLACE = RunPlacement("video-queue", "large-1x", "user_7")


def run(**fields: Any) -> Run:
    given = {
        "id": "run_1",
        "taskIdentifier": "send-email",
        "status": "COMPLETED",
        "createdAt": "2026-03-04T12:00:00Z",
        "updatedAt": "2026-03-04T12:00:01Z",
        "payload": {"to": "a"},
    }
    return parse_run(json.dumps(given | fields).encode())


def said(start: FormStart) -> str:
    return "\n".join(map(cell_text, start.lines))


def test_queue_machine_and_concurrency_key_are_those_of_the_run() -> None:
    start = start_of(run(tags=["a", "order:1,2"], ttl="2h"), PLACE, None)
    assert start.payload == '{\n  "to": "a"\n}'
    assert start.fields == {
        "tags": 'a, "order:1,2"',
        "ttl": "2h",
        "queue": "video-queue",
        "machine": "large-1x",
        "concurrency key": "user_7",
    }
    assert start.tags == ("a", "order:1,2")
    assert "does not tell" not in said(start)


def test_the_tasks_own_queue_is_left_to_the_task() -> None:
    assert start_of(run(), RunPlacement("task/send-email", "micro"), None).fields["queue"] == ""
    assert start_of(run(), RunPlacement("task/other", ""), None).fields["queue"] == "task/other"
    assert "The machine of that run is not known" in said(start_of(run(), RunPlacement("q"), None))


@pytest.mark.parametrize("place", [None, RunPlacement(is_refused=True)])
def test_what_the_server_does_not_tell_of_the_run_is_said(place: RunPlacement | None) -> None:
    start = start_of(run(), place, None)
    words = "The server does not tell which queue, machine and concurrency key that run had."
    assert words in said(start)
    assert not any(start.fields.get(name) for name in ("queue", "machine", "concurrency key"))


def test_dates_of_a_scheduled_runs_payload_are_said_to_become_text() -> None:
    words = "dates within its payload are sent as text"
    assert words in said(start_of(run(schedule={"id": "sched_1"}), PLACE, None))
    assert words not in said(start_of(run(), PLACE, None))


def test_metadata_are_said_not_to_be_taken_along() -> None:
    assert "metadata are not taken along" in said(start_of(run(metadata={"a": 1}), PLACE, None))
    assert "metadata" not in said(start_of(run(), PLACE, None))


STORED_APART = {"payloadPresignedUrl": "https://store/x", "payload": None}


def test_a_payload_that_was_loaded_before_is_there_and_any_other_must_be_typed() -> None:
    loaded = Document({"to": "b", "big": 10**20, "half": "\ud83d"}, 700_000, True)
    start = start_of(run(**STORED_APART), PLACE, loaded)
    assert json.loads(start.payload) == loaded.value
    assert "stored apart" not in said(start)
    without = start_of(run(**STORED_APART), PLACE, None)
    assert without.payload == ""
    assert "Load it in the run's Payload tab, or type another." in said(without)
    text = start_of(run(**STORED_APART), PLACE, Document("plain words", 700_000, False))
    assert text.payload == '"plain words"'


def test_a_payload_that_could_not_be_read_whole_is_not_sent_with_a_text_in_its_place() -> None:
    body = {"id": "run_1", "taskIdentifier": "t", "status": "COMPLETED", "payload": 0}
    body |= {"createdAt": "2026-03-04T12:00:00Z", "updatedAt": "2026-03-04T12:00:01Z"}
    nested = '{"a": ' * 5_000 + "1" + "}" * 5_000
    deep = parse_run(json.dumps(body).replace('"payload": 0', f'"payload": {nested}').encode())
    start = start_of(deep, PLACE, None)
    assert start.payload == ""
    assert "nests too deeply" in said(start)


def test_a_payload_that_the_endpoint_would_refuse_for_its_size_is_not_edited() -> None:
    large = Document("x" * 3_000_001, 3_000_001, False)
    start = start_of(run(**STORED_APART), PLACE, large)
    assert start.payload == ""
    assert "Its payload of 3.0 MB is too large to be sent so: type another." in said(start)


@pytest.mark.parametrize(("ttl", "kept"), [("10m", "10m"), ("2h30m", "2h30m"), ("soon", None)])
def test_a_time_to_live_is_kept(ttl: str, kept: str | None) -> None:
    assert start_of(run(ttl=ttl), PLACE, None).fields.get("ttl") == kept
