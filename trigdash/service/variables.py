"""Comparisons of environment variables: what an import changes, and how two environments differ.
Texts have names only, never a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.service.cache.query import Query

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.project import Variable

Change = tuple[str, str, str]
"""A mark (`+`, `-`, `~`, `?` or a blank), a name, and the words."""


def values_of(rows: Iterable[Variable]) -> dict[str, str | None]:
    """The values by name; None for a secret, whose value is never sent."""
    return {row.name: None if row.is_secret else row.value for row in rows}


def differences(
    here: Mapping[str, str | None], there: Mapping[str, str | None], environment: str
) -> list[Change]:
    """How the variables of another environment differ."""
    told: list[Change] = []
    for name in sorted({*here, *there}):
        if name not in there:
            told.append(("-", name, f"not in {environment}"))
        elif name not in here:
            told.append(("+", name, f"only in {environment}"))
        elif here[name] is None or there[name] is None:
            told.append(("?", name, "secret: values are not told"))
        elif here[name] != there[name]:
            told.append(("~", name, "differs"))
    return told


def import_changes(held: Mapping[str, str | None], given: Mapping[str, str]) -> list[Change]:
    """What an import does to each variable. `held` has None for a value that is never sent."""
    told: list[Change] = []
    for name in sorted({*held, *given}):
        if name not in given:
            told.append((" ", name, "only on the server: stays"))
        elif name not in held:
            told.append(("+", name, "new"))
        elif held[name] is None:
            told.append(("~", name, "secret: set anew"))
        elif held[name] != given[name]:
            told.append(("~", name, "changes"))
        else:
            told.append((" ", name, "the same"))
    return told


@dataclass(frozen=True, slots=True)
class VariablesCompared:
    """The variables of two environments."""

    environment: str
    """The other one."""
    differ: tuple[Change, ...]
    alike: int


@dataclass(frozen=True, slots=True)
class CompareQuery(Query[VariablesCompared]):
    """How the variables of another environment differ from the current one's."""

    environment: str

    EVERY_S: ClassVar[float] = 30.0

    @override
    async def read(self, backend: Backend) -> VariablesCompared:
        from trigdash.backends.operations.project import list_variables, list_variables_of

        here = values_of((await backend.call(list_variables(None))).rows)
        there = values_of((await backend.call(list_variables_of(self.environment))).rows)
        differ = tuple(differences(here, there, self.environment))
        return VariablesCompared(self.environment, differ, len({*here, *there}) - len(differ))

    @override
    def is_refused_for_good(self) -> bool:
        return True

    @override
    def concerns(self, target: str) -> bool:
        return True
