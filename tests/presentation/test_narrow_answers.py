"""Answers in few columns: figures stand whole or not at all, and evidence goes on below itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trigdash.presentation.answer_lines import LABEL_WIDTH, labeled_words, whole_clauses
from trigdash.presentation.cell import cell_text, text_width
from trigdash.presentation.stuck import stuck_lines
from trigdash.presentation.why import why_lines
from trigdash.service.why.check import Check, Finding
from trigdash.service.why.stuck import HeldRuns, Stuck
from trigdash.service.why.verdict import Why

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SAID = "18 of 22 failed in 1 h; usual 2 of 14 in 7 d; clears in 3 m"


@pytest.mark.parametrize(
    ("room", "kept"),
    [
        (59, SAID),
        (58, "18 of 22 failed in 1 h; usual 2 of 14 in 7 d …"),
        (45, "18 of 22 failed in 1 h …"),
        (24, "18 of 22 failed in 1 h …"),
        (23, "18 of 22 failed in 1 h…"),
    ],
)
def test_the_last_clauses_of_a_sentence_go_whole(room: int, kept: str) -> None:
    assert whole_clauses(SAID, room) == kept


def held(code: str, subject: str, evidence: str, wait_s: float | None = None) -> HeldRuns:
    since = NOW - timedelta(minutes=5)
    who = ("run_1", ("send-email",), ("crm",), ("QUEUED",))
    return HeldRuns(code, subject, evidence, "do it", 3, since, *who, wait_s)


@pytest.mark.parametrize("width", [60, 72, 79, 104, 120, 160])
def test_a_figure_of_what_is_stuck_is_whole_at_every_width(width: int) -> None:
    full = held("queue_full", "indexing", "Queue indexing is full: 2 of 2 running.", 3600 * 16)
    key = held("limit_full", "task/sms", "Key org_7 is full in limit task/sms: 1 of 1.")
    said = [cell_text(line.cell) for line in stuck_lines(Stuck(NOW, (full, key)), width)]
    assert all(text_width(line) <= width for line in said)
    assert any("2 of 2 running." in line for line in said)
    assert all("about" not in line or "about 16 h to go" in line for line in said)
    assert any("Key org_7" in line for line in said)


@pytest.mark.parametrize("width", [30, 70, 90, 150])
def test_evidence_goes_on_below_itself_and_says_all(width: int) -> None:
    evidence = "erp-api lets nothing start; the API does not tell which limits this run holds"
    checks = (
        Check("queue_paused", Finding.HOLDS, "Queue crm is paused: 29 wait.", "crm"),
        Check("limit_full", Finding.UNKNOWN, evidence),
    )
    lines = why_lines(Why("run_1", "QUEUED", checks), width)
    said = [cell_text(line.cell) for line in lines]
    at = said[0].index("Queue crm")
    first = next(n for n, line in enumerate(said) if line.startswith("?"))
    assert "".join(line[at:] for line in said[first:]) == evidence
    assert all(line[:at].strip() == "" for line in said[first + 1 :])
    assert width == 30 or all(text_width(line) <= width for line in said)


@pytest.mark.parametrize("width", [10, 40, 79, 150])
def test_words_behind_a_name_go_on_below_themselves(width: int) -> None:
    words = "POST https://payments.example.test/v1/charges · Charge created · send-email trigger()"
    lines = list(labeled_words("ONLY IN B", (words, "text"), width))
    said = [cell_text(line.cell) for line in lines]
    assert "".join(line[LABEL_WIDTH:] for line in said) == words
    assert [line[:LABEL_WIDTH].strip() for line in said] == ["ONLY IN B"] + [""] * (len(said) - 1)
    assert [field.copied for line in lines for field in line.fields] == [words]
    assert width == 10 or all(text_width(line) <= width for line in said)
