"""The scenarios: calm, busy, incident and giant."""

# An event is a line.
# ruff: noqa: E501

from trigdash.simulator.world.scenario import (
    CHILD_HANGS,
    HANGS,
    NEVER_STARTS,
    RETRIES_LATE,
    WAITS_FOR_EVER,
    Extra,
    Incident,
    Scenario,
    ScenarioEvent,
)
from trigdash.simulator.world.steps import db, lines, log, span
from trigdash.simulator.world.tasks import Fault, Task

CALM = Scenario(
    "calm",
    "a shop on a good day: a new run every second or two, some backlogs, 5 % failures",
    deploy_every_min=45,
    events=(
        ScenarioEvent(
            -35, "trigger", "translate-catalog", 2, note="a task that no version has yet"
        ),
        ScenarioEvent(-20, "trigger", "send-email", 3, Extra(delay_min=90)),
        ScenarioEvent(-12, "trigger", "generate-report", 1, Extra(delay_min=25)),
        ScenarioEvent(-1, "batch", "resize-image", 24),
        ScenarioEvent(-0.8, "trigger", "send-email", 2, Extra(test=True)),
        ScenarioEvent(3, "trigger", "send-email", 2, Extra(delay_min=4)),
    ),
)

BUSY = Scenario(
    "busy",
    "thousands of runs an hour, queues at their limits, the environment near its own",
    interval_s=0.35,
    concurrency=20,
    weights={
        "transcribe-audio": 0.6,
        "resize-image": 7,
        "deliver-webhook": 24,
        "index-documents": 2.2,
    },
    batch_every_s=60,
    deploy_every_min=20,
    events=(
        ScenarioEvent(-4, "batch", "resize-image", 120),
        ScenarioEvent(-2, "batch", "index-documents", 30),
    ),
)

_TAX = Fault(
    "TypeError", "Cannot read properties of null (reading 'taxRate')", "applyTax", at="SELECT"
)
_KEY = "customer_stuck"


def _stuck(
    at_min: float, way: str, task: str, extra: Extra, note: str, env: str = "", number: int = 1
) -> ScenarioEvent:
    """Runs that are stuck in one way, tagged with it."""
    tagged = Extra(
        delay_min=extra.delay_min, ttl=extra.ttl, key=extra.key, queue=extra.queue,
        stall=extra.stall, tags=(f"stuck:{way}",),
    )  # fmt: skip
    return ScenarioEvent(at_min, "trigger", task, number, tagged, env, note)


INCIDENT = Scenario(
    "incident",
    "a deploy breaks charge-invoice, the indexing queue backs up, the crm queue is paused, and one"
    " run is stuck in each way that can be explained (tags stuck:…)",
    incidents=(Incident("charge-invoice", _TAX, -8, 1e9, 0.85),),
    events=(
        ScenarioEvent(-8, "deploy", note="the deploy that breaks charge-invoice"),
        ScenarioEvent(-6, "pause", "crm", note="somebody pauses the crm queue"),
        ScenarioEvent(-5, "batch", "index-documents", 60, note="the indexing queue backs up"),
        ScenarioEvent(-4.5, "limit", "task/moderate-comment", 0, note="the limit of a queue becomes 0"),
        _stuck(-4, "delayed", "send-email", Extra(delay_min=180), "due only in three hours"),
        _stuck(-4, "no-version", "translate-catalog", Extra(), "no version has this task"),
        _stuck(-4, "queue-paused", "sync-crm", Extra(), "its queue is paused"),
        _stuck(-3.9, "limit-zero", "moderate-comment", Extra(), "its queue's limit is 0"),
        _stuck(-3.8, "ttl", "sync-crm", Extra(ttl="15m"), "will expire before its queue resumes"),
        _stuck(-3.7, "queue-full", "index-documents", Extra(), "its queue is at its limit"),
        _stuck(-3.6, "silent", "charge-invoice", Extra(key=_KEY, stall=HANGS), "executes and says nothing"),
        _stuck(-3.5, "key-full", "charge-invoice", Extra(key=_KEY), "its concurrency key is at its limit"),
        _stuck(-3.4, "dequeued", "send-email", Extra(stall=NEVER_STARTS), "dequeued, but its worker never begins"),
        _stuck(-3.3, "token", "approve-refund", Extra(stall=WAITS_FOR_EVER), "waits for a token that nobody completes"),
        _stuck(-3.2, "child", "generate-report", Extra(stall=CHILD_HANGS), "waits for children, one of which hangs"),
        _stuck(-3.1, "retry", "deliver-webhook", Extra(stall=RETRIES_LATE), "failed, tries again in two hours"),
        ScenarioEvent(-3, "pause environment", env="stg", note="staging is paused as a whole"),
        _stuck(-2.9, "environment-paused", "send-email", Extra(), "its environment is paused", "stg"),
        ScenarioEvent(-2.8, "environment limit", env="preview", number=1, note="preview runs one at a time"),
        _stuck(-2.7, "environment-full", "send-email", Extra(stall=HANGS), "takes the only place", "preview"),
        _stuck(-2.6, "environment-full", "send-email", Extra(), "its environment is at its limit", "preview"),
    ),
)  # fmt: skip

BACKFILL = Task(
    "backfill-ledger", "src/trigger/ledger.ts", 0, 75_000, 0.1, limit=2, machine="medium-2x",
    steps=(
        log("Backfill started", rows=11_000),
        db("SELECT * FROM ledger ORDER BY id"),
        lines("Row batch posted", 11_000),
        log("Backfill finished"),
    ),
    faults=(Fault("LedgerError", "balance of account {hex} does not add up", "postBatch"),),
    failure=0.0, payload={"from": "2019-01-01"}, output={"rows": 11_000},
)  # fmt: skip
EXPORT = Task(
    "export-archive", "src/trigger/export.ts", 0, 9_000, 0.2,
    steps=(db("SELECT * FROM stock", 2), span("write archive", weight=5, megabytes=10), log("Archive written")),
    faults=(Fault("ExportError", "disk full", "writeArchive"),),
    failure=0.0, payload={"format": "json"}, output={"rows": 0},
)  # fmt: skip
GIANT = Scenario(
    "giant",
    "everything too large: a truncated trace of 5,000 records, 11,000 events, 2,000 queues, a batch"
    " of 1,000 runs, 10 MB of output",
    tasks=(BACKFILL, EXPORT),
    most_unbounded=1_000,
    events=(
        ScenarioEvent(-40, "queues", "tenant", 2_000),
        ScenarioEvent(-30, "batch", "resize-image", 1_000),
        ScenarioEvent(-30, "trigger", "backfill-ledger", note="11,000 log lines, a truncated trace"),
        ScenarioEvent(-20, "trigger", "export-archive", 1, Extra(output_bytes=10_000_000), note="10 MB of output"),
        ScenarioEvent(-10, "trigger", "send-email", 300, Extra(queue="tenant-{n:04d}")),
        ScenarioEvent(-1, "trigger", "backfill-ledger", note="the same again, still executing"),
        ScenarioEvent(-0.1, "trigger", "sync-crm", 40, Extra(queue="tenant-0001"), note="a queue with a backlog"),
    ),
)  # fmt: skip

SCENARIOS = {each.name: each for each in (CALM, BUSY, INCIDENT, GIANT)}
