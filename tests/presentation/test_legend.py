"""The legend explains every mark that the tables of marks can draw."""

from trigdash.model.span_event import LEVELS
from trigdash.presentation.cell import cell_text
from trigdash.presentation.legend import LEGEND
from trigdash.presentation.marks import ASCII_MARKS, KIND_MARKS, STATUS_MARKS
from trigdash.presentation.queue_readings import Health


def explained(*sections: str) -> str:
    return "\n".join(cell_text(mark) for name in sections for mark, _ in LEGEND[name])


def test_every_mark_of_a_status_and_of_a_queue_is_explained() -> None:
    runs, queues, run = explained("runs"), explained("queues"), explained("run")
    assert [m for m in (*STATUS_MARKS.values(), *KIND_MARKS.values()) if m not in runs] == []
    assert [word for word in STATUS_MARKS if word not in runs] == []
    assert [health.value for health in Health if health.value not in queues] == []
    assert [level for level in LEVELS if level.lower() not in run] == []


def test_what_people_ask_about_is_there_in_words() -> None:
    told = {
        cell_text(mark).strip(): words for entries in LEGEND.values() for mark, words in entries
    }
    assert "3.4 times as long as its task usually does" in told["▲3.4×"]
    assert "half as often" in told["slowed ×2"]
    assert "its process ended" in told["‼ crashed"]
    assert "waits for a worker" in told["◔ dequeued"]


def test_every_mark_of_the_legend_has_an_ascii_form() -> None:
    for mark, _ in (entry for entries in LEGEND.values() for entry in entries):
        drawn = cell_text(mark).translate(ASCII_MARKS).replace("×", "x")
        assert drawn.isascii() or "◌" in drawn or "‖" in drawn, drawn
