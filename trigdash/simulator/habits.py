"""Habits: how a run gets stuck, one for each way that can be explained to whoever asks why.

A run without a habit, as nearly every run is, goes its way by lot.
"""

HANGS = "hangs"
"""Executes for ever and says nothing."""
NEVER_STARTS = "never starts"
"""Is dequeued, but its worker never begins."""
WAITS_FOR_EVER = "waits for ever"
"""Waits for a token that nobody completes."""
CHILD_HANGS = "child hangs"
"""Waits for child runs, the first of which hangs."""
RETRIES_LATE = "retries late"
"""Fails, and tries again only after hours."""

FOR_EVER_MS = 30 * 86_400_000
LATE_RETRY_MS = 2 * 3_600_000
