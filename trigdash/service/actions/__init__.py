"""The only writer: actions, their outcomes, and the audit log."""
