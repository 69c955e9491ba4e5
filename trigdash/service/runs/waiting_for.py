"""The tokens that a waiting run may wait for: those that name it in their tags.

The API links tokens and runs in no other way.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.service.cache.query import Query

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.inputs import WaitpointToken


@dataclass(frozen=True, slots=True)
class TokensOfQuery(Query[tuple["WaitpointToken", ...]]):
    """The tokens that wait and name a run."""

    run_id: str

    EVERY_S: ClassVar[float] = 15.0

    @override
    async def read(self, backend: Backend) -> tuple[WaitpointToken, ...]:
        from trigdash.backends.operations.inputs import tokens_tagged

        return (await backend.call(tokens_tagged(self.run_id))).rows

    @override
    def is_refused_for_good(self) -> bool:
        return True

    @override
    def concerns(self, target: str) -> bool:
        return target == self.run_id or target.startswith("waitpoint_")
