"""The view of a table: it holds on to the highlighted row, whatever happens around it."""

from typing import NamedTuple

import pytest

from trigdash.ui.widgets.row_view import RowView


class Row(NamedTuple):
    key: int
    size: int | None = 0


def view_of(count: int, height: int = 10) -> RowView[Row]:
    view: RowView[Row] = RowView(lambda row: row.key)
    view.resize(height)
    view.show([Row(-index) for index in range(count)])
    return view


def newer(view: RowView[Row], count: int) -> list[Row]:
    """`count` new rows above those shown."""
    first = view.rows[0].key
    return [Row(first + count - index) for index in range(count)] + list(view.rows)


def test_at_the_very_top_the_list_is_live() -> None:
    view = view_of(100)
    view.show(newer(view, 3))
    assert (view.cursor, view.top, view.new_above) == (0, 0, 0)
    assert view.cursor_key == 3


def test_below_the_top_new_rows_move_neither_the_highlight_nor_the_view() -> None:
    view = view_of(100)
    view.move_to(4)
    view.show(newer(view, 3))
    assert view.cursor_key == -4
    assert view.cursor - view.top == 4
    assert view.new_above == 3
    view.show(newer(view, 2))
    assert view.new_above == 5


def test_seeing_the_top_again_clears_the_count_of_new_rows() -> None:
    view = view_of(100)
    view.move_to(4)
    view.show(newer(view, 3))
    view.scroll(-3)
    assert view.new_above == 0
    view.move_to(50)
    view.show(newer(view, 7))
    view.move_to(0)
    assert (view.new_above, view.cursor_key) == (0, 10)


def test_a_view_scrolled_away_from_its_highlight_stays_on_what_it_shows() -> None:
    view = view_of(100)
    view.move_to(2)
    view.scroll(50)
    shown = view.rows[view.top]
    view.show(newer(view, 5))
    assert view.rows[view.top] == shown
    assert view.cursor_key == -2


def test_when_the_highlighted_row_goes_its_place_stays_highlighted() -> None:
    view = view_of(30)
    view.move_to(12)
    view.show([row for row in view.rows if row.key != -12])
    assert (view.cursor, view.cursor_key) == (12, -13)


def test_when_rows_below_go_the_view_stays_within_them() -> None:
    view = view_of(30)
    view.move_to(29)
    view.show(list(view.rows[:5]))
    assert (view.cursor, view.top) == (4, 0)
    view.show([])
    assert view.cursor_key is None
    view.show([Row(7)])
    assert view.cursor_key == 7


def test_moving_past_the_ends_stops_there() -> None:
    view = view_of(30)
    view.move_to(-5)
    assert (view.cursor, view.top) == (0, 0)
    view.move_to(99)
    assert (view.cursor, view.top) == (29, 20)


def test_a_page_moves_view_and_highlight_together() -> None:
    view = view_of(100)
    view.move_to(3)
    view.page(9)
    assert (view.cursor, view.top) == (12, 9)
    view.page(-9)
    assert (view.cursor, view.top) == (3, 0)
    view.page(-9)
    assert view.cursor == 0


def test_at_the_last_page_the_highlight_alone_goes_on_to_the_end() -> None:
    view = view_of(25)
    view.page(9)
    view.page(9)
    assert view.top == 15
    view.page(9)
    assert view.cursor == 24


def test_a_smaller_window_keeps_the_highlight_in_sight() -> None:
    view = view_of(100)
    view.move_to(9)
    view.resize(4)
    assert view.top <= 9 < view.top + 4


def test_sorting_keeps_the_highlighted_row_and_the_order_of_equals() -> None:
    view: RowView[Row] = RowView(lambda row: row.key)
    view.resize(10)
    view.show([Row(1, 5), Row(2, 9), Row(3, 5), Row(4, 7)])
    view.move_to(2)
    view.sort_by(lambda row: row.size, reverse=True)
    assert [row.key for row in view.rows] == [2, 4, 1, 3]
    assert view.cursor_key == 3
    view.sort_by(None, reverse=False)
    assert [row.key for row in view.rows] == [1, 2, 3, 4]


@pytest.mark.parametrize("reverse", [False, True])
def test_rows_without_a_value_sort_last_either_way(reverse: bool) -> None:
    view: RowView[Row] = RowView(lambda row: row.key)
    view.show([Row(1, None), Row(2, 9), Row(3, None), Row(4, 7)])
    view.sort_by(lambda row: row.size, reverse=reverse)
    assert [row.key for row in view.rows][2:] == [1, 3]


