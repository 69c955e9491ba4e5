"""Arguments, exit codes, and the composition root."""


def main() -> int:
    """Run the command line; returns the exit code."""
    raise NotImplementedError
