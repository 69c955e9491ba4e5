"""The query endpoint's language: ClickHouse-flavoured SQL over a few tables, answered by SQLite.

A query is parsed and translated (`plan`), the columns that it reads are copied into a database in
memory, and SQLite does the rest (`execute`). What cannot be translated is refused with the reason.
"""

from trigdash.simulator.trql.engine import Loader, QueryAnswer, QueryPlan, Row, execute, fetch, plan
from trigdash.simulator.trql.refusal import QueryRefused
from trigdash.simulator.trql.window import Window, window_of

__all__ = [
    "Loader",
    "QueryAnswer",
    "QueryPlan",
    "QueryRefused",
    "Row",
    "Window",
    "execute",
    "fetch",
    "plan",
    "window_of",
]
