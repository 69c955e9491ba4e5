"""Environment variables: what tasks find in their environment; secrets are never shown again."""

from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import override

REDACTED = "<redacted>"
RESERVED = frozenset({"TRIGGER_SECRET_KEY", "TRIGGER_API_URL"})


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable."""

    name: str
    value: str
    is_secret: bool = False

    @property
    def shown(self) -> str:
        """The value as reads show it."""
        return REDACTED if self.is_secret else self.value

    @override
    def __repr__(self) -> str:
        return f"<Variable {self.name}>"


class CannotSet(ValueError):
    """Variables that are not taken; the text says why."""


def store(held: dict[str, Variable], given: Mapping[str, str], is_secret: bool) -> None:
    """Set variables, over those of the same name."""
    usable = {name: value for name, value in given.items() if name and value}
    if not usable:
        raise CannotSet("You must set at least one valid variable.")
    allowed = {name: value for name, value in usable.items() if name not in RESERVED}
    if not allowed:
        raise CannotSet(
            "You must set at least one valid variable. All the variables submitted are not allowed."
        )
    for name, value in allowed.items():
        held[name] = Variable(name, value, is_secret)


def first_ones() -> dict[str, Variable]:
    """What an environment begins with."""
    found = (
        Variable("DATABASE_URL", "postgres://jobs:not-a-real-password@db.example.test/jobs", True),
        Variable("MAILER_API_KEY", "mk_not_a_real_key", True),
        Variable("LOG_LEVEL", "info"),
        Variable("SEARCH_REGION", "eu-central-1"),
    )
    return {variable.name: variable for variable in found}
