"""The scenarios: calm, busy, incident and giant."""

# An event is a line.
# ruff: noqa: E501

from dataclasses import replace

from trigdash.simulator.scenarios.catalog import SYNC_INVENTORY
from trigdash.simulator.world.limits import Concurrency, LimitDeclaration
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
from trigdash.simulator.world.steps import db, http, lines, log, span
from trigdash.simulator.world.tasks import Task, TaskError

CALM = Scenario(
    "calm",
    "a shop on a good day: a new run every second or two, some backlogs, 5 % failures, and nothing"
    " that anybody has to look at",
    past_errors=True,
    events=(
        ScenarioEvent(-20, "trigger", "send-email", 3, Extra(delay_min=90)),
        ScenarioEvent(-12, "trigger", "generate-report", 1, Extra(delay_min=25)),
        ScenarioEvent(-1, "batch", "resize-image", 24),
        ScenarioEvent(-0.8, "trigger", "send-email", 2, Extra(test=True)),
        ScenarioEvent(3, "trigger", "send-email", 2, Extra(delay_min=4)),
    ),
)

BUSY = Scenario(
    "busy",
    "thousands of runs an hour, queues at their limits, the environment at its own",
    past_errors=True,
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
        ScenarioEvent(
            -35,
            "trigger",
            "translate-catalog",
            2,
            note="a task that no version has yet",
            plants=(("pending_version", ""),),
        ),
        ScenarioEvent(-4, "batch", "resize-image", 120),
        ScenarioEvent(
            -3.5,
            "environment limit",
            number=18,
            note="the environment runs 18 at once, just enough",
            plants=(("near_limit", "prod"),),
        ),
        ScenarioEvent(
            -3,
            "batch",
            "transcribe-audio",
            60,
            note="a backlog of many minutes",
            plants=(("queue_full", ""), ("near_limit", "transcribe-audio")),
        ),
        ScenarioEvent(-2, "batch", "index-documents", 30),
        ScenarioEvent(
            -0.05,
            "trigger",
            "approve-refund",
            80,
            note="more than the environment runs",
            plants=(("environment_full", ""),),
        ),
    ),
)

_TAX = TaskError(
    "TypeError", "Cannot read properties of null (reading 'taxRate')", "applyTax", at="SELECT"
)
_KEY = "customer_stuck"
ERP_API = LimitDeclaration("erp-api", total=2)
SMS_GATEWAY = LimitDeclaration("sms-gateway", total=10)
SYNC_MARKETPLACE = Task(
    "sync-marketplace", "src/trigger/marketplace.ts", 0, 120_000, 0.1, limit=2,
    concurrency=Concurrency(limits=(ERP_API,)),
    steps=(log("Fetching orders"), http("GET", "https://erp.example.test/orders", 3), db("INSERT INTO orders SELECT * FROM staging"), log("Orders stored")),
    faults=(TaskError("ErpError", "erp.example.test: too many sessions", "fetchOrders", at="GET"),),
    failure=0.0, payload={"shop": "{pick:north|south|west}"}, output={"orders": "{n:400}"},
)  # fmt: skip
SEND_SMS = Task(
    "send-sms", "src/trigger/sms.ts", 0, 1_500, 0.3, limit=1,
    concurrency=Concurrency(per_key=1),
    steps=(http("POST", "https://sms.example.test/send"), log("Sent")),
    faults=(TaskError("SmsError", "number {hex} is not reachable", "sendSms", at="POST"),),
    failure=0.0, payload={"to": "+49{n:900000}"}, output={"sent": True},
)  # fmt: skip
SEND_CODE = Task(
    "send-code", "src/trigger/sms.ts", 0, 1_200, 0.3, limit=0,
    concurrency=Concurrency(limits=(SMS_GATEWAY,)),
    steps=(http("POST", "https://sms.example.test/send"),),
    faults=(TaskError("SmsError", "number {hex} is not reachable", "sendCode", at="POST"),),
    failure=0.0, payload={"to": "+49{n:900000}"}, output={"sent": True},
)  # fmt: skip


def _stuck(
    at_min: float,
    way: str,
    code: str,
    task: str,
    extra: Extra,
    note: str,
    env: str = "",
    number: int = 1,
) -> ScenarioEvent:
    """Runs that are stuck in one way, tagged with it; the last one is a plant."""
    tagged = replace(extra, tags=(f"stuck:{way}",))
    return ScenarioEvent(at_min, "trigger", task, number, tagged, env, note, ((code, ""),))


