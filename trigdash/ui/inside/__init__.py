"""What is shown inside a run, as data: no Textual here, tested without a terminal."""
