"""The workflow Runs API: runs of several steps, with retry and restart.

Based on its published description alone, without a running server. Where the description is silent,
these decisions apply:

- `suspended` appears in the status table and in no rule: such a run may be canceled (the server
  has the last word), not retried, not restarted. `timeout` appears only in the rules of retry and
  restart: such a run has ended.
- Run ids are `run_` and a UUID in the examples and "Run UUID" in the tables: they are passed on
  as they came.
- A cancel is answered with `cancelled` and "requested": the run's own status is read again and
  only that is believed.
- Whether a run that has not started has `startedAt: null` or no such field is not described: both
  are accepted.
- The list takes one status and one workflow. Further values, and the time window, narrow each
  page here after it has arrived, so a page may be short while there are older ones.
- `INVALID_STEP` has no HTTP status: every answer outside 2xx is a refusal with the server's text.
- Retry and restart make a new run: they are never sent twice.
- A run that a retry or restart made names its origin in `restartedFromRunId`. The description names
  the field and shows it in no answer; it is read in lists and in the run itself, absent or null
  where there is none. Nothing leads the other way: the younger runs of the workflow are looked
  through (`service/runs/tree.py`).
- Steps are spans of a trace below the workflow's own, so that one screen serves all.
"""

from trigdash.model.capability import Reach
from trigdash.model.run_filter import SupportedFilters

REACH = Reach()

SUPPORTED_FILTERS = SupportedFilters(
    statuses=("pending", "running", "suspended", "completed", "failed", "timeout", "cancelled"),
    refused=frozenset(
        {
            "tags",
            "versions",
            "queues",
            "machines",
            "regions",
            "batch",
            "schedule",
            "bulk_action",
            "error",
            "is_test",
        }
    ),
    system="the workflow API",
)
"""Missing filters are supported neither by the API nor by the rows of a page."""