INCIDENT = Scenario(
    "incident",
    "a deploy breaks charge-invoice for all countries but one, the indexing queue backs up, the crm queue"
    " is paused, a limit holds a hundred runs, a schedule fails, and one run is stuck in each way"
    " that can be explained (tags stuck:…)",
    past_errors=True,
    tasks=(SYNC_MARKETPLACE, SEND_SMS, SEND_CODE),
    incidents=(
        Incident("charge-invoice", _TAX, -8, 1e9, when=("country", ("AT", "CH", "FR", "IT"))),
        Incident("sync-inventory", SYNC_INVENTORY.faults[0], -26, 1e9, is_new=False, schedule=True),
    ),
    events=(
        ScenarioEvent(-8, "deploy", note="the deploy that breaks charge-invoice"),
        ScenarioEvent(-6, "pause", "crm", note="somebody pauses the crm queue", plants=(("paused", "crm"),)),
        _stuck(-5.5, "limit-full", "limit_full", "sync-marketplace", Extra(), "a limit of two runs holds a hundred", number=102),
        ScenarioEvent(-5.4, "alert", "task/sync-marketplace", 20, note="Backlog of the marketplace", plants=(("alert", ""), ("near_limit", "erp-api"))),
        ScenarioEvent(-5, "batch", "index-documents", 60, note="the indexing queue backs up", plants=(("near_limit", "indexing"),)),
        ScenarioEvent(-4.5, "limit", "task/moderate-comment", 0, note="the limit of a queue becomes 0", plants=(("overridden", "moderate-comment"),)),
        _stuck(-4.2, "external", "pending_version", "send-email", Extra(external="build-9999"), "its external deployment is not there"),
        _stuck(-4.1, "until", "waits_until", "onboard-customer", Extra(stall=WAITS_FOR_EVER), "waits for a time in a month"),
        _stuck(-4, "delayed", "delayed", "send-email", Extra(delay_min=180), "due only in three hours"),
        _stuck(-4, "no-version", "pending_version", "translate-catalog", Extra(), "no version has this task"),
        _stuck(-4, "queue-paused", "queue_paused", "sync-crm", Extra(), "its queue is paused"),
        _stuck(-3.9, "limit-zero", "limit_zero", "moderate-comment", Extra(), "its queue's limit is 0"),
        _stuck(-3.8, "ttl", "ttl_soon", "sync-crm", Extra(ttl="15m"), "will expire before its queue resumes"),
        _stuck(-3.7, "queue-full", "queue_full", "index-documents", Extra(), "its queue is at its limit"),
        _stuck(-3.6, "silent", "silent", "charge-invoice", Extra(key=_KEY, stall=HANGS), "executes and says nothing"),
        _stuck(-3.5, "key-full", "key_full", "charge-invoice", Extra(key=_KEY), "its concurrency key is at its limit"),
        _stuck(-3.4, "dequeued", "not_started", "send-email", Extra(stall=NEVER_STARTS), "dequeued, but its worker never begins"),
        _stuck(-3.3, "token", "waits_for_token", "approve-refund", Extra(stall=WAITS_FOR_EVER), "waits for a token that nobody completes"),
        _stuck(-3.2, "child", "waits_for_child", "generate-report", Extra(stall=CHILD_HANGS), "waits for children, one of which hangs"),
        _stuck(-3.1, "retry", "retry_delay", "deliver-webhook", Extra(stall=RETRIES_LATE), "failed, tries again in two hours"),
        _stuck(-3.1, "limit-key", "silent", "send-sms", Extra(key="org_7", stall=HANGS), "takes the only place of its key"),
        _stuck(-3.05, "limit-key", "limit_full", "send-sms", Extra(key="org_7"), "its key is full in a limit"),
        ScenarioEvent(-3.02, "pause limit", "sms-gateway", note="the limit of the gateway is paused", plants=(("paused", "sms-gateway"),)),
        _stuck(-3.01, "limit-paused", "limit_paused", "send-code", Extra(), "a limit that it holds is paused"),
        ScenarioEvent(-3, "pause environment", env="stg", note="staging is paused as a whole", plants=(("paused", "stg"),)),
        _stuck(-2.9, "environment-paused", "environment_paused", "send-email", Extra(), "its environment is paused", "stg"),
        ScenarioEvent(-2.8, "environment limit", env="preview", number=1, note="preview runs one at a time", plants=(("near_limit", "preview"),)),
        _stuck(-2.7, "environment-full", "silent", "send-email", Extra(stall=HANGS), "takes the only place", "preview"),
        _stuck(-2.6, "environment-full", "environment_full", "send-email", Extra(), "its environment is at its limit", "preview"),
        ScenarioEvent(-2.5, "disconnect", env="dev", note="the worker of development goes away"),
        _stuck(-2.4, "no-worker", "worker_not_connected", "send-email", Extra(ttl="6h"), "the development worker is away", "dev"),
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
    faults=(TaskError("LedgerError", "balance of account {hex} does not add up", "postBatch"),),
    failure=0.0, payload={"from": "2019-01-01"}, output={"rows": 11_000},
)  # fmt: skip
EXPORT = Task(
    "export-archive", "src/trigger/export.ts", 0, 9_000, 0.2,
    steps=(db("SELECT * FROM stock", 2), span("write archive", weight=5, megabytes=10), log("Archive written")),
    faults=(TaskError("ExportError", "disk full", "writeArchive"),),
    failure=0.0, payload={"format": "json"}, output={"rows": 0},
)  # fmt: skip
GIANT = Scenario(
    "giant",
    "everything too large: a truncated trace of 5,000 records, 11,000 events, 2,000 queues, a batch"
    " of 1,000 runs, 10 MB of output",
    past_errors=True,
    tasks=(BACKFILL, EXPORT),
    most_unbounded=1_000,
    events=(
        ScenarioEvent(-40, "queues", "tenant", 2_000),
        ScenarioEvent(-30, "batch", "resize-image", 1_000),
        ScenarioEvent(-30, "trigger", "backfill-ledger", note="11,000 log lines, a truncated trace"),
        ScenarioEvent(-20, "trigger", "export-archive", 1, Extra(output_bytes=10_000_000), note="10 MB of output"),
        ScenarioEvent(-10, "trigger", "send-email", 300, Extra(queue="tenant-{n:04d}")),
        ScenarioEvent(-1, "trigger", "backfill-ledger", note="the same again, still executing"),
        ScenarioEvent(-4, "trigger", "sync-crm", 200, Extra(queue="tenant-0001"), note="a queue with a backlog of ten minutes", plants=(("queue_full", ""), ("near_limit", "tenant-0001"))),
    ),
)  # fmt: skip

SCENARIOS = {each.name: each for each in (CALM, BUSY, INCIDENT, GIANT)}
