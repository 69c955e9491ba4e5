"""The tasks of the simulated project: a shop that sends mail, bills, indexes and transcribes."""

# Data reads best as one line for each thing.
# ruff: noqa: E501

from trigdash.simulator.world.limits import Concurrency, LimitDeclaration
from trigdash.simulator.world.steps import ai, batch, child, db, fire, http, log, span, token, wait
from trigdash.simulator.world.tasks import Task, TaskError

_MAIL = "https://api.mailer.test/v3/send"
_CRM = "https://crm.example.test/api/contacts"


def _schema(required: tuple[str, ...], **properties: object) -> dict[str, object]:
    """The JSON Schema of an object."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
        "properties": properties, "required": list(required), "additionalProperties": False,
    }  # fmt: skip


SEND_EMAIL = Task(
    "send-email", "src/trigger/email.ts", 26, 900, 0.45,
    steps=(
        log("Rendering template", "DEBUG", template="welcome"),
        db("SELECT * FROM users WHERE id = $1", 0.2),
        span("render template", log("partials resolved", "DEBUG", count=4), weight=0.3),
        http("POST", _MAIL),
        log("Message accepted by provider", provider="mailer"),
    ),
    faults=(
        TaskError("MailProviderError", "Mail provider rejected the message: mailbox {user} unavailable", "sendEmail", at="POST"),
        TaskError(
            "FetchError", "request to https://api.mailer.test/v3/send failed, reason: socket hang up", "post", at="POST",
            causes=(("SocketError", "other side closed"), ("Error", "read ECONNRESET")),
        ),
    ),
    failure=0.03, tags=("user_{n:900}",),
    ttl="10m", ttl_share=0.3,
    schema=_schema(
        ("to", "template"),
        to={"type": "string", "format": "email", "description": "Who gets the mail"},
        template={"type": "string", "enum": ["welcome", "invoice", "receipt", "reset-password"]},
        locale={"type": "string", "enum": ["en", "de", "cs", "fr"], "default": "en"},
    ),
    payload={"to": "{user}@example.test", "template": "{pick:welcome|invoice|receipt|reset-password}", "locale": "{pick:en|de|cs|fr}"},
    output={"messageId": "msg_{hex}", "accepted": True},
)  # fmt: skip
SYNC_CRM = Task(
    "sync-crm", "src/trigger/crm.ts", 12, 3_800, 0.6, queue="crm", limit=3,
    steps=(
        log("Sync started", contacts=25),
        db("SELECT id, email, updated_at FROM contacts WHERE dirty LIMIT 25", 0.3),
        http("GET", f"{_CRM}?page=1"),
        span("diff contacts", log("6 contacts changed", "DEBUG"), weight=0.4, compared=25),
        http("PATCH", _CRM, 1.5),
        log("rate limit low", "WARN", remaining=12),
        db("UPDATE contacts SET dirty = false WHERE id = ANY($1)", 0.3),
        log("Sync finished", changed=6),
    ),
    faults=(
        TaskError("RateLimitError", "429 Too Many Requests: retry after 30 seconds", "CrmClient.patch", at="PATCH"),
        TaskError("TypeError", "Cannot read properties of undefined (reading 'externalId')", "toCrmContact", at="diff contacts"),
    ),
    failure=0.05, retry_ms=18_000, tags=("org_{n:40}",),
    payload={"orgId": "{tag:org_}", "cursor": "{hex}", "full": False},
    output={"changed": "{n:25}", "skipped": "{n:25}"},
    metadata={"progress": "{progress}", "page": 1},
)  # fmt: skip
# On servers from 4.7 on these hold runs; wide enough that a shop on a good day never waits for them.
PEOPLE_API = LimitDeclaration("people-api", per_key=10, total=30)
LLM_API = LimitDeclaration("llm-api", total=18)
ENRICH_CONTACT = Task(
    "enrich-contact", "src/trigger/enrich.ts", 9, 5_200, 0.5, limit=8,
    concurrency=Concurrency(total=8, limits=(PEOPLE_API, LLM_API)),
    steps=(
        http("GET", "https://people.example.test/v2/find"),
        ai("gpt-4o-mini-2024-07-18"),
        log("Enriched", confidence=0.87),
        db("INSERT INTO enrichments (contact_id, data) VALUES ($1, $2)"),
    ),
    faults=(TaskError("UpstreamError", "people.example.test answered 503 Service Unavailable", "findPerson", at="GET"),),
    failure=0.04, tags=("org_{n:40}", "ai"),
    payload={"contactId": "con_{hex}", "fields": ["title", "company", "linkedin"]},
    output={"title": "{pick:CTO|Head of Ops|Engineer|Founder}", "company": "{pick:Initech|Globex|Umbrella|Hooli}"},
)  # fmt: skip
CHARGE_INVOICE = Task(
    "charge-invoice", "src/trigger/billing.ts", 8, 1_700, 0.4, queue="billing", limit=1, keyed=True,
    steps=(
        db("SELECT * FROM invoices WHERE id = $1 FOR UPDATE", 0.3),
        http("POST", "https://payments.example.test/v1/charges", 2),
        log("Charge created", currency="EUR"),
        db("UPDATE invoices SET paid_at = now() WHERE id = $1", 0.3),
        fire("send-email"),
    ),
    faults=(
        TaskError("CardDeclinedError", "Card declined: insufficient_funds ({hex})", "charge", at="POST"),
        TaskError("IdempotencyError", "Another charge for this invoice is in progress", "charge", at="POST"),
    ),
    failure=0.05, attempts=2, retry_ms=5_000, tags=("customer_{n:120}", "billing"),
    schema=_schema(
        ("invoiceId", "customerId", "amountCents"),
        invoiceId={"type": "string", "pattern": "^inv_"}, customerId={"type": "string"},
        amountCents={"type": "integer", "minimum": 1}, currency={"type": "string", "minLength": 3, "maxLength": 3},
        country={"type": "string", "enum": ["DE", "AT", "CH", "FR", "IT"]},
    ),
    payload={"invoiceId": "inv_{hex}", "customerId": "{tag:customer_}", "amountCents": "{n:90000}", "currency": "EUR", "country": "{pick:DE|AT|CH|FR|IT}"},
    output={"chargeId": "ch_{hex}", "status": "succeeded"},
    metadata={"invoice": "{hex}", "step": "{pick:charging|charged}"},
)  # fmt: skip
RESIZE_IMAGE = Task(
    "resize-image", "src/trigger/images.ts", 9, 2_600, 0.5, limit=3, machine="medium-1x",
    steps=(
        http("GET", "https://media.example.test/originals"),
        span("decode", weight=0.5),
        span("resize", log("thumb 320w", "DEBUG"), log("hero 1600w", "DEBUG"), weight=2, variants=2),
        http("PUT", "https://cdn.example.test/images", 0.8),
    ),
    faults=(TaskError("UnsupportedFormatError", "Input file contains unsupported image format", "decodeImage", at="decode"),),
    failure=0.03, crash=0.012, tags=("media",), ttl="30s", ttl_share=0.1,
    payload={"url": "https://media.example.test/{hex}.{pick:jpg|png|heic}", "widths": [320, 1600]},
    output={"variants": 2, "bytes": "{n:900000}"},
    batched=(8, 40),
)  # fmt: skip
INDEX_DOCUMENTS = Task(
    "index-documents", "src/trigger/search.ts", 7, 9_500, 0.6, queue="indexing", limit=2,
    steps=(
        log("Loading documents", collection="handbook"),
        db("SELECT id, body FROM documents WHERE collection = $1 LIMIT 200"),
        span("embed", ai("text-embedding-3-small", 1.5), ai("text-embedding-3-small", 1.5), weight=4, chunks=48),
        http("POST", "https://search.example.test/indexes/documents/bulk"),
        log("Indexed", documents=200),
    ),
    faults=(TaskError("IndexWriteError", "search.example.test: cluster_block_exception [FORBIDDEN/12/index read-only]", "bulkIndex", at="POST"),),
    failure=0.05, retry_ms=12_000, tags=("search",),
    payload={"collection": "{pick:handbook|tickets|wiki|releases}", "since": "2026-01-01", "batchSize": 200},
    output={"indexed": 200, "tookMs": "{n:9000}"},
    metadata={"progress": "{progress}", "total": 200},
)  # fmt: skip
TRANSCRIBE_AUDIO = Task(
    "transcribe-audio", "src/trigger/audio.ts", 4.4, 38_000, 0.7, limit=2, machine="large-1x",
    steps=(
        http("GET", "https://media.example.test/audio", 0.6),
        span("split into chunks", log("14 chunks", chunks=14), weight=0.5),
        span("transcribe", ai("whisper-1", 2), log("low confidence", "WARN", chunk=9), ai("whisper-1", 2), weight=8),
        db("INSERT INTO transcripts (id, text) VALUES ($1, $2)"),
    ),
    faults=(TaskError("AudioDecodeError", "ffmpeg exited with code 1: Invalid data found when processing input", "splitAudio", at="split"),),
    failure=0.05, timeout=0.05, crash=0.01, max_duration_s=150, attempts=2, retry_ms=8_000, ttl="90s", ttl_share=0.3,
    tags=("media", "org_{n:40}"),
    payload={"url": "https://media.example.test/{hex}.mp3", "language": "{pick:en|de|cs}", "diarize": True},
    output={"text": "Thank you all for joining the call today.", "words": "{n:4000}"},
    metadata={"progress": "{progress}", "stage": "{pick:splitting|transcribing}"},
)  # fmt: skip
GENERATE_REPORT = Task(
    "generate-report", "src/trigger/report.ts", 1.6, 4_200, 0.4, limit=4,
    steps=(
        log("Report requested", sections=3),
        db("SELECT * FROM orders WHERE month = $1", 0.6),
        batch("render-chart", 2, 5),
        span("assemble pdf", log("3 sections", "DEBUG"), weight=1.4, pages=12),
        child("upload-file"),
        fire("send-email"),
        log("Report ready"),
    ),
    faults=(TaskError("ReportError", "Section 'revenue' has no data for {pick:May|June|July}", "assemble", at="assemble"),),
    failure=0.06, tags=("org_{n:40}", "report"),
    schema=_schema(
        ("month",),
        month={"type": "string", "pattern": "^\\d{4}-\\d{2}$"}, orgId={"type": "string"},
        sections={"type": "array", "items": {"type": "string", "enum": ["revenue", "churn", "usage"]}},
        draft={"type": "boolean", "default": False},
    ),
    payload={"month": "2026-{pick:05|06|07}", "orgId": "{tag:org_}", "sections": ["revenue", "churn", "usage"]},
    output={"url": "https://files.example.test/{hex}.pdf", "pages": 12},
    metadata={"progress": "{progress}", "step": "{pick:charts|assembling|uploading}"},
)  # fmt: skip
RENDER_CHART = Task(
    "render-chart", "src/trigger/report.ts", 0, 2_100, 0.5, limit=6, concurrency=Concurrency(total=6),
    steps=(
        db("SELECT day, sum(amount) FROM orders GROUP BY day"),
        span("draw", weight=1.5, width=1200, height=640),
        log("Chart rendered", "DEBUG"),
    ),
    faults=(TaskError("RangeError", "Invalid array length", "drawAxis", at="draw"),),
    failure=0.02, payload={"section": "{pick:revenue|churn|usage}", "width": 1200}, output={"bytes": "{n:80000}"},
)  # fmt: skip
UPLOAD_FILE = Task(
    "upload-file", "src/trigger/files.ts", 0, 1_300, 0.4,
    steps=(http("PUT", "https://files.example.test/upload"), log("Uploaded")),
    faults=(TaskError("UploadError", "403 Forbidden: signature expired", "putObject"),),
    failure=0.02, payload={"key": "reports/{hex}.pdf"}, output={"etag": "{hex}"},
)  # fmt: skip
ONBOARD_CUSTOMER = Task(
    "onboard-customer", "src/trigger/onboarding.ts", 1.6, 1_500, 0.4,
    steps=(
        db("INSERT INTO workspaces (org_id) VALUES ($1)"),
        fire("send-email"),
        wait(40, 150),
        log("Checking activation"),
        http("GET", "https://api.example.test/activation"),
        child("enrich-contact"),
        log("Onboarding step done", step=2),
    ),
    faults=(TaskError("ActivationError", "Workspace {hex} was deleted during onboarding", "checkActivation", at="GET"),),
    failure=0.04, tags=("customer_{n:120}", "onboarding"),
    payload={"customerId": "{tag:customer_}", "plan": "{pick:free|hobby|pro}"}, output={"activated": True},
    metadata={"step": "{pick:created|welcomed|waiting|activated}"},
)  # fmt: skip
APPROVE_REFUND = Task(
    "approve-refund", "src/trigger/refunds.ts", 0.9, 1_100, 0.4,
    steps=(
        db("SELECT * FROM refunds WHERE id = $1"),
        http("POST", "https://hooks.chat.example.test/approval", 0.6),
        token(30, 240),
        span("read decision", weight=0.1),
        log("Approved", by="ops"),
        http("POST", "https://payments.example.test/v1/refunds"),
    ),
    faults=(TaskError("RefundRejectedError", "The refund was rejected by a reviewer", "readDecision", at="read decision"),),
    failure=0.08, attempts=1, tags=("customer_{n:120}", "billing"),
    payload={"refundId": "re_{hex}", "amountCents": "{n:20000}"}, output={"refunded": True},
)  # fmt: skip
DELIVER_WEBHOOK = Task(
    "deliver-webhook", "src/trigger/webhooks.ts", 10, 420, 0.7, limit=12, machine="micro",
    steps=(http("POST", "https://hooks.customer.test/events"), log("Delivered", "DEBUG", status=204)),
    faults=(
        TaskError("DeliveryError", "hooks.customer.test answered 502 Bad Gateway", "deliver"),
        TaskError("E_CUSTOM", '{"code":"E_GONE","status":410}', "deliver", thrown="object"),
        TaskError("", "endpoint disabled by its owner", "deliver", thrown="string"),
    ),
    failure=0.06, attempts=4, retry_ms=2_000, tags=("org_{n:40}", "webhook"),
    ttl="1h", ttl_share=0.5,
    payload={"event": "{pick:invoice.paid|order.created|user.deleted}", "endpointId": "we_{hex}"}, output={"status": 204},
)  # fmt: skip
MODERATE_COMMENT = Task(
    "moderate-comment", "src/trigger/moderation.ts", 5, 1_900, 0.4, limit=10,
    steps=(ai("gpt-4o-mini-2024-07-18", 2), log("Verdict", verdict="ok"), db("UPDATE comments SET state = $2 WHERE id = $1")),
    faults=(TaskError("ContentPolicyError", "The model refused to classify the comment", "classify", at="ai."),),
    failure=0.03, tags=("ai",), ttl="5m", ttl_share=0.6,
    payload="comment {hex}: is this product any good?", output="{pick:ok|ok|ok|spam}",
)  # fmt: skip
NIGHTLY_ROLLUP = Task(
    "nightly-rollup", "src/trigger/rollup.ts", 0, 52_000, 0.3, cron="0 2 * * *", machine="medium-2x",
    steps=(
        db("SELECT * FROM events WHERE day = $1", 2),
        span("aggregate", log("1440 buckets"), weight=6, buckets=1440),
        db("INSERT INTO rollups SELECT * FROM staging"),
        log("Rollup written"),
    ),
    faults=(TaskError("DeadlockError", "deadlock detected: process 4711 waits for ShareLock", "writeRollup", at="INSERT"),),
    failure=0.05, output={"rows": "{n:90000}"},
)  # fmt: skip
SYNC_INVENTORY = Task(
    "sync-inventory", "src/trigger/inventory.ts", 0, 6_500, 0.4, cron="*/5 * * * *",
    steps=(http("GET", "https://erp.example.test/stock", 2), db("UPDATE stock SET level = $2 WHERE sku = $1"), log("Stock levels updated", skus=312)),
    faults=(TaskError("ErpError", "erp.example.test: maintenance window until 04:00", "fetchStock", at="GET"),),
    failure=0.04, output={"skus": 312},
)  # fmt: skip
CLEANUP_EXPORTS = Task(
    "cleanup-exports", "src/trigger/cleanup.ts", 0, 3_000, 0.3, cron="15 * * * *",
    steps=(db("DELETE FROM exports WHERE created_at < now() - interval '7 days'"), log("Removed old exports", count=18)),
    faults=(TaskError("StorageError", "bucket exports is read-only", "removeObjects"),),
    failure=0.03, output={"removed": "{n:40}"},
)  # fmt: skip

CATALOG: dict[str, Task] = {
    task.id: task
    for task in (
        SEND_EMAIL, SYNC_CRM, ENRICH_CONTACT, CHARGE_INVOICE, RESIZE_IMAGE, INDEX_DOCUMENTS,
        TRANSCRIBE_AUDIO, GENERATE_REPORT, RENDER_CHART, UPLOAD_FILE, ONBOARD_CUSTOMER,
        APPROVE_REFUND, DELIVER_WEBHOOK, MODERATE_COMMENT, NIGHTLY_ROLLUP, SYNC_INVENTORY,
        CLEANUP_EXPORTS,
    )
}  # fmt: skip
