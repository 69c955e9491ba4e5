"""The same synthetic runs for both sides of every comparison."""

import random

from trigdash.model.run_row import RunRow

NOW_MS = 1_795_300_000_000
_TASKS = ("send-email", "sync-crm", "generate-report", "resize-image", "charge-invoice")
_STATUSES = ("COMPLETED",) * 16 + ("FAILED", "EXECUTING", "QUEUED", "CANCELED")
COLUMNS = (
    "status",
    "task",
    "run",
    "age",
    "duration",
    "tries",
    "version",
    "tags",
    "cost",
    "environment",
)


def run_rows(count: int, seed: int = 7) -> list[RunRow]:
    """`count` runs, newest first, one a second."""
    chance = random.Random(seed)
    return [_run_row(chance, index) for index in range(count)]


def _run_row(chance: random.Random, index: int) -> RunRow:
    created_ms = NOW_MS - index * 1000
    status = chance.choice(_STATUSES)
    started_ms = None if status == "QUEUED" else created_ms + chance.randrange(50, 900)
    final = status in {"COMPLETED", "FAILED", "CANCELED"}
    return RunRow(
        id=f"run_c{index:024x}",
        status_name=status,
        task=chance.choice(_TASKS),
        created_ms=created_ms,
        updated_ms=created_ms + 1000,
        started_ms=started_ms,
        finished_ms=(started_ms or created_ms) + chance.randrange(80, 9000) if final else None,
        compute_ms=chance.randrange(50, 9000),
        version="20261121.3",
        tags=(f"org_{chance.randrange(1000):03}",),
        cost_cents=chance.random() / 10,
        environment="prod",
    )


def texts(row: RunRow) -> tuple[str, ...]:
    """One row as ten texts, for tables that want texts."""
    took_ms = (row.finished_ms or NOW_MS) - (row.started_ms or NOW_MS)
    return (
        row.status.word,
        row.task,
        row.id,
        f"{(NOW_MS - row.created_ms) // 1000} s",
        f"{took_ms / 1000:.2f} s",
        "1",
        row.version or "",
        " ".join(row.tags),
        f"{row.cost_cents:.4f}",
        row.environment or "",
    )
