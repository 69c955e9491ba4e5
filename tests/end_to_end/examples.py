"""An example of every command with each of its flags, and how it ends against the simulator.

`{queues}` stands for the id of the first row of that list, `{failed}` and `{live}` for runs,
`{payload}` and others for files. Where a line does not end with 0, the code stands behind it. A
command or a flag that the parser has and that is missing here fails a test.
"""

from __future__ import annotations

LISTED: dict[str, tuple[str, ...]] = {
    "list": (
        "NOUN list",
        "NOUN list a --limit 2 --sort {NOUN_sort}",
        "NOUN list --limit all -o json",
    ),
    "get": ("NOUN get {NOUN} -o json",),
}
"""What every resource takes, by the verb."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "profiles": ("profiles",),
    "doctor": ("doctor", "doctor -o json", "doctor --bundle"),
    "help": ("help exit-codes", "help agents"),
    "completion": ("completion bash", "completion zsh", "completion fish"),
    "complete": ("complete -- runs li",),
    "cache": ("cache clear",),
    "locate": ("locate config", "locate state", "locate log"),
    "config": ("config path", "config check"),
    "triage": ("triage {errors}",),
    "now": ("now => 0 or 1",),
    "runs list": (
        "runs list status:failed --limit 3 --sort -age",
        "runs list --limit all -o name",
        "runs list -o json --columns task",
        "runs list --json id,status",
    ),
    "runs get": (
        "runs get {failed}",
        "runs get {failed} --attempts -o json",
        "runs get {failed} --payload",
        "runs get {failed} --output",
    ),
    "runs logs": (
        "runs logs {failed} --level warn --since 7d --tail 5",
        "runs logs {failed} --grep Attempt -C 1 --context 2",
        "runs logs {failed} --follow",
    ),
    "runs trace": ("runs trace {failed} --errors --depth 3",),
    "runs family": ("runs family {failed}",),
    "runs stuck": ("runs stuck => 0 or 1",),
    "runs why": ("runs why {live}",),
    "runs diff": ("runs diff {failed} --with last-good", "runs diff {failed} {live}"),
    "runs watch": (
        "runs watch {failed} --until failed --timeout 1m --appear 5s --notify => 1",
        "runs watch status:failed,completed --until count>0 --follow --exec true",
        "runs watch {failed} --fail-fast => 1",
    ),
    "runs cancel": (
        "runs cancel {live} --yes",
        "runs cancel --filter status:queued --dry-run --max 500",
        "runs cancel --from {list} --canary 1 --rate 60/s --stop-at 90% --after {live} --yes",
    ),
    "runs replay": (
        "runs replay {failed} --payload {payload} --set n=7 --queue billing --machine small-2x"
        " --version 20261120.1 --region eu-central-1 --delay 1h --ttl 2h --concurrency-key k"
        " --idempotency-key e1 --tag again --max-attempts 2 --priority 5",
        "runs replay --filter status:failed --dry-run --max 500",
        # What is replayed may fail again.
        "runs replay --from {list} --canary 1 --rate 60/s --stop-at 90% --after {live} --yes"
        " => 0 or 1",
    ),
    "runs tag": (
        "runs tag {failed} --tag seen --tag twice --yes",
        "runs tag --filter status:failed --tag seen --dry-run --max 500",
        "runs tag --from {list} --tag seen --yes",
    ),
    "runs reschedule": (
        "runs reschedule {delayed} --delay 2h",
        "runs reschedule --filter status:delayed --delay 2h --dry-run --max 500",
        "runs reschedule --from {delayed_list} --delay 3h --yes",
    ),
    "queues watch": ("queues watch {queues} --until queued>=0 --timeout 1m --notify",),
    "queues pause": ("queues pause task/upload-file --yes",),
    "queues resume": ("queues pause task/send-sms --yes", "queues resume task/send-sms --yes"),
    "queues limit": ("queues limit task/send-email --to 3 --yes",),
    "queues unlimit": (
        "queues limit task/sync-inventory --to 3 --yes",
        "queues unlimit task/sync-inventory --yes",
    ),
    "batches trigger": ("batches trigger {items} --yes",),
    "batches items": ("batches items {batches}",),
    "batches results": ("batches results {batches}",),
    "batches watch": ("batches watch {batches} --until count>0 --fail-fast --timeout 1m --notify",),
    "errors resolve": ("errors resolve {errors} --version 20261121.1 --yes",),
    "errors ignore": ("errors ignore {errors} --for 1h --rate 5 --count 10 --reason known --yes",),
    "errors unresolve": (
        "errors resolve {errors} --yes => 0 or 1",
        "errors unresolve {errors} --yes",
    ),
    "tasks trigger": (
        "tasks trigger send-email --payload {payload} --queue send-email --machine small-1x"
        " --delay 1h --ttl 2h --max-attempts 2 --priority 5 --concurrency-key k"
        " --idempotency-key e2 --region eu-central-1 --tag example --version 20261120.1 --yes",
        "tasks trigger send-email --payload {} --wait --timeout 1m --yes => 0 or 1",
    ),
    "deployments promote": ("deployments promote {older_deployment} --yes",),
    "deployments rollback": ("deployments rollback {oldest_deployment} --yes",),
    "schedules deactivate": ("schedules deactivate {made_schedule} --yes",),
    "schedules activate": (
        "schedules deactivate {made_schedule} --yes",
        "schedules activate {made_schedule} --yes",
    ),
    "schedules create": (
        "schedules create --task nightly-rollup --cron '0 5 * * *' --key example"
        " --timezone Europe/Zurich --external-id x --yes",
    ),
    "schedules edit": (
        "schedules edit {made_schedule} --cron '0 6 * * *' --timezone Asia/Tokyo --yes",
    ),
    "schedules delete": ("schedules delete {made_schedule} --yes",),
    "schedules timezones": ("schedules timezones 'new york'",),
    "limits override": (
        "limits override {limits} --total 3 --yes",
        "limits override people-api --per-key 2 --key k --ttl 1h --yes",
    ),
    "limits reset": (
        "limits override people-api --per-key 2 --key r --yes",
        "limits reset people-api --key r --yes",
    ),
    "limits pause": ("limits pause {limits} --yes",),
    "limits resume": ("limits pause {limits} --yes => 0 or 1", "limits resume {limits} --yes"),
    "tokens create": ("tokens create --timeout 1h --tags example --idempotency-key e3 --yes",),
    "tokens complete": ("tokens complete {made_token} --data {} --yes",),
    "variables create": ("variables create --name EXAMPLE --value 1 --secret no --yes",),
    "variables edit": (
        "variables create --name EDITED --value 1 --yes",
        "variables edit EDITED --value 2 --yes",
    ),
    "variables import": ("variables import {dotenv} --yes",),
    "variables compare": ("variables compare staging",),
    "variables delete": (
        "variables create --name DELETED --value 1 --yes",
        "variables delete DELETED --yes",
    ),
    "environments pause": ("environments pause {environments} --yes",),
    "environments resume": (
        "environments pause dev --yes => 0 or 1",
        "environments resume dev --yes",
    ),
    "environments archive": ("environments archive checkout-redesign --yes",),
    "alerts resolve": ("alerts resolve {alerts} --yes",),
    "webhooks enable": (
        "webhooks disable {webhooks} --yes",
        "webhooks enable {webhooks} --yes",
    ),
    "webhooks disable": (
        "webhooks disable {webhooks} --yes",
        "webhooks enable {webhooks} --yes",
    ),
    "deliveries replay": ("deliveries replay {deliveries} --yes",),
    "sessions close": ("sessions close {sessions} --reason done --yes",),
    "query": (
        "query 'SELECT count() AS n FROM runs' --period 24h --scope project",
        "query --file {statement}",
    ),
    "health": ("health --period 1h",),
    "grep": (
        "grep attempt status:failed -i --ignore-case -c --count --limit 2",
        "grep Attempt status:failed -l --ids --limit 2",
        "grep Attempt status:failed -C 1 --context 1 --limit 2 --before {failed}",
    ),
    "open": ("open {failed}",),
}
"""By the words that choose a command: lines as a shell splits them."""

ELSEWHERE = {
    "demo": "tests/end_to_end/test_systems.py, in a terminal",
    "simulate": "the fixture of this folder",
    "login": "tests/test_login.py",
}
"""Commands that other tests run, since they need a terminal or serve until they are ended."""
