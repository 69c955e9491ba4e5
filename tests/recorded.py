"""Answers recorded from a real server, as tests read them."""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "recordings"


@dataclass(frozen=True)
class Recorded:
    """One recorded answer."""

    name: str
    status: int
    headers: dict[str, str]
    data: Any
    """The JSON body; None where the body was not JSON."""
    body: bytes
    method: str = "GET"
    path: str = ""
    """What was asked."""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def recorded(name: str) -> Recorded:
    """One answer by the name of its file, e.g. `runs_list__status_FAILED`."""
    exchange = json.loads(_text(name))
    request, response = exchange["request"], exchange["response"]
    data = response.get("body")
    body = response.get("text", "").encode() if data is None else json.dumps(data).encode()
    asked = request["method"], request["path"]
    return Recorded(name, response["status"], response["headers"], data, body, *asked)


def _text(name: str) -> bytes:
    """A recording's file; the largest are kept compressed."""
    packed = _FOLDER / f"{name}.json.gz"
    return (
        gzip.decompress(packed.read_bytes())
        if packed.exists()
        else packed.with_suffix("").read_bytes()
    )


def names_of(operation: str) -> list[str]:
    """The names of all answers of an operation, e.g. `runs_list`."""
    return sorted(path.name.split(".")[0] for path in _FOLDER.glob(f"{operation}__*.json*"))


@cache
def all_recorded() -> tuple[Recorded, ...]:
    """Every answer there is, by name."""
    return tuple(map(recorded, sorted({path.name.split(".")[0] for path in _FOLDER.iterdir()})))


def successes_of(*operations: str) -> list[Recorded]:
    """All 2xx answers of some operations."""
    answers = [recorded(name) for operation in operations for name in names_of(operation)]
    return [answer for answer in answers if answer.is_success and answer.data is not None]
