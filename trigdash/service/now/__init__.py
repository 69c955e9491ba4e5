"""What needs attention now: a few cheap reads, and the findings from them."""
