"""Pure functions from a model and the time to styled text."""
