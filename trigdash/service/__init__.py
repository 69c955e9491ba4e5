"""The poller and the reactive cache."""
