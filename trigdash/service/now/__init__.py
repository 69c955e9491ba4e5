"""What needs somebody now: a few cheap reads, and the findings that they amount to."""
