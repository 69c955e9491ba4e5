"""Queues: their list, their depth over time, and what it comes to."""
