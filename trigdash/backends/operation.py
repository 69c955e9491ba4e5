"""An operation: one call of the Trigger.dev API as a typed value.

An operation names the capability it needs, its path and body, the parser of its answer, and the
effect of sending it twice. A backend sends it, or refuses it if the capability is missing. So
adding a call means adding one function that returns an operation. This module is imported before
the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from trigdash.model.capability import Capability

T_co = TypeVar("T_co", covariant=True)

PROJECT = "{project}"
"""A path segment: the `proj_…` of the current project."""
ENVIRONMENT = "{environment}"
"""A path segment: the current environment's name in project routes."""


class Effect(Enum):
    """The effect of sending a request twice."""

    READ = "nothing"
    REPEATABLE = "nothing more than once does"
    ONCE = "harm"


class Credential(Enum):
    """The credential of an operation."""

    ENVIRONMENT = "the environment's key"
    PERSON = "an access token"
    EITHER = "an access token, else the environment's key"


@dataclass(frozen=True, slots=True)
class Operation(Generic[T_co]):
    """One call of the API. Its answer is a `T_co`."""

    needs: Capability
    path: tuple[str, ...]
    """Segments below `/api/`, not encoded; PROJECT and ENVIRONMENT stand for the current ones."""
    parser: Callable[[bytes], T_co]
    """Parses the body of a success. Raises ValueError if it does not fit."""
    method: str = "GET"
    params: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    lines: tuple[Mapping[str, Any], ...] = ()
    """Alternatively a body of JSON lines: items that are streamed."""
    effect: Effect = Effect.READ
    credential: Credential = Credential.ENVIRONMENT
    headers: tuple[tuple[str, str], ...] = ()
    since: str = ""
    """The first server version that has it, such as "4.7", if not all do."""
    repeatable_by_key: bool = field(default=False)
    """True when an idempotency key in the body makes a ONCE operation safe to send again."""

    @property
    def is_write(self) -> bool:
        """Whether it writes."""
        return self.effect is not Effect.READ


def nothing(body: bytes) -> None:
    """The parser of an answer without content."""


Paging = Callable[[str | None], tuple[tuple[str, str], ...]]
"""The parameters of a page: the first one for None, otherwise the one of a Listing's `next`."""


def numbered_page(page: str | None, size: int = 100) -> tuple[tuple[str, str], ...]:
    """The parameters of a page by its number; the first one for None."""
    return (("page", page or "1"), ("perPage", str(size)))


def cursor_page(after: str | None, size: int = 100) -> tuple[tuple[str, str], ...]:
    """The parameters of a page after a cursor; the first one for None."""
    cursor = (("page[after]", after),) if after else ()
    return (("page[size]", str(size)), *cursor)


def unpaged(page: str | None) -> tuple[tuple[str, str], ...]:
    """The parameters of a list without pages."""
    return ()
