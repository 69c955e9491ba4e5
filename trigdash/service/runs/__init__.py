"""Run lists and everything about one run, as queries."""
