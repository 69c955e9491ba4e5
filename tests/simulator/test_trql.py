"""The query language on a small table whose contents are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from trigdash.simulator import trql
from trigdash.simulator.trql import catalog

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
STATUSES = ("COMPLETED_SUCCESSFULLY", "COMPLETED_WITH_ERRORS", "PENDING", "WAITING_FOR_DEPLOY")
ERROR = '{"name":"TypeError","message":"no tax rate","depth":{"n":2}}'


def runs() -> Iterator[dict[str, Any]]:
    """Twelve runs, ten minutes apart: three of each status, of three tasks."""
    for n in range(12):
        created_ms = NOW_MS - n * 600_000
        yield {
            "run_id": f"run_{n:02}",
            "status": STATUSES[n % 4],
            "task_identifier": f"task-{n % 3}",
            "triggered_at": created_ms,
            "completed_at": created_ms + 1_500 * n if n % 4 < 2 else None,
            "total_duration": 1_000 * n,
            "total_cost": 0.25 * n,
            "tags": ["a", "b"][: n % 3],
            "is_test": n == 5,
            "error": ERROR if n % 4 == 1 else "",
        }


def load(columns: Sequence[str], window: trql.Window) -> Iterator[Sequence[object]]:
    for run in runs():
        if window.start_ms <= run["triggered_at"] < window.end_ms:
            yield [run[column] for column in columns]


def states(columns: Sequence[str], window: trql.Window) -> Iterator[Sequence[object]]:
    """Buckets of two queues, with quantile states."""
    for queue in ("crm", "mail"):
        for n in range(3):
            row = {"queue": queue, "started_delta": n, "wait_quantiles": [n * 10, n * 10 + 5]}
            yield [row[column] for column in columns]


def ask(query: str, period: str | None = None, form: Any = "json") -> Any:
    """The results of a query, or why it was refused."""
    window = trql.window_of(NOW, period, None, None)
    try:
        plan = trql.plan(query, window)
        loaders = {"runs": load, "queue_metrics": states}
        rows = trql.fetch(plan, loaders, window)
        return trql.execute(plan, rows, NOW, form).results
    except trql.QueryRefused as refused:
        return str(refused)


def value(expression: str) -> Any:
    """One expression, of no table."""
    answer = ask(f"SELECT {expression} AS x")
    assert isinstance(answer, list), answer
    return answer[0]["x"]


@pytest.mark.parametrize(
    ("query", "results"),
    [
        ("SELECT count() FROM runs", [{"count": 12}]),
        ("SELECT count(*) AS n FROM runs WHERE is_test", [{"n": 1}]),
        (
            "SELECT task_identifier AS task, count() n FROM runs "
            "GROUP BY task ORDER BY task LIMIT 2",
            [{"task": "task-0", "n": 4}, {"task": "task-1", "n": 4}],
        ),
        (
            "SELECT status, countIf(total_duration > 4000) AS slow FROM runs "
            "WHERE status IN ('Failed', 'Queued') GROUP BY status ORDER BY status",
            [{"status": "Failed", "slow": 2}, {"status": "Queued", "slow": 2}],
        ),
        ("SELECT sum(total_cost) s, avg(total_duration) a FROM runs", [{"s": 16.5, "a": 5_500}]),
        (
            "SELECT min(run_id) a, max(run_id) b, uniq(task_identifier) c, "
            "count(DISTINCT status) d FROM runs",
            [{"a": "run_00", "b": "run_11", "c": 3, "d": 4}],
        ),
        (
            "SELECT quantile(0.5)(total_duration) p50, quantiles(0.25, 1)(total_duration) q, "
            "median(total_duration) m FROM runs",
            [{"p50": 5_500, "q": [2_750, 11_000], "m": 5_500}],
        ),
        (
            "SELECT quantileIf(0.5)(total_duration, status = 'Failed') AS p FROM runs",
            [{"p": 5_000}],
        ),
        ("SELECT quantile(0.9)(total_duration) p FROM runs WHERE run_id = 'x'", [{"p": None}]),
        ("SELECT sum(total_cost) s, count() n FROM runs WHERE run_id = 'x'", [{"s": 0, "n": 0}]),
        (
            "SELECT toStartOfHour(triggered_at) AS h, count() AS n FROM runs GROUP BY h ORDER BY h",
            [
                {"h": "2026-11-22 10:00:00", "n": 5},
                {"h": "2026-11-22 11:00:00", "n": 6},
                {"h": "2026-11-22 12:00:00", "n": 1},
            ],
        ),
        (
            "SELECT arrayJoin(tags) AS tag, count() AS n FROM runs GROUP BY tag ORDER BY n DESC",
            [{"tag": "a", "n": 8}, {"tag": "b", "n": 4}],
        ),
        (
            "SELECT run_id, tags, has(tags, 'b') AS b, tags[1] AS first FROM runs "
            "WHERE run_id IN ('run_01', 'run_02') ORDER BY run_id",
            [
                {"run_id": "run_01", "tags": ["a"], "b": 0, "first": "a"},
                {"run_id": "run_02", "tags": ["a", "b"], "b": 1, "first": "a"},
            ],
        ),
        (
            "SELECT error.name AS name, error.depth.n AS n, JSONExtractString(error, 'message') m "
            "FROM runs WHERE error != NULL LIMIT 1",
            [{"name": "TypeError", "n": 2, "m": "no tax rate"}],
        ),
        (
            "SELECT max(dateDiff('second', triggered_at, completed_at)) AS s FROM runs",
            [{"s": 13}],
        ),
        (
            "SELECT run_id FROM runs WHERE triggered_at > now() - INTERVAL 15 MINUTE",
            [{"run_id": "run_00"}, {"run_id": "run_01"}],
        ),
        (
            "SELECT run_id FROM runs WHERE triggered_at BETWEEN '2026-11-22 11:25:00' "
            "AND '2026-11-22 11:45:00' ORDER BY triggered_at",
            [{"run_id": "run_03"}, {"run_id": "run_02"}],
        ),
        (
            "SELECT t, sum(n) AS all FROM (SELECT task_identifier AS t, status, count() AS n "
            "FROM runs GROUP BY t, status) GROUP BY t HAVING all > 3 ORDER BY 1 DESC LIMIT 1",
            [{"t": "task-2", "all": 4}],
        ),
        (
            "WITH x AS (SELECT run_id AS id FROM runs) "
            "SELECT id FROM x ORDER BY id LIMIT 1 OFFSET 2",
            [{"id": "run_02"}],
        ),
        (
            "SELECT queue, quantilesMerge(0.5, 1)(wait_quantiles)[2] AS top, "
            "deltaSumTimestampMerge(started_delta) AS s FROM queue_metrics GROUP BY queue",
            [{"queue": "crm", "top": 25, "s": 3}, {"queue": "mail", "top": 25, "s": 3}],
        ),
        (
            "SELECT completed_at FROM runs ORDER BY completed_at DESC LIMIT 1",
            [{"completed_at": "2026-11-22 12:00:00.000"}],
        ),
        (
            "SELECT argMax(run_id, total_cost) a, any(status) s, groupUniqArray(is_test) g, "
            "topK(1)(task_identifier) k FROM runs",
            [{"a": "run_11", "s": "Completed", "g": [0, 1], "k": ["task-0"]}],
        ),
    ],
)
def test_queries_answer(query: str, results: list[dict[str, Any]]) -> None:
    assert ask(query) == results


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("7 / 2", 3.5),
        ("1 / 0", None),
        ("intDiv(7, 2)", 3),
        ("round(2.345, 1)", 2.3),
        ("if(1 > 2, 'a', 'b')", "b"),
        ("1 > 2 ? 'a' : 'b'", "b"),
        ("multiIf(1 > 2, 'a', 2 > 1, 'b', 'c')", "b"),
        ("CASE WHEN 1 > 2 THEN 'a' ELSE 'c' END", "c"),
        ("concat(lower('AB'), '-', toString(3.0))", "ab-3"),
        ("'abc' LIKE 'A%'", 0),
        ("'abc' ILIKE 'A%'", 1),
        ("match('run_12', '^run_[0-9]+$')", 1),
        ("coalesce(NULL, 5)", 5),
        ("greatest(2, 9, 4)", 9),
        ("length('žlu')", 4),
        ("splitByChar(',', 'a,b')", ["a", "b"]),
        ("arrayStringConcat(['x', 'y'], '+')", "x+y"),
        ("toStartOfInterval(toDateTime('2026-11-22 11:47:31'), INTERVAL 15 MINUTE)",
         "2026-11-22 11:45:00"),
        ("toStartOfWeek('2026-11-22 11:47:31')", "2026-11-16"),
        ("toStartOfMonth('2026-11-22')", "2026-11-01"),
        ("addMonths(toDateTime('2026-01-31 00:00:00'), 1)", "2026-02-28 00:00:00"),
        ("dateDiff('day', '2026-11-20 23:00:00', '2026-11-22 01:00:00')", 2),
        ("formatDateTime(now(), '%H:%i')", "12:00"),
        ("toUnixTimestamp('1970-01-02 00:00:00')", 86_400),
        ("CAST('12' AS Int32) + 1", 13),
        ("toInt32OrZero('x')", 0),
        ("JSONExtractInt('{\"a\":{\"b\":4}}', 'a', 'b')", 4),
        ("now() - INTERVAL 1 DAY", "2026-11-21 12:00:00"),
    ],
)  # fmt: skip
def test_functions_of_one_row(expression: str, result: Any) -> None:
    assert value(expression) == result


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "mismatched input '<EOF>'"),
        ("DELETE FROM runs", "mismatched input 'DELETE'"),
        ("SELECT a b c FROM runs", "Syntax error at line 1:11: mismatched input 'c'"),
        ("SELECT 'a FROM runs", "Syntax error"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT task FROM runs", "Available columns: attempt_count"),
        ("SELECT started_at FROM runs", 'Did you mean "dequeued_at"?'),
        ("SELECT task_identifer FROM runs", 'Did you mean "task_identifier"?'),
        ("SELECT x FROM nope", 'Table "nope" is not accessible.'),
        ("SELECT sleep(3) FROM runs", "Unknown function: sleep"),
        ("SELECT round() FROM runs", "Number of arguments for function round"),
        ("SELECT toInt32(status) FROM runs", "Cannot parse string 'COMPLETED_SUCCESSFULLY'"),
        ("SELECT run_id FROM runs WHERE depth = 'deep'", "Cannot parse string 'deep'"),
        ("SELECT run_id FROM runs WHERE triggered_at > 'soon'", "Cannot parse string 'soon'"),
        ("SELECT run_id, count() FROM runs", "'run_id' is not under aggregate function"),
        ("SELECT count() n FROM runs ORDER BY run_id", "'run_id' is not under aggregate function"),
        ("SELECT match('a', '(') FROM runs", "Cannot compile regular expression"),
        ("SELECT a.run_id FROM runs a JOIN metrics b ON 1", "JOIN is not supported"),
        ("SELECT run_id FROM runs UNION ALL SELECT run_id FROM runs", "UNION is not supported"),
        ("SELECT sum(depth) OVER () FROM runs", "OVER"),
        ("SELECT run_id FROM runs LIMIT 1 BY run_id", "LIMIT BY is not supported"),
        ("SELECT run_id FROM runs LIMIT -1", "whole numbers"),
        ("SELECT arrayMap(x -> x, tags) FROM runs", "A lambda is not supported"),
        ("SELECT * EXCEPT(status) FROM runs", "EXCEPT or REPLACE is not supported"),
        ("SELECT runs.* REPLACE(1 AS status) FROM runs", "EXCEPT or REPLACE is not supported"),
        ("SELECT count() FROM runs SAMPLE 0.1", "SAMPLE is not supported"),
        ("SELECT DISTINCT ON (status) run_id FROM runs", "DISTINCT ON is not supported"),
        ("SELECT run_id FROM runs ORDER BY run_id WITH FILL", "WITH FILL is not supported"),
        ("SELECT run_id FROM runs ORDER BY 1 LIMIT 2 WITH TIES", "WITH TIES or PERCENT is not"),
        ("SELECT now() - toIntervalHour() FROM runs", "toIntervalHour doesn't match"),
        (f"SELECT run_id FROM runs LIMIT {'9' * 5_000}", "whole numbers"),
        ("SELECT arrayJoin() FROM runs", "arrayJoin doesn't match"),
        ("SELECT substr(['a'], 2) FROM runs", "Illegal type Array"),
        ("SELECT toStartOfInterval(triggered_at, INTERVAL 0 HOUR) FROM runs", "above 0"),
        ("SELECT toStartOfInterval(triggered_at, INTERVAL depth HOUR) FROM runs", "above 0"),
        ("SELECT CAST(is_test AS UUID) FROM runs", "A cast to UUID is not supported"),
        (f"SELECT {'(' * 3_000}1{')' * 3_000} FROM runs", "nested too deeply"),
        (f"SELECT {'+'.join(['1'] * 20_000)} FROM runs", "nested too deeply"),
        (f"SELECT '{'a' * 300_000}' FROM runs", "Max query size exceeded"),
        ("SELECT run_id FROM runs GROUP BY 3", "Positional argument out of bounds: 3"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(query: str, reason: str) -> None:
    answer = ask(query)
    assert isinstance(answer, str)
    assert reason in answer


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("triggered_at::date", "2026-11-22"),
        ("CAST(triggered_at AS Date)", "2026-11-22"),
        ("triggered_at::DateTime", "2026-11-22 12:00:00"),
        ("CAST('7' AS Nullable(Int32))", 7),
        ("'7.5'::Float64", 7.5),
        ("total_duration::String", "0"),
        ("total_duration::LowCardinality(String)", "0"),
    ],
)
def test_casts(expression: str, value: object) -> None:
    assert ask(f"SELECT {expression} AS x FROM runs ORDER BY triggered_at DESC LIMIT 1") == [
        {"x": value}
    ]


def test_a_choice_without_an_alias_is_called_as_it_was_written() -> None:
    assert ask("SELECT if(is_test, 'a', NULL) FROM runs LIMIT 1") == [{"if": None}]


def test_statuses_print_and_filter_by_friendly_names() -> None:
    grouped = ask("SELECT status, count() AS n FROM runs GROUP BY status")
    assert {row["status"] for row in grouped} == {
        "Completed", "Failed", "Queued", "Pending version",
    }  # fmt: skip
    for name in ("Completed", "COMPLETED_SUCCESSFULLY"):
        assert ask(f"SELECT count() n FROM runs WHERE status = '{name}'") == [{"n": 3}]
    assert ask("SELECT count() n FROM runs WHERE status = 'Nope'") == [{"n": 0}]
    assert ask("SELECT count() n FROM runs WHERE status NOT IN ('Completed')") == [{"n": 9}]


def test_flags_are_booleans_where_they_stand_alone() -> None:
    row = ask("SELECT is_test, is_test = 1 AS told FROM runs WHERE is_test LIMIT 1")[0]
    assert row["is_test"] is True
    assert row["told"] == 1
    assert row["told"] is not True


def test_a_star_is_the_core_columns_only() -> None:
    row = ask("SELECT * FROM runs LIMIT 1")[0]
    assert list(row) == ["run_id", "status", "task_identifier", "triggered_at"]


def test_the_window_is_a_week_unless_the_query_comes_with_another() -> None:
    count = "SELECT count() AS n FROM runs"
    assert ask(count, "30m") == [{"n": 4}]
    assert ask(count, "banana") == ask(count) == [{"n": 12}]
    begins = (NOW - timedelta(minutes=25)).isoformat()
    window = trql.window_of(NOW, None, begins, None)
    assert len(list(load(["run_id"], window))) == 3


@pytest.mark.parametrize(
    ("period", "bucket"),
    [
        ("4m", ("second", 5)),
        ("30m", ("second", 30)),
        ("1h", ("minute", 1)),
        ("6h", ("minute", 5)),
        ("24h", ("minute", 15)),
        ("3d", ("hour", 1)),
        ("7d", ("hour", 6)),
        ("30d", ("day", 1)),
        ("20w", ("week", 1)),
    ],
)
def test_time_buckets_go_with_the_window(period: str, bucket: tuple[str, int]) -> None:
    assert trql.window_of(NOW, period, None, None).bucket == bucket
    rows = ask("SELECT timeBucket(), count() FROM runs GROUP BY timeBucket", period)
    assert list(rows[0]) == ["timebucket", "count"]


def test_csv_has_a_header_and_no_newline_at_the_end() -> None:
    text = ask("SELECT run_id, tags, is_test FROM runs ORDER BY run_id LIMIT 2", form="csv")
    assert text == 'run_id,tags,is_test\nrun_00,[],false\nrun_01,"[""a""]",false'
    assert ask("SELECT run_id FROM runs WHERE run_id = 'x'", form="csv") == "run_id"


def test_ten_thousand_rows_at_most() -> None:
    def many(columns: Sequence[str], window: trql.Window) -> Iterator[Sequence[object]]:
        return (tuple(f"run_{n}" for _ in columns) for n in range(12_000))

    window = trql.window_of(NOW, None, None, None)
    for query in ("SELECT run_id FROM runs", "SELECT run_id FROM runs LIMIT 11000"):
        plan = trql.plan(query, window)
        rows = trql.fetch(plan, {"runs": many}, window)
        assert len(trql.execute(plan, rows, NOW, "json").results) == 10_000


def test_every_table_of_the_schema_has_a_time_column_and_core_columns() -> None:
    for table in catalog.tables().values():
        assert table.time_column in table.columns
        assert table.core
