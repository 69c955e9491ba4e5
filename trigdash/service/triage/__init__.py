"""Triage of an error group: since when it occurs, where its runs are, and what sets them apart."""
