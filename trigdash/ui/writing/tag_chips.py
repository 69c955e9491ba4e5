"""Tags about to be added to a run, checked before anything is sent.

Recorded: more than ten tags in total are refused whole, with 422, and none is added; a tag of
more than 128 characters is refused with 400. Tags cannot be removed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

MAX_TAGS = 10
MAX_TAG_LENGTH = 128


@dataclass(frozen=True, slots=True)
class TagChips:
    """The tags that a run has, and those that will be added. Changes give a new value."""

    present: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def room(self) -> int:
        """How many more may be added."""
        return MAX_TAGS - len(self.present) - len(self.added)

    def refusal(self, tag: str) -> str | None:
        """Why this tag cannot be added, in words; None when it can."""
        length = utf16_length(tag)
        if not tag:
            return "a tag cannot be blank"
        if length > MAX_TAG_LENGTH:
            return f"{length} characters, a tag has at most {MAX_TAG_LENGTH}"
        if tag in self.present:
            return "the run has this tag already"
        if tag in self.added:
            return "this tag is in the list already"
        if self.room < 1:
            return f"a run has at most {MAX_TAGS} tags, and tags cannot be removed"
        return None

    def with_tag(self, tag: str) -> "TagChips":
        """One more tag; the caller has seen that `refusal` is None."""
        return TagChips(self.present, (*self.added, tag))

    def without_last(self) -> "TagChips":
        """The last added tag taken back."""
        return TagChips(self.present, self.added[:-1])


def utf16_length(text: str) -> int:
    """Length as the server counts: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def too_many_for(tags: Iterable[str], present: Iterable[str]) -> bool:
    """Whether adding `tags` would take a run over the limit (for many runs at once)."""
    return len(set(tags) | set(present)) > MAX_TAGS
