"""Which columns stand where."""

from trigdash.presentation.columns import Column, Layout, arrange, furthest, set_to
from trigdash.presentation.run_columns import DEFAULT_KEYS, run_columns


def column(key: str, width: int, importance: int = 0, grow: int = 0) -> Column[str]:
    return Column(key, key, lambda row, now_ms: (), width, importance=importance, grow=grow)


STATUS, TASK, RUN, AGE = (
    column("status", 10, 9),
    column("task", 10, 8, grow=6),
    column("run", 20, 1),
    column("age", 6, 7, grow=4),
)
ALL = [STATUS, TASK, RUN, AGE]


def keys(layout: Layout[str]) -> list[str]:
    return [place.column.key for place in layout.placed]


def test_with_room_all_columns_stand_in_their_own_order() -> None:
    layout = arrange(ALL, 52)
    assert keys(layout) == ["status", "task", "run", "age"]
    assert [(place.x, place.width) for place in layout.placed] == [
        (0, 10),
        (12, 10),
        (24, 20),
        (46, 6),
    ]
    assert (layout.hidden_left, layout.hidden_right) == (0, 0)


def test_spare_room_goes_to_columns_that_want_it_and_no_further() -> None:
    assert [place.width for place in arrange(ALL, 56).placed] == [10, 14, 20, 6]
    assert [place.width for place in arrange(ALL, 300).placed] == [10, 16, 20, 10]


def test_the_least_important_column_gives_way() -> None:
    layout = arrange(ALL, 40)
    assert keys(layout) == ["status", "task", "age"]
    assert layout.hidden_right == 1


def test_in_almost_no_room_the_most_important_column_is_cut() -> None:
    layout = arrange(ALL, 6)
    assert keys(layout) == ["status"]
    assert layout.placed[0].width == 6


def test_scrolled_sideways_the_frozen_column_stays() -> None:
    layout = arrange(ALL, 36, frozen=1, skipped=1)
    assert keys(layout) == ["status", "run"]
    assert (layout.hidden_left, layout.hidden_right) == (1, 1)


def test_scrolling_sideways_ends_where_the_last_column_shows() -> None:
    assert furthest(ALL, 100) == 0
    assert furthest(ALL, 40) == 1
    assert keys(arrange(ALL, 40, skipped=1)) == ["status", "run", "age"]


def test_a_place_belongs_to_a_column_and_the_gap_after_it() -> None:
    layout = arrange(ALL, 52)
    assert layout.column_at(0) is STATUS
    assert layout.column_at(11) is STATUS
    assert layout.column_at(12) is TASK
    assert layout.column_at(60) is None


def test_without_room_for_what_matters_most_a_column_that_can_be_narrow_is() -> None:
    status, age = column("status", 17, 100), column("age", 5, 98)
    task = Column("task", "task", lambda row, now_ms: (), 20, importance=99, least=10)
    tries = column("tries", 5, 80)
    layout = arrange([status, task, tries, age], 38)
    assert [(place.column.key, place.width) for place in layout.placed] == [
        ("status", 17),
        ("task", 12),
        ("age", 5),
    ]
    assert layout.hidden_right == 1
    assert keys(arrange([status, task, tries, age], 53)) == ["status", "task", "tries", "age"]


def test_of_a_run_list_the_duration_stays_on_a_narrow_terminal() -> None:
    every = run_columns()
    usual = [every[key] for key in DEFAULT_KEYS]
    assert keys(arrange(usual, 56)) == ["status", "task", "age", "duration"]  # 60 columns wide
    assert keys(arrange(usual, 49)) == ["status", "task", "age", "duration"]
    assert keys(arrange(usual, 76))[:4] == ["status", "task", "age", "duration"]
    wide = keys(arrange(usual, 116))
    assert "tags" in wide
    assert "tries" not in wide or "tags" in wide


def test_a_column_that_was_made_wider_stays_and_others_give_way() -> None:
    layout = arrange([STATUS, TASK, set_to(RUN, 24), AGE], 50)
    assert [(place.column.key, place.width) for place in layout.placed] == [
        ("status", 10),
        ("task", 12),
        ("run", 24),
    ]


def test_a_column_that_was_made_wider_takes_half_of_the_list_at_most() -> None:
    layout = arrange([STATUS, TASK, set_to(RUN, 99), AGE], 52)
    assert [(place.column.key, place.width) for place in layout.placed] == [
        ("status", 10),
        ("task", 12),
        ("run", 26),
    ]


def test_a_narrower_column_leaves_its_room_to_others_and_grows_no_more() -> None:
    layout = arrange([STATUS, set_to(TASK, 3), RUN, AGE], 52)
    assert [place.width for place in layout.placed] == [10, 3, 20, 10]
