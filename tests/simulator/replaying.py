"""Recorded requests, sent again to a world of our own, and whether it answers alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.recorded import names_of
from tests.simulator.callers import Answer, Served, caller_of, recording
from tests.simulator.shapes import Shape, shape_of

HEADERS = (
    "access-control-expose-headers", "cache-control", "x-ratelimit-limit", "x-remix-catch",
    "x-remix-error", "x-should-retry",
)  # fmt: skip


def exchanges(*operations: str, refused: bool | None = None) -> list[str]:
    """The names of recordings of some operations: all, the refused ones, or the others."""
    names = [name for operation in operations for name in names_of(operation)]
    if refused is None:
        return names
    return [name for name in names if (recording(name)["response"]["status"] >= 400) == refused]


async def repeat(served: Served, name: str, **other: str) -> Answer:
    """Send a recorded request again, with our names in place of the recorded ones."""
    request = recording(name)["request"]
    ref = served.world.project.ref
    names = {"proj_testacmejobs0000000000": ref, "proj_faketestprojectrefaa": ref, **other}
    body = request.get("body")
    return await served(
        request["method"],
        _renamed(request["path"], names),
        who=caller_of(recording(name)),
        query=request.get("query") or None,
        body=None if body is None else json.loads(_renamed(json.dumps(body), names)),
    )


def _renamed(text: str, names: Mapping[str, str]) -> str:
    for recorded, own in names.items():
        text = text.replace(recorded, own)
    return text


def same_refusal(answer: Answer, name: str, **other: str) -> None:
    """Status, words and headers are the recorded ones."""
    expected = recording(name)["response"]
    assert answer.status == expected["status"], answer.text
    assert answer.headers["content-type"] == _lower(expected["headers"])["content-type"]
    same_headers(answer, name)
    names = {"http://127.0.0.1:3030": "http://127.0.0.1", **other}
    assert answer.body == json.loads(_renamed(json.dumps(expected["body"]), names))


def same_headers(answer: Answer, name: str) -> None:
    """The headers that matter are as they were, or as absent."""
    expected = _lower(recording(name)["response"]["headers"])
    for header in HEADERS:
        assert answer.headers.get(header) == expected.get(header), header


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def recorded_shape(*names: str) -> Shape:
    """What the bodies of some recordings have in common."""
    return shape_of([recording(name)["response"]["body"] for name in names])


def agrees(answer: Answer, *names: str) -> None:
    """The answer has a recorded status, its headers, and the shape of the recorded bodies."""
    assert answer.status in {recording(name)["response"]["status"] for name in names}, answer.text
    same_headers(answer, names[0])
    assert recorded_shape(*names).misfits(answer.body) == []


def body_of(name: str) -> Any:
    """A recorded body."""
    return recording(name)["response"]["body"]
