"""trigdash: a keyboard-driven terminal dashboard for background-job runs."""

__version__ = "0.1.0"
