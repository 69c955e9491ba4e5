"""Where an action would happen: every dialog that writes names it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """An environment as dialogs speak of it."""

    environment: str
    """Its slug: dev, stg, prod, preview …"""
    production: bool = False
    """Framed in red; bulk actions need the count typed."""

    def title(self, doing: str) -> str:
        """`Cancel 3 runs in prod`."""
        return f"{doing} in {self.environment}" if self.environment else doing
