"""Writes of the Trigger.dev backend: what is sent, what is never sent, and what is unknown."""

from dataclasses import replace

import pytest

from tests.backends.fake_server import FakeClock, FakeServer, Reply, Seen
from tests.recorded import recorded, successes_of
from trigdash.backends import open_backend
from trigdash.backends.base import (
    Backend,
    CannotReach,
    RateLimited,
    TooManyAtOnce,
    Unreadable,
    Unsupported,
)
from trigdash.backends.operations.project import trigger_task
from trigdash.backends.target import Secret, Target
from trigdash.model.capability import Capability
from trigdash.model.run_filter import RunFilter

RUN = "/api/v1/runs/run_1"


async def test_writes_are_sent_as_the_api_wants_them(server: FakeServer, backend: Backend) -> None:
    server.answer("POST", "/api/v2/runs/run_1/cancel", Reply.of({"id": "run_1"}))
    server.answer("POST", f"{RUN}/replay", Reply.of(recorded("run_replay__completed")))
    server.answer("POST", f"{RUN}/tags", Reply.of({"message": "Successfully set 1 new tags."}))
    server.answer("PUT", f"{RUN}/metadata", Reply.of({"metadata": {"a": 1}}))
    server.answer("POST", f"{RUN}/reschedule", Reply.of(successes_of("run_reschedule")[0]))
    server.answer("POST", "/api/v1/tasks/send-email/trigger", Reply.of({"id": "run_9"}))

    await backend.cancel("run_1")
    assert (await backend.replay("run_1")).startswith("run_")
    assert await backend.add_tags("run_1", ["a"]) == "Successfully set 1 new tags."
    await backend.edit_metadata("run_1", {"a": 1}, ("b",))
    await backend.reschedule("run_1", "1h")
    started = await backend.trigger("send-email", {"to": 1}, {"tags": ["x"]})
    assert (started.id, started.is_cached) == ("run_9", False)

    bodies = [one.json if one.body else None for one in server.seen]
    assert bodies == [
        None,
        None,
        {"tags": ["a"]},
        {
            "operations": [
                {"type": "set", "key": "a", "value": 1},
                {"type": "delete", "key": "b"},
            ]
        },
        {"delay": "1h"},
        {"payload": {"to": 1}, "options": {"tags": ["x"]}},
    ]
    assert server.seen[-1].headers["x-trigger-request-idempotency-key"]


async def test_half_a_character_is_sent_as_the_escape_that_it_came_as(
    server: FakeServer, backend: Backend
) -> None:
    server.answer("POST", "/api/v1/tasks/send-email/trigger", Reply.of({"id": "run_9"}))
    payload = {"cut\udc00": "half \ud83d", "whole": "€ 😀"}
    await backend.trigger("send-email", payload, {})
    assert b'"half \\ud83d"' in server.seen[0].body
    assert server.seen[0].json["payload"] == payload


async def test_queue_settings_go_by_id(server: FakeServer, backend: Backend) -> None:
    queue = Reply.of(successes_of("queues_pause")[0])
    for step in ("pause", "concurrency/override", "concurrency/reset"):
        server.answer("POST", f"/api/v1/queues/queue_1/{step}", queue)
    await backend.pause_queue("queue_1", True)
    await backend.override_limit("queue_1", 3)
    await backend.reset_limit("queue_1")
    assert [one.json for one in server.seen] == [
        {"type": "id", "action": "pause"},
        {"type": "id", "concurrencyLimit": 3},
        {"type": "id"},
    ]


class LosesAnswers(FakeServer):
    """Starts a bulk action, cuts the connection, and lists what it started."""

    def __init__(self, *, lists: bool) -> None:
        super().__init__()
        self._lists = lists

    def _next(self, seen: Seen) -> Reply:
        if seen.method == "POST":
            return Reply(hang_up=True)
        earlier, started = (
            recorded("bulk_actions_get__bulk2").data | {"id": bulk_id, "name": name}
            for bulk_id, name in (("bulk_1", "mine"), ("bulk_2", self.seen[0].json["name"]))
        )
        return Reply.of({"data": [started, earlier] if self._lists else [earlier]})


async def test_a_bulk_action_whose_answer_was_lost_is_found_by_its_name() -> None:
    async with LosesAnswers(lists=True) as server:
        backend = open_backend(Target(api_url=server.url, secret_key=Secret("k")), FakeClock())
        assert await backend.start_bulk("cancel", ["run_1"], None) == "bulk_2"
        assert server.paths() == ["POST /api/v1/bulk-actions", "GET /api/v1/bulk-actions"]
        await backend.aclose()


