"""The Trigger.dev REST API."""
