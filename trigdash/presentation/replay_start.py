"""What the form of an edited replay begins with: what is known of the run, and what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trigdash.model.json_text import json_pretty
from trigdash.model.json_walk import TOO_DEEP
from trigdash.model.tag_text import join_tags
from trigdash.presentation.cell import Cell
from trigdash.presentation.json_text import MAX_PAYLOAD_BYTES
from trigdash.presentation.replay_form import is_ttl

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.service.runs.document import Document
    from trigdash.service.runs.placement import RunPlacement


NOT_WHOLE = "Its payload nests too deeply to be edited here. Type another, or replay it unchanged."


@dataclass(frozen=True, slots=True)
class FormStart:
    """What a form begins with."""

    payload: str
    """JSON text; empty when it must be typed."""
    fields: Mapping[str, str]
    """Texts of the one-line fields by name."""
    tags: tuple[str, ...] = ()
    """As the run has them: sent like that unless they are edited."""
    lines: list[Cell] = field(default_factory=list)
    """What there is to say first."""
    is_test: bool = False


def start_of(
    run: Run, place: RunPlacement | None, document: Document | None, *, is_replay: bool = False
) -> FormStart:
    """The form for a new run that begins as `run` was: a replay with changes, where the server
    takes one."""
    payload, trouble = _payload(run, document)
    fields = {"tags": join_tags(run.raw_tags)}
    if run.ttl and is_ttl(run.ttl):
        fields["ttl"] = run.ttl
    if place is not None:
        fields |= {
            "queue": "" if place.queue == f"task/{run.task_identifier}" else place.queue,
            "machine": place.machine,
            "concurrency key": place.concurrency_key,
        }
    lines = [*_lines(run, place, trouble, is_replay=is_replay), ()]
    return FormStart(payload, fields, run.raw_tags, lines, run.is_test)


def _payload(run: Run, document: Document | None) -> tuple[str, str]:
    """The payload's text, or why there is none."""
    if not run.payload_presigned_url:
        text = json_pretty(run.payload)
        return ("", NOT_WHOLE) if TOO_DEEP in text else (text, "")
    if document is None:
        return "", "Its payload is stored apart. Load it in the run's Payload tab, or type another."
    text = json_pretty(document.value)
    if len(text) > MAX_PAYLOAD_BYTES:
        megabytes = f"{document.size_bytes / 1_000_000:.1f} MB"
        return "", f"Its payload of {megabytes} is too large to be sent so: type another."
    return text, ""


def _lines(
    run: Run, place: RunPlacement | None, trouble: str, *, is_replay: bool
) -> Iterator[Cell]:
    if is_replay:
        yield (("A replay of ", "dim"), (f"{run.id} ", "text"), ("with these changes.", "dim"))
        yield (("What is left empty stays as it was there.", "dim"),)
        if trouble:
            yield ((trouble, "warn"),)
        return
    yield (
        ("Sent through the trigger endpoint: a new run, ", "dim"),
        ("not linked ", "text"),
        ("as a replay of ", "dim"),
        (f"{run.id}.", "text"),
    )
    if place is None or not place.queue:
        words = "The server does not tell which queue, machine and concurrency key that run had."
        yield ((words, "warn"),)
    elif not place.machine:
        yield (("The machine of that run is not known.", "dim"),)
    if run.schedule is not None:
        words = "It was made by a schedule: dates within its payload are sent as text."
        yield ((words, "warn"),)
    if run.metadata:
        yield (("Its metadata are not taken along.", "dim"),)
    if trouble:
        yield ((trouble, "warn"),)
