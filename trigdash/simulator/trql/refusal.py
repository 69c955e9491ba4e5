"""Why a query is not answered: each text ends up in a 400."""

from collections.abc import Iterable

# Names of columns in the server's own store. The refusal of one suggests the public name
# (recorded: `started_at` leads to `dequeued_at`).
_STORE_NAMES = {
    "started_at": "dequeued_at",
    "created_at": "triggered_at",
    "friendly_id": "run_id",
    "id": "run_id",
    "machine_preset": "machine",
    "environment_id": "environment",
    "project_id": "project",
    "expiration_ttl": "ttl",
}


class QueryRefused(ValueError):
    """A query that cannot be answered; the text says why."""


def unknown_column(name: str, columns: Iterable[str]) -> QueryRefused:
    """With a suggestion when a name is close, else with all columns (recorded)."""
    known = sorted(columns)
    suggestion = _STORE_NAMES.get(name.lower())
    if suggestion not in known:
        suggestion = _nearest(name, known)
    if suggestion:
        return QueryRefused(f'Unknown column "{name}". Did you mean "{suggestion}"?')
    return QueryRefused(f'Unknown column "{name}". Available columns: {", ".join(known)}')


def unknown_table(name: str, tables: Iterable[str]) -> QueryRefused:
    """Recorded text."""
    return QueryRefused(f'Table "{name}" is not accessible. Available tables: {", ".join(tables)}')


def unknown_function(name: str) -> QueryRefused:
    """Recorded text."""
    return QueryRefused(f"Unknown function: {name}")


def unsupported(what: str) -> QueryRefused:
    """What the real server may well do, and this one does not."""
    return QueryRefused(f"{what} not supported by this simulator")


def _nearest(name: str, known: list[str]) -> str | None:
    ranked = sorted((distance(name.lower(), column), column) for column in known)
    # A slip of the finger, not another word.
    return ranked[0][1] if ranked and ranked[0][0] <= min(2, len(name) // 4) else None


def distance(one: str, other: str) -> int:
    """Levenshtein's: how many letters to change, add or drop."""
    above = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        here = [row]
        for column, right in enumerate(other, 1):
            here.append(min(above[column] + 1, here[-1] + 1, above[column - 1] + (left != right)))
        above = here
    return above[-1]
