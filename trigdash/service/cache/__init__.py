"""The reactive cache and the poller that keeps it fresh."""
