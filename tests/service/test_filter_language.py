"""The filter line: what it means, what it refuses, and that it survives the way back."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from tests.machine_zone import machine_zone
from trigdash.model.capability import Reach
from trigdash.model.moment import local
from trigdash.model.plain_run_page import plain_page
from trigdash.model.run_filter import RunFilter, SupportedFilters
from trigdash.model.run_page import parse_runs
from trigdash.model.run_row import RunRow
from trigdash.model.status import FILTERABLE
from trigdash.service.filters.completion import SeenValues, complete
from trigdash.service.filters.description import (
    format_filter,
    window_phrase,
    window_text,
    without_text,
)
from trigdash.service.filters.language import FilterError, parse
from trigdash.service.filters.matching import TextMatch
from trigdash.service.filters.moments import moment, period
from trigdash.service.runs.statements import NotAskable, where_of

NOW = datetime(2026, 11, 21, 22, 55, tzinfo=UTC)
BERLIN = datetime(2026, 11, 21, 23, 55, tzinfo=timezone(timedelta(hours=1)))


def row(run_id: str = "run_1", task: str = "send-email", **fields: object) -> RunRow:
    known = {"status_name": "COMPLETED", "created_ms": 0, "updated_ms": 0, **fields}
    return RunRow(id=run_id, task=task, **known)  # type: ignore[arg-type]


def test_a_full_line_becomes_a_filter() -> None:
    parsed = parse(
        "status:failed,timed-out task:send-email tag:user_1,plan_pro version:20261121.3 "
        "machine:small-1x region:us-east-1 batch:batch_1 schedule:sched_1 error:error_9 "
        "since:24h test:true timeout",
        NOW,
    )
    assert parsed == RunFilter(
        statuses=("FAILED", "TIMED_OUT"),
        tasks=("send-email",),
        tags=("user_1", "plan_pro"),
        versions=("20261121.3",),
        machines=("small-1x",),
        regions=("us-east-1",),
        batch="batch_1",
        schedule="sched_1",
        error="error_9",
        period="24h",
        is_test=True,
        text="timeout",
    )


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("FAILED", "FAILED"),
        ("Timed_Out", "TIMED_OUT"),
        ("systemfailure", "SYSTEM_FAILURE"),
        ('"pending version"', "PENDING_VERSION"),
        ("cancelled", "CANCELED"),
        ("running", "EXECUTING"),
    ],
)
def test_statuses_are_taken_as_people_write_them(typed: str, name: str) -> None:
    assert parse(f"status:{typed}", NOW).statuses == (name,)


def test_the_vocabulary_is_the_servers() -> None:
    spoken = SupportedFilters(statuses=("pending", "suspended", "failed"))
    assert parse("status:suspended,pending", NOW, spoken).statuses == ("suspended", "pending")
    with pytest.raises(FilterError, match="no status executing"):
        parse("status:executing", NOW, spoken)


def test_words_of_the_usual_vocabulary_mean_what_they_come_to_elsewhere() -> None:
    spoken = SupportedFilters(statuses=("pending", "running", "failed", "timeout"))
    parsed = parse("status:failed,crashed,executing,queued,expired", NOW, spoken)
    assert parsed.statuses == ("failed", "running", "pending", "timeout")
    assert format_filter(parsed) == "status:failed,running,pending,timed-out"
    assert parse(format_filter(parsed), NOW, spoken) == parsed


def test_a_field_that_the_system_cannot_answer_is_refused_and_not_offered() -> None:
    narrowing = SupportedFilters(refused=frozenset({"tags", "is_test"}), system="the little API")
    with pytest.raises(FilterError, match="the little API cannot filter by tag:"):
        parse("task:a tag:b", NOW, narrowing)
    assert complete("t", 1, SeenValues(), narrowing).candidates[:2] == ("task:", "to:")
    assert narrowing.disabled_reason(RunFilter(tasks=("a",))) == ""
    assert (
        narrowing.disabled_reason(RunFilter(is_test=False))
        == "the little API cannot filter by test"
    )


def test_a_plain_queue_name_asks_for_the_tasks_queue_and_the_custom_one() -> None:
    assert parse("queue:emails", NOW).queues == ("task/emails", "emails")
    assert parse("queue:task/emails", NOW).queues == ("task/emails",)
    assert parse("queue:custom/a/b", NOW).queues == ("a/b",)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("statsu:failed", "do you mean status:"),
        ("http://example.com", "quote it to search"),
        ("status:faild", "do you mean failed"),
        ("status:", "status: needs a value"),
        ("status:failed status:crashed", "stands twice"),
        ("since:banana", "since: takes a number"),
        ("since:0h", "since: takes a number"),
        ("since:1h from:today", "exclude each other"),
        ("from:9:00 to:8:00", "is not before"),
        ("from:someday", "from: takes 2026-11-21"),
        ("machine:huge", "no machine huge: one of micro"),
        ("batch:run_1", "starts with batch_"),
        ("batch:batch_1,batch_2", "takes one value"),
        ("test:perhaps", "true or false"),
        ('tag:"user', "quote"),
    ],
)
def test_nonsense_is_explained(line: str, words: str) -> None:
    with pytest.raises(FilterError, match=words):
        parse(line, NOW)


def test_an_error_knows_where_it_stands() -> None:
    with pytest.raises(FilterError) as caught:
        parse("task:a stuff since:banana", NOW)
    assert (caught.value.start, caught.value.end) == (13, 25)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "status:failed,crashed task:send-email since:24h",
        'tag:"two words","quo\\"te","a:b" queue:emails,task/x,custom/y',
        'some words "http://x" "12:30"',
        "from:2026-11-01 to:yesterday test:false",
        'a\\b "c\\\\d" bulk:bulk_1',
    ],
)
def test_a_filter_survives_the_way_to_words_and_back(line: str) -> None:
    parsed = parse(line, NOW)
    assert parse(format_filter(parsed), NOW) == parsed


def test_dates_are_meant_where_the_user_is() -> None:
    assert moment("9:00", BERLIN) == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    assert moment("yesterday", BERLIN) == datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
    assert moment("2026-11-20T10:00Z", BERLIN) == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert moment("90m", BERLIN) == datetime(2026, 11, 21, 21, 25, tzinfo=UTC)
    assert moment("25:00", BERLIN) is None
    for beyond in ("9999999d", f"{10**40}w", "0001-01-01", "9999-12-31T23:59-10:00"):
        assert moment(beyond, BERLIN) is None


NEW_YORK = ZoneInfo("America/New_York")


def in_new_york(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("text", "now", "utc"),
    [
        # The clocks go back on 1 November and forward on 8 March.
        ("2026-10-24T20:00", in_new_york(11, 27), "2026-10-25 00:00"),
        ("2026-10-24", in_new_york(11, 27), "2026-10-24 04:00"),
        ("2026-12-24T20:00", in_new_york(7, 27), "2026-12-25 01:00"),
        ("yesterday", in_new_york(11, 2), "2026-11-01 04:00"),
        ("today", in_new_york(11, 1), "2026-11-01 04:00"),
        ("9:00", in_new_york(11, 1, 1), "2026-11-01 14:00"),
        ("23:59:59", in_new_york(11, 2), "2026-11-03 04:59"),
        ("0:30", in_new_york(11, 1), "2026-11-01 04:30"),
        ("1:30", in_new_york(11, 1), "2026-11-01 05:30"),
        ("2:30", in_new_york(3, 8), "2026-03-08 07:30"),
        ("24h", in_new_york(11, 1), "2026-10-31 17:00"),
        ("2h", in_new_york(3, 8, 3), "2026-03-08 05:00"),
    ],
)
def test_a_date_has_the_offset_of_its_own_day(text: str, now: datetime, utc: str) -> None:
    named = moment(text, now)
    assert named is not None
    assert named.astimezone(UTC).strftime("%Y-%m-%d %H:%M") == utc


def test_dates_follow_the_rules_of_the_machines_zone() -> None:
    with machine_zone("XST0XDT,J1/0,J331/0"):
        # An hour ahead until the 331st day of the year, 27 November.
        now = local(datetime(2026, 11, 29, 12, 0, tzinfo=UTC))
        assert moment("2026-11-26T09:00", now) == datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
        assert moment("2026-11-28T09:00", now) == datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


def test_of_an_hour_that_comes_twice_from_means_the_first_and_to_the_last() -> None:
    now = in_new_york(11, 2)
    both = parse("from:2026-11-01T01:30 to:2026-11-01T01:30", now)
    assert both.since == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert both.until == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert window_text(both, now, None) == "Nov 1 01:30 EDT to Nov 1 01:30 EST"
    assert parse(format_filter(both), now) == both


def test_the_window_that_the_server_used_goes_before_what_was_asked_for() -> None:
    asked = RunFilter(period="90d")
    reach = Reach(period="7d")
    assert window_text(asked, NOW, reach, RunFilter(period="30d")) == "last 30 days"
    assert window_text(RunFilter(), NOW, reach, RunFilter(period="1d")) == "last day"
    since = datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert window_text(asked, NOW, reach, RunFilter(since=since)) == "since Nov 20 08:00"
    assert window_text(asked, NOW, reach, None) == "last 90 days"


@pytest.mark.parametrize(
    ("told", "applied"),
    [
        ({"createdAt": {"period": "7d"}}, RunFilter(period="7d")),
        (
            {"createdAt": {"from": "2026-11-20T08:00:00.000Z", "to": 1_795_300_000_000}},
            RunFilter(
                since=datetime(2026, 11, 20, 8, tzinfo=UTC),
                until=datetime.fromtimestamp(1_795_300_000, UTC),
            ),
        ),
        ({"createdAt": {"period": "for ever"}}, None),
        ({"createdAt": {"from": 1e300, "to": "soon"}}, None),
        ({"createdAt": "7d"}, None),
        ([], None),
        (None, None),
    ],
)
def test_an_applied_window_is_read_in_any_form_and_left_alone_in_others(
    told: object, applied: RunFilter | None
) -> None:
    body = json.dumps({"data": [], "pagination": {}, "appliedFilters": told}).encode()
    plain = plain_page(body)
    assert plain is not None
    assert parse_runs(body).applied == plain.applied == applied


def test_a_window_is_written_as_its_dates_were_typed() -> None:
    now = in_new_york(11, 27)
    typed = parse("from:2026-10-24T20:00 to:2026-11-24T20:00", now)
    assert window_text(typed, now, None) == "Oct 24 20:00 to Nov 24 20:00"
    assert window_text(parse("from:2025-10-24", now), now, None) == "since Oct 24 2025 00:00"


@pytest.mark.parametrize(
    "line",
    [
        "from:2026-10-24 to:2026-11-24",
        "from:2026-10-24T20:00 to:2026-11-24T20:05:07",
        "from:2026-11-01T01:30 to:2026-11-01T01:30",
        "to:2026-03-08T03:30",
    ],
)
def test_dates_are_shown_as_people_type_them_and_mean_the_same(line: str) -> None:
    now = in_new_york(11, 27)
    parsed = parse(line, now)
    assert format_filter(parsed, now.tzinfo) == line
    assert parse(format_filter(parsed), now) == parsed, "in UTC, too, for who reads it elsewhere"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        # 1:30 comes twice on that day, and to: means its last, from: its first.
        ("from:2026-11-01T01:30-05:00", "from:2026-11-01T06:30:00+00:00"),
        ("to:2026-11-01T01:30-04:00", "to:2026-11-01T05:30:00+00:00"),
        ("from:2026-11-20T10:00:00.250Z", "from:2026-11-20T10:00:00.250000+00:00"),
    ],
)
def test_an_instant_that_no_short_date_means_is_shown_in_full(line: str, shown: str) -> None:
    now = in_new_york(11, 27)
    parsed = parse(line, now)
    assert format_filter(parsed, now.tzinfo) == shown
    assert parse(shown, now) == parsed


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-queue:emails", "-queue:emails: write -queue:… to exclude: task, tag"),
        ("!status:failed", "write -status:… to exclude"),
        ("tag:!vip", "write -tag:… to exclude"),
        ("version:2026*", r"version: takes whole names, \* is no wildcard"),
        ("queue:*", r"queue: takes whole names, \* is no wildcard"),
        ("-task:", "task: needs a value"),
        ("duration:>5", "duration: takes how long"),
        ("duration:5x", "duration: takes how long"),
        ("cost:>1m", "cost: takes dollars"),
        ("depth:root", "depth: takes 0"),
        ("-status:nonsense", "no status nonsense"),
        ("status:bad has:error", "status: stands twice"),
    ],
)
def test_what_is_no_name_is_not_looked_for_as_one(line: str, words: str) -> None:
    with pytest.raises(FilterError, match=words):
        parse(line, NOW)


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ('tag:"a*b","!x"', RunFilter(tags=("a*b", "!x"))),
        ("-task send*", RunFilter(text="-task send*")),
        ("-http://x", RunFilter(text="-http://x")),
        ("!important", RunFilter(text="!important")),
        ("tag:-1", RunFilter(tags=("-1",))),
    ],
)
def test_names_and_words_that_only_look_so_are_taken(line: str, parsed: RunFilter) -> None:
    assert parse(line, NOW) == parsed
    assert parse(format_filter(parsed), NOW) == parsed


def test_look_backs_go_out_in_the_one_form_that_the_server_reads() -> None:
    assert [period(text) for text in ("24h", "1h30m", "1d12h", "07D", "banana", "h", "")] == [
        "24h",
        "90m",
        "36h",
        "7d",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "last 7 days"),
        ("since:24h", "last 24 hours"),
        ("since:1d", "last day"),
        ("from:9:00", "since 09:00"),
        ("to:2026-11-20", "until Nov 20 00:00"),
        ("from:2026-11-20 to:9:00", "Nov 20 00:00 to 09:00"),
    ],
)
def test_the_window_can_always_be_said(line: str, words: str) -> None:
    assert window_text(parse(line, NOW), NOW, Reach(period="7d")) == words


def test_systems_without_a_window_of_their_own_never_claim_one() -> None:
    nothing, day = parse("", NOW), parse("since:1d", NOW)
    assert window_text(nothing, NOW, Reach()) == "all time"
    assert window_text(day, NOW, Reach()) == "last day"
    assert window_text(nothing, NOW, Reach(newest=100)) == "newest 100 at most"
    assert window_text(day, NOW, Reach(newest=100)) == "last day, newest 100 at most"
    assert window_text(nothing, NOW, None) == "", "not known yet"
    assert window_phrase(nothing, NOW, Reach()) == ""
    assert window_phrase(day, NOW, Reach(newest=100)) == "in the last day among the newest 100"


def test_fields_complete_and_used_ones_are_not_offered_again() -> None:
    offered = complete("status:failed t", 15, SeenValues())
    assert (offered.start, offered.end) == (14, 15)
    assert offered.candidates[:3] == ("task:", "tag:", "to:")
    assert "status:" not in offered.candidates


def test_values_complete_from_what_was_seen() -> None:
    seen = SeenValues()
    seen.observe([row(tags=("user_1", "two words")), row(task="sync-crm")])
    assert complete("task:s", 6, seen).candidates == ("send-email", "sync-crm")
    assert complete("tag:user_1,", 11, seen).candidates == ('"two words"',)
    assert complete("queue:sync", 10, seen).candidates == ("sync-crm",)
    assert complete("status:failed,cr", 16, seen).candidates == ("crashed",)


def test_free_text_needs_every_word_and_notices_a_changed_row() -> None:
    match = TextMatch("EMAIL user_1")
    rows = [row(tags=("user_1",)), row("run_2"), row("run_3", task="sync", tags=("user_1",))]
    assert match.narrow(rows) == rows[:1]
    assert match.narrow([row(tags=("user_2",))]) == []


def test_rows_that_left_the_list_are_forgotten() -> None:
    match = TextMatch("send")
    for first in range(0, 20_000, 100):
        rows = [row(f"run_{number}") for number in range(first, first + 100)]
        assert len(match.narrow(rows)) == 100
    assert len(match._known) < 2_000


@pytest.mark.parametrize("name", ["tag", "task", "version", "region", "queue"])
def test_a_value_with_a_comma_is_said_not_to_be_looked_for(name: str) -> None:
    """The server would take it for two values and list other runs."""
    with pytest.raises(FilterError, match=rf"^{name}: a value with a comma cannot be looked for$"):
        parse(f'{name}:"order:1,2"', NOW)
    with pytest.raises(FilterError, match=r"comma"):
        parse(f'{name}:plain,"order:1,2"', NOW)
    assert parse('"order:1,2"', NOW).text == "order:1,2", "free text takes any character"


CONDITION_ROWS = [
    replace(
        row(),
        id=f"run_{n}",
        task=task,
        tags=tags,
        started_ms=0,
        finished_ms=took_ms,
        cost_cents=cents,
        depth=depth,
    )
    for n, (task, tags, took_ms, cents, depth) in enumerate(
        [
            ("send-email", ("vip", "eu"), 400_000, 250.0, 0),
            ("send-sms", (), 299_999, 100.0, 1),
            ("sync", ("vip-2",), None, 0.0, 2),
            ("a.b", ("a*b",), 300_000, 99.0, 0),
        ]
    )
]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("-task:send-email", "123"),
        ("-task:send-email,sync", "13"),
        ("task:send*", "01"),
        ("task:*s*", "012"),
        ("task:a*,sync", "23"),
        ("-task:send*", "23"),
        ("-tag:vip", "123"),
        ("-tag:vip*", "13"),
        ("tag:vip*", "02"),
        ('-tag:"a*b"', "012"),
        ("duration:>5m", "0"),
        ("duration:>=300s", "03"),
        ("duration:<5m", "1"),
        ("cost:>1", "0"),
        ("cost:>=1", "01"),
        ("depth:0", "03"),
        ("depth:>0 -task:sync", "1"),
        ("-task:sync send", "01"),
    ],
)
def test_what_no_list_answers_narrows_the_rows_and_stands_in_the_line_as_typed(
    line: str, kept: str
) -> None:
    parsed = parse(line, NOW)
    found = TextMatch(parsed.text, parsed.conditions).narrow(CONDITION_ROWS)
    assert "".join(row.id.removeprefix("run_") for row in found) == kept
    assert parse(format_filter(parsed), NOW) == parsed
    assert parsed.is_narrowed_here
    assert not without_text(parsed).is_narrowed_here


def test_words_for_several_statuses_are_asked_of_the_server() -> None:
    bad = parse("status:bad", NOW)
    assert set(bad.statuses) == {"FAILED", "CRASHED", "SYSTEM_FAILURE", "TIMED_OUT", "EXPIRED"}
    assert not bad.is_narrowed_here
    live = parse("status:live,failed", NOW).statuses
    assert {"QUEUED", "EXECUTING", "FAILED"} <= set(live)
    assert "COMPLETED" not in live
    rest = parse("-status:completed,canceled", NOW).statuses
    assert set(rest) == set(FILTERABLE) - {"COMPLETED", "CANCELED"}
    assert set(parse("has:error", NOW).statuses) < set(bad.statuses)


@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ("kind:schedule", ["run_b"]),
        ("kind:standard,schedule", ["run_a", "run_b"]),
        ("-kind:standard", ["run_b", "run_c"]),
        ("kind:sched*", ["run_b"]),
    ],
)
def test_runs_are_narrowed_by_their_kind_or_by_what_started_them(line: str, ids: list[str]) -> None:
    parsed = parse(line, NOW)
    rows = [row("run_a", kind="STANDARD"), row("run_b", kind="schedule"), row("run_c")]
    match = TextMatch(parsed.text, parsed.conditions)
    assert [each.id for each in match.narrow(rows)] == ids
    assert parse(format_filter(parsed), NOW) == parsed
    with pytest.raises(NotAskable):
        where_of(parsed)


def test_a_kind_needs_a_value() -> None:
    with pytest.raises(FilterError, match="kind"):
        parse("kind:", NOW)
