"""One run: overview, trace, events, payload, related runs."""

from trigdash.ui.screens.run.screen import RunScreen

__all__ = ["RunScreen"]
