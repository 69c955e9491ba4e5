"""Which payload field tells failing runs from good ones, and when none does."""

from __future__ import annotations

from datetime import UTC, datetime

from trigdash.model.run import Run
from trigdash.service.triage.separator import Separator, tell_apart

AT = datetime(2026, 3, 4, tzinfo=UTC)


def runs(*payloads: object) -> list[Run]:
    return [
        Run.model_validate(
            {
                "id": f"run_{number}",
                "taskIdentifier": "task",
                "status": "COMPLETED",
                "createdAt": AT,
                "updatedAt": AT,
                "payload": payload,
            }
        )
        for number, payload in enumerate(payloads)
    ]


def orders(*countries: str | None) -> list[Run]:
    return runs(*({"id": n, "to": {"country": each}} for n, each in enumerate(countries)))


def test_the_field_that_only_failing_runs_share_is_named_with_its_path_and_counts() -> None:
    found = tell_apart(orders(None, None, "AT", None), orders("DE", "DE", "FR"))
    assert found == Separator("to.country", ("AT", "null"), 4, 4, 0, 3)


def test_a_value_that_good_runs_have_too_tells_nothing() -> None:
    assert tell_apart(orders("AT", "AT", "AT"), orders("DE", "AT", "DE")) is None


def test_ids_tell_nothing_although_no_good_run_shares_them() -> None:
    failing = runs(*({"order": f"a{n}"} for n in range(6)))
    assert tell_apart(failing, runs(*({"order": f"b{n}"} for n in range(6)))) is None


def test_too_few_runs_of_either_kind_tell_nothing() -> None:
    assert tell_apart(orders("AT", "AT"), orders("DE", "DE", "DE")) is None
    assert tell_apart(orders("AT", "AT", "AT"), orders("DE", "DE")) is None


def test_payloads_that_are_no_objects_tell_nothing() -> None:
    assert tell_apart(runs("x", None, [1]), runs("y", 3, {})) is None