def test_a_sorted_view_sorts_what_arrives() -> None:
    view: RowView[Row] = RowView(lambda row: row.key)
    view.sort_by(lambda row: row.size, reverse=False)
    view.show([Row(1, 5), Row(2, 1)])
    view.show([Row(3, 3), Row(1, 5), Row(2, 1)])
    assert [row.key for row in view.rows] == [2, 3, 1]


def test_a_row_is_found_from_anywhere() -> None:
    view = view_of(50)
    for near in (0, 17, 49, 80, -3):
        assert view.index_of(-20, near=near) == 20
    assert view.index_of(-99) is None


# What is done with a row


def test_a_row_that_something_is_done_with_stays_also_at_the_top() -> None:
    view = view_of(100)
    assert view.hold()
    view.show(newer(view, 3))
    assert (view.cursor_key, view.cursor - view.top, view.new_above) == (0, 0, 3)
    view.move_to(0)
    view.show(newer(view, 2))
    assert (view.cursor_key, view.new_above) == (5, 0)


def test_a_key_that_comes_just_after_a_new_row_is_for_the_row_before() -> None:
    view = view_of(100)
    view.now_s = lambda: 50.0
    view.show(newer(view, 1))
    view.show(newer(view, 2))
    view.now_s = lambda: 50.3
    assert view.hold()
    assert (view.cursor_key, view.cursor, view.top) == (0, 3, 0)


def test_a_key_that_comes_later_is_for_what_is_seen() -> None:
    view = view_of(100)
    view.now_s = lambda: 50.0
    view.show(newer(view, 1))
    view.now_s = lambda: 50.6
    assert view.hold()
    assert view.cursor_key == 1


def test_a_key_for_a_row_that_has_just_left_the_list_is_for_no_other() -> None:
    view = view_of(100)
    view.now_s = lambda: 50.0
    view.move_to(4)
    view.show([row for row in view.rows if row.key != -4])
    assert not view.hold()
    assert view.hold(), "the row that stands there now has been seen"


def test_a_row_that_was_reached_by_a_key_is_meant_at_once() -> None:
    view = view_of(100)
    view.show(newer(view, 1))
    view.move_to(0)
    assert view.hold()
    assert view.cursor_key == 1
    view.show(newer(view, 1))
    view.sort_by(lambda row: row.key, reverse=False)
    assert view.hold()


@pytest.mark.parametrize("at", [0, 30])
def test_a_terminal_without_room_for_rows_does_not_lose_the_highlight(at: int) -> None:
    view = view_of(100)
    view.move_to(at)
    view.resize(0)
    view.show(newer(view, 3))
    view.resize(10)
    assert view.top <= view.cursor < view.top + 10
    assert view.cursor_key == (3 if at == 0 else -30)


# Other orders


def test_banners_have_a_place_in_the_order_of_the_rows_only() -> None:
    view: RowView[Row] = RowView(lambda row: row.key, is_banner=lambda row: row.size is None)
    view.show([Row(1, 5), Row(2, None), Row(3, 9)])
    assert [row.key for row in view.rows] == [1, 2, 3]
    assert [row.key for row in view.records] == [1, 3]
    view.sort_by(lambda row: row.size + 0, reverse=True)  # type: ignore[operator]
    assert [row.key for row in view.rows] == [3, 1]
    view.show([Row(1, 5), Row(2, None), Row(3, 4)])
    assert [row.key for row in view.rows] == [1, 3]
    view.sort_by(None, reverse=False)
    assert [row.key for row in view.rows] == [1, 2, 3]


def test_in_another_order_the_place_of_a_row_does_not_make_it_new() -> None:
    view: RowView[Row] = RowView(lambda row: row.key)
    view.resize(10)
    view.show([Row(key, key) for key in range(100)])
    view.sort_by(lambda row: row.size, reverse=True)
    view.move_to(40)
    view.show([Row(key, key % 150) for key in range(300)])
    assert view.new_above == 0
    assert view.cursor_key == 59


def test_an_order_that_time_has_changed_is_put_right() -> None:
    now = 0

    def size(row: Row) -> int | None:
        return now if row.size is None else row.size

    view: RowView[Row] = RowView(lambda row: row.key)
    view.show([Row(1, 10), Row(2, None), Row(3, 20)])
    view.sort_by(size, reverse=True)
    assert [row.key for row in view.rows] == [3, 1, 2]
    now = 15
    view.sort_again()
    assert [row.key for row in view.rows] == [3, 2, 1]
