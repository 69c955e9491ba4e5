"""One key of the product, as the tables of keys name it."""

from dataclasses import dataclass

from trigdash.model.capability import Capability


@dataclass(frozen=True, slots=True)
class Key:
    """One key, or several that do the same."""

    id: str
    keys: str
    """Textual key names, comma-separated; the first is the one that is shown."""
    action: str
    words: str
    """What it does, for the footer: one or two words."""
    help: str = ""
    """What it does, for the help, where `words` are too few."""
    needs: Capability | None = None
    """The capability without which it is shown disabled."""
    priority: bool = False
    """Taken before any widget sees it."""
