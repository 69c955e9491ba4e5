"""Tags are checked before they leave."""

from trigdash.model.tag_text import split_tags
from trigdash.presentation.replay_form import TagChips


def test_typed_and_pasted_tags_are_parted_and_trimmed() -> None:
    assert split_tags(" user_1, org 7 ,\nplan_pro\n,, ") == ["user_1", "org 7", "plan_pro"]


def test_a_run_takes_ten_tags_and_no_more() -> None:
    chips = TagChips(present=tuple(f"p{n}" for n in range(8)))
    assert chips.room == 2
    chips = chips.with_tag("a").with_tag("b")
    assert "at most 10 tags" in (chips.disabled_reason("c") or "")
    assert chips.without_last().disabled_reason("c") is None


def test_what_the_server_would_refuse_or_ignore_is_refused_here() -> None:
    chips = TagChips(present=("here",)).with_tag("new")
    assert chips.disabled_reason("") == "a tag cannot be blank"
    assert chips.disabled_reason("here") == "the run has this tag already"
    assert chips.disabled_reason("new") == "this tag is in the list already"
    assert chips.disabled_reason("x" * 128) is None
    assert chips.disabled_reason("x" * 129) == "129 characters, a tag has at most 128"
    assert chips.disabled_reason("😀" * 65) == "130 characters, a tag has at most 128"
