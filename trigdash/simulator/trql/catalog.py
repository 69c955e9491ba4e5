"""Tables and columns that can be queried: the schema endpoint's recorded answer is the data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from trigdash.simulator.trql.refusal import unknown_table

# Queryable but not in the schema (recorded).
_HIDDEN = "queue_metrics_by_key"
# The order of the refusal of an unknown table (recorded).
_ORDER = (
    "runs", "metrics", "llm_metrics", "llm_models", "queue_metrics", "env_metrics", _HIDDEN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind` is what matters to comparing and printing it."""

    name: str
    kind: str
    core: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One table, with the column that the time window applies to."""

    name: str
    time_column: str
    columns: Mapping[str, Column]

    @property
    def core(self) -> list[str]:
        """What `SELECT *` returns (recorded: only these)."""
        return [column.name for column in self.columns.values() if column.core]


def _kind(name: str, type_name: str) -> str:
    bare = type_name.removeprefix("Nullable(").removeprefix("LowCardinality(").rstrip(")")
    if name == "status":
        return "status"
    if name.startswith(("is_", "has_")):
        return "flag"
    if name.endswith(("_quantiles", "_delta")):
        return "state"
    if type_name.startswith("Array"):
        return "array"
    if bare.startswith(("JSON", "Map")):
        return "json"
    if bare.startswith("DateTime64"):
        return "datetime64"
    if bare.startswith("DateTime"):
        return "datetime"
    return "text" if bare.startswith("String") else "number"


@cache
def schema() -> dict[str, object]:
    """The body of the schema endpoint."""
    text = files(__package__).joinpath("schema.json").read_text(encoding="utf-8")
    body: dict[str, object] = json.loads(text)
    return body


@cache
def dashboards() -> dict[str, object]:
    """The body of the dashboards endpoint."""
    text = files(__package__).joinpath("dashboards.json").read_text(encoding="utf-8")
    body: dict[str, object] = json.loads(text)
    return body


@cache
def tables() -> dict[str, Table]:
    """Every table that can be queried, by name."""
    found: dict[str, Table] = {}
    entries = schema()["tables"]
    assert isinstance(entries, list)
    for entry in entries:
        columns = {
            column["name"]: Column(
                column["name"],
                _kind(column["name"], column["type"]),
                bool(column.get("coreColumn")),
            )
            for column in entry["columns"]
        }
        found[entry["name"]] = Table(entry["name"], entry["timeColumn"], columns)
    plain = found["queue_metrics"]
    key = Column("concurrency_key", "text", True)
    found[_HIDDEN] = Table(_HIDDEN, plain.time_column, {**plain.columns, key.name: key})
    return {name: found[name] for name in _ORDER}


def table(name: str) -> Table:
    """The table of a name, or the refusal."""
    try:
        return tables()[name]
    except KeyError:
        raise unknown_table(name, tables()) from None


# Statuses are printed and filtered by friendly names, and kept by the server's own.
FRIENDLY_STATUSES = {
    "DELAYED": "Delayed",
    "PENDING": "Queued",
    "PENDING_VERSION": "Pending version",
    "WAITING_FOR_DEPLOY": "Pending version",
    "DEQUEUED": "Dequeued",
    "EXECUTING": "Executing",
    "WAITING_TO_RESUME": "Waiting",
    "RETRYING_AFTER_FAILURE": "Reattempting",
    "PAUSED": "Paused",
    "CANCELED": "Canceled",
    "INTERRUPTED": "Interrupted",
    "COMPLETED_SUCCESSFULLY": "Completed",
    "COMPLETED_WITH_ERRORS": "Failed",
    "SYSTEM_FAILURE": "System failure",
    "CRASHED": "Crashed",
    "EXPIRED": "Expired",
    "TIMED_OUT": "Timed out",
}


def own_statuses(name: str) -> list[str]:
    """The server's own statuses behind a name in a query; the name itself when it is unknown."""
    found = [own for own, friendly in FRIENDLY_STATUSES.items() if friendly == name]
    return found or [name]
