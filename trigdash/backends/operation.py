"""An operation: one call of the Trigger.dev API as a typed value.

An operation names what it needs, where it goes, what it carries, how its answer is read, and what
sending it twice would do. A backend sends it, or refuses it by what it needs. So a further call
is one function that returns an operation, in one place.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from trigdash.model.capability import Capability

T_co = TypeVar("T_co", covariant=True)

PROJECT = "{project}"
"""A step of a path: the `proj_…` of the project that we are in."""
ENVIRONMENT = "{environment}"
"""A step of a path: the name of the environment that we are in, as project routes call it."""


class Effect(Enum):
    """What sending a request twice would do."""

    READ = "nothing"
    REPEATABLE = "nothing more than once does"
    ONCE = "harm"


class Credential(Enum):
    """Whose credential an operation is sent with."""

    ENVIRONMENT = "the environment's key"
    PERSON = "an access token"
    EITHER = "an access token, else the environment's key"


@dataclass(frozen=True, slots=True)
class Operation(Generic[T_co]):
    """One call of the API. Its answer is a `T_co`."""

    needs: Capability
    path: tuple[str, ...]
    """Steps below `/api/`, not encoded; PROJECT and ENVIRONMENT stand for where we are."""
    parser: Callable[[bytes], T_co]
    """Reads the body of a success. Raises ValueError when it does not fit."""
    method: str = "GET"
    params: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    lines: tuple[Mapping[str, Any], ...] = ()
    """A body of JSON lines instead: items that are streamed."""
    effect: Effect = Effect.READ
    credential: Credential = Credential.ENVIRONMENT
    headers: tuple[tuple[str, str], ...] = ()
    since: str = ""
    """The first version of the server that has it, where that is not every one: "4.7"."""
    repeatable_by_key: bool = field(default=False)
    """True when an idempotency key within makes a ONCE safe to send again."""

    @property
    def is_write(self) -> bool:
        """Whether it changes something."""
        return self.effect is not Effect.READ


def nothing(body: bytes) -> None:
    """The parser of an answer that says no more than that it is a success."""


Paging = Callable[[str | None], tuple[tuple[str, str], ...]]
"""The parameters of a page: the first one for None, else the one that a Listing calls `next`."""


def numbered_page(page: str | None, size: int = 100) -> tuple[tuple[str, str], ...]:
    """The parameters of a page by its number; the first one for None."""
    return (("page", page or "1"), ("perPage", str(size)))


def cursor_page(after: str | None, size: int = 100) -> tuple[tuple[str, str], ...]:
    """The parameters of a page after a cursor; the first one for None."""
    cursor = (("page[after]", after),) if after else ()
    return (("page[size]", str(size)), *cursor)


def unpaged(page: str | None) -> tuple[tuple[str, str], ...]:
    """The parameters of a list that comes whole."""
    return ()