async def test_a_bulk_action_that_is_not_listed_stays_unknown_and_is_sent_once() -> None:
    async with LosesAnswers(lists=False) as server:
        backend = open_backend(Target(api_url=server.url, secret_key=Secret("k")), FakeClock())
        with pytest.raises(CannotReach) as lost:
            await backend.start_bulk("cancel", ["run_1"], None)
        assert lost.value.outcome_unknown
        assert [one.method for one in server.seen].count("POST") == 1
        await backend.aclose()


async def test_a_bulk_action_by_filter_covers_exactly_that_filter(
    server: FakeServer, backend: Backend
) -> None:
    server.answer("POST", "/api/v1/bulk-actions", Reply.of({"id": "bulk_1"}, status=202))
    narrowed = RunFilter(statuses=("FAILED",), queues=("task/a", "video"), period="1h")
    assert await backend.start_bulk("replay", None, narrowed) == "bulk_1"
    sent = server.seen[0].json
    assert sent.pop("name").startswith("trigdash ")
    assert sent == {
        "action": "replay",
        "filter": {
            "status": ["FAILED"],
            "queue": [{"type": "task", "name": "a"}, {"type": "custom", "name": "video"}],
            "period": "1h",
        },
    }
    for wider in (RunFilter(error="error_1"), RunFilter(text="only these")):
        with pytest.raises(Unsupported):
            await backend.start_bulk("replay", None, wider)
    assert len(server.seen) == 1


@pytest.mark.parametrize("body", [b"<html>", b"{}", b""])
async def test_a_replay_with_an_unreadable_answer_has_an_unknown_outcome(
    server: FakeServer, backend: Backend, body: bytes
) -> None:
    server.answer("POST", f"{RUN}/replay", Reply(body=body))
    with pytest.raises(Unreadable) as caught:
        await backend.replay("run_1")
    assert caught.value.outcome_unknown
    assert len(server.seen) == 1


async def test_a_read_only_profile_sends_no_write(
    server: FakeServer, target: Target, clock: FakeClock
) -> None:
    backend = open_backend(replace(target, read_only=True), clock)
    for write in (
        backend.cancel("run_1"),
        backend.replay("run_1"),
        backend.add_tags("run_1", ["a"]),
        backend.reschedule("run_1", "1h"),
        backend.edit_metadata("run_1", {"a": 1}, ()),
        backend.trigger("a", None, {}),
        backend.pause_queue("queue_1", True),
        backend.override_limit("queue_1", 1),
        backend.reset_limit("queue_1"),
        backend.start_bulk("cancel", ["run_1"], None),
        backend.abort_bulk("bulk_1"),
    ):
        with pytest.raises(Unsupported, match="read-only"):
            await write
    await backend.aclose()
    assert server.seen == []
    assert backend.disabled_reason(Capability.CANCEL) == "this profile is read-only"


async def test_what_trigger_dev_lacks_is_said_in_words(backend: Backend) -> None:
    for write in (backend.retry("run_1"), backend.restart("run_1", "step", None)):
        with pytest.raises(Unsupported, match="replay"):
            await write
    assert "trace" in backend.disabled_reason(Capability.STEPS)


async def test_a_metadata_key_that_the_server_reads_as_a_path_is_refused_unsent(
    server: FakeServer, backend: Backend
) -> None:
    for changed, removed in (({"$.a": 1}, ()), ({"a": 1}, ("$.b.c",))):
        with pytest.raises(Unsupported, match=r"reads the key \$\.[ab]"):
            await backend.edit_metadata("run_1", changed, removed)
    assert server.seen == []


async def test_a_fourth_bulk_replay_is_told_in_the_servers_words_and_asked_for_once(
    server: FakeServer, backend: Backend
) -> None:
    busy = recorded("bulk_actions_create__err_429_fourth_replay")
    server.answer("POST", "/api/v1/bulk-actions", Reply.of(busy))
    with pytest.raises(TooManyAtOnce) as caught:
        await backend.start_bulk("replay", ["run_1"], None)
    assert caught.value.message().startswith("the server is busy: You can only run 3 bulk replays")
    assert len(server.seen) == 1
    spent = recorded("ratelimit_429__secret_key_post")
    server.answer("POST", "/api/v1/bulk-actions", Reply.of(spent))
    with pytest.raises(RateLimited):
        await backend.start_bulk("replay", ["run_1"], None)


async def test_a_used_idempotency_key_is_told(server: FakeServer, backend: Backend) -> None:
    cached = Reply.of({"id": "run_9", "isCached": True})
    server.answer("POST", "/api/v1/tasks/send-email/trigger", cached)
    assert (await backend.trigger("send-email", None, {"idempotencyKey": "a"})).is_cached
    assert (await backend.call(trigger_task("send-email", None, {}))).is_cached
