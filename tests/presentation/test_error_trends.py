"""Failures of the last day, told to the error groups that they are of, or to none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from trigdash.model.error_group import ErrorGroup
from trigdash.presentation.cell import cell_text
from trigdash.presentation.error_trends import BARS, bars_of, errors_with_trends
from trigdash.service.error_trends import ErrorTrends, Failures

SINCE = datetime(2026, 3, 4, 13, tzinfo=UTC)


def group(
    name: str, message: str, kind: str = "Error", *, seen_h: float | None = None
) -> ErrorGroup:
    last_seen = None if seen_h is None else SINCE + timedelta(hours=seen_h)
    return ErrorGroup(
        id=f"error_{name}",
        taskIdentifier="send-email",
        errorType=kind,
        errorMessage=message,
        lastSeen=last_seen,
    )


def failures(message: str, hours_ago: int, runs: int, name: str = "Error") -> Failures:
    return Failures("send-email", name, message, hours_ago, runs)


def bars(**at: int) -> tuple[int, ...]:
    """Bars by how many come after them: `b0` is the last."""
    return tuple(at.get(f"b{BARS - 1 - index}", 0) for index in range(BARS))


def test_failures_stand_in_the_bar_of_their_hours_whatever_numbers_their_messages_have() -> None:
    both = [group("a", "order 71f3 is gone", seen_h=23), group("b", "no stock", seen_h=1)]
    told = (
        failures("order 0f0 is gone", 0, 3),
        failures("order 0 is gone", 1, 2),
        failures("order 0 is gone", 2, 1),
        failures("no stock", 23, 4, name=""),
        Failures("another-task", "Error", "no stock", 0, 9),
    )
    found = bars_of(ErrorTrends(SINCE, told), both, is_whole=True)
    assert found == {"error_a": bars(b0=5, b1=1), "error_b": bars(b11=4)}


def test_the_only_group_of_a_class_has_all_its_failures_once_all_groups_are_there() -> None:
    one = [group("a", "mailbox eva is full", "MailError", seen_h=20)]
    told = ErrorTrends(SINCE, (failures("mailbox ben is full", 0, 3, "MailError"),))
    assert bars_of(told, one, is_whole=True) == {"error_a": bars(b0=3)}
    assert bars_of(told, one, is_whole=False) == {}


def test_failures_that_may_be_of_either_of_two_groups_are_told_of_neither() -> None:
    code = "TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE"
    two = [group("a", "exited with 1", code), group("b", "exited with 137", code)]
    told = failures(f"trigger.dev internal error ({code})", 4, 2, name="")
    assert bars_of(ErrorTrends(SINCE, (told,)), two, is_whole=True) == {}
    assert bars_of(ErrorTrends(SINCE, (told,)), two[:1], is_whole=True) == {"error_a": bars(b2=2)}


def test_a_group_that_was_seen_but_not_counted_is_not_known_and_an_old_one_is_calm() -> None:
    both = [group("a", "no stock", seen_h=2), group("b", "order gone", seen_h=-30)]
    assert bars_of(ErrorTrends(SINCE), both, is_whole=True) == {"error_b": bars()}
    assert bars_of(ErrorTrends(SINCE, refused="it may not"), both, is_whole=True) == {}


def test_bars_that_are_not_read_yet_are_blank_and_unknown_ones_are_a_dash() -> None:
    error = group("a", "no stock")
    for known, said in ((None, ""), ({}, "–"), ({"error_a": bars(b0=2)}, "▁" * 11 + "█")):
        field = errors_with_trends(lambda known=known: known).by_key["trend"]
        assert cell_text(field.cell(error, 0.0)) == said
