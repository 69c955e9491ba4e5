"""Whatever a server sends, a parser gives a value that can be shown, or an error in words. The long
form is `python -m tests.drift`."""

from __future__ import annotations

import pytest

from tests.drift.readers import BY_NAME, readers
from tests.drift.run import Tally, drift
from tests.drift.screens import through_screens
from tests.recorded import all_recorded

EACH = 40
SHOWN = 60
LONGEST = 12_000

UNREAD = {
    "auth_jwt": "only the simulator has it",
    "batches_v3_items": "its success says all",
    "deployment_background_worker": "the deploying tool sends it",
    "deployments_create": "the deploying tool sends it",
    "deployments_fail": "the deploying tool sends it",
    "envvars_create": "its success says all",
    "envvars_delete": "its success says all",
    "envvars_import": "its success says all",
    "envvars_update": "its success says all",
    "idempotency_key_reset": "not asked",
    "options_preflight": "browsers ask it",
    "orgs_list": "not asked",
    "packets_v1_get": "not asked",
    "packets_v2_put": "not asked",
    "project_branches_archive": "its answer holds keys and is not read",
    "project_branches_create": "not asked",
    "project_env_jwt": "not asked",
    "project_env_pause": "its success says all",
    "project_env_regenerate_api_key": "not asked",
    "project_env_resume": "its success says all",
    "projects_get": "not asked",
    "prompts_get": "not asked",
    "prompts_list": "not asked",
    "prompts_resolve": "not asked",
    "query_schema": "not asked",
    "realtime": "not asked",
    "schedules_delete": "its success says all",
    "run_cancel": "its success says all",
    "run_metadata_get": "not asked",
    "run_metadata_put": "its success says all",
    "run_result": "not asked",
    "sessions_close": "its success says all",
    "sessions_create": "not asked",
    "sessions_update": "not asked",
    "tasks_batch_by_id": "an older way to make a batch",
    "tasks_batch_v1": "an older way to make a batch",
    "tasks_batch_v2": "an older way to make a batch",
    "waitpoint_tokens_callback": "its success says all",
    "waitpoint_tokens_complete": "its success says all",
}
"""Recorded operations whose answers no parser of ours reads, and why."""


@pytest.fixture(scope="module")
def tally() -> Tally:
    return drift(readers(LONGEST), EACH, seed=7)


def test_a_mutated_answer_is_a_value_or_an_error_in_words(tally: Tally) -> None:
    assert tally.mutations > EACH * len(BY_NAME)
    assert min(tally.read, tally.unreadable, tally.refusals) >= EACH
    assert tally.faults == {}, tally.examples


def test_an_odd_row_costs_no_other_row_and_is_counted(tally: Tally) -> None:
    assert tally.lists > 4 * EACH
    assert [fault for fault in tally.faults if "list:" in fault] == []


async def test_mutated_answers_are_shown_on_every_screen() -> None:
    shown = await through_screens(SHOWN, seed=7)
    assert shown.total() >= SHOWN
    assert len(shown) > 5


def test_every_recorded_answer_is_read_by_some_parser() -> None:
    read = {body for reader in readers(10**9) for body in reader.bodies}
    told = [answer for answer in all_recorded() if answer.is_success and answer.data is not None]
    unread = {answer.name.split("__")[0] for answer in told if answer.body not in read}
    assert sorted(unread) == sorted(UNREAD)
