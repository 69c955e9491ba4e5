"""What is shown inside a run, as data, tested without a terminal."""
