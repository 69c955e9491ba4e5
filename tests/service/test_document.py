"""Documents behind links: fetched once, read as JSON where they are JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend
from tests.recorded import recorded
from trigdash.model.run import parse_run
from trigdash.service.cache.store import Store
from trigdash.service.runs.document import MAX_BYTES, DocumentQuery, read_document


def backend_of(name: str, body: bytes) -> FakeBackend:
    run = parse_run(recorded(name).body)
    backend = FakeBackend()
    backend.world[run.id] = None  # type: ignore[assignment]  # its answer is given below
    backend.answers["run"] = lambda run_id: run
    backend.answers["download"] = lambda url, limit: body
    return backend


async def fetched(backend: Any, part: Any) -> Any:
    run_id = next(iter(backend.world))
    return await DocumentQuery(run_id, part).fetch(backend, None)


async def test_a_link_is_asked_for_anew_and_followed_with_a_cap() -> None:
    backend = backend_of("runs_get_v3__big_output", b'{"rows": 3}')
    document = await fetched(backend, "output")
    assert document.value == {"rows": 3}
    assert document.is_json
    ((url, limit),) = backend.asked("download")
    assert url.startswith("http://127.0.0.1:55900/packets/")
    assert limit == MAX_BYTES


async def test_what_is_inline_after_all_is_taken_from_the_run() -> None:
    backend = backend_of("runs_get_v3__completed", b"")
    document = await fetched(backend, "payload")
    assert document.value == recorded("runs_get_v3__completed").data["payload"]
    assert not backend.asked("download")


async def test_a_document_is_fetched_once_and_never_changes() -> None:
    backend = backend_of("runs_get_v3__big_output", b"[1]")
    query = DocumentQuery("run_x", "output")
    document = read_document(b"[1]")
    assert await query.fetch(backend, document) is document  # type: ignore[arg-type]
    assert query.is_final(document, Store(), datetime.now(UTC))
    assert not backend.log


def test_text_that_is_no_json_stays_text() -> None:
    assert read_document(b"hello \xff").value == "hello \ufffd"
    assert not read_document(b"[" * 100_000).is_json
    assert read_document(b'{"a": 1}').size_bytes == 8


@pytest.mark.parametrize("body", [b"[NaN]", b'{"a": Infinity}', b"-Infinity"])
def test_what_only_python_takes_for_json_stays_text(body: bytes) -> None:
    assert not read_document(body).is_json
    assert read_document(body).value == body.decode()
