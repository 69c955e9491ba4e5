"""Tags are checked before they leave."""

from trigdash.model.tag_text import split_tags
from trigdash.ui.writing.tag_chips import TagChips


def test_typed_and_pasted_tags_are_parted_and_trimmed() -> None:
    assert split_tags(" user_1, org 7 ,\nplan_pro\n,, ") == ["user_1", "org 7", "plan_pro"]


def test_a_run_takes_ten_tags_and_no_more() -> None:
    chips = TagChips(present=tuple(f"p{n}" for n in range(8)))
    assert chips.room == 2
    chips = chips.with_tag("a").with_tag("b")
    assert "at most 10 tags" in (chips.refusal("c") or "")
    assert chips.without_last().refusal("c") is None


def test_what_the_server_would_refuse_or_ignore_is_refused_here() -> None:
    chips = TagChips(present=("here",)).with_tag("new")
    assert chips.refusal("") == "a tag cannot be blank"
    assert chips.refusal("here") == "the run has this tag already"
    assert chips.refusal("new") == "this tag is in the list already"
    assert chips.refusal("x" * 128) is None
    assert chips.refusal("x" * 129) == "129 characters, a tag has at most 128"
    assert chips.refusal("😀" * 65) == "130 characters, a tag has at most 128"
